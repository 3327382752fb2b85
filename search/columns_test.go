package search

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/search/query"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"versme/hub"
	"versme/search/analysis"
)

// TestFacetsAgainstBleve counts what Bleve's own facets count over the same index and query.
func TestFacetsAgainstBleve(t *testing.T) {
	libraries(t, func(t *testing.T, l *library) {
		term := func(field, text string) query.Query {
			q := bleve.NewTermQuery(text)
			q.SetField(field)
			return q
		}
		titled := func(word string) query.Query {
			var all []query.Query
			for lang := range libraryWords {
				all = append(all, term(fieldTitle+string(lang), analysis.Terms(string(lang), word)[0]))
			}
			return bleve.NewDisjunctionQuery(all...)
		}
		for _, test := range []struct {
			filter hub.SearchRequest
			query  query.Query
		}{
			{hub.SearchRequest{}, bleve.NewMatchAllQuery()},
			{hub.SearchRequest{Query: "title:upė"}, titled("upė")},
			{hub.SearchRequest{Query: "title:skogen"}, titled("skogen")},
			{hub.SearchRequest{Query: "niekur"}, bleve.NewMatchNoneQuery()},
			{hub.SearchRequest{Filter: hub.RecordFilter{Types: []hub.RecordType{hub.TypeStudy, hub.TypeProject}}},
				bleve.NewDisjunctionQuery(term(fieldType, "STUDY"), term(fieldType, "PROJECT"))},
			{hub.SearchRequest{Filter: hub.RecordFilter{Countries: []hub.CountryCode{"LT"}, Themes: []string{"a", "b"}}},
				bleve.NewConjunctionQuery(term(fieldCountry, "LT"), bleve.NewDisjunctionQuery(term(fieldTheme, "a"), term(fieldTheme, "b")))},
		} {
			stock := func(field string) map[string]int {
				req := bleve.NewSearchRequestOptions(test.query, 0, 0, false)
				req.AddFacet("f", bleve.NewFacetRequest(field, 1000))
				res, err := l.x.now.bleve.Search(req)
				if err != nil {
					t.Fatal(err)
				}
				counts := map[string]int{}
				if f := res.Facets["f"]; f.Terms != nil {
					for _, v := range f.Terms.Terms() {
						counts[v.Term] = v.Count
					}
				}
				return counts
			}
			res := l.search(t, test.filter)
			own := func(field hub.FacetField) map[string]int {
				counts := map[string]int{}
				for _, c := range res.Facet(field) {
					counts[c.Value] = c.Count
				}
				return counts
			}
			narrowed := func(f hub.FacetField) bool { // where the facet's own choice must not narrow it, Bleve counts something else
				return f == hub.FacetType && len(test.filter.Filter.Types) > 0 || f == hub.FacetCountry && len(test.filter.Filter.Countries) > 0 || f == hub.FacetTheme && len(test.filter.Filter.Themes) > 0
			}
			for f, column := range columnOf {
				if narrowed(f) {
					continue
				}
				if diff := cmp.Diff(stock(column), own(f)); diff != "" {
					t.Errorf("%q %s: Bleve - own +\n%s", test.filter.Query, f, diff)
				}
			}
			years := map[string]int{} // Bleve counts the spans
			for span, n := range stock(fieldYears) {
				from, to, _ := strings.Cut(span, "-")
				first, _ := strconv.Atoi(from)
				last, _ := strconv.Atoi(to)
				if last == 0 {
					last = 2026
				}
				for y := first; y <= last; y++ {
					years[strconv.Itoa(y)] += n
				}
			}
			if diff := cmp.Diff(years, own(hub.FacetYear)); diff != "" {
				t.Errorf("%q years: Bleve - own +\n%s", test.filter.Query, diff)
			}
			levels := map[string]int{} // Bleve counts each level by itself, a facet what is at least that
			for rank, n := range stock(fieldEvidence) {
				k, _ := strconv.Atoi(rank)
				for _, level := range hub.EvidenceLevels[:k] {
					levels[string(level)] += n
				}
			}
			if diff := cmp.Diff(levels, own(hub.FacetEvidence)); diff != "" {
				t.Errorf("%q evidence: Bleve - own +\n%s", test.filter.Query, diff)
			}
		}
	})
}

