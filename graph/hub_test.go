package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"versme/formats"
	"versme/graph"
	"versme/hub"
	"versme/search"
	"versme/starter"
	"versme/storage"
)

// now is when the tests take place: what still runs does so in 2026.
var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// wrap comes between a hub and what it keeps things in.
type wrap func(hub.Store, hub.Index) (hub.Store, hub.Index)

// openHub opens a hub that holds nothing.
func openHub(dir string, around wrap) (*hub.Hub, error) {
	db, err := storage.Open(dir, storage.Options{})
	if err != nil {
		return nil, err
	}
	memory, err := search.Open("", search.Options{DatabaseID: db.DatabaseID()})
	if err != nil {
		return nil, err
	}
	var store hub.Store = db
	var index hub.Index = memory
	if around != nil {
		store, index = around(store, index)
	}
	ids := 0
	h := hub.New(store, index, hub.Options{
		Now: func() time.Time { return now },
		NewID: func() hub.ID { // the same ids in the same order every time
			ids++
			return hub.ID(fmt.Sprintf("00000000-0000-7000-8000-%012x", ids))
		},
	})
	return h, h.CatchUp(context.Background(), nil)
}

// take imports all of src.
func take(h *hub.Hub, src hub.Rows) error {
	var wrong error
	_, err := h.Import(context.Background(), src, hub.ImportOptions{Reject: func(r hub.Rejected) {
		wrong = fmt.Errorf("%s (%s): %w", r.Place, r.Slug, r.Err)
	}})
	if err == nil {
		err = wrong
	}
	return err
}

// takeStarter imports the starter collection.
func takeStarter(h *hub.Hub) error {
	src, err := formats.NewYAML(starter.Files)
	if err != nil {
		return err
	}
	return take(h, src)
}

// takeLines imports JSON Lines.
func takeLines(tb testing.TB, h *hub.Hub, lines ...string) {
	tb.Helper()
	src, err := formats.NewJSONLines(strings.NewReader(strings.Join(lines, "\n")))
	if err == nil {
		err = take(h, src)
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// newHub opens a hub for one test, empty or with the starter collection.
func newHub(tb testing.TB, full bool, around wrap) *hub.Hub {
	tb.Helper()
	h, err := openHub(tb.TempDir(), around)
	if err == nil && full {
		err = takeStarter(h)
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := h.Close(); err != nil {
			tb.Error(err)
		}
	})
	return h
}

// shared is a hub with the starter collection for the tests that only read.
var shared = sync.OnceValues(func() (*hub.Hub, error) {
	h, err := openHub(sharedDir, nil)
	if err == nil {
		err = takeStarter(h)
	}
	return h, err
})

var sharedDir string

func TestMain(m *testing.M) {
	var err error
	if sharedDir, err = os.MkdirTemp("", "versme-graph-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(sharedDir)
	os.Exit(code)
}

// starterHub is the shared hub.
func starterHub(tb testing.TB) *hub.Hub {
	tb.Helper()
	h, err := shared()
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

// starterAPI serves the shared hub.
func starterAPI(tb testing.TB) http.Handler {
	tb.Helper()
	return graph.NewHandler(starterHub(tb), graph.Options{Version: "test"})
}

// answer is what a request was answered with.
type answer struct {
	Status int
	Header http.Header
	Body   []byte

	Data   json.RawMessage `json:"data"` // nil where there is no such key
	Errors []problem       `json:"errors"`
}

type problem struct {
	Message    string         `json:"message"`
	Path       []any          `json:"path"`
	Extensions map[string]any `json:"extensions"`
}

func (p problem) code() string { s, _ := p.Extensions["code"].(string); return s }

// code is the code of the first error, empty where there is none.
func (a answer) code() string {
	if len(a.Errors) == 0 {
		return ""
	}
	return a.Errors[0].code()
}

// serve sends a request.
func serve(tb testing.TB, api http.Handler, r *http.Request) answer {
	tb.Helper()
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	a := answer{Status: w.Code, Header: w.Header(), Body: w.Body.Bytes()}
	if len(a.Body) > 0 {
		dec := json.NewDecoder(bytes.NewReader(a.Body))
		if err := dec.Decode(&a); err != nil || dec.More() {
			tb.Fatalf("the answer is not one JSON object (%v): %.500s", err, a.Body)
		}
	}
	return a
}

// body writes a request as JSON.
func body(tb testing.TB, query string, variables map[string]any) string {
	tb.Helper()
	b, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// post is a request by POST; header is names and values in turn.
func post(content string, header ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(content))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/graphql-response+json")
	return with(r, header...)
}

func with(r *http.Request, header ...string) *http.Request {
	for i := 0; i < len(header); i += 2 {
		if r.Header.Del(header[i]); header[i+1] != "" {
			r.Header.Set(header[i], header[i+1])
		}
	}
	return r
}

// try asks and returns the answer, whatever it is.
func try(tb testing.TB, api http.Handler, query string, variables map[string]any, header ...string) answer {
	tb.Helper()
	return serve(tb, api, post(body(tb, query, variables), header...))
}

// ask asks and returns the data; an error fails the test.
func ask[T any](tb testing.TB, api http.Handler, query string, variables map[string]any, header ...string) (data T) {
	tb.Helper()
	a := try(tb, api, query, variables, header...)
	if a.Status != http.StatusOK || len(a.Errors) > 0 {
		tb.Fatalf("status %d, errors %v\n%s\n%v", a.Status, a.Errors, query, variables)
	}
	dec := json.NewDecoder(bytes.NewReader(a.Data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&data); err != nil {
		tb.Fatalf("%v: %.500s", err, a.Data)
	}
	return data
}
