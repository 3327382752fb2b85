package hubtest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"versme/hub"
)

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
