package hubtest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

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

func (t *indexTest) orders() {
	title := func(l hub.Language, s string) func(*hub.GoodPractice) {
		return func(p *hub.GoodPractice) {
			p.TitleTexts = append(p.TitleTexts, hub.Translation{Language: l, Value: s})
		}
	}
	started := func(d hub.Date) func(*hub.GoodPractice) { return func(p *hub.GoodPractice) { p.Started = d } }
	t.fill(
		place(1, "Čiurlionis", title("en", "Alpha"), started("2019")),
		place(2, "cukrus", title("en", "Delta"), started("2019-05-02")),
		place(3, "Ąžuolas"), // undated; in English it has no title and is shown by its own
		place(4, "medus", title("en", "Bravo"), started("2021-01")),
		place(5, "Žemė", title("en", "charlie"), started("1999")),
		place(6, "avis"),
	)
	for _, test := range []struct {
		order string
		in    []hub.Language
		want  []int
	}{
		{"TITLE", []hub.Language{"lt"}, []int{6, 3, 2, 1, 4, 5}}, // a ą c č m ž
		{"TITLE", []hub.Language{"en", "lt"}, []int{1, 6, 3, 4, 5, 2}},
		{"TITLE", []hub.Language{"en-GB"}, []int{1, 6, 3, 4, 5, 2}},
		{"TITLE", []hub.Language{"fr"}, []int{6, 3, 1, 2, 4, 5}}, // in the order of no language: č is a c
		{"NEWEST", nil, []int{4, 2, 1, 5, 3, 6}},
		{"OLDEST", nil, []int{5, 1, 2, 4, 3, 6}},
		{"RECENTLY_UPDATED", nil, []int{6, 5, 4, 3, 2, 1}},
		{"RELEVANCE", nil, []int{4, 2, 1, 5, 3, 6}}, // without words it is newest
	} {
		res := t.search(hub.SearchRequest{Order: hub.SearchOrder(test.order), Languages: test.in})
		t.is(fmt.Sprint(test.order, test.in), numbers(res), test.want)
		for _, h := range res.Hits {
			t.is("order of the cursor", h.Cursor.Order, test.order)
		}
	}

	body := func(s string) func(*hub.GoodPractice) {
		return func(p *hub.GoodPractice) { p.ProblemTexts = hub.Texts{{Language: "lt", Value: s}} }
	}
	t.fill(place(1, "upė", body("ežeras, miškas, pieva, kalnas ir dar daug kitų žodžių apie visai ką kita")), place(2, "ežeras", body("upė")), place(3, "pieva", body("upė ežeras")))
	res := t.search(hub.SearchRequest{Query: "ežeras"})
	t.is("by relevance: title, then the shorter text", numbers(res), []int{2, 3, 1})
	if !slices.IsSortedFunc(res.Hits, func(a, b hub.Hit) int { return int(math.Copysign(1, b.Score-a.Score)) }) || res.Hits[2].Score <= 0 {
		t.Errorf("scores do not fall, or are not above 0: %v", res.Hits)
	}
	t.is("words in another order", numbers(t.search(hub.SearchRequest{Query: "ežeras", Order: "OLDEST"})), []int{1, 2, 3})
}