// TestOwnChoice checks facets under filters against searches without the filter of the facet's own field, and pairs against facets.
func TestOwnChoice(t *testing.T) {
	libraries(t, func(t *testing.T, l *library) {
		v := hub.NewVocabulary([]*hub.Concept{{Slug: "a"}, {Slug: "b", BroaderSlugs: []string{"a"}}, {Slug: "c", BroaderSlugs: []string{"b", "g"}}, {Slug: "g"}})
		for range 20 {
			var f hub.RecordFilter
			y, level := 1990+l.rnd.IntN(30), hub.EvidenceLevels[l.rnd.IntN(5)]
			id := hub.ID("o")
			choices := map[hub.FacetField]func(*hub.RecordFilter){
				hub.FacetType:         func(f *hub.RecordFilter) { f.Types = []hub.RecordType{hub.TypeStudy, hub.TypeGoodPractice} },
				hub.FacetCountry:      func(f *hub.RecordFilter) { f.Countries = []hub.CountryCode{"LT", "NO"} },
				hub.FacetTheme:        func(f *hub.RecordFilter) { f.Themes = []string{"a", "d"} },
				hub.FacetSector:       func(f *hub.RecordFilter) { f.Sectors = []string{"s"} },
				hub.FacetLanguage:     func(f *hub.RecordFilter) { f.Languages = []hub.Language{"en", "lt"} },
				hub.FacetYear:         func(f *hub.RecordFilter) { f.Year = &hub.YearRange{From: &y} },
				hub.FacetEvidence:     func(f *hub.RecordFilter) { f.EvidenceAtLeast = &level },
				hub.FacetOrganisation: func(f *hub.RecordFilter) { f.Organisation = &id },
			}
			var chosen []hub.FacetField
			for _, field := range hub.FacetFields {
				if choose := choices[field]; choose != nil && l.rnd.IntN(3) == 0 {
					choose(&f)
					chosen = append(chosen, field)
				}
			}
			req := hub.SearchRequest{Query: []string{"", "upė"}[l.rnd.IntN(2)], Filter: f, OrgSlug: "o-1", Vocabulary: v}
			res := l.search(t, req)
			for _, field := range hub.FacetFields {
				without := req
				without.Filter = hub.RecordFilter{}
				for _, c := range chosen {
					if c != field {
						choices[c](&without.Filter)
					}
				}
				want := l.search(t, without).Facet(field)
				if diff := cmp.Diff(want, res.Facet(field)); diff != "" {
					t.Errorf("%v, facet %s:\n%s", chosen, field, diff)
				}
				// Each value with itself: as often as it is found.
				counts := map[string]int{}
				for _, p := range res.Pairs(field, field) {
					if p.Row == p.Column {
						counts[p.Row] = p.Count
					}
				}
				if !slices.Contains(chosen, field) {
					for _, c := range want {
						if counts[c.Value] != c.Count {
							t.Errorf("%v: %s %s stands with itself %d times, want %d", chosen, field, c.Value, counts[c.Value], c.Count)
						}
					}
				}
			}
		}
	})
}

// TestColumnsAreKept: a write reads the columns of what it added, and of nothing else.
func TestColumnsAreKept(t *testing.T) {
	l := indexOf(t, practice(1, "a", "x"), practice(2, "b", "x"))
	l.search(t, hub.SearchRequest{})
	first := l.x.now.columns
	if len(first) != 1 {
		t.Fatalf("%d segments", len(first))
	}
	if err := l.x.Apply(t.Context(), []hub.Record{practice(2, "c", "x"), practice(3, "d", "x")}, nil, 2); err != nil {
		t.Fatal(err)
	}
	l.search(t, hub.SearchRequest{})
	second := l.x.now.columns
	if len(second) != 2 {
		t.Fatalf("%d segments", len(second))
	}
	for id, c := range first {
		if second[id] != c {
			t.Error("columns of a segment that was there before were read again")
		}
	}
	if err := l.x.Apply(t.Context(), nil, []hub.ID{idOf(1)}, 3); err != nil {
		t.Fatal(err)
	}
	l.search(t, hub.SearchRequest{})
	if third := l.x.now.columns; len(third) != 1 { // nothing is left of the first
		t.Errorf("%d segments", len(third))
	}
}

