package hubtest

import (
	"context"
	"maps"
	"sync"

	"versme/hub"
)

// CountingStore is a store that counts the reads made of the one in it, by method.
type CountingStore struct {
	hub.Store

	mu    sync.Mutex
	reads map[string]int
}

// Reads returns how often each method was called since the last time it was asked.
func (s *CountingStore) Reads() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := maps.Clone(s.reads)
	clear(s.reads)
	return all
}

func (s *CountingStore) read(method string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reads == nil {
		s.reads = map[string]int{}
	}
	s.reads[method]++
}

// Records counts and passes on.
func (s *CountingStore) Records(ctx context.Context, ids []hub.ID) ([]hub.Record, error) {
	s.read("Records")
	return s.Store.Records(ctx, ids)
}

// RecordsBySlug counts and passes on.
func (s *CountingStore) RecordsBySlug(ctx context.Context, slugs []string) ([]hub.Record, error) {
	s.read("RecordsBySlug")
	return s.Store.RecordsBySlug(ctx, slugs)
}

// FullTexts counts and passes on.
func (s *CountingStore) FullTexts(ctx context.Context, ids []hub.ID) ([]hub.Texts, error) {
	s.read("FullTexts")
	return s.Store.FullTexts(ctx, ids)
}

// Excerpts counts and passes on.
func (s *CountingStore) Excerpts(ctx context.Context, at []hub.Excerpt) ([]string, error) {
	s.read("Excerpts")
	return s.Store.Excerpts(ctx, at)
}

// Find counts and passes on.
func (s *CountingStore) Find(ctx context.Context, l hub.Lookup) ([]hub.ID, error) {
	s.read("Find")
	return s.Store.Find(ctx, l)
}

// Referrers counts and passes on.
func (s *CountingStore) Referrers(ctx context.Context, slugs []string, t hub.RecordType, fields []string, limit int) ([][]hub.ID, error) {
	s.read("Referrers")
	return s.Store.Referrers(ctx, slugs, t, fields, limit)
}

// Concepts counts and passes on.
func (s *CountingStore) Concepts(ctx context.Context) ([]*hub.Concept, error) {
	s.read("Concepts")
	return s.Store.Concepts(ctx)
}

// Scan counts and passes on.
func (s *CountingStore) Scan(ctx context.Context, after hub.ID, limit, maxBytes int) ([]hub.Record, error) {
	s.read("Scan")
	return s.Store.Scan(ctx, after, limit, maxBytes)
}