func (t *indexTest) windows() {
	const n = 257
	words := []string{"ežeras", "upė", "miškas", "pieva"}
	records := make([]hub.Record, n)
	for i := range records {
		records[i] = place(i, fmt.Sprintf("%s %d", words[i%4], i*7919%n/2), func(p *hub.GoodPractice) { // many titles twice
			if i%5 > 0 {
				p.Started = hub.Date(fmt.Sprint(1990 + i*31%30)) // many dates often
			}
			p.UpdatedAt = hub.DateTime{Time: time.Date(2026, 1, 1, 0, i*17%60, 0, 0, time.UTC)}
			p.SummaryTexts = hub.Texts{{Language: "lt", Value: strings.Repeat("vanduo ", 1+i%6) + strings.Repeat("kitas ", i%11)}}
		})
	}
	t.fill(records...)
	for _, order := range hub.SearchOrders {
		for _, query := range []string{"", "vanduo", "vanduo -pieva", "ežeras upė"} {
			for _, size := range []int{1, 7, 10, 100, 128} {
				if size == 1 && query != "ežeras upė" {
					continue // many steps that the other sizes take too
				}
				name := fmt.Sprintf("%s %q by %d", order, query, size)
				req := hub.SearchRequest{Query: query, Order: order, Languages: []hub.Language{"lt"}}
				whole := t.search(req)
				all := whole.Hits
				t.is(name+": total", whole.Total, len(all))
				if len(all) <= 100 {
					t.Fatalf("%s: only %d found", name, len(all))
				}
				walk := func(backward bool) {
					var got []hub.Hit
					req := req
					req.Window = hub.Window{Size: size, Backward: backward}
					for len(got) <= len(all) {
						res := t.search(req)
						t.is(name+": total", res.Total, len(all))
						if len(res.Hits) == 0 {
							t.Fatalf("%s: an empty page", name)
						}
						here, rest := len(got), len(all)-len(got)-len(res.Hits)
						if backward {
							got = append(slices.Clone(res.Hits), got...)
							t.is(name+": there is more", []bool{res.HasBefore, res.HasNext}, []bool{rest > 0, here > 0})
							req.Window.Before = &res.Hits[0].Cursor
						} else {
							got = append(got, res.Hits...)
							t.is(name+": there is more", []bool{res.HasBefore, res.HasNext}, []bool{here > 0, rest > 0})
							req.Window.After = &res.Hits[len(res.Hits)-1].Cursor
						}
						if rest == 0 {
							break
						}
						if len(res.Hits) != size {
							t.Fatalf("%s: %d hits on a page that is not the last", name, len(res.Hits))
						}
					}
					if !slices.EqualFunc(got, all, func(a, b hub.Hit) bool {
						return a.ID == b.ID && a.Score == b.Score && a.Cursor.String() == b.Cursor.String()
					}) {
						t.Errorf("%s, backward %t: the pages together are not the whole", name, backward)
					}
				}
				walk(false)
				walk(true)

				// Between two cursors, from either end.
				low, high := 20, len(all)-15
				between := hub.Window{Size: size, After: &all[low].Cursor, Before: &all[high].Cursor}
				inside := all[low+1 : high]
				for _, backward := range []bool{false, true} {
					between.Backward = backward
					req.Window = between
					res := t.search(req)
					want := inside[:min(size, len(inside))]
					if backward {
						want = inside[max(0, len(inside)-size):]
					}
					if !slices.EqualFunc(res.Hits, want, func(a, b hub.Hit) bool { return a.ID == b.ID }) || !res.HasBefore || !res.HasNext || res.Total != len(all) {
						t.Errorf("%s: between cursors, backward %t: %d hits, before %t, next %t, total %d", name, backward, len(res.Hits), res.HasBefore, res.HasNext, res.Total)
					}
				}

				// The cursor that a client sends back is the one it was given.
				c, err := hub.ParseCursor(all[low].Cursor.String())
				t.must(err)
				req.Window = hub.Window{Size: 1, After: &c}
				t.is(name+": after a cursor read from text", t.search(req).Hits[0].ID, all[low+1].ID)
			}
		}
	}
	// A page that is not asked for still has a total.
	res, err := t.x.Search(t.ctx(), hub.SearchRequest{Order: hub.ByRelevance, Now: thisYear})
	t.must(err)
	t.is("nothing but the total", []any{res.Total, len(res.Hits), res.HasNext, res.HasBefore}, []any{n, 0, true, false})

	// A place stays what it was when its record, and others elsewhere, are gone.
	req := hub.SearchRequest{Order: "NEWEST", Window: hub.Window{Size: 50}}
	page := t.search(req)
	want := t.search(hub.SearchRequest{Order: "NEWEST"}).Hits[50:60]
	t.must(t.x.Apply(t.ctx(), []hub.Record{place(900, "naujausias", func(p *hub.GoodPractice) { p.Started = "2026" })}, []hub.ID{page.Hits[49].ID, page.Hits[3].ID}, 999))
	req.Window = hub.Window{Size: 10, After: &page.Hits[49].Cursor}
	if got := t.search(req).Hits; !slices.EqualFunc(got, want, func(a, b hub.Hit) bool { return a.ID == b.ID }) {
		t.Errorf("the page after a record that is gone has changed")
	}
}

