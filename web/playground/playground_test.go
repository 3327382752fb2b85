package playground

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// mounted is the playground as the hub mounts it.
func mounted() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/playground/", http.StripPrefix("/playground", Handler()))
	return mux
}

func get(t *testing.T, handler http.Handler, method, target string, header ...string) *http.Response {
	t.Helper()
	request := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(header); i += 2 {
		request.Header.Add(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder.Result()
}

func body(t *testing.T, response *http.Response) []byte {
	t.Helper()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if length := response.Header.Get("Content-Length"); length != "" && length != strconv.Itoa(len(b)) {
		t.Errorf("Content-Length is %s for %d bytes", length, len(b))
	}
	return b
}

func TestIndex(t *testing.T) {
	response := get(t, mounted(), "GET", "/playground/")
	page := string(body(t, response))
	if response.StatusCode != 200 || !strings.Contains(page, "<title>Versmė</title>") {
		t.Fatalf("status %d, page:\n%s", response.StatusCode, page)
	}
	for name, want := range map[string]string{
		"Content-Type":            "text/html; charset=utf-8",
		"Cache-Control":           "no-cache",
		"Vary":                    "Accept-Encoding",
		"X-Content-Type-Options":  "nosniff",
		"Referrer-Policy":         "no-referrer",
		"Content-Security-Policy": policy,
	} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}

	// The policy forbids inline scripts, and every address is relative: any mount point will do.
	if m := regexp.MustCompile(`(?i)<script(\s[^>]*)?>\s*[^<\s]`).FindString(page); m != "" {
		t.Errorf("an inline script: %s", m)
	}
	references := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(references) < 3 {
		t.Errorf("only %d references in\n%s", len(references), page)
	}
	for _, reference := range references {
		name, relative := strings.CutPrefix(reference[1], "./assets/")
		if !relative {
			t.Errorf("%s is not beside the page", reference[1])
			continue
		}
		response := get(t, mounted(), "GET", "/playground/assets/"+name)
		if response.StatusCode != 200 || len(body(t, response)) == 0 {
			t.Errorf("%s: status %d", reference[1], response.StatusCode)
		}
	}
}

func TestEveryFile(t *testing.T) {
	site, err := open(archive)
	if err != nil {
		t.Fatal(err)
	}
	// How one built file names another: between quotes or brackets, with the hash of its content.
	hashed := regexp.MustCompile(`^(?:\./)?(?:assets/)?([\w.-]+-[\w-]{8}\.(?:js|css|ttf))$`)
	quotes := func(r rune) bool { return strings.ContainsRune("\"'`()", r) }
	referred := 0
	for name, file := range site {
		plain := get(t, mounted(), "GET", "/playground/"+name)
		identity := body(t, plain)
		if plain.Header.Get("Content-Encoding") != "" || len(identity) != int(file.size) {
			t.Errorf("%s: %d bytes, encoded as %q", name, len(identity), plain.Header.Get("Content-Encoding"))
		}

		packed := get(t, mounted(), "GET", "/playground/"+name, "Accept-Encoding", "br, gzip;q=0.8")
		if packed.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s is not gzipped for a client that asks for it", name)
		}
		unpacker, err := gzip.NewReader(bytes.NewReader(body(t, packed)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		unpacked, err := io.ReadAll(unpacker) // verifies the checksum too
		if err != nil || !bytes.Equal(unpacked, identity) {
			t.Errorf("%s: the gzipped body is another one (%v)", name, err)
		}

		head := get(t, mounted(), "HEAD", "/playground/"+name, "Accept-Encoding", "gzip")
		if got, want := head.Header.Get("Content-Length"), packed.Header.Get("Content-Length"); got != want {
			t.Errorf("%s: HEAD tells a length of %s, GET %s", name, got, want)
		}
		if len(body(t, &http.Response{Body: head.Body})) != 0 {
			t.Errorf("%s: HEAD has a body", name)
		}

		again := get(t, mounted(), "GET", "/playground/"+name, "If-None-Match", `"x", `+plain.Header.Get("ETag"))
		if again.StatusCode != http.StatusNotModified || len(body(t, again)) != 0 {
			t.Errorf("%s: status %d for the version just served", name, again.StatusCode)
		}

		cache := "no-cache"
		if strings.HasPrefix(name, "assets/") {
			cache = "public, max-age=31536000, immutable"
		}
		if got := plain.Header.Get("Cache-Control"); got != cache {
			t.Errorf("%s: Cache-Control: %s", name, got)
		}
		if plain.Header.Get("X-Content-Type-Options") != "nosniff" || plain.Header.Get("Content-Type") == "" {
			t.Errorf("%s: headers %v", name, plain.Header)
		}

		if bytes.Contains(identity, []byte("//# sourceMappingURL=")) {
			t.Errorf("%s refers to a source map", name)
		}
		if strings.HasSuffix(name, ".js") || strings.HasSuffix(name, ".css") {
			for word := range bytes.FieldsFuncSeq(identity, quotes) {
				if len(word) > 100 {
					continue
				}
				if m := hashed.FindSubmatch(word); m != nil {
					referred++
					if _, ok := site["assets/"+string(m[1])]; !ok {
						t.Errorf("%s refers to %s, which is not there", name, word)
					}
				}
			}
			for _, load := range []string{"import(", "from", "@import ", "url("} {
				for _, quote := range []string{"", `"`, "'", "`"} {
					for _, elsewhere := range []string{"//", "http://", "https://"} {
						if elsewhere == "//" && quote == "" && load != "url(" {
							continue // a comment
						}
						if bytes.Contains(identity, []byte(load+quote+elsewhere)) {
							t.Errorf("%s loads from elsewhere: %s", name, load+quote+elsewhere)
						}
					}
				}
			}
		}
	}
	if referred < 20 {
		t.Errorf("saw only %d references between the files: does the test still know what they look like?", referred)
	}
	for _, part := range []string{"editor.worker", "graphql.worker", "json.worker"} {
		found := false
		for name := range site {
			found = found || strings.HasPrefix(name, "assets/"+part)
		}
		if !found {
			t.Errorf("%s is missing: the editor would not complete or check what is typed", part)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/playground/nothing.js", 404},
		{"GET", "/playground/assets/", 404},
		{"GET", "/playground/assets", 404},
		{"HEAD", "/playground/nothing.js", 404},
		{"GET", "/playground/%2e%2e/playground.go", 404},
		{"POST", "/playground/", 405},
		{"DELETE", "/playground/nothing.js", 405},
	} {
		response := get(t, Handler(), test.method, strings.TrimPrefix(test.path, "/playground"))
		if response.StatusCode != test.status {
			t.Errorf("%s %s: status %d, want %d", test.method, test.path, response.StatusCode, test.status)
		}
		if allow := response.Header.Get("Allow"); (allow == "GET, HEAD") != (test.status == 405) {
			t.Errorf("%s %s: Allow: %q", test.method, test.path, allow)
		}
		if response.Header.Get("Content-Security-Policy") == "" || response.Header.Get("Cache-Control") != "" {
			t.Errorf("%s %s: headers %v", test.method, test.path, response.Header)
		}
	}

	response := get(t, mounted(), "GET", "/playground")
	if to := response.Header.Get("Location"); response.StatusCode/100 != 3 || to != "/playground/" {
		t.Errorf("without the slash: status %d to %q", response.StatusCode, to)
	}
}

func TestAcceptsGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"":                       false,
		"gzip":                   true,
		"GZIP":                   true,
		"deflate, gzip;q=1.0, *": true,
		"gzip; q=0.5":            true,
		"gzip;q=0":               false,
		"gzip;q=0.000, *":        false,
		"*":                      true,
		"*;q=0":                  false,
		"br, *;q=0.1":            true,
		"identity":               false,
		"gzip;q=x":               false,
	} {
		if got := acceptsGzip([]string{header}); got != want {
			t.Errorf("Accept-Encoding: %s: %v, want %v", header, got, want)
		}
	}
}

// That each query is valid and finds something is for the hub's own tests, which have the schema.
func TestExamples(t *testing.T) {
	examples := Examples()
	if len(examples) < 6 || examples[0].Name != "find" {
		t.Errorf("%d examples, the first %q", len(examples), examples[0].Name)
	}
	seen := make(map[string]bool)
	for _, example := range examples {
		if seen[example.Name] {
			t.Errorf("two examples called %s", example.Name)
		}
		seen[example.Name] = true
		if !strings.HasPrefix(example.Query, "# ") || !strings.Contains(example.Query, "\n# Lietuviškai: ") {
			t.Errorf("%s does not begin with what it is for, in English and in Lithuanian", example.Name)
		}
		// GraphiQL names the tab after the operation, and runs the only one.
		if got := len(regexp.MustCompile(`(?m)^(query|mutation|subscription)\b`).FindAllString(example.Query, -1)); got != 1 {
			t.Errorf("%s has %d operations", example.Name, got)
		}
		if !regexp.MustCompile(`(?m)^query [A-Z]\w*`).MatchString(example.Query) {
			t.Errorf("%s: the operation has no name", example.Name)
		}
		if example.Variables != "" && json.Unmarshal([]byte(example.Variables), new(map[string]any)) != nil {
			t.Errorf("%s: the variables are not a JSON object", example.Name)
		}
	}
}

func TestDamagedArchive(t *testing.T) {
	for name, damaged := range map[string]string{
		"empty":     "",
		"no zip":    "not a zip",
		"truncated": archive[:len(archive)/2],
	} {
		if _, err := open(damaged); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}
