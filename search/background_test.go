package search

import (
	"context"
	"errors"
	"testing"

	"github.com/blevesearch/bleve/v2/index/scorch"

	"versme/hub"
)

// TestBackgroundPanic: when Bleve's background work has ended by a panic, which leaves whoever waits for it waiting for ever, a write fails
// instead, the index says that it must be rebuilt, and a rebuild, or the next start, heals it.
func TestBackgroundPanic(t *testing.T) {
	dir := t.TempDir()
	o := Options{DatabaseID: "test"}
	x, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	nothing := func(func(context.Context, []hub.Record, []hub.ID, hub.Position) error) error { return nil }
	if err := x.Rebuild(t.Context(), nothing); err != nil {
		t.Fatal(err)
	}
	panicked := func(path string) {
		scorch.RegistryAsyncErrorCallbacks["versme"](scorch.NewScorchError("persister", "panic: test", scorch.ErrAsyncPanic), path)
	}
	panicked(x.path(1) + "/store")
	panicked(x.path(1) + "/store") // the merger too
	if err := x.Apply(t.Context(), nil, nil, 1); !errors.Is(err, errFailed) && err != nil {
		t.Errorf("a write: %v", err)
	}
	if _, stale, err := x.Position(t.Context()); stale == "" || err != nil {
		t.Errorf("stale %q, %v", stale, err)
	}
	again, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, stale, _ := again.Position(t.Context()); stale == "" {
		t.Error("the next start takes the failed index")
	}
	if err := again.Rebuild(t.Context(), nothing); err != nil {
		t.Fatal(err)
	}
	if _, stale, _ := again.Position(t.Context()); stale != "" {
		t.Errorf("after a rebuild: %s", stale)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}
