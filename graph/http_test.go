package graph_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"versme/graph"
)

const (
	jsonType     = "application/json"
	responseType = "application/graphql-response+json"
)

// TestStatus holds GraphQL over HTTP's table: what the status is, by media type and by how far a request came.
func TestStatus(t *testing.T) {
	api := starterAPI(t)
	for _, test := range []struct {
		name, content string
		inResponse    int // status in application/graphql-response+json
		inJSON        int // status in application/json
		data          bool
	}{
		{"answered", `{"query":"{__typename}"}`, 200, 200, true},
		{"answered, with all members", `{"query":"query A{__typename}","operationName":"A","variables":{},"extensions":{}}`, 200, 200, true},
		{"answered, with null members", `{"query":"query A{__typename}","operationName":null,"variables":null,"extensions":null}`, 200, 200, true},
		{"answered, with members that mean nothing", `{"query":"{__typename}","more":[1]}`, 200, 200, true},
		{"run, with an error in a field", `{"query":"{goodPractices(first:-1){totalCount}}"}`, 200, 200, true},
		{"run, with an error in a field that may be null", `{"query":"{nodes(ids:[\"x\"]){id} revision(id:\"x\",version:1){id}}"}`, 200, 200, true},
		{"not a document", `{"query":"{"}`, 400, 200, false},
		{"not valid", `{"query":"{nothing}"}`, 400, 200, false},
		{"a variable missing", `{"query":"query($s:String!){record(slug:$s){id}}"}`, 400, 200, false},
		{"a variable of another type", `{"query":"query($n:Int){goodPractices(first:$n){totalCount}}","variables":{"n":true}}`, 400, 200, false},
		{"no operation", `{"query":"fragment A on Query{__typename}"}`, 400, 200, false},
		{"an operation that there is not", `{"query":"query A{__typename}","operationName":"B"}`, 400, 200, false},
		{"several operations, none named", `{"query":"query A{__typename} query B{__typename}"}`, 400, 200, false},
		{"too complex", `{"query":"{goodPractices(first:1000000){nodes{slug}}}"}`, 400, 400, false},
		{"no query", `{}`, 400, 400, false},
		{"an empty query", `{"query":" "}`, 400, 400, false},
		{"a query that is a number", `{"query":1}`, 400, 400, false},
		{"variables that are a text", `{"query":"{__typename}","variables":"{}"}`, 400, 400, false},
		{"variables that are a list", `{"query":"{__typename}","variables":[]}`, 400, 400, false},
		{"extensions that are a text", `{"query":"{__typename}","extensions":"x"}`, 400, 400, false},
		{"an operation name that is a number", `{"query":"{__typename}","operationName":1}`, 400, 400, false},
		{"not JSON", `{"query":`, 400, 400, false},
		{"more than JSON", `{"query":"{__typename}"} x`, 400, 400, false},
		{"null", `null`, 400, 400, false},
		{"nothing", ``, 400, 400, false},
		{"a list", `[]`, 400, 400, false},
	} {
		for media, status := range map[string]int{responseType: test.inResponse, jsonType: test.inJSON} {
			a := serve(t, api, post(test.content, "Accept", media))
			if a.Status != status {
				t.Errorf("%s, %s: status %d, want %d: %s", test.name, media, a.Status, status, a.Body)
			}
			if got := a.Header.Get("Content-Type"); got != media+"; charset=utf-8" {
				t.Errorf("%s, %s: Content-Type: %s", test.name, media, got)
			}
			var members map[string]json.RawMessage
			if err := json.Unmarshal(a.Body, &members); err != nil {
				t.Fatal(err)
			}
			if _, has := members["data"]; has != test.data {
				t.Errorf("%s, %s: data is there: %v, want %v: %s", test.name, media, has, test.data, a.Body)
			}
			for name := range members {
				if name != "data" && name != "errors" {
					t.Errorf("%s: a member that means nothing: %s", test.name, name)
				}
			}
			if !test.data && len(a.Errors) == 0 {
				t.Errorf("%s, %s: no errors: %s", test.name, media, a.Body)
			}
			for _, e := range a.Errors {
				if e.code() == "" || strings.TrimSpace(e.Message) == "" {
					t.Errorf("%s: an error without code or message: %v", test.name, e)
				}
			}
			if got := a.Header.Get("X-Content-Type-Options"); got != "nosniff" {
				t.Errorf("%s: X-Content-Type-Options: %q", test.name, got)
			}
		}
	}
}