// shelf is a small collection in which every filter divides the records.
func shelf() []hub.Record {
	participation := func(slugs ...string) (all []*hub.Participation) {
		for _, s := range slugs {
			all = append(all, &hub.Participation{OrganisationSlug: s, Role: "LEAD"})
		}
		return all
	}
	entry := func(n int, countries []hub.CountryCode, themes, sectors, domains []string, summary ...hub.Language) hub.Entry {
		e := place(n, "knyga").Entry
		e.CountryCodes, e.ThemeSlugs, e.SectorSlugs, e.DomainSlugs = countries, themes, sectors, domains
		for _, l := range summary {
			e.SummaryTexts = append(e.SummaryTexts, hub.Translation{Language: l, Value: "knyga"})
		}
		return e
	}
	type codes = []hub.CountryCode
	type slugs = []string
	study := &hub.Study{Entry: entry(4, codes{"LT"}, slugs{"health"}, nil, nil, "en"), Published: "2016-03"}
	study.FullTextLanguages = []hub.Language{"de"}
	study.FullTextTexts = hub.Texts{{Language: "de", Value: "Buch"}}
	return []hub.Record{
		&hub.GoodPractice{Entry: entry(1, codes{"LT", "NO"}, slugs{"arts-and-health", "inclusion"}, slugs{"schools"}, slugs{"museums"}, "lt", "en"),
			OrganisationRefs: participation("a-theatre", "a-school"), Started: "2015", Ended: "2017-06", EvidenceLevel: "EVALUATED", TargetGroupSlugs: slugs{"young"}},
		&hub.GoodPractice{Entry: entry(2, codes{"NO"}, slugs{"wellbeing"}, slugs{"health-care", "schools"}, nil, "nb"),
			OrganisationRefs: participation("a-theatre"), Started: "2020-02", EvidenceLevel: "DESCRIBED", TargetGroupSlugs: slugs{"young", "older"}}, // still runs
		&hub.GoodPractice{Entry: entry(3, codes{"FI"}, nil, nil, slugs{"museums", "dance"}), Ended: "2018", EvidenceLevel: "REPLICATED"},
		study,
		&hub.PolicyDocument{Entry: entry(5, codes{"LT", "EU"}, slugs{"inclusion"}, nil, nil, "lt"), IssuedBySlugs: slugs{"a-ministry", "a-theatre"}, Adopted: "1996-07-02"},
		&hub.Organisation{Entry: entry(6, codes{"NO"}, nil, slugs{"schools"}, nil), MemberOfSlugs: slugs{"a-network"}},
		&hub.Project{Entry: entry(7, nil, slugs{"wellbeing"}, nil, nil, "en"), OwnerSlug: "a-ministry", PartnerRefs: participation("a-school", "a-ministry"), Started: "2016-01", Ended: "2016-12"},
		&hub.Collection{Entry: entry(8, nil, nil, nil, nil, "lt")},
	}
}

// shelfVocabulary has one theme below another, which is below a third.
func shelfVocabulary() *hub.Vocabulary {
	return hub.NewVocabulary([]*hub.Concept{
		{ID: placeID(1001), Slug: "wellbeing", Scheme: hub.SchemeTheme},
		{ID: placeID(1002), Slug: "health", Scheme: hub.SchemeTheme, BroaderSlugs: []string{"wellbeing"}},
		{ID: placeID(1003), Slug: "arts-and-health", Scheme: hub.SchemeTheme, BroaderSlugs: []string{"health"}},
		{ID: placeID(1004), Slug: "inclusion", Scheme: hub.SchemeTheme},
		{ID: placeID(1005), Slug: "schools", Scheme: hub.SchemeSector},
		{ID: placeID(1006), Slug: "everyone", Scheme: hub.SchemeTargetGroup},
		{ID: placeID(1007), Slug: "young", Scheme: hub.SchemeTargetGroup, BroaderSlugs: []string{"everyone"}},
		{ID: placeID(1008), Slug: "older", Scheme: hub.SchemeTargetGroup, BroaderSlugs: []string{"everyone"}},
	})
}

