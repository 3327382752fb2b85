package hub_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"versme/hub"
	"versme/internal/hubtest"
)

// Drafts and what is in review are shown to nobody, wherever one looks for them. What is retired can be read by those who know its slug or
// id, so that links go on working, but is in no list.
func TestVisibility(t *testing.T) {
	p := open(t)
	line := func(slug, status string) string {
		return fmt.Sprintf(`{"type":"GOOD_PRACTICE","slug":%q,"originalLanguage":"lt","title":{"lt":"praktika"},"status":%q,"themes":["wellbeing"],"organisations":[{"organisation":"o","role":"LEAD"}],"adaptedFrom":["root"]}`, slug, status)
	}
	p.must(t,
		`{"type":"CONCEPT","slug":"wellbeing","scheme":"THEME","label":{"en":"wellbeing"}}`,
		`{"type":"ORGANISATION","slug":"o","originalLanguage":"lt","title":{"lt":"o"}}`,
		`{"type":"GOOD_PRACTICE","slug":"root","originalLanguage":"lt","title":{"lt":"root"},"adaptedFrom":["draft","review","published","retired"]}`,
		`{"type":"COLLECTION","slug":"all","originalLanguage":"lt","title":{"lt":"all"},"items":[{"record":"draft"},{"record":"review"},{"record":"published"},{"record":"retired"}]}`,
		line("draft", "DRAFT"), line("review", "IN_REVIEW"), line("published", "PUBLISHED"), line("retired", "RETIRED"))
	ctx := t.Context()
	ids := map[string]hub.ID{}
	all, err := p.Store().RecordsBySlug(ctx, []string{"draft", "review", "published", "retired"})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		ids[r.AsEntry().Slug] = r.NodeID()
	}

	shown := map[string]bool{"draft": false, "review": false, "published": true, "retired": true}
	for slug, want := range shown {
		equal(t, "record "+slug, p.record(t, slug) != nil, want)
		node, err := p.Node(ctx, ids[slug])
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "node "+slug, node != nil, want)
		old, err := p.Revision(ctx, ids[slug], 1)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "revision of "+slug, old != nil, want)
		_, err = p.WholeRecord(ctx, slug)
		equal(t, "whole record "+slug, err == nil, want)
		if err != nil && !errors.Is(err, hub.ErrNotFound) {
			t.Error(err)
		}
	}

	equal(t, "search", p.found(t, "praktika"), []string{"published"})
	list, err := p.GoodPractices(ctx, nil, nil, hub.PageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "list", slugs(list.Nodes()), []string{"published", "root"})
	equal(t, "total", list.TotalCount, 2)
	c, err := p.Search(ctx, "", nil, nil, nil, hub.PageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	facets, err := c.Facets(ctx, []hub.FacetField{hub.FacetTheme}, 10)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "counted in a facet", facets[0].Values[0].Count, 1)
	v, err := p.Vocabulary(ctx)
	if err != nil {
		t.Fatal(err)
	}
	n, err := v.Concept("wellbeing").RecordCount(ctx)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "counted by a concept", n, 1)

	// Those that others name are shown as when they are asked for themselves.
	root := p.record(t, "root").(*hub.GoodPractice)
	from, err := root.AdaptedFrom(ctx)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "adapted from", slugs(from), []string{"published", "retired"})
	by, err := root.AdaptedBy(ctx, 10)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "adapted by", slugs(by), []string{"published", "retired"})
	practices, err := p.record(t, "o").(*hub.Organisation).Practices(ctx, 10)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "practices of an organisation", slugs(practices), []string{"published", "retired"})
	items, err := p.record(t, "all").(*hub.Collection).Items(ctx)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "items of a collection", len(items), 2)

	// A draft that is published is found at once; one that is withdrawn is gone at once, its former versions too.
	p.must(t, line("draft", "PUBLISHED"), line("published", "DRAFT"))
	equal(t, "search", p.found(t, "praktika"), []string{"draft"})
	if old, err := p.Revision(ctx, ids["published"], 1); err != nil || old != nil {
		t.Errorf("a version of what is a draft now: %v, %v", old, err)
	}
	// Of one that is published, a version that was a draft is not shown.
	if old, err := p.Revision(ctx, ids["draft"], 1); err != nil || old != nil {
		t.Errorf("a version that was a draft: %v, %v", old, err)
	}
}