func TestNegotiation(t *testing.T) {
	api := starterAPI(t)
	for accept, media := range map[string]string{
		"":                                  jsonType,
		"*/*":                               jsonType,
		"application/*":                     jsonType,
		"application/json":                  jsonType,
		"APPLICATION/JSON":                  jsonType,
		responseType:                        responseType,
		responseType + ", */*":              responseType,
		"application/json, " + responseType: responseType,
		"application/json, " + responseType + ";q=0.9":   jsonType,
		"application/json; charset=utf-8":                jsonType,
		responseType + "; charset=UTF-8":                 responseType,
		"text/html, application/xhtml+xml, */*;q=0.8":    jsonType,
		"text/plain;q=1, application/json;q=0.1":         jsonType,
		"not a media type, application/json":             jsonType,
		"application/json;q=2x, " + responseType:         responseType,
		"text/html":                                      "",
		"application/json;q=0":                           "",
		"application/json; charset=iso-8859-13":          "",
		"application/graphql+json":                       "",
		"image/*":                                        "",
		"application/json;q=0, " + responseType + ";q=0": "",
	} {
		a := try(t, api, "{__typename}", nil, "Accept", accept)
		want, status := media, http.StatusOK
		if media == "" {
			want, status = jsonType, http.StatusNotAcceptable
		}
		if got := a.Header.Get("Content-Type"); a.Status != status || got != want+"; charset=utf-8" {
			t.Errorf("Accept: %s: status %d, %s, want %d, %s", accept, a.Status, got, status, want)
		}
	}
}

func TestMethods(t *testing.T) {
	api := starterAPI(t)
	for _, method := range []string{http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace, "QUERY"} {
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest(method, "/graphql?query={__typename}", nil))
		if got := w.Header().Get("Allow"); w.Code != http.StatusMethodNotAllowed || got != "GET, POST" {
			t.Errorf("%s: status %d, Allow: %q", method, w.Code, got)
		}
	}
	a := serve(t, api, get("query=mutation{a}")())
	if got := a.Header.Get("Allow"); a.Status != http.StatusMethodNotAllowed || got != "POST" || a.Header.Get("ETag") != "" {
		t.Errorf("a mutation by GET: status %d, headers %v", a.Status, a.Header)
	}
}

func TestContentTypes(t *testing.T) {
	api := starterAPI(t)
	for contentType, status := range map[string]int{
		"application/json":                       200,
		"application/json; charset=utf-8":        200,
		"application/json;charset=\"UTF-8\"":     200,
		"Application/JSON":                       200,
		"application/json; charset=windows-1257": 415,
		"application/graphql":                    415,
		"text/json":                              415,
		"application/json-patch+json":            415,
		"application/jsonx":                      415,
		"/":                                      415,
		"":                                       415,
	} {
		if a := try(t, api, "{__typename}", nil, "Content-Type", contentType); a.Status != status {
			t.Errorf("Content-Type: %s: status %d, want %d", contentType, a.Status, status)
		}
	}
}

func TestGET(t *testing.T) {
	api := starterAPI(t)
	q := url.Values{
		"query":         {"query A($s:String!){record(slug:$s){slug}} query B{__typename}"},
		"operationName": {"A"},
		"variables":     {`{"s":"eno-breathe"}`},
		"extensions":    {`{}`},
	}
	if a := serve(t, api, get(q.Encode())()); string(a.Data) != `{"record":{"slug":"eno-breathe"}}` {
		t.Errorf("status %d: %s", a.Status, a.Body)
	}
	for parameters, status := range map[string]int{
		"":                                       400,
		"query=":                                 400,
		"query=%zz":                              400,
		"query={__typename}&variables=[]":        400,
		"query={__typename}&variables={":         400,
		"query={__typename}&variables={}{}":      400,
		"query={__typename}&variables=null":      200,
		"query={__typename}&variables=":          200,
		"query={__typename}&extensions=1":        400,
		"query={__typename}&operationName=":      200,
		"query={__typename}&operationName=A":     200, // well formed, and then without that operation
		"query={__typename}&extensions={}&more=": 200,
	} {
		if a := serve(t, api, get(parameters)()); a.Status != status {
			t.Errorf("%s: status %d, want %d: %s", parameters, a.Status, status, a.Body)
		}
	}
}