func (t *indexTest) filters() {
	t.fill(shelf()...)
	v := shelfVocabulary()
	between := func(from, to int) *hub.YearRange {
		y := &hub.YearRange{}
		if from > 0 {
			y.From = &from
		}
		if to > 0 {
			y.To = &to
		}
		return y
	}
	organisation := placeID(500)
	level := func(l hub.EvidenceLevel) *hub.EvidenceLevel { return &l }
	for _, test := range []struct {
		name   string
		filter hub.RecordFilter
		org    string
		want   []int
	}{
		{"nothing", hub.RecordFilter{}, "", []int{1, 2, 3, 4, 5, 6, 7, 8}},
		{"type", hub.RecordFilter{Types: []hub.RecordType{hub.TypeStudy, hub.TypeCollection}}, "", []int{4, 8}},
		{"country", hub.RecordFilter{Countries: []hub.CountryCode{"LT"}}, "", []int{1, 4, 5}},
		{"countries", hub.RecordFilter{Countries: []hub.CountryCode{"EU", "FI", "SE"}}, "", []int{3, 5}},
		{"a country that none has", hub.RecordFilter{Countries: []hub.CountryCode{"SE"}}, "", nil},
		{"theme", hub.RecordFilter{Themes: []string{"inclusion"}}, "", []int{1, 5}},
		{"theme with narrower", hub.RecordFilter{Themes: []string{"wellbeing"}}, "", []int{1, 2, 4, 7}},
		{"theme in the middle", hub.RecordFilter{Themes: []string{"health"}}, "", []int{1, 4}},
		{"theme that only broadens", hub.RecordFilter{TargetGroups: []string{"everyone"}}, "", []int{1, 2}},
		{"sector", hub.RecordFilter{Sectors: []string{"schools"}}, "", []int{1, 2, 6}},
		{"domain", hub.RecordFilter{Domains: []string{"dance"}}, "", []int{3}},
		{"target group", hub.RecordFilter{TargetGroups: []string{"older"}}, "", []int{2}},
		{"language", hub.RecordFilter{Languages: []hub.Language{"en"}}, "", []int{1, 4, 7}},
		{"language of a full text", hub.RecordFilter{Languages: []hub.Language{"de"}}, "", []int{4}},
		{"language of a title where there is nothing else", hub.RecordFilter{Languages: []hub.Language{"lt"}}, "", []int{1, 3, 5, 6, 8}},
		{"year", hub.RecordFilter{Year: between(2016, 2016)}, "", []int{1, 4, 7}},
		{"since", hub.RecordFilter{Year: between(2017, 0)}, "", []int{1, 2, 3}},
		{"until", hub.RecordFilter{Year: between(0, 2015)}, "", []int{1, 5}},
		{"this year", hub.RecordFilter{Year: between(thisYear, thisYear)}, "", []int{2}},
		{"years without ends", hub.RecordFilter{Year: &hub.YearRange{}}, "", []int{1, 2, 3, 4, 5, 6, 7, 8}},
		{"evidence", hub.RecordFilter{EvidenceAtLeast: level("EVALUATED")}, "", []int{1, 3}},
		{"any evidence", hub.RecordFilter{EvidenceAtLeast: level("DESCRIBED")}, "", []int{1, 2, 3}},
		{"organisation", hub.RecordFilter{Organisation: &organisation}, "a-ministry", []int{5, 7}},
		{"organisation in any role", hub.RecordFilter{Organisation: &organisation}, "a-theatre", []int{1, 2, 5}},
		{"organisation it is a member of", hub.RecordFilter{Organisation: &organisation}, "a-network", []int{6}},
		{"organisation that none names", hub.RecordFilter{Organisation: &organisation}, "a-nobody", nil},
		{"several fields", hub.RecordFilter{Countries: []hub.CountryCode{"LT", "NO"}, Sectors: []string{"schools"}, Languages: []hub.Language{"lt", "nb"}, EvidenceAtLeast: level("DESCRIBED")}, "", []int{1, 2}},
	} {
		for _, query := range []string{"", "knyga"} {
			res := t.search(hub.SearchRequest{Query: query, Filter: test.filter, OrgSlug: test.org, Vocabulary: v})
			got := numbers(res)
			slices.Sort(got)
			t.is(test.name+" "+query, got, append([]int{}, test.want...))
			t.is(test.name+": total", res.Total, len(test.want))
		}
	}
	t.found("year:2016", 1, 4, 7)
	t.found("knyga year:2017..", 1, 2, 3)
	t.found("year:..2015", 1, 5)
	t.found("-year:2016", 2, 3, 5, 6, 8)
}

// facetText writes a facet as a text.
func facetText(all []hub.Count) string {
	s := make([]string, len(all))
	for i, c := range all {
		s[i] = fmt.Sprintf("%s %d", c.Value, c.Count)
	}
	return strings.Join(s, ", ")
}

