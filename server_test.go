package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"versme/graph"
)

// served is a hub that is being served.
type served struct {
	base   string
	log    *logBook
	cancel context.CancelFunc
	code   chan int
}

var addressPrinted = regexp.MustCompile(`http://[^/ ]+`)

// serve starts versme serve on a free port and waits until it has printed its address.
func serve(t *testing.T, data string, flags ...string) *served {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &served{log: &logBook{}, cancel: cancel, code: make(chan int, 1)}
	r, w := io.Pipe()
	go func() {
		s.code <- run(ctx, append([]string{"serve", "--data", data, "--addr", "127.0.0.1:0"}, flags...), streams{strings.NewReader(""), w, s.log})
		_ = w.Close()
	}()
	t.Cleanup(func() { s.stop(t) })
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("serve ended: %v\n%s", err, s.log)
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	if s.base = addressPrinted.FindString(line); s.base == "" {
		t.Fatalf("no address in %q", line)
	}
	return s
}

// stop stops the hub, once, and says so where it does not end well.
func (s *served) stop(t *testing.T) {
	t.Helper()
	s.cancel()
	if s.code == nil {
		return
	}
	if code := <-s.code; code != 0 {
		t.Errorf("serve: exit %d\n%s", code, s.log)
	}
	s.code = nil
	http.DefaultClient.CloseIdleConnections()
}

// answer is what came back for a request.
type answer struct {
	*http.Response
	body string
}

// ask sends a request as a client does that follows no redirects and unpacks nothing.
func ask(t *testing.T, method, url, body string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	if req.Header.Get("Accept-Encoding") == "" {
		req.Header.Set("Accept-Encoding", "identity")
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp, string(b)}
}

// query asks the API and decodes the data of its answer into data.
func (s *served) query(t *testing.T, query string, data any) {
	t.Helper()
	a := ask(t, "POST", s.base+"/graphql", asJSON(t, query), "Content-Type", "application/json")
	var got struct {
		Data   json.RawMessage
		Errors []struct{ Message string }
	}
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || len(got.Errors) > 0 {
		t.Fatalf("%s: %v\n%s", a.Status, err, a.body)
	}
	if err := json.Unmarshal(got.Data, data); err != nil {
		t.Fatal(err)
	}
}