func slugs[R hub.Record](all []R) []string {
	out := []string{}
	for _, r := range all {
		out = append(out, r.AsEntry().Slug)
	}
	return out
}

// Nodes come in the order asked, records and concepts alike, null where there is none.
func TestNodes(t *testing.T) {
	p := open(t)
	p.must(t, sampleLines(t, 11, 12)...)
	concept, record := hubtest.Vocabulary()[3], hubtest.Sample(11, 12)[1]
	nodes, err := p.Nodes(t.Context(), []hub.ID{record.NodeID(), "x", concept.ID, record.NodeID(), ""})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []hub.ID{record.NodeID(), "", concept.ID, record.NodeID(), ""} {
		if got := nodes[i]; (got == nil) != (want == "") || got != nil && got.NodeID() != want {
			t.Errorf("node %d: %v; want %q", i, got, want)
		}
	}
	if _, err := p.Nodes(t.Context(), make([]hub.ID, hub.MaxNodes+1)); !errors.Is(err, hub.ErrInvalid) {
		t.Errorf("%d ids: %v", hub.MaxNodes+1, err)
	}
}

func TestRevision(t *testing.T) {
	p := open(t)
	for _, n := range []string{"vienas", "du", "trys"} {
		p.must(t, `{"type":"STUDY","slug":"a","originalLanguage":"lt","title":{"lt":"`+n+`"},"text":{"lt":"tekstas `+n+`"}}`)
	}
	id := p.record(t, "a").NodeID()
	for version, want := range []string{"", "vienas", "du", "trys", ""} {
		r, err := p.Revision(t.Context(), id, version)
		if err != nil {
			t.Fatal(err)
		}
		if want == "" {
			equal(t, fmt.Sprint("version ", version), r == nil, true)
			continue
		}
		equal(t, fmt.Sprint("version ", version), r.AsEntry().TitleTexts[0].Value, want)
		text, err := r.(*hub.Study).Text(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, fmt.Sprint("text of version ", version), text.Value, "tekstas "+want)
	}
	if r, err := p.Revision(t.Context(), "x", 1); err != nil || r != nil {
		t.Errorf("%v, %v", r, err)
	}
}