func (t *indexTest) facets() {
	t.fill(shelf()...)
	v := shelfVocabulary()
	want := map[hub.FacetField]string{
		hub.FacetType:         "GOOD_PRACTICE 3, COLLECTION 1, ORGANISATION 1, POLICY_DOCUMENT 1, PROJECT 1, STUDY 1",
		hub.FacetCountry:      "LT 3, NO 3, EU 1, FI 1",
		hub.FacetTheme:        "wellbeing 4, health 2, inclusion 2, arts-and-health 1",
		hub.FacetSector:       "schools 3, health-care 1",
		hub.FacetDomain:       "museums 2, dance 1",
		hub.FacetTargetGroup:  "everyone 2, young 2, older 1",
		hub.FacetLanguage:     "lt 5, en 3, de 1, nb 1",
		hub.FacetYear:         "2016 3, 1996 1, 2015 1, 2017 1, 2018 1, 2020 1, 2021 1, 2022 1, 2023 1, 2024 1, 2025 1, 2026 1",
		hub.FacetEvidence:     "DESCRIBED 3, EVALUATED 2, MONITORED 2, CONTROLLED 1, REPLICATED 1",
		hub.FacetOrganisation: "a-theatre 3, a-ministry 2, a-school 2, a-network 1",
	}
	for _, query := range []string{"", "knyga"} {
		res := t.search(hub.SearchRequest{Query: query, Vocabulary: v, Window: hub.Window{Size: 1}})
		for _, f := range hub.FacetFields {
			t.is(fmt.Sprint("facet ", f), facetText(res.Facet(f)), want[f])
		}
	}

	// A field's own choice does not narrow its facet, but does the others.
	res := t.search(hub.SearchRequest{Filter: hub.RecordFilter{Countries: []hub.CountryCode{"LT"}}, Vocabulary: v})
	t.is("countries beside the one chosen", facetText(res.Facet(hub.FacetCountry)), want[hub.FacetCountry])
	t.is("types in the country chosen", facetText(res.Facet(hub.FacetType)), "GOOD_PRACTICE 1, POLICY_DOCUMENT 1, STUDY 1")
	from, level, organisation := 2015, hub.EvidenceLevel("MONITORED"), placeID(500)
	res = t.search(hub.SearchRequest{Filter: hub.RecordFilter{Countries: []hub.CountryCode{"LT"}, Year: &hub.YearRange{From: &from}}, Vocabulary: v})
	t.is("total of two choices", res.Total, 2)
	t.is("countries beside the one chosen, under the other choice", facetText(res.Facet(hub.FacetCountry)), "LT 2, NO 2, FI 1")
	t.is("years beside the ones chosen, under the other choice", facetText(res.Facet(hub.FacetYear)), "2016 2, 1996 1, 2015 1, 2017 1")
	t.is("types under both", facetText(res.Facet(hub.FacetType)), "GOOD_PRACTICE 1, STUDY 1")
	res = t.search(hub.SearchRequest{Filter: hub.RecordFilter{EvidenceAtLeast: &level}, Vocabulary: v})
	t.is("evidence beside the level chosen", facetText(res.Facet(hub.FacetEvidence)), want[hub.FacetEvidence])
	t.is("domains under the level chosen", facetText(res.Facet(hub.FacetDomain)), "museums 2, dance 1")
	res = t.search(hub.SearchRequest{Filter: hub.RecordFilter{Organisation: &organisation}, OrgSlug: "a-school", Vocabulary: v})
	t.is("organisations beside the one chosen", facetText(res.Facet(hub.FacetOrganisation)), want[hub.FacetOrganisation])
	res = t.search(hub.SearchRequest{Filter: hub.RecordFilter{Themes: []string{"health"}}, Vocabulary: v})
	t.is("themes beside the one chosen", facetText(res.Facet(hub.FacetTheme)), want[hub.FacetTheme])
	res = t.search(hub.SearchRequest{Query: "nėra", Vocabulary: v})
	for _, f := range hub.FacetFields {
		t.is("of nothing", len(res.Facet(f)), 0)
	}
	// The years of the query are no choice of the facet's.
	t.is("years under year:", facetText(t.search(hub.SearchRequest{Query: "year:2017"}).Facet(hub.FacetYear)), "2015 1, 2016 1, 2017 1")
}

func (t *indexTest) pairs() {
	t.fill(shelf()...)
	res := t.search(hub.SearchRequest{Vocabulary: shelfVocabulary(), Filter: hub.RecordFilter{Countries: []hub.CountryCode{"LT", "NO"}}})
	show := func(rows, columns hub.FacetField) string {
		var all []string
		for _, p := range res.Pairs(rows, columns) {
			all = append(all, fmt.Sprintf("%s/%s %d %s", p.Row, p.Column, p.Count, p.Strongest))
		}
		return strings.Join(all, ", ")
	}
	t.is("themes and sectors", show(hub.FacetTheme, hub.FacetSector),
		"wellbeing/schools 2 EVALUATED, arts-and-health/schools 1 EVALUATED, health/schools 1 EVALUATED, inclusion/schools 1 EVALUATED, wellbeing/health-care 1 DESCRIBED")
	t.is("types and countries", show(hub.FacetType, hub.FacetCountry),
		"GOOD_PRACTICE/NO 2 EVALUATED, GOOD_PRACTICE/LT 1 EVALUATED, ORGANISATION/NO 1 , POLICY_DOCUMENT/EU 1 , POLICY_DOCUMENT/LT 1 , STUDY/LT 1 ")
	t.is("years and evidence", show(hub.FacetYear, hub.FacetEvidence), strings.Join([]string{
		"2015/DESCRIBED 1 EVALUATED", "2015/EVALUATED 1 EVALUATED", "2015/MONITORED 1 EVALUATED",
		"2016/DESCRIBED 1 EVALUATED", "2016/EVALUATED 1 EVALUATED", "2016/MONITORED 1 EVALUATED",
		"2017/DESCRIBED 1 EVALUATED", "2017/EVALUATED 1 EVALUATED", "2017/MONITORED 1 EVALUATED",
		"2020/DESCRIBED 1 DESCRIBED", "2021/DESCRIBED 1 DESCRIBED", "2022/DESCRIBED 1 DESCRIBED", "2023/DESCRIBED 1 DESCRIBED",
		"2024/DESCRIBED 1 DESCRIBED", "2025/DESCRIBED 1 DESCRIBED", "2026/DESCRIBED 1 DESCRIBED"}, ", "))
	t.is("a field with itself", show(hub.FacetCountry, hub.FacetCountry), strings.Join([]string{
		"LT/LT 3 EVALUATED", "NO/NO 3 EVALUATED", "EU/EU 1 ", "EU/LT 1 ", "LT/EU 1 ", "LT/NO 1 EVALUATED", "NO/LT 1 EVALUATED"}, ", "))
}

