package search

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/document"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/search/query"
	index "github.com/blevesearch/bleve_index_api"

	"versme/hub"
	"versme/search/analysis"
)

// shelves is how many records the benchmarks search.
const shelves = 100_000

// sharedBench is an index in memory of synthetic records in 12 segments, and beside it stock Bleve over the same words, with doc values for
// its facets.
var sharedBench = sync.OnceValues(func() (*Index, bleve.Index) {
	x, err := Open("", Options{})
	if err != nil {
		panic(err)
	}
	m := bleve.NewIndexMapping()
	m.DefaultMapping = bleve.NewDocumentStaticMapping()
	m.ScoringModel = index.BM25Scoring
	stock, err := bleve.NewUsing("", m, scorch.Name, scorch.Name, nil)
	if err != nil {
		panic(err)
	}
	err = x.Rebuild(context.Background(), func(apply func(context.Context, []hub.Record, []hub.ID, hub.Position) error) error {
		const batch = shelves/12 + 1
		for n := 0; n < shelves; n += batch {
			records := benchRecords(n, min(n+batch, shelves))
			if err := apply(context.Background(), records, nil, 1); err != nil {
				return err
			}
			docs := stock.NewBatch()
			for _, r := range records {
				p := r.(*hub.GoodPractice)
				d := document.NewDocument(string(p.ID))
				d.AddField(document.NewTextFieldCustom("body.lt", nil, []byte(p.ProblemTexts[0].Value), index.IndexField|index.IncludeTermVectors, analysis.For("lt")))
				for field, values := range map[string][]string{
					fieldType: {string(p.Type())}, fieldCountry: texts(p.CountryCodes), fieldTheme: p.ThemeSlugs, fieldLanguage: texts(p.Languages()),
					fieldYears: {string(p.Started)},
				} {
					for _, v := range values {
						d.AddField(document.NewTextFieldCustom(field, nil, []byte(v), index.IndexField|index.DocValues|index.SkipFreqNorm, nil))
					}
				}
				if err := docs.IndexAdvanced(d); err != nil {
					return err
				}
			}
			if err := stock.Batch(docs); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		panic(err)
	}
	return x, stock
})

// benchRecords makes records of some 40 words: "rare" stands in 0.17 % of them, "mid" in 2.3 %, "common" in 98 %.
func benchRecords(from, to int) (all []hub.Record) {
	rnd := rand.New(rand.NewPCG(uint64(from), 1))
	zipf := rand.NewZipf(rnd, 1.08, 1, 50_000)
	countries := []hub.CountryCode{"LT", "NO", "LV", "EE", "FI", "SE", "DK", "GB", "EU", "DE"}
	words := func(n int) string {
		var b strings.Builder
		for range n {
			fmt.Fprintf(&b, "žodis%d ", zipf.Uint64())
		}
		return b.String()
	}
	for n := from; n < to; n++ {
		p := practice(n, words(5), words(40))
		for word, share := range map[string]float64{"rare": 0.0017, "mid": 0.023, "common": 0.98} {
			if rnd.Float64() < share {
				p.ProblemTexts[0].Value += word + " "
			}
		}
		p.CountryCodes = countries[rnd.IntN(8) : 9+rnd.IntN(2)]
		p.CountryCodes = p.CountryCodes[:1+rnd.IntN(2)]
		for i := range 1 + rnd.IntN(3) {
			p.ThemeSlugs = append(p.ThemeSlugs, fmt.Sprintf("theme-%d", rnd.IntN(10)+10*i))
		}
		p.Started, p.Ended = hub.Date(fmt.Sprint(1990+rnd.IntN(30))), "2020"
		p.EvidenceLevel = hub.EvidenceLevels[rnd.IntN(5)]
		all = append(all, p)
	}
	return all
}

var benchFacets = []hub.FacetField{hub.FacetType, hub.FacetCountry, hub.FacetTheme, hub.FacetLanguage, hub.FacetYear}

func benchSearch(b *testing.B, x *Index, r hub.SearchRequest, facets []hub.FacetField) {
	b.Helper()
	b.ReportAllocs()
	if r.Order == "" {
		r.Order = hub.ByRelevance
	}
	r.Window.Size, r.Now = 20, 2026
	if _, err := x.Search(b.Context(), r); err != nil { // columns and keys are read once
		b.Fatal(err)
	}
	for b.Loop() {
		res, err := x.Search(b.Context(), r)
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range facets {
			res.Facet(f)
		}
	}
}

func benchStock(b *testing.B, x bleve.Index, q query.Query, facets bool) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		req := bleve.NewSearchRequestOptions(q, 20, 0, false)
		if facets {
			for _, f := range []string{fieldType, fieldCountry, fieldTheme, fieldLanguage, fieldYears} {
				req.AddFacet(f, bleve.NewFacetRequest(f, 10))
			}
		}
		if _, err := x.Search(req); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSearch asks for 20 hits, then for 5 facets too, of this package and of stock Bleve. On two cores shared with other work, so that
// the ratios tell more than the times:
//
//	                 20 hits: own, Bleve     and 5 facets: own, Bleve
//	rare (170)          56 µs,   23 µs          0.11 ms,   3.7 ms   31 times as fast
//	mid (2,300)         0.21 ms, 0.37 ms        0.44 ms,  12.8 ms   29
//	common (98,000)     4.1 ms,  5.6 ms         6.9 ms,   82 ms     12
//	any of the three    5.0 ms, 11.2 ms         7.1 ms,   75 ms     11
//	everything                                  3.7 ms,   70 ms     19
//
// What was learned: without facets there is little to win on one term, and rare terms cost twice as much here, as each word is looked up in
// two fields of twelve segments; dis-max is twice as fast as Bleve's disjunction. Facets are what the columns are for. Documents found are
// gathered in one slice for all segments and copied out, which took the memory of a search from 1.7 MB to 0.6 MB.
func BenchmarkSearch(b *testing.B) {
	x, stock := sharedBench()
	for _, words := range []string{"rare", "mid", "common", "rare OR mid OR common"} {
		var any []query.Query
		for _, w := range strings.Split(words, " OR ") {
			q := bleve.NewTermQuery(w)
			q.SetField("body.lt")
			any = append(any, q)
		}
		q := any[0]
		if len(any) > 1 {
			q = bleve.NewDisjunctionQuery(any...)
		}
		name := strings.ReplaceAll(words, " OR ", "+")
		b.Run(name+"/own", func(b *testing.B) { benchSearch(b, x, hub.SearchRequest{Query: words}, nil) })
		b.Run(name+"/Bleve", func(b *testing.B) { benchStock(b, stock, q, false) })
		b.Run(name+"/own and 5 facets", func(b *testing.B) { benchSearch(b, x, hub.SearchRequest{Query: words}, benchFacets) })
		b.Run(name+"/Bleve and 5 facets", func(b *testing.B) { benchStock(b, stock, q, true) })
	}
	b.Run("all/own and 5 facets", func(b *testing.B) { benchSearch(b, x, hub.SearchRequest{}, benchFacets) })
	b.Run("all/Bleve and 5 facets", func(b *testing.B) { benchStock(b, stock, bleve.NewMatchAllQuery(), true) })
}

// BenchmarkOrder sorts all 100,000 records: by date in 2 ms, by title in 5 ms (7 ms and 119,000 allocations while each candidate carried a
// closure for its title). The first search by title in a list of languages makes the keys, once a segment.
func BenchmarkOrder(b *testing.B) {
	x, _ := sharedBench()
	for _, order := range []hub.SearchOrder{"NEWEST", "RECENTLY_UPDATED", "TITLE"} {
		b.Run(string(order), func(b *testing.B) {
			benchSearch(b, x, hub.SearchRequest{Order: order, Languages: []hub.Language{"lt"}}, nil)
		})
	}
	b.Run("filtered", func(b *testing.B) {
		from := 2010
		benchSearch(b, x, hub.SearchRequest{Order: "NEWEST", Filter: hub.RecordFilter{Countries: []hub.CountryCode{"LT", "NO"}, Themes: []string{"theme-1", "theme-2"}, Year: &hub.YearRange{From: &from}}}, benchFacets)
	})
}

// BenchmarkPairs counts an evidence map over all 100,000 records: themes by countries in 13 ms, years by countries (16 years a record) in
// 100 ms. Counted by number within a segment and by name only at its end; by name throughout it took 26 ms and 230 ms, and 3.6 million
// allocations.
func BenchmarkPairs(b *testing.B) {
	x, _ := sharedBench()
	res, err := x.Search(b.Context(), hub.SearchRequest{Order: "NEWEST", Now: 2026})
	if err != nil {
		b.Fatal(err)
	}
	for _, rows := range []hub.FacetField{hub.FacetTheme, hub.FacetYear} {
		b.Run(string(rows), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				res.Pairs(rows, hub.FacetCountry)
			}
		})
	}
}