// The name of the state changes with every write and with nothing else, and differs between two hubs.
func TestVersion(t *testing.T) {
	version := func(p *parts) string {
		t.Helper()
		v, err := p.Version(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	a, b := open(t), open(t)
	if version(a) == version(b) {
		t.Error("two hubs have the same version")
	}
	before := version(a)
	equal(t, "asked again", version(a), before)
	a.must(t, `{"type":"CONCEPT","slug":"c","scheme":"THEME","label":{"en":"c"}}`)
	after := version(a)
	if after == before {
		t.Error("a write changes nothing")
	}
	a.must(t, `{"type":"CONCEPT","slug":"c","scheme":"THEME","label":{"en":"c"}}`)
	equal(t, "the same written again", version(a), after)
}

// Export writes what one condition lets through, drafts included, as it is for whoever runs the hub.
func TestExportSome(t *testing.T) {
	p := open(t)
	records := hubtest.Sample(12, 60)
	p.must(t, sampleLines(t, 12, 60)...)
	for name, test := range map[string]struct {
		l    hub.Lookup
		want func(hub.Record) bool
	}{
		"type":    {hub.Lookup{Type: hub.TypeStudy}, func(r hub.Record) bool { return r.Type() == hub.TypeStudy }},
		"country": {hub.Lookup{Country: "NO"}, func(r hub.Record) bool { return strings.Contains(fmt.Sprint(r.AsEntry().CountryCodes), "NO") }},
		"nothing": {hub.Lookup{Country: "ZW"}, func(hub.Record) bool { return false }},
	} {
		want, got := map[string]string{}, map[string]string{}
		for _, r := range records {
			if test.want(r) {
				b, err := hub.EncodeItem(hub.Item{Record: r})
				if err != nil {
					t.Fatal(err)
				}
				want[r.AsEntry().Slug] = string(b)
			}
		}
		err := p.Export(t.Context(), test.l, false, func(it hub.Item) error {
			b, err := hub.EncodeItem(it)
			got[it.Slug()] = string(b)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, name, got, want)
	}
	failure := errors.New("the disk is full")
	for _, all := range []bool{true, false} {
		if err := p.Export(t.Context(), hub.Lookup{}, all, func(hub.Item) error { return failure }); !errors.Is(err, failure) {
			t.Errorf("%v; want %v", err, failure)
		}
	}
}

// No more searches run at once than there is a place for; one whose time is up while it waits says so.
func TestTooManySearches(t *testing.T) {
	defer func(n int) { hub.MaxConcurrentSearches = n }(hub.MaxConcurrentSearches)
	hub.MaxConcurrentSearches = 1
	p := open(t)
	p.must(t, sampleLines(t, 13, 6)...)
	busy, release := make(chan struct{}), make(chan struct{})
	slow := hub.New(p.store, &slowIndex{p.index, busy, release}, hub.Options{})
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := slow.Search(t.Context(), "", nil, nil, nil, hub.PageRequest{}); err != nil {
			t.Error(err)
		}
	})
	<-busy
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := slow.Search(ctx, "", nil, nil, nil, hub.PageRequest{}); hub.ClassOf(err) != hub.ClassUnavailable {
		t.Errorf("%v", err)
	}
	close(release)
	wg.Wait()
}

// slowIndex is an index whose searches wait.
type slowIndex struct {
	hub.Index
	busy, release chan struct{}
}

func (x *slowIndex) Search(ctx context.Context, r hub.SearchRequest) (*hub.SearchResult, error) {
	close(x.busy)
	<-x.release
	return x.Index.Search(ctx, r)
}

// A record that was removed since the index saw it is left out of what was found.
func TestFoundButGone(t *testing.T) {
	p := open(t)
	p.must(t, `{"type":"STUDY","slug":"a","originalLanguage":"lt","title":{"lt":"tyrimas"}}`, `{"type":"STUDY","slug":"b","originalLanguage":"lt","title":{"lt":"tyrimas"}}`)
	if _, err := p.Store().Update(t.Context(), func(tx hub.StoreTx) error {
		r, err := tx.Record("a")
		if err != nil {
			return err
		}
		return tx.Delete(r)
	}); err != nil {
		t.Fatal(err)
	}
	c, err := p.Search(t.Context(), "tyrimas", nil, nil, nil, hub.PageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "found", slugs(c.Nodes()), []string{"b"})
	for _, e := range c.Edges {
		if h, err := e.Highlights(t.Context()); err != nil || len(h) != 1 || h[0].HTML() != "<mark>tyrimas</mark>" {
			t.Errorf("highlights of %s: %v, %v", e.Node.AsEntry().Slug, h, err)
		}
	}
	level(t, p)
	equal(t, "found once the index is level", p.found(t, "tyrimas"), []string{"b"})
}

// Reading while writing is what a hub does all day; the race detector listens here.
func TestReadWhileWriting(t *testing.T) {
	p := open(t)
	p.must(t, sampleLines(t, 14, 30)...)
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				c, err := p.Search(t.Context(), "kultūra", nil, nil, nil, hub.PageRequest{})
				if err != nil {
					t.Error(err)
					return
				}
				for _, e := range c.Edges {
					if _, err := e.Highlights(t.Context()); err != nil {
						t.Error(err)
					}
					if practice, ok := e.Node.(*hub.GoodPractice); ok {
						if _, err := practice.Organisations(t.Context()); err != nil {
							t.Error(err)
						}
					}
				}
				if _, err := p.Concepts(t.Context(), nil, hub.PageRequest{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for seed := range uint64(5) {
		p.must(t, sampleLines(t, 15+seed, 30)...)
	}
	close(done)
	wg.Wait()
}