func (t *indexTest) vocabulary() {
	t.fill(shelf()...)
	under := func(v *hub.Vocabulary, slug string) []int {
		got := numbers(t.search(hub.SearchRequest{Filter: hub.RecordFilter{Themes: []string{slug}}, Vocabulary: v}))
		slices.Sort(got)
		return got
	}
	t.is("without a vocabulary a concept is itself alone", under(nil, "wellbeing"), []int{2, 7})
	t.is("with one, narrower ones too", under(shelfVocabulary(), "wellbeing"), []int{1, 2, 4, 7})
	// Another vocabulary counts from the next search on; the index need not be told.
	changed := hub.NewVocabulary([]*hub.Concept{
		{ID: placeID(1001), Slug: "wellbeing", Scheme: hub.SchemeTheme}, {ID: placeID(1004), Slug: "inclusion", Scheme: hub.SchemeTheme, BroaderSlugs: []string{"wellbeing"}},
	})
	t.is("after a change", under(changed, "wellbeing"), []int{1, 2, 5, 7})
	t.is("concepts that the vocabulary lacks are themselves", under(changed, "health"), []int{4})
	t.is("and back", under(shelfVocabulary(), "wellbeing"), []int{1, 2, 4, 7})
}

func (t *indexTest) running() {
	started := func(d, ended hub.Date) func(*hub.GoodPractice) {
		return func(p *hub.GoodPractice) { p.Started, p.Ended = d, ended }
	}
	t.fill(place(1, "bėga", started("2024-03", "")), place(2, "baigė", started("2024-03", "2025")), place(3, "bus", started("2028", "")))
	in := func(y, now int) []int {
		got := numbers(t.search(hub.SearchRequest{Filter: hub.RecordFilter{Year: &hub.YearRange{From: &y, To: &y}}, Now: now}))
		slices.Sort(got)
		return got
	}
	for _, test := range []struct {
		year, now int
		want      []int
	}{{2023, 2026, []int{}}, {2024, 2026, []int{1, 2}}, {2025, 2026, []int{1, 2}}, {2026, 2026, []int{1}}, {2027, 2026, []int{}}, {2028, 2026, []int{3}},
		{2027, 2027, []int{1}}, {2028, 2030, []int{1, 3}}, {2025, 2024, []int{2}}} {
		t.is(fmt.Sprintf("found under %d in %d", test.year, test.now), in(test.year, test.now), test.want)
	}
	res := t.search(hub.SearchRequest{Now: 2025})
	t.is("counted", facetText(res.Facet(hub.FacetYear)), "2024 2, 2025 2, 2028 1")
}

func (t *indexTest) languages() {
	text := func(l hub.Language, s string) hub.Texts { return hub.Texts{{Language: l, Value: s}} }
	t.fill(
		place(1, "Muziejus", func(p *hub.GoodPractice) { p.SummaryTexts = text("en", "Walking with museums") }),
		place(2, "Skolene", func(p *hub.GoodPractice) {
			p.OriginalLanguage, p.TitleTexts = "nb", text("nb", "Skolene i byen")
		}),
		place(3, "vaikščioti"),
	)
	t.found("museum", 1) // as the analyzer of each language has it
	t.found("skoler", 2)
	t.found("museums skolen", 1, 2)
	t.found("muziejus", 1)
	t.found("title:skole", 2)
	t.found("title:museum")
	t.found("walked", 1)
	t.found(`"walking with museums"`, 1)
	t.found(`"museums with walking"`)
	t.found("the with of")
	t.found("-museum", 2, 3)
	t.found("museum OR skole -walking", 2)
	t.found("muzieju*", 1)
	t.found("vaikščioti OR skoler", 2, 3)
	t.found("MUZIEJUS", 1)
	t.found("vaiks\u030cc\u030cioti", 3) // letters and marks apart
}