// TestCaching: an answer by GET may be kept by anyone, who asks each time whether it still holds.
func TestCaching(t *testing.T) {
	h := newHub(t, false, nil)
	takeLines(t, h, `{"type":"STUDY","slug":"first","originalLanguage":"lt","title":{"lt":"Pirmas","en":"First"}}`)
	api := graph.NewHandler(h, graph.Options{Version: "1"})
	const query = "query={studies{totalCount%20nodes{title{value}url}}}"

	first := serve(t, api, get(query)())
	tag := first.Header.Get("ETag")
	if first.Status != ok || !strings.HasPrefix(tag, `W/"`) || len(tag) < 20 {
		t.Fatalf("status %d, ETag: %q", first.Status, tag)
	}
	if got := first.Header.Get("Cache-Control"); got != "public, no-cache" {
		t.Errorf("Cache-Control: %q", got)
	}
	if got := strings.Join(first.Header.Values("Vary"), ", "); got != "Accept, Accept-Language" {
		t.Errorf("Vary: %q", got)
	}

	for _, header := range []string{tag, "*", `"other", ` + tag, strings.TrimPrefix(tag, "W/")} {
		w := httptest.NewRecorder()
		api.ServeHTTP(w, get(query, "If-None-Match", header)())
		if w.Code != http.StatusNotModified || w.Body.Len() > 0 || w.Header().Get("ETag") != tag || w.Header().Get("Vary") == "" {
			t.Errorf("If-None-Match: %s: status %d, headers %v, body %q", header, w.Code, w.Header(), w.Body)
		}
	}
	tags := map[string]string{"the first": tag}
	differs := func(name string, a answer) {
		t.Helper()
		if a.Status != ok {
			t.Errorf("%s: status %d: %s", name, a.Status, a.Body)
		}
		for other, tag := range tags {
			if a.Header.Get("ETag") == tag {
				t.Errorf("%s has the ETag of %s", name, other)
			}
		}
		tags[name] = a.Header.Get("ETag")
	}
	none := []string{"If-None-Match", tag}
	differs("another query", serve(t, api, get("query={studies{totalCount}}", none...)()))
	differs("another language", serve(t, api, get(query, append(none, "Accept-Language", "en")...)()))
	differs("another media type", serve(t, api, get(query, append(none, "Accept", responseType)...)()))
	differs("another address of the hub", serve(t, api, with(httptest.NewRequest(http.MethodGet, "https://hub.example/graphql?"+query, nil), none...)))
	differs("another version of the program", serve(t, graph.NewHandler(h, graph.Options{Version: "2"}), get(query, none...)()))
	if again := serve(t, api, get(query)()); again.Header.Get("ETag") != tag || string(again.Body) != string(first.Body) {
		t.Errorf("the same again: %v, %s", again.Header, again.Body)
	}

	takeLines(t, h, `{"type":"STUDY","slug":"second","originalLanguage":"lt","title":{"lt":"Antras"}}`)
	second := serve(t, api, get(query, none...)())
	differs("after a write", second)
	if string(second.Body) == string(first.Body) {
		t.Errorf("after a write: %s", second.Body)
	}
	takeLines(t, h, `{"type":"CONCEPT","scheme":"THEME","slug":"a-theme","label":{"en":"A theme"}}`)
	differs("after a new concept", serve(t, api, get(query, none...)()))

	// What is no answer, or came by POST, is not kept.
	for name, a := range map[string]answer{
		"an error":                serve(t, api, get("query={nothing}", "Accept", responseType)()),
		"an error in a field":     serve(t, api, get("query={studies(first:-1){totalCount}}")()),
		"a mutation":              serve(t, api, get("query=mutation{a}")()),
		"nothing that is offered": serve(t, api, get(query, "Accept", "text/html")()),
		"POST":                    try(t, api, "{studies{totalCount}}", nil, "If-None-Match", "*"),
	} {
		if a.Header.Get("ETag") != "" || a.Header.Get("Cache-Control") != "no-store" || len(a.Body) == 0 {
			t.Errorf("%s: status %d, headers %v", name, a.Status, a.Header)
		}
	}
}