func asJSON(t *testing.T, query string) string {
	t.Helper()
	b, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// found returns the slugs that a search finds, in its order.
func (s *served) found(t *testing.T, words string) []string {
	t.Helper()
	var data struct {
		Search struct {
			Edges []struct{ Node struct{ Slug string } }
		}
	}
	s.query(t, fmt.Sprintf(`{ search(query: %q, first: 100) { edges { node { slug } } } }`, words), &data)
	slugs := []string{}
	for _, e := range data.Search.Edges {
		slugs = append(slugs, e.Node.Slug)
	}
	return slugs
}

// A new hub serves the starter collection at all of its addresses.
func TestServe(t *testing.T) {
	s := serve(t, t.TempDir())
	contains(t, s.log.String(), `"msg":"starter collection brought in"`)
	if strings.Contains(s.log.String(), `"level":"ERROR"`) || strings.Contains(s.log.String(), `"level":"WARN"`) {
		t.Errorf("log:\n%s", s.log)
	}

	t.Run("monitors", func(t *testing.T) {
		for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n"} {
			a := ask(t, "GET", s.base+path, "")
			equal(t, path, []any{a.StatusCode, a.body, a.Header.Get("Cache-Control")}, []any{200, want, "no-store"})
		}
	})
	t.Run("schema", func(t *testing.T) {
		a := ask(t, "GET", s.base+"/schema.graphql", "")
		equal(t, "status and type", []any{a.StatusCode, a.Header.Get("Content-Type")}, []any{200, "text/plain; charset=utf-8"})
		equal(t, "schema", a.body, read(t, "schema.graphqls"))
	})
	t.Run("search", func(t *testing.T) {
		var data struct {
			Search struct {
				TotalCount int
				Edges      []struct {
					Node       struct{ Slug, URL string }
					Highlights []struct{ HTML string }
				}
			}
			Records struct{ TotalCount int }
		}
		s.query(t, `{ search(query: "kultūra pagal receptą", first: 3) { totalCount edges { node { slug url } highlights { html } } }
			records: search(query: "") { totalCount } }`, &data)
		if data.Search.TotalCount < 2 || len(data.Search.Edges) == 0 || data.Records.TotalCount < 100 {
			t.Fatalf("%+v", data)
		}
		first := data.Search.Edges[0].Node
		equal(t, "url", first.URL, s.base+"/records/"+first.Slug)
		if len(data.Search.Edges[0].Highlights) == 0 || !strings.Contains(data.Search.Edges[0].Highlights[0].HTML, "<mark>") {
			t.Errorf("highlights: %+v", data.Search.Edges[0])
		}
		equal(t, "at its address", ask(t, "GET", first.URL, "").StatusCode, 200)
	})
	t.Run("record", func(t *testing.T) {
		a := ask(t, "GET", s.base+"/records/eno-breathe", "")
		equal(t, "status and type", []any{a.StatusCode, a.Header.Get("Content-Type")}, []any{200, "application/json; charset=utf-8"})
		var record struct{ Type, Slug string }
		if err := json.Unmarshal([]byte(a.body), &record); err != nil {
			t.Fatal(err)
		}
		equal(t, "record", []string{record.Type, record.Slug}, []string{"GOOD_PRACTICE", "eno-breathe"})
		for _, slug := range []string{"no-such-record", "%00", "..%2f..%2fetc%2fpasswd", strings.Repeat("x", 5000)} {
			a := ask(t, "GET", s.base+"/records/"+slug, "")
			equal(t, slug, []any{a.StatusCode, len(a.body) < 1000, a.Header.Get("Content-Type")}, []any{404, true, "text/plain; charset=utf-8"})
		}
		contains(t, ask(t, "GET", s.base+"/records/no-such-record", "").body, `no record has slug "no-such-record"`)
	})
	t.Run("other addresses", func(t *testing.T) {
		for _, path := range []string{"/nowhere", "/records/", "/graphql/x", "/schema.graphqls", "/versme.db"} {
			equal(t, path, ask(t, "GET", s.base+path, "").StatusCode, 404)
		}
		for _, path := range []string{"/schema.graphql", "/records/eno-breathe", "/healthz"} {
			equal(t, "POST "+path, ask(t, "POST", s.base+path, "x").StatusCode, 405)
		}
	})
	t.Run("playground", func(t *testing.T) {
		a := ask(t, "GET", s.base+"/", "")
		equal(t, "redirect", []any{a.StatusCode, a.Header.Get("Location")}, []any{302, "/playground/"})
		a = ask(t, "GET", s.base+"/playground/", "")
		if a.StatusCode != 200 || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") || !strings.Contains(a.body, "<title>") {
			t.Errorf("%s %v %.200s", a.Status, a.Header, a.body)
		}
	})
	t.Run("gzip", func(t *testing.T) {
		a := ask(t, "GET", s.base+"/schema.graphql", "", "Accept-Encoding", "gzip")
		equal(t, "encoding", a.Header.Get("Content-Encoding"), "gzip")
		equal(t, "vary", slices.Contains(a.Header.Values("Vary"), "Accept-Encoding"), true)
		z, err := gzip.NewReader(strings.NewReader(a.body))
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "schema", string(b), schema)
		all := `{ search(query: "", first: 100) { edges { node { slug summary { value } } } } }`
		get := s.base + "/graphql?query=" + url.QueryEscape(all)
		plain, packed := ask(t, "GET", get, ""), ask(t, "GET", get, "", "Accept-Encoding", "gzip")
		if packed.Header.Get("Content-Encoding") != "gzip" || len(packed.body)*2 > len(plain.body) {
			t.Errorf("%d bytes, %d packed (%v)", len(plain.body), len(packed.body), packed.Header)
		}
		equal(t, "small", ask(t, "GET", s.base+"/healthz", "", "Accept-Encoding", "gzip").Header.Get("Content-Encoding"), "")
	})
}

const (
	foreign = "https://foreign.example"
	friend  = "https://friend.example"
)