// BenchmarkHighlight marks the words of 20 records, in short texts and in laws of a megabyte. The floor is to analyse all of their text:
// for short ones that is 1.3 times as fast, for 20 laws of a megabyte it would take 600 ms where this takes 0.9 ms for a rare word and
// 20 ms for three that stand on every page; those are the positions of all of them, read and sorted.
func BenchmarkHighlight(b *testing.B) {
	x, _ := sharedBench()
	records := benchRecords(0, 20)
	b.Run("short", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := x.Highlights(b.Context(), "mid OR common", records, nil, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("short/all analysed", func(b *testing.B) {
		for b.Loop() {
			for _, r := range records {
				analysis.For("lt").Analyze([]byte(r.(*hub.GoodPractice).ProblemTexts[0].Value))
			}
		}
	})
	text := statute(1<<20, 100, 1000, 300_000, 700_000)
	var laws []hub.Record
	for n := range 20 {
		d := &hub.PolicyDocument{Entry: practice(n, "Įstatymas", "").Entry}
		d.FullTextTexts = hub.Texts{{Language: "lt", Value: text}}
		laws = append(laws, d)
	}
	l := indexOf(b, laws...)
	for _, r := range laws {
		r.AsEntry().FullTextTexts, r.AsEntry().FullTextLanguages = nil, []hub.Language{"lt"}
	}
	read := func(at []hub.Excerpt) ([]string, error) {
		all := make([]string, len(at))
		for i, x := range at {
			all[i] = strings.ToValidUTF8(text[x.Start:min(x.End, len(text))], "")
		}
		return all, nil
	}
	for _, q := range []string{"žymėžžž", "ministerija", "kultūros ministerija įstaigų"} {
		b.Run("laws/"+q, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := l.x.Highlights(b.Context(), q, laws, nil, read); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("laws/one of them analysed", func(b *testing.B) {
		for b.Loop() {
			analysis.For("lt").Analyze([]byte(text))
		}
	})
}

// BenchmarkApply brings in a batch of 1,000 records of 0.4 KB in 100 ms, and one record in 8 ms, durably. The floor of the batch is to
// analyse its text: a sixth of that; the rest is Bleve building and writing the segment.
func BenchmarkApply(b *testing.B) {
	records := benchRecords(0, 1000)
	size := 0
	for _, r := range records {
		for _, t := range hub.TextsOf(r) {
			size += len(t.Value)
		}
	}
	x := open(b, b.TempDir())
	defer func() {
		if err := x.Close(); err != nil {
			b.Error(err)
		}
	}()
	rebuild(b, x, records)
	for _, n := range []int{1000, 1} {
		b.Run(fmt.Sprint(n, " records"), func(b *testing.B) {
			b.SetBytes(int64(size * n / 1000))
			for b.Loop() {
				if err := x.Apply(b.Context(), records[:n], nil, 1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("1000 records/analysed", func(b *testing.B) {
		b.SetBytes(int64(size))
		for b.Loop() {
			for _, r := range records {
				for _, t := range hub.TextsOf(r) {
					analysis.For("lt").Analyze([]byte(t.Value))
				}
			}
		}
	})
}

// BenchmarkColumns reads the columns of a segment of 8,300 records: 25 ms, three quarters of it Bleve's dictionaries, as ids, titles and
// times of change are a term a record. So 100,000 records take 0.3 s when a hub starts.
func BenchmarkColumns(b *testing.B) {
	x, _ := sharedBench()
	err := x.now.read(func(v *view) error {
		for b.Loop() {
			if _, err := readColumns(v.segments[0].Segment()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkChecksum is what verifying segments adds to opening an index: 5 GB a second from memory, so that it is as slow as the disk.
func BenchmarkChecksum(b *testing.B) {
	path := filepath.Join(b.TempDir(), "segment.zap")
	const size = 64 << 20
	if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	for b.Loop() {
		if _, err := checksumIsRight(path); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkParse takes 3 µs.
func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(`kultūra „psichikos sveikata“ OR gerovė -mokykla year:2015..2020 title:biblioteka savivald*`); err != nil {
			b.Fatal(err)
		}
	}
}

func texts[S ~string](all []S) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = string(s)
	}
	return out
}