// TestVary: what handlers around this one have said about caching stands.
func TestVary(t *testing.T) {
	w := httptest.NewRecorder()
	w.Header().Add("Vary", "Origin")
	w.Header().Add("Vary", "Accept-Encoding")
	starterAPI(t).ServeHTTP(w, get("query={__typename}")())
	got := strings.Join(w.Header().Values("Vary"), ", ")
	for _, name := range []string{"Origin", "Accept-Encoding", "Accept", "Accept-Language"} {
		if !strings.Contains(got+",", name+",") {
			t.Errorf("Vary: %s, without %s", got, name)
		}
	}
}

func TestAcceptLanguage(t *testing.T) {
	api := starterAPI(t)
	type record struct {
		Record struct {
			Title     struct{ Value, Language string }
			Countries []struct{ Name string }
		}
	}
	const query = `{record(slug:"eno-breathe"){title{value language} countries{name}}}`
	for header, want := range map[string][3]string{
		"":                         {"ENO Breathe", "en", "United Kingdom"},
		"lt":                       {"„ENO Breathe“: kvėpavimo programa po COVID-19", "lt", "Jungtinė Karalystė"},
		"lt-LT,lt;q=0.9,en;q=0.8":  {"„ENO Breathe“: kvėpavimo programa po COVID-19", "lt", "Jungtinė Karalystė"},
		"LT":                       {"„ENO Breathe“: kvėpavimo programa po COVID-19", "lt", "Jungtinė Karalystė"},
		"en;q=0.5, lt":             {"„ENO Breathe“: kvėpavimo programa po COVID-19", "lt", "Jungtinė Karalystė"},
		"lt;q=0, en":               {"ENO Breathe", "en", "United Kingdom"},
		"nb":                       {"ENO Breathe", "en", "Storbritannia"},
		"no":                       {"ENO Breathe", "en", "Storbritannia"},
		"*":                        {"ENO Breathe", "en", "United Kingdom"},
		"this is no such header ;": {"ENO Breathe", "en", "United Kingdom"},
	} {
		got := ask[record](t, api, query, nil, "Accept-Language", header).Record
		if got.Title.Value != want[0] || got.Title.Language != want[1] || got.Countries[0].Name != want[2] {
			t.Errorf("Accept-Language: %s: %v, want %v", header, got, want)
		}
	}
	// What the query asks for itself counts more.
	type asked struct {
		Record struct{ Title struct{ Language string } }
	}
	if got := ask[asked](t, api, `{record(slug:"eno-breathe"){title(in:["EN"]){language}}}`, nil, "Accept-Language", "lt"); got.Record.Title.Language != "en" {
		t.Errorf(`in: ["EN"] with Accept-Language: lt: %v`, got)
	}
}

func TestAddressOfARecord(t *testing.T) {
	type data struct{ Record struct{ URL string } }
	const query = `{record(slug:"eno-breathe"){url}}`
	if got := ask[data](t, starterAPI(t), query, nil).Record.URL; got != "http://example.com/records/eno-breathe" {
		t.Errorf("from the request: %s", got)
	}
	api := graph.NewHandler(starterHub(t), graph.Options{BaseURL: "https://hub.example/versme"})
	if got := ask[data](t, api, query, nil).Record.URL; got != "https://hub.example/versme/records/eno-breathe" {
		t.Errorf("as set: %s", got)
	}
}

// TestGone: a client that is gone, or came too late, costs nothing more.
func TestGone(t *testing.T) {
	api := starterAPI(t)
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	late, cancel := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancel()
	for name, ctx := range map[string]context.Context{"gone": gone, "late": late} {
		for _, r := range []*http.Request{post(body(t, "{search(query:\"kultūra\"){totalCount}}", nil)), get("query={__typename}")()} {
			a := serve(t, api, r.WithContext(ctx))
			if a.Status != http.StatusServiceUnavailable || a.code() != "UNAVAILABLE" || a.Data != nil {
				t.Errorf("%s, %s: status %d: %s", name, r.Method, a.Status, a.Body)
			}
		}
	}
}
