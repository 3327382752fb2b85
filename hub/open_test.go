package hub_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"versme/hub"
	"versme/internal/hubtest"
	"versme/search"
	"versme/storage"
)

// parts is a hub over a real store and a real index in memory, with the seams that tests reach for.
type parts struct {
	*hub.Hub
	store *hubtest.CountingStore
	index *hubtest.FailingIndex
	log   *logBook
	now   *clock
}

// open opens an empty hub that is level.
func open(t *testing.T) *parts {
	t.Helper()
	p := openIn(t, t.TempDir())
	if err := p.CatchUp(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return p
}

// openIn opens a hub over the store in a directory, with a new index that has yet to catch up.
func openIn(t *testing.T, dir string) *parts {
	t.Helper()
	db, err := storage.Open(dir, storage.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	x, err := search.Open("", search.Options{DatabaseID: db.DatabaseID()})
	if err != nil {
		t.Fatal(err)
	}
	p := &parts{store: &hubtest.CountingStore{Store: db}, index: &hubtest.FailingIndex{Index: x}, log: &logBook{}, now: &clock{}}
	p.Hub = hub.New(p.store, p.index, hub.Options{Log: slog.New(slog.NewTextHandler(p.log, nil)), Now: p.now.Now})
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// clock goes forward by a minute each time it is read.
type clock struct {
	mu sync.Mutex
	n  int
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return time.Date(2026, 3, 4, 12, c.n, 0, 0, time.UTC)
}

// logBook keeps what was logged.
type logBook struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// rows are an import from lines of the exchange format.
type rows struct {
	lines []string
	next  int
}

func lines(all ...string) *rows { return &rows{lines: all} }

func (r *rows) Next() (hub.Row, error) {
	if r.next == len(r.lines) {
		return hub.Row{}, io.EOF
	}
	line := r.lines[r.next]
	r.next++
	it, err := hub.DecodeItem([]byte(line))
	return hub.Row{Place: fmt.Sprint("line ", r.next), Bytes: len(line), Item: it, Err: err}, nil
}

// take imports lines and says what came of it.
func (p *parts) take(t *testing.T, all ...string) (hub.Summary, []hub.Rejected) {
	t.Helper()
	var rejected []hub.Rejected
	sum, err := p.Import(t.Context(), lines(all...), hub.ImportOptions{Reject: func(r hub.Rejected) { rejected = append(rejected, r) }})
	if err != nil {
		t.Fatal(err)
	}
	return sum, rejected
}

// must imports lines that all go in.
func (p *parts) must(t *testing.T, all ...string) {
	t.Helper()
	if _, rejected := p.take(t, all...); len(rejected) > 0 {
		t.Fatalf("%s: %v", rejected[0].Place, rejected[0].Err)
	}
}

// record returns the record with this slug, nil if none is shown.
func (p *parts) record(t *testing.T, slug string) hub.Record {
	t.Helper()
	r, err := p.Record(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// found returns the slugs that a search finds, in its order.
func (p *parts) found(t *testing.T, query string) []string {
	t.Helper()
	c, err := p.Search(t.Context(), query, nil, nil, nil, hub.PageRequest{First: new(hub.MaxPage)})
	if err != nil {
		t.Fatal(err)
	}
	slugs := []string{}
	for _, r := range c.Nodes() {
		slugs = append(slugs, r.AsEntry().Slug)
	}
	return slugs
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// problem returns the one problem that an error is.
func problem(t *testing.T, err error) *hub.Problem {
	t.Helper()
	var all hub.Problems
	if errors.As(err, &all) && len(all) == 1 {
		return all[0]
	}
	var p *hub.Problem
	if !errors.As(err, &p) {
		t.Fatalf("%v is not one problem", err)
	}
	return p
}
