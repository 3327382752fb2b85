package graph_test

import (
	"context"
	"maps"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"versme/graph"
	"versme/hub"
)

// countingStore counts how often records are read, by method, and how often the index is searched.
type countingStore struct {
	hub.Store

	mu    sync.Mutex
	reads map[string]int
}

func (s *countingStore) wrap(store hub.Store, index hub.Index) (hub.Store, hub.Index) {
	s.Store = store
	return s, countingIndex{index, s}
}

type countingIndex struct {
	hub.Index
	s *countingStore
}

func (x countingIndex) Search(ctx context.Context, r hub.SearchRequest) (*hub.SearchResult, error) {
	x.s.count("Search")
	return x.Index.Search(ctx, r)
}

func (s *countingStore) count(method string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reads == nil {
		s.reads = map[string]int{}
	}
	s.reads[method]++
}

// reset returns the counts and begins anew.
func (s *countingStore) reset() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	reads := maps.Clone(s.reads)
	s.reads = nil
	return reads
}

func (s *countingStore) Records(ctx context.Context, ids []hub.ID) ([]hub.Record, error) {
	s.count("Records")
	return s.Store.Records(ctx, ids)
}

func (s *countingStore) RecordsBySlug(ctx context.Context, slugs []string) ([]hub.Record, error) {
	s.count("RecordsBySlug")
	return s.Store.RecordsBySlug(ctx, slugs)
}

func (s *countingStore) FullTexts(ctx context.Context, ids []hub.ID) ([]hub.Texts, error) {
	s.count("FullTexts")
	return s.Store.FullTexts(ctx, ids)
}

func (s *countingStore) Excerpts(ctx context.Context, at []hub.Excerpt) ([]string, error) {
	s.count("Excerpts")
	return s.Store.Excerpts(ctx, at)
}

func (s *countingStore) Referrers(ctx context.Context, slugs []string, t hub.RecordType, fields []string, limit int) ([][]hub.ID, error) {
	s.count("Referrers")
	return s.Store.Referrers(ctx, slugs, t, fields, limit)
}

func (s *countingStore) Concepts(ctx context.Context) ([]*hub.Concept, error) {
	s.count("Concepts")
	return s.Store.Concepts(ctx)
}

// TestBatching: whatever the form of a query, one read of the store serves a field for all records of a page.
func TestBatching(t *testing.T) {
	store := &countingStore{}
	h := newHub(t, true, store.wrap)
	api := graph.NewHandler(h, graph.Options{})
	for _, test := range []struct {
		name, query string
		reads       map[string]int
	}{
		{"a list", `{goodPractices(first:20){nodes{slug title{value} countries{name} themes{label{value} narrower{slug}}}}}`,
			map[string]int{"Search": 1, "Records": 1}},
		{"named records under edges", `{goodPractices(first:20){edges{node{supportedBy{slug} organisations{organisation{slug}}}}}}`,
			map[string]int{"Search": 1, "Records": 1, "RecordsBySlug": 2}},
		{"named records under nodes", `{goodPractices(first:20){nodes{supportedBy{slug} organisations{organisation{slug}}}}}`,
			map[string]int{"Search": 1, "Records": 1, "RecordsBySlug": 2}},
		{"the same field twice", `{goodPractices(first:20){nodes{supportedBy{slug} again:supportedBy{title{value}}}}}`,
			map[string]int{"Search": 1, "Records": 1, "RecordsBySlug": 1}},
		{"what names them", `{organisations(first:50){edges{node{practices(first:5){slug} issued{slug} projects{slug}}}}}`,
			map[string]int{"Search": 1, "Records": 4, "Referrers": 3}},
		{"three levels", `{goodPractices(first:20){edges{node{supportedBy{supports{organisations{organisation{slug}}}}}}}}`,
			map[string]int{"Search": 1, "Records": 2, "RecordsBySlug": 2, "Referrers": 1}},
		{"full texts", `{studies(first:20){nodes{text{value}}}}`,
			map[string]int{"Search": 1, "Records": 1}},
		{"search", `{search(query:"kultūra",first:20){edges{node{slug ...on GoodPractice{implements{slug} supportedBy{slug}}}}}}`,
			map[string]int{"Search": 1, "Records": 1, "RecordsBySlug": 2}},
		{"highlights", `{search(query:"kultūra",first:20){edges{highlights{html}}}}`,
			map[string]int{"Search": 1, "Records": 1}},
		{"by id", `{nodes(ids:["` + string(id(t, h, "eno-breathe")) + `","` + string(id(t, h, "house-of-memories")) + `"]){...on GoodPractice{supportedBy{slug} organisations{organisation{slug}}}}}`,
			map[string]int{"Records": 1, "RecordsBySlug": 2}},
		{"a collection", `{collections(first:5){nodes{items{record{slug}}}}}`,
			map[string]int{"Search": 1, "Records": 1, "RecordsBySlug": 1}},
		{"facets by organisation", `{search(query:"",first:1){facets(fields:[ORGANISATION],first:100){values{label}}}}`,
			map[string]int{"Search": 1, "Records": 1, "RecordsBySlug": 1}},
		{"counts of concepts", `{concepts(first:100){nodes{recordCount}}}`,
			map[string]int{"Search": 1}},
	} {
		store.reset()
		if a := try(t, api, test.query, nil); a.code() != "" {
			t.Fatalf("%s: %s", test.name, a.Body)
		}
		got := store.reset()
		delete(got, "Excerpts") // at most one, and only where a fragment is of a full text
		if diff := cmp.Diff(test.reads, got); diff != "" {
			t.Errorf("%s: reads (-want +got):\n%s", test.name, diff)
		}
	}
}

func id(t *testing.T, h *hub.Hub, slug string) hub.ID {
	t.Helper()
	r, err := h.Record(t.Context(), slug)
	if err != nil || r == nil {
		t.Fatalf("%s: %v, %v", slug, r, err)
	}
	return r.NodeID()
}