// everywhere returns a record of each type with a word of its own in every text, in every language; and where each word stands.
func everywhere() (all []hub.Record, words map[string]hub.TextAt) {
	words = map[string]hub.TextAt{}
	n := 0
	text := func() hub.Texts {
		var t hub.Texts
		for _, l := range []hub.Language{"lt", "en", "nb"} {
			n++
			// No analyzer has rules for such words.
			w := "xq" + string(rune('b'+n%20)) + string(rune('b'+n/20%20)) + string(rune('b'+n/400)) + "k"
			t = append(t, hub.Translation{Language: l, Value: "Čia „" + w + "“ – žodis; kitas.\n\nŪpas 🎭 ėjo."})
		}
		return t
	}
	list := func() []hub.Texts { return []hub.Texts{text(), text()} }
	entry := func(n int) hub.Entry {
		e := place(n, "").Entry
		e.TitleTexts, e.SummaryTexts = text(), text()
		e.Keywords = []string{"raktas", "kitas raktas"}
		return e
	}
	study := &hub.Study{Entry: entry(2), AbstractTexts: text(), FindingsTexts: text(), MethodTexts: text(), SampleTexts: text()}
	study.FullTextTexts = text()
	policy := &hub.PolicyDocument{Entry: entry(3), MainPointsTexts: text()}
	policy.FullTextTexts = text()
	all = []hub.Record{
		&hub.GoodPractice{Entry: entry(1), ProblemTexts: text(), ContextTexts: text(), SolutionTexts: text(), ResourcesTexts: text(), FundingTexts: list(),
			ResultList:    []*hub.Result{{StatementTexts: text()}, {StatementTexts: text()}},
			IndicatorList: []*hub.Indicator{{NameTexts: text()}, {NameTexts: text()}}, EvidenceTexts: text(), DidNotWorkTexts: text(), SuccessTexts: text(),
			LessonsTexts: text(), TransferTexts: text(), PreconditionsTexts: text()},
		study, policy,
		&hub.Organisation{Entry: entry(4), OtherNameTexts: list(), OffersTexts: text(), LooksForTexts: text()},
		&hub.Project{Entry: entry(5), ProblemTexts: text(), GoalTexts: text(), MilestoneList: []*hub.Milestone{{WhatTexts: text()}, {WhatTexts: text()}}, ResultTexts: text()},
		&hub.Collection{Entry: entry(6), ItemList: []*hub.CollectionItem{{RecordSlug: "a", NoteTexts: text()}, {RecordSlug: "b", NoteTexts: text()}}},
	}
	for _, r := range all {
		for _, at := range hub.TextsOf(r) {
			_, after, _ := strings.Cut(at.Value, "„")
			w, _, _ := strings.Cut(after, "“")
			words[w] = at
		}
	}
	return all, words
}

// unload takes the full texts out of records, as a list of them comes from a store, and returns what reads stretches of them.
func unload(records []hub.Record) func([]hub.Excerpt) ([]string, error) {
	texts := map[hub.ID]hub.Texts{}
	for _, r := range records {
		e := r.AsEntry()
		if len(e.FullTextTexts) == 0 {
			continue
		}
		texts[e.ID] = e.FullTextTexts
		e.FullTextLanguages = nil
		for _, t := range e.FullTextTexts {
			e.FullTextLanguages = append(e.FullTextLanguages, t.Language)
		}
		e.FullTextTexts = nil
	}
	return func(at []hub.Excerpt) ([]string, error) {
		all := make([]string, len(at))
		for i, x := range at {
			tr := texts[x.ID].Get(x.Language)
			if tr == nil {
				return nil, fmt.Errorf("no full text of %s in %s", x.ID, x.Language)
			}
			start, end := min(max(0, x.Start), len(tr.Value)), min(x.End, len(tr.Value))
			for start > 0 && start < len(tr.Value) && !utf8.RuneStart(tr.Value[start]) {
				start--
			}
			for end < len(tr.Value) && !utf8.RuneStart(tr.Value[end]) {
				end++
			}
			all[i] = tr.Value[start:max(start, end)]
		}
		return all, nil
	}
}

// CheckHighlight says what is wrong with the form of a highlight: ranges that are not in order, not in the text or cut a character.
func CheckHighlight(h *hub.Highlight) error {
	if !utf8.ValidString(h.Text) {
		return fmt.Errorf("%s: %q is not valid UTF-8", h.Field, h.Text)
	}
	at := 0
	for _, r := range h.Ranges {
		if r.Start < at || r.End <= r.Start || r.End > len(h.Text) || !utf8.ValidString(h.Text[r.Start:r.End]) {
			return fmt.Errorf("%s: range %v of %q is wrong after %d", h.Field, r, h.Text, at)
		}
		at = r.End
	}
	if len(h.Ranges) == 0 {
		return fmt.Errorf("%s: %q has no range", h.Field, h.Text)
	}
	return nil
}

// marked returns the marked words of highlights, with their fields and languages.
func (t *indexTest) marked(all []*hub.Highlight) string {
	t.Helper()
	var s []string
	for _, h := range all {
		t.must(CheckHighlight(h))
		for _, r := range h.Ranges {
			s = append(s, fmt.Sprintf("%s.%s:%s", h.Field, h.Language, h.Text[r.Start:r.End]))
		}
	}
	return strings.Join(s, " ")
}