// Any website may read what is served to everyone; one list of websites, if there is one.
func TestCrossOrigin(t *testing.T) {
	data := t.TempDir()
	body := asJSON(t, "{ __typename }")
	preflight := []string{"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type"}
	t.Run("all", func(t *testing.T) {
		s := serve(t, data)
		a := ask(t, "POST", s.base+"/graphql", body, "Content-Type", "application/json", "Origin", foreign)
		equal(t, "answer", []any{a.StatusCode, a.Header.Get("Access-Control-Allow-Origin"), a.Header.Get("Access-Control-Allow-Credentials")}, []any{200, "*", ""})
		a = ask(t, "OPTIONS", s.base+"/graphql", "", append(preflight, "Origin", foreign)...)
		equal(t, "preflight", []any{a.StatusCode, a.Header.Get("Access-Control-Allow-Origin"), strings.ToLower(a.Header.Get("Access-Control-Allow-Headers"))}, []any{204, "*", "content-type"})
		a = ask(t, "GET", s.base+"/graphql?query="+url.QueryEscape("{ __typename }"), "", "Origin", foreign)
		equal(t, "GET", []any{a.StatusCode, a.Header.Get("Access-Control-Allow-Origin"), a.Header.Get("Access-Control-Expose-Headers")}, []any{200, "*", "Etag"})
		a = ask(t, "GET", s.base+"/records/eno-breathe", "", "Origin", foreign)
		equal(t, "record", []any{a.StatusCode, a.Header.Get("Access-Control-Allow-Origin")}, []any{200, "*"})
		simpleRequests(t, s, foreign)
	})
	t.Run("list", func(t *testing.T) {
		s := serve(t, data, "--cors-origin", friend+",https://other.example", "--cors-credentials")
		for _, origin := range []string{friend, "https://other.example"} {
			a := ask(t, "POST", s.base+"/graphql", body, "Content-Type", "application/json", "Origin", origin, "Sec-Fetch-Site", "cross-site")
			equal(t, "answer", []any{a.StatusCode, a.Header.Get("Access-Control-Allow-Origin"), a.Header.Get("Access-Control-Allow-Credentials")}, []any{200, origin, "true"})
			equal(t, "vary", slices.Contains(a.Header.Values("Vary"), "Origin"), true)
			a = ask(t, "OPTIONS", s.base+"/graphql", "", append(preflight, "Origin", origin)...)
			equal(t, "preflight", []any{a.StatusCode, a.Header.Get("Access-Control-Allow-Origin")}, []any{204, origin})
		}
		for _, origin := range []string{foreign, "null", friend + ".foreign.example", strings.Replace(friend, "https", "http", 1)} {
			a := ask(t, "POST", s.base+"/graphql", body, "Content-Type", "application/json", "Origin", origin)
			equal(t, "POST of "+origin, []any{a.StatusCode, a.Header.Get("Access-Control-Allow-Origin")}, []any{403, ""})
			a = ask(t, "OPTIONS", s.base+"/graphql", "", append(preflight, "Origin", origin)...)
			equal(t, "preflight of "+origin, a.Header.Get("Access-Control-Allow-Origin"), "")
			a = ask(t, "GET", s.base+"/records/eno-breathe", "", "Origin", origin)
			equal(t, "GET of "+origin, a.Header.Get("Access-Control-Allow-Origin"), "")
		}
		a := ask(t, "POST", s.base+"/graphql", body, "Content-Type", "application/json", "Origin", s.base)
		equal(t, "own website", a.StatusCode, 200)
		simpleRequests(t, s, foreign)
	})
}

