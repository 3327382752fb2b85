package hubtest

import (
	"context"
	"sync"

	"versme/hub"
)

// FailingIndex is an index that does what the one in it does, except for what it has been told to fail at.
type FailingIndex struct {
	hub.Index

	mu    sync.Mutex
	fails map[string]error
	calls map[string]int
}

// Fail makes a method (Position, Count, Apply, Rebuild, Search or Highlights) return err from now on; nil heals it.
func (x *FailingIndex) Fail(method string, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.fails == nil {
		x.fails = map[string]error{}
	}
	x.fails[method] = err
}

// Calls returns how often a method was called, failed calls included.
func (x *FailingIndex) Calls(method string) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.calls[method]
}

func (x *FailingIndex) called(method string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.calls == nil {
		x.calls = map[string]int{}
	}
	x.calls[method]++
	return x.fails[method]
}

// Position fails or passes on.
func (x *FailingIndex) Position(ctx context.Context) (hub.Position, string, error) {
	if err := x.called("Position"); err != nil {
		return 0, "", err
	}
	return x.Index.Position(ctx)
}

// Count fails or passes on.
func (x *FailingIndex) Count(ctx context.Context) (int, error) {
	if err := x.called("Count"); err != nil {
		return 0, err
	}
	return x.Index.Count(ctx)
}

// Apply fails or passes on.
func (x *FailingIndex) Apply(ctx context.Context, records []hub.Record, gone []hub.ID, upTo hub.Position) error {
	if err := x.called("Apply"); err != nil {
		return err
	}
	return x.Index.Apply(ctx, records, gone, upTo)
}

// Rebuild fails or passes on.
func (x *FailingIndex) Rebuild(ctx context.Context, fill func(func(context.Context, []hub.Record, []hub.ID, hub.Position) error) error) error {
	if err := x.called("Rebuild"); err != nil {
		return err
	}
	return x.Index.Rebuild(ctx, fill)
}

// Search fails or passes on.
func (x *FailingIndex) Search(ctx context.Context, r hub.SearchRequest) (*hub.SearchResult, error) {
	if err := x.called("Search"); err != nil {
		return nil, err
	}
	return x.Index.Search(ctx, r)
}

// Highlights fails or passes on.
func (x *FailingIndex) Highlights(ctx context.Context, query string, records []hub.Record, in []hub.Language, read func([]hub.Excerpt) ([]string, error)) ([][]*hub.Highlight, error) {
	if err := x.called("Highlights"); err != nil {
		return nil, err
	}
	return x.Index.Highlights(ctx, query, records, in, read)
}