func (t *indexTest) highlights() {
	records, words := everywhere()
	t.fill(records...)
	read := unload(records)
	for w, at := range words {
		all, err := t.x.Highlights(t.ctx(), w, records, []hub.Language{"lt", "en"}, read)
		t.must(err)
		t.is("highlights of all records", len(all), len(records))
		got := ""
		for _, some := range all {
			got += t.marked(some)
		}
		t.is(w, got, fmt.Sprintf("%s.%s:%s", at.Field.Name, at.Language, w))
	}

	// Several words, a phrase, a word that stands often; the reader's language first.
	long := strings.Repeat("Ąžuolai ošė. ", 300)
	records = []hub.Record{
		place(1, "Ąžuolas miške", func(p *hub.GoodPractice) {
			p.SummaryTexts = hub.Texts{{Language: "lt", Value: "Senas ąžuolas, jaunas ĄŽUOLAS ir liepa."}, {Language: "en", Value: "An old oak: ąžuolas"}}
			p.ProblemTexts = hub.Texts{{Language: "lt", Value: long + "Čia stovi žalias ąžuolas. " + long}}
		}),
		place(2, "Nieko"),
		place(3, "Liepa, o ne ąžuolas"),
	}
	t.fill(records...)
	one := func(query string, in ...hub.Language) [3]string {
		all, err := t.x.Highlights(t.ctx(), query, records, in, read)
		t.must(err)
		var got [3]string
		for i := range got {
			if len(all[i]) > 3 {
				t.Errorf("%s: %d highlights of one record", query, len(all[i]))
			}
			got[i] = t.marked(all[i])
		}
		return got
	}
	got := one("ąžuolas liepa", "lt")
	t.is("the title says most of what the third is", got[2], "title.lt:Liepa title.lt:ąžuolas")
	t.is("nothing of the second", got[1], "")
	if !strings.HasPrefix(got[0], "summary.lt:ąžuolas summary.lt:ĄŽUOLAS summary.lt:liepa title.lt:Ąžuolas") {
		t.Errorf("the fragment with both words is not the first: %s", got[0])
	}
	t.is("the reader's language comes first", strings.HasPrefix(one("ąžuolas", "en")[0], "summary.en:ąžuolas"), true)
	t.is("a phrase", one(`"žalias ąžuolas"`)[0], "problem.lt:žalias ąžuolas")
	t.is("what is not to be there", one("-nieko"), [3]string{})
	t.is("a condition", one("year:2015"), [3]string{})
	t.is("no words", one(""), [3]string{})

	all, err := t.x.Highlights(t.ctx(), "ąžuolas", nil, nil, read)
	t.must(err)
	t.is("of no records", len(all), 0)
	failed := errors.New("the store fails")
	study := &hub.Study{Entry: place(9, "tyrimas").Entry}
	study.FullTextTexts = hub.Texts{{Language: "lt", Value: "ąžuolas"}}
	t.fill(study)
	unload([]hub.Record{study})
	if _, err := t.x.Highlights(t.ctx(), "ąžuolas", []hub.Record{study}, nil, func([]hub.Excerpt) ([]string, error) { return nil, failed }); !errors.Is(err, failed) {
		t.Errorf("where the text cannot be read: %v", err)
	}
}

// unhighlight is about records that are no longer what was indexed: there may be no highlight, or one in the wrong place, but it is sound.
func (t *indexTest) unhighlight() {
	text := strings.Repeat("ėjo ąžuolas ūžė ", 200)
	study := &hub.Study{Entry: place(1, "ąžuolas").Entry}
	study.FindingsTexts = hub.Texts{{Language: "lt", Value: text}}
	study.FullTextTexts = hub.Texts{{Language: "lt", Value: text}}
	t.fill(study)
	for _, now := range []string{"", "ą", "🎭🎭🎭", strings.Repeat("ąžuolas", 400), strings.Repeat("ė ", 3000), text[:501], text[7:], strings.Repeat(" ", 5000)} {
		changed := &hub.Study{Entry: place(1, "x").Entry}
		changed.FindingsTexts = hub.Texts{{Language: "lt", Value: strings.ToValidUTF8(now, "")}}
		changed.FullTextTexts = hub.Texts{{Language: "lt", Value: strings.ToValidUTF8(now, "")}}
		read := unload([]hub.Record{changed})
		all, err := t.x.Highlights(t.ctx(), "ąžuolas", []hub.Record{changed, place(5, "never indexed")}, nil, read)
		t.must(err)
		t.is("highlights of all records", len(all), 2)
		for _, h := range all[0] {
			t.must(CheckHighlight(h))
		}
	}
}