// simpleRequests sends what a browser sends to another website without asking first.
func simpleRequests(t *testing.T, s *served, origin string) {
	t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for field, value := range map[string]string{"operations": asJSON(t, "{ __typename }"), "map": "{}"} {
		if err := w.WriteField(field, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for typ, body := range map[string]string{
		w.FormDataContentType():             form.String(),
		"text/plain":                        asJSON(t, "{ __typename }"),
		"application/x-www-form-urlencoded": "query=" + url.QueryEscape("{ __typename }"),
		"":                                  asJSON(t, "{ __typename }"),
	} {
		for _, from := range [][]string{{"Origin", origin}, {"Sec-Fetch-Site", "cross-site"}, {"Origin", "null"}} {
			a := ask(t, "POST", s.base+"/graphql", body, append(from, "Content-Type", typ)...)
			equal(t, fmt.Sprintf("%q with %v", typ, from), a.StatusCode, 403)
			if strings.Contains(a.body, "__typename") || strings.Contains(a.body, `"data"`) {
				t.Errorf("%q was answered: %s", typ, a.body)
			}
		}
	}
}

// What a flag switches off is not there.
func TestServeFlags(t *testing.T) {
	data := t.TempDir()
	s := serve(t, data, "--starter=false", "--playground=false", "--base-url", "https://hub.example/")
	equal(t, "found", s.found(t, ""), []string{})
	for _, path := range []string{"/", "/playground/"} {
		equal(t, path, ask(t, "GET", s.base+path, "").StatusCode, 404)
	}
	equal(t, "ready", ask(t, "GET", s.base+"/readyz", "").StatusCode, 200)
	s.stop(t)
	equal(t, "check", must(t, "check", "--data", data), "0 records and 0 concepts checked: 0 damaged, 0 notes\n")

	// A hub that has held records of its own never gets the starter collection. Drafts are shown to nobody, retired records at their address.
	input := choir + strings.Replace(dance, `{`, `{"status":"DRAFT",`, 1) +
		strings.Replace(strings.ReplaceAll(dance, "dance", "former"), `{`, `{"status":"RETIRED",`, 1)
	equal(t, "import", versme(t, input, "import", "--data", data, "-"), ran{Out: "3 added, 0 changed, 0 unchanged, 0 rejected\n"})
	s = serve(t, data, "--no-playground", "--base-url", "https://hub.example/")
	equal(t, "found", s.found(t, ""), []string{"choir"})
	var got struct{ Record struct{ URL string } }
	s.query(t, `{ record(slug: "choir") { url } }`, &got)
	equal(t, "url", got.Record.URL, "https://hub.example/records/choir")
	for slug, status := range map[string]int{"choir": 200, "former": 200, "dance": 404} {
		equal(t, slug, ask(t, "GET", s.base+"/records/"+slug, "").StatusCode, status)
	}
}

// The second start finds what the first left, and does not bring the starter collection again.
func TestServeAgain(t *testing.T) {
	data := t.TempDir()
	s := serve(t, data)
	before := s.found(t, "")
	s.stop(t)
	whole := exported(t, data)
	s = serve(t, data)
	equal(t, "found", s.found(t, ""), before)
	if log := s.log.String(); strings.Contains(log, "starter") || strings.Contains(log, "index") {
		t.Errorf("the second start had to do something:\n%s", log)
	}
	s.stop(t)
	equal(t, "the data is as it was", exported(t, data) == whole, true)
	contains(t, must(t, "check", "--data", data), "0 damaged, 0 notes")
}

func TestPortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	data, addr := t.TempDir(), l.Addr().String()
	r := versme(t, "", "serve", "--data", data, "--addr", addr)
	fails(t, r, 5, addr+" is in use by another program; stop it, or choose another port with --addr")
	equal(t, "output", r.Out, "")
	// Nothing is left held.
	contains(t, must(t, "check", "--data", data), "0 records")
}

// A stop finishes what is in flight, takes in nothing new, and is no failure.
func TestStopFinishesRequests(t *testing.T) {
	s := serve(t, t.TempDir())
	address := strings.TrimPrefix(s.base, "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	body := asJSON(t, "{ __typename }")
	if _, err := fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", address, len(body)); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(conn)
	// The server asks for the body: the request is in flight.
	if line, err := r.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("%q, %v", line, err)
	}
	if _, err := r.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	s.cancel()
	for { // until it has stopped listening
		c, err := net.Dial("tcp", address)
		if err != nil {
			break
		}
		_ = c.Close()
	}
	select {
	case code := <-s.code:
		t.Fatalf("serve ended with %d before the request was answered", code)
	default:
	}
	if _, err := io.WriteString(conn, body); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "answer", []any{resp.StatusCode, string(b)}, []any{200, `{"data":{"__typename":"Query"}}`})
	s.stop(t)
	contains(t, s.log.String(), `"msg":"stopping"`)
}

// While the index catches up the hub is alive but not ready.
func TestReadiness(t *testing.T) {
	data := t.TempDir()
	if r := versme(t, choir, "import", "--data", data, "-"); r.Code != 0 {
		t.Fatal(r)
	}
	env := &environment{ctx: t.Context(), data: data, log: slog.New(slog.DiscardHandler)}
	h, err := env.open(false)
	if err != nil {
		t.Fatal(err)
	}
	c := &serveCommand{}
	handler := c.handler(h, graph.Options{Log: env.log}, h.Ready)
	status := func(path string) int {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Code
	}
	equal(t, "before", []int{status("/healthz"), status("/readyz"), status("/records/choir")}, []int{200, 503, 200})
	if err := h.CatchUp(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	equal(t, "level", []int{status("/healthz"), status("/readyz")}, []int{200, 200})
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	equal(t, "closed", []int{status("/healthz"), status("/readyz"), status("/records/choir")}, []int{503, 503, 503})
}
