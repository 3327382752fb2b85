package search_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/document"
	"github.com/blevesearch/bleve/v2/index/scorch"
	index "github.com/blevesearch/bleve_index_api"

	"versme/search/analysis"
)

// BenchmarkFloor is Bleve alone over the titles and full texts of a collection: batches of some 4 MB with term vectors and no stored
// text, analysed as the hub analyses them, and its own search for one word with 20 hits, then with five facets. It needs
// VERSME_BENCH_RECORDS, and runs from internal/bench, whose figures stand in docs/benchmarks.md.
func BenchmarkFloor(b *testing.B) {
	path := os.Getenv("VERSME_BENCH_RECORDS")
	if path == "" {
		b.Skip("VERSME_BENCH_RECORDS names no collection")
	}
	records := floorRecords(b, path)
	var size int64
	for _, r := range records {
		size += int64(len(r.Text["lt"]) + len(r.Title["lt"]))
	}
	dir := filepath.Join(b.TempDir(), "floor")
	var x bleve.Index
	b.Run("Bleve index", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			x = floorIndex(b, dir, records)
		}
	})
	defer func() {
		if err := x.Close(); err != nil {
			b.Error(err)
		}
	}()
	for _, word := range []string{"muziejų", "respublikos"} {
		for name, facets := range map[string][]string{"": nil, " and 5 facets": {"type", "country", "year", "language", "theme"}} {
			b.Run("Bleve search "+word+name, func(b *testing.B) {
				for range 20 * b.N { // one is too short to time
					q := bleve.NewTermQuery(word)
					q.SetField("body.lt")
					req := bleve.NewSearchRequestOptions(q, 20, 0, false)
					for _, f := range facets {
						req.AddFacet(f, bleve.NewFacetRequest(f, 10))
					}
					if _, err := x.SearchInContext(context.Background(), req); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(20*b.N)/1e3, "ms/search")
			})
		}
	}
}

type floorRecord struct {
	Slug, Adopted string
	Title, Text   map[string]string
}

func floorRecords(b *testing.B, path string) []floorRecord {
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	in, err := gzip.NewReader(f)
	if err != nil {
		b.Fatal(err)
	}
	s := bufio.NewScanner(in)
	s.Buffer(nil, 64<<20)
	var all []floorRecord
	for s.Scan() {
		var r floorRecord
		if err := json.Unmarshal(s.Bytes(), &r); err != nil {
			b.Fatal(err)
		}
		all = append(all, r)
	}
	if err := s.Err(); err != nil {
		b.Fatal(err)
	}
	return all
}

func floorIndex(b *testing.B, dir string, records []floorRecord) bleve.Index {
	m := bleve.NewIndexMapping()
	m.DefaultMapping = bleve.NewDocumentStaticMapping()
	m.ScoringModel = index.BM25Scoring
	x, err := bleve.NewUsing(dir, m, scorch.Name, scorch.Name, nil)
	if err != nil {
		b.Fatal(err)
	}
	batch, size := x.NewBatch(), 0
	commit := func() {
		if err := x.Batch(batch); err != nil {
			b.Fatal(err)
		}
		batch, size = x.NewBatch(), 0
	}
	for _, r := range records {
		d := document.NewDocument(r.Slug)
		words := index.IndexField | index.IncludeTermVectors
		d.AddField(document.NewTextFieldCustom("title.lt", nil, []byte(r.Title["lt"]), words, analysis.For("lt")))
		d.AddField(document.NewTextFieldCustom("body.lt", nil, []byte(r.Text["lt"]), words, analysis.For("lt")))
		for field, v := range map[string]string{"type": "POLICY_DOCUMENT", "country": "LT", "year": r.Adopted[:4], "language": "lt", "theme": ""} {
			d.AddField(document.NewTextFieldCustom(field, nil, []byte(v), index.IndexField|index.DocValues|index.SkipFreqNorm, nil))
		}
		if err := batch.IndexAdvanced(d); err != nil {
			b.Fatal(err)
		}
		if size += len(r.Text["lt"]); size > 4<<20 {
			commit()
		}
	}
	commit()
	return x
}
