package hubtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"versme/hub"
)

// TestIndex checks that what open returns keeps what [hub.Index] promises. open is called once for each test; called again with the
// same t it opens the index that it opened before, which has been closed.
func TestIndex(t *testing.T, open func(t *testing.T) hub.Index) {
	for name, test := range map[string]func(*indexTest){
		"Fresh":       (*indexTest).fresh,
		"Apply":       (*indexTest).apply,
		"Drafts":      (*indexTest).drafts,
		"Reopen":      (*indexTest).reopen,
		"Rebuild":     (*indexTest).rebuild,
		"Cancelled":   (*indexTest).cancelled,
		"Orders":      (*indexTest).orders,
		"Windows":     (*indexTest).windows,
		"Filters":     (*indexTest).filters,
		"Facets":      (*indexTest).facets,
		"Pairs":       (*indexTest).pairs,
		"Vocabulary":  (*indexTest).vocabulary,
		"Running":     (*indexTest).running,
		"Languages":   (*indexTest).languages,
		"Highlights":  (*indexTest).highlights,
		"Unhighlight": (*indexTest).unhighlight,
	} {
		t.Run(name, func(t *testing.T) {
			it := &indexTest{T: t, open: open}
			it.x = open(t)
			t.Cleanup(func() {
				if err := it.x.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
			test(it)
		})
	}
}

type indexTest struct {
	*testing.T
	open func(t *testing.T) hub.Index
	x    hub.Index
}

func (t *indexTest) ctx() context.Context { return t.Context() }

// must ends the test on an error.
func (t *indexTest) must(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// is checks that two things print alike.
func (t *indexTest) is(what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// fill rebuilds the index from records.
func (t *indexTest) fill(records ...hub.Record) {
	t.Helper()
	t.must(t.x.Rebuild(t.ctx(), func(apply func(context.Context, []hub.Record, []hub.ID, hub.Position) error) error {
		return apply(t.ctx(), records, nil, hub.Position(len(records)))
	}))
}

// thisYear is the year that it is in these tests.
const thisYear = 2026

func (t *indexTest) search(r hub.SearchRequest) *hub.SearchResult {
	t.Helper()
	if r.Window == (hub.Window{}) {
		r.Window.Size = 1000
	}
	if r.Order == "" {
		r.Order = hub.ByRelevance
	}
	if r.Now == 0 {
		r.Now = thisYear
	}
	res, err := t.x.Search(t.ctx(), r)
	t.must(err)
	return res
}

// numbers returns what was found, by the numbers that places made the ids of.
func numbers(res *hub.SearchResult) []int {
	all := make([]int, len(res.Hits))
	for i, h := range res.Hits {
		_, _ = fmt.Sscanf(string(h.ID[24:]), "%d", &all[i])
	}
	return all
}

// found checks which records a query finds, in any order.
func (t *indexTest) found(query string, want ...int) {
	t.Helper()
	res := t.search(hub.SearchRequest{Query: query})
	got := numbers(res)
	slices.Sort(got)
	t.is(query, got, append([]int{}, want...))
	t.is("total of "+query, res.Total, len(want))
}

func (t *indexTest) position(want hub.Position) {
	t.Helper()
	at, stale, err := t.x.Position(t.ctx())
	t.must(err)
	if at != want || stale != "" {
		t.Errorf("at %d, stale %q; want %d, not stale", at, stale, want)
	}
}

func (t *indexTest) count(want int) {
	t.Helper()
	n, err := t.x.Count(t.ctx())
	t.must(err)
	t.is("count", n, want)
}

// placeID is the id of record n.
func placeID(n int) hub.ID { return hub.ID(fmt.Sprintf("01900000-0000-7000-8000-%012d", n)) }

// place makes record n: a good practice with a title in Lithuanian and nothing else, then changed by each of edits.
func place(n int, title string, edits ...func(*hub.GoodPractice)) *hub.GoodPractice {
	p := &hub.GoodPractice{Entry: hub.Entry{ID: placeID(n), Slug: fmt.Sprintf("r-%d", n), OriginalLanguage: "lt", Status: hub.StatusPublished,
		TitleTexts: hub.Texts{{Language: "lt", Value: title}}, UpdatedAt: hub.DateTime{Time: time.Date(2026, 1, 1, 0, 0, n, 0, time.UTC)}}}
	for _, edit := range edits {
		edit(p)
	}
	return p
}

func (t *indexTest) fresh() {
	ctx := t.ctx()
	at, stale, err := t.x.Position(ctx)
	t.must(err)
	if at != 0 || stale == "" {
		t.Errorf("an index that was never built is at %d and does not say that it is stale", at)
	}
	_, count := t.x.Count(ctx)
	_, search := t.x.Search(ctx, hub.SearchRequest{Query: "x", Window: hub.Window{Size: 1}})
	_, highlights := t.x.Highlights(ctx, "x", []hub.Record{place(1, "x")}, nil, nil)
	apply := t.x.Apply(ctx, []hub.Record{place(1, "x")}, nil, 1)
	for what, err := range map[string]error{"Count": count, "Search": search, "Highlights": highlights, "Apply": apply} {
		if !errors.Is(err, hub.ErrUnavailable) {
			t.Errorf("%s before the first Rebuild: %v, want ErrUnavailable", what, err)
		}
	}
	t.fill()
	t.position(0)
	t.count(0)
	t.found("")
	t.found("x")
}

func (t *indexTest) apply() {
	ctx := t.ctx()
	t.fill(place(1, "ąžuolas senas"), place(2, "liepa sena"))
	t.position(2)
	t.must(t.x.Apply(ctx, []hub.Record{place(3, "klevas jaunas")}, nil, 3))
	t.found("klevas", 3)
	t.position(3)

	t.must(t.x.Apply(ctx, []hub.Record{place(1, "drebulė sena"), place(4, "klevas baltas")}, nil, 5))
	t.found("ąžuolas")
	t.found("drebulė", 1)
	t.found("klevas", 3, 4)
	t.count(4)

	t.must(t.x.Apply(ctx, nil, []hub.ID{placeID(3), placeID(77)}, 6))
	t.found("klevas", 4)
	t.found("", 1, 2, 4)
	t.count(3)

	t.must(t.x.Apply(ctx, []hub.Record{place(2, "pušis"), place(2, "eglė")}, nil, 7)) // one batch may hold a record twice: the last counts
	t.found("pušis")
	t.found("eglė", 2)
	t.must(t.x.Apply(ctx, []hub.Record{place(2, "pušis")}, nil, 7)) // changes may be applied again
	t.must(t.x.Apply(ctx, []hub.Record{place(2, "pušis")}, nil, 7))
	t.found("pušis", 2)
	t.count(3)

	t.must(t.x.Apply(ctx, nil, nil, 9)) // changes to concepts alone
	t.position(9)
	t.must(t.x.Apply(ctx, nil, nil, 0))
	t.must(t.x.Apply(ctx, []hub.Record{place(5, "uosis")}, nil, 0)) // part of a batch: the place stays where it was
	t.position(9)
	t.found("uosis", 5)
}

func (t *indexTest) drafts() {
	all := make([]hub.Record, len(hub.RecordStatuses))
	for i, s := range hub.RecordStatuses {
		all[i] = place(i, "beržas", func(p *hub.GoodPractice) { p.Status = s })
	}
	published := slices.Index(hub.RecordStatuses, hub.StatusPublished)
	t.fill(all...)
	t.found("beržas", published)
	t.count(1)
	all[published].AsEntry().Status = "DRAFT"
	t.must(t.x.Apply(t.ctx(), all, nil, 9))
	t.found("beržas")
	t.count(0)
	all[0].AsEntry().Status = hub.StatusPublished
	t.must(t.x.Apply(t.ctx(), all, nil, 10))
	t.found("beržas", 0)
}

func (t *indexTest) reopen() {
	t.fill(place(1, "ąžuolas"), place(2, "liepa"))
	t.must(t.x.Apply(t.ctx(), []hub.Record{place(3, "ąžuolas")}, []hub.ID{placeID(1)}, 40))
	t.must(t.x.Close())
	t.must(t.x.Close()) // once is enough, twice does no harm
	if _, err := t.x.Search(t.ctx(), hub.SearchRequest{}); !errors.Is(err, hub.ErrUnavailable) {
		t.Errorf("a closed index answers %v, want ErrUnavailable", err)
	}
	t.x = t.open(t.T)
	at, stale, err := t.x.Position(t.ctx())
	t.must(err)
	if stale != "" { // not kept on disk: it must say so, and not that it is empty
		t.Logf("forgotten: %s", stale)
		return
	}
	t.is("position", at, 40)
	t.count(2)
	t.found("ąžuolas", 3)
	t.found("", 2, 3)
	t.must(t.x.Apply(t.ctx(), []hub.Record{place(1, "ąžuolas")}, nil, 41))
	t.found("ąžuolas", 1, 3)
}

func (t *indexTest) rebuild() {
	ctx := t.ctx()
	t.fill(place(1, "senas ąžuolas"), place(2, "sena liepa"))
	t.must(t.x.Rebuild(ctx, func(apply func(context.Context, []hub.Record, []hub.ID, hub.Position) error) error {
		for n := range 20 {
			t.must(apply(ctx, []hub.Record{place(10+n, "naujas klevas"), place(40+n, "laikinas")}, nil, 0))
			t.found("senas", 1) // the old one goes on answering
			t.found("klevas")
			t.count(2)
		}
		for n := range 20 {
			t.must(apply(ctx, nil, []hub.ID{placeID(40 + n)}, 0))
		}
		return apply(ctx, nil, nil, 77)
	}))
	t.position(77)
	t.count(20)
	t.found("senas")
	t.found("laikinas")
	t.is("found", t.search(hub.SearchRequest{Query: "klevas"}).Total, 20)

	failed := errors.New("the store fails")
	err := t.x.Rebuild(ctx, func(apply func(context.Context, []hub.Record, []hub.ID, hub.Position) error) error {
		t.must(apply(ctx, []hub.Record{place(99, "pusė")}, nil, 99))
		return failed
	})
	if !errors.Is(err, failed) {
		t.Errorf("a rebuild that fails returns %v, want what fill returned", err)
	}
	t.position(77)
	t.count(20)
	t.found("pusė")
	t.must(t.x.Apply(ctx, []hub.Record{place(99, "visa")}, nil, 78))
	t.found("visa", 99)
}

func (t *indexTest) cancelled() {
	t.fill(place(1, "ąžuolas"))
	ctx, cancel := context.WithCancel(t.ctx())
	cancel()
	if err := t.x.Apply(ctx, []hub.Record{place(2, "liepa")}, nil, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("Apply: %v, want Canceled", err)
	}
	if _, err := t.x.Search(ctx, hub.SearchRequest{Query: "ąžuolas", Order: hub.ByRelevance, Window: hub.Window{Size: 10}}); !errors.Is(err, context.Canceled) {
		t.Errorf("Search: %v, want Canceled", err)
	}
	_, err := t.x.Highlights(ctx, "ąžuolas", []hub.Record{place(1, "ąžuolas")}, nil, func([]hub.Excerpt) ([]string, error) { return nil, nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Highlights: %v, want Canceled", err)
	}
	err = t.x.Rebuild(ctx, func(apply func(context.Context, []hub.Record, []hub.ID, hub.Position) error) error {
		return apply(ctx, []hub.Record{place(2, "liepa")}, nil, 2)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Rebuild: %v, want Canceled", err)
	}
	t.position(1)
	t.found("", 1)
}