// titles returns the titles of a library in order.
func (l *library) titles(t *testing.T, in ...hub.Language) (all []string) {
	t.Helper()
	for _, h := range l.search(t, hub.SearchRequest{Order: "TITLE", Languages: in}).Hits {
		e := l.records[h.ID].AsEntry()
		all = append(all, e.TitleTexts.In(in, e.OriginalLanguage).Value)
	}
	return all
}

// titled makes an index of records with these titles in a language.
func titled(t *testing.T, in hub.Language, titles ...string) *library {
	l := &library{x: open(t, ""), records: map[hub.ID]hub.Record{}}
	var all []hub.Record
	for n, title := range titles {
		p := practice(n, title, "")
		p.OriginalLanguage, p.TitleTexts[0].Language = in, in
		all = append(all, p)
		l.records[p.ID] = p
	}
	// Several segments: titles are compared across them.
	third := len(all) / 3
	rebuild(t, l.x, all[:third], all[third:2*third], all[2*third:])
	return l
}

func TestTitleOrder(t *testing.T) {
	for _, test := range []struct {
		in     hub.Language
		titles string
	}{
		{"lt", "Abėcėlė, ąžuolas, bitė, cukrus, Čiurlionis, dailė, edukacija, ėjimas, energija, fa, idėja, yla, imtis, įtrauktis, jaunimas, knyga, menas, nauja, sala, šalis, šešėlis, tautosaka, ugnis, ūkis, zebras, žemė"},
		{"lt", "Žemė 1, žemė 2, ŽEMĖ 3"},
		{"sv", "Abborre, bok, zebra, åker, ängel, öken"},
		{"nb", "And, bok, sol, ærlig, ønske, år"},
		{"en", "Apple, Banana, cherry, naïve, nave, zoo"},
		{"de", "Apfel, Äpfel, Zebra"},
	} {
		want := strings.Split(test.titles, ", ")
		shuffled := slices.Clone(want)
		rand.New(rand.NewPCG(1, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		slices.SortStableFunc(want, collate.New(language.Make(string(test.in))).CompareString) // CLDR is the judge
		if diff := cmp.Diff(want, titled(t, test.in, shuffled...).titles(t, test.in)); diff != "" {
			t.Errorf("%s:\n%s", test.in, diff)
		}
	}
	// What a Lithuanian expects, by hand.
	want := []string{"cukrus", "čia", "idas", "ydos", "iešmas", "jis", "sala", "šaka", "zylė", "žalia"}
	if diff := cmp.Diff(want, titled(t, "lt", "šaka", "zylė", "ydos", "čia", "žalia", "iešmas", "cukrus", "jis", "idas", "sala").titles(t, "lt")); diff != "" {
		t.Error(diff)
	}
}

// TestLongTitles: titles that are alike for longer than the keys that are kept, and odd ones, stand where comparing them in full puts them.
func TestLongTitles(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	letters := []rune("aąbcčdžšęyi -–„\u0301🎭文ß0123A")
	var titles []string
	for _, length := range []int{10, 23, 24, 25, 47, 48, 49, 50, 96, 200} {
		for range 30 {
			alike := strings.Repeat("ą", length)
			if rnd.IntN(2) == 0 {
				alike = strings.Repeat("Lietuvos kultūros ministerijos ", length/8)
			}
			for range 1 + rnd.IntN(4) {
				alike += string(letters[rnd.IntN(len(letters))])
			}
			titles = append(titles, alike)
		}
	}
	for _, ignored := range []string{"\u0301", "-", " ", "\u200b"} { // characters without weight of their own
		for _, rest := range []string{"a", "ab", "b", "ba", ""} {
			titles = append(titles, "a"+strings.Repeat(ignored, 60)+rest, "ab"+strings.Repeat(ignored, 47)+rest)
		}
	}
	for _, tag := range []hub.Language{"lt", "cs", "en"} { // Czech has ch, which may stand where a key is cut
		all := slices.Clone(titles)
		for n := range 60 {
			all = append(all, strings.Repeat("x", n)+"ch"+"a", strings.Repeat("x", n)+"cz", strings.Repeat("x", n)+"hb")
		}
		slices.Sort(all)
		all = slices.Compact(all)
		got := titled(t, tag, all...).titles(t, tag)
		full := collate.New(language.Make(string(tag)))
		wrong := 0
		for i := 1; i < len(got); i++ {
			if full.CompareString(got[i-1], got[i]) > 0 {
				if wrong++; wrong < 5 {
					t.Errorf("%s: %q stands before %q", tag, got[i-1], got[i])
				}
			}
		}
	}
}

// TestTitleServed: a record stands where the title that its reader is shown puts it.
func TestTitleServed(t *testing.T) {
	l := &library{x: open(t, ""), records: map[hub.ID]hub.Record{}}
	rnd := rand.New(rand.NewPCG(5, 5))
	tags := []hub.Language{"lt", "en", "en-GB", "pt-BR", "nb", "fr"}
	var all []hub.Record
	for n := range 60 {
		p := practice(n, "", "")
		p.OriginalLanguage = tags[rnd.IntN(len(tags))]
		p.TitleTexts = nil
		for _, i := range rnd.Perm(len(tags))[:1+rnd.IntN(4)] { // the original may be missing
			if tags[i] == "en-GB" && p.TitleTexts.Get("en") != nil || tags[i] == "en" && p.TitleTexts.Get("en-GB") != nil {
				continue
			}
			p.TitleTexts = append(p.TitleTexts, hub.Translation{Language: tags[i], Value: fmt.Sprintf("%03d", rnd.IntN(1000))})
		}
		all = append(all, p)
		l.records[p.ID] = p
	}
	rebuild(t, l.x, all[:20], all[20:45], all[45:])
	for _, in := range [][]hub.Language{nil, {"lt"}, {"en"}, {"en-US"}, {"pt"}, {"pt-PT", "en"}, {"ja"}, {"ja", "fr", "nb"}} {
		if got := l.titles(t, in...); !slices.IsSorted(got) {
			t.Errorf("for a reader of %v: %v", in, got)
		}
	}
}

// TestStrangeCursors: a cursor is what a client sends; whatever it is, there is a page.
func TestStrangeCursors(t *testing.T) {
	l := titled(t, "lt", "a", "b", "c", "d")
	keys := [][]byte{nil, {}, {0}, []byte("b"), []byte("\xff\xfe\xc5"), []byte(strings.Repeat("ž", 6000)), []byte(strings.Repeat("\u0301", 6000)), []byte("12345678"), []byte("123456789"), {0, 0, 0, 0, 0, 0, 0, 0}, {255, 255, 255, 255, 255, 255, 255, 255}}
	for _, order := range hub.SearchOrders {
		for _, key := range keys {
			for _, id := range []hub.ID{"", idOf(2), "x", hub.ID(strings.Repeat("-", 300)), "zzzzzzzz-0000-7000-8000-000000000000"} {
				for _, score := range []float64{0, -1, 1e308} {
					c := &hub.Cursor{Order: string(order), Key: key, ID: id, Score: score}
					for _, w := range []hub.Window{{Size: 2, After: c}, {Size: 2, Before: c, Backward: true}, {Size: 2, After: c, Before: c}} {
						res, err := l.x.Search(t.Context(), hub.SearchRequest{Order: order, Window: w})
						if err != nil || res.Total != 4 {
							t.Fatalf("%s after %+v: %v", order, c, err)
						}
					}
				}
			}
		}
	}
}
