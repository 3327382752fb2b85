package search

import (
	"math"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// end is the document after the last.
const end = math.MaxUint32

// iter goes through the documents of one segment that match, ascending. It begins before the first: call next.
type iter interface {
	next() uint32           // moves on, and returns the document or end
	seek(doc uint32) uint32 // moves to doc or the first after it; does not move back
	score() float64         // of the document it stands on
}

// failure remembers the first error of the iterators of one segment, which then all end.
type failure struct{ err error }

func (f *failure) end(err error) uint32 {
	if err != nil && f.err == nil {
		f.err = err
	}
	return end
}

// bm25K1 says how fast more of the same word stops to count (Robertson and Zaragoza 2009, §3.5). How much a long text counts against
// a word in it, b, is the field's: see plan.go.
const bm25K1 = 1.2

// idf is BM25's, which is never negative.
func idf(docs, with int) float64 {
	return math.Log(1 + (float64(docs)-float64(with)+0.5)/(float64(with)+0.5))
}

// bm25 scores a frequency in a text of some length; idf and the field's weight are in w.
func bm25(w, b float64, freq, length, mean float64) float64 {
	return w * freq * (bm25K1 + 1) / (freq + bm25K1*(1-b+b*length/mean))
}

// termIter goes through the documents that have a term in a field. Lengths are counted in bytes, whose ratio to the mean is that
// of words: Bleve's norms would cost a decode a posting, and its mean length counts distinct terms.
type termIter struct {
	fail    *failure
	it      segment.PostingsIterator
	at      uint32
	freq    uint64
	weight  float64
	b       float64
	lengths []uint32
	mean    float64
}

func (t *termIter) set(p segment.Posting, err error) uint32 {
	if err != nil || p == nil {
		t.at = t.fail.end(err)
		return t.at
	}
	t.at, t.freq = uint32(p.Number()), p.Frequency()
	return t.at
}

func (t *termIter) next() uint32 {
	if t.at == end {
		return end
	}
	return t.set(t.it.Next())
}

func (t *termIter) seek(doc uint32) uint32 {
	if t.at >= doc && t.at != before {
		return t.at
	}
	return t.set(t.it.Advance(uint64(doc)))
}

// before is where an iterator stands before its first document. No segment has that many.
const before = end - 1

func (t *termIter) score() float64 {
	return bm25(t.weight, t.b, float64(t.freq), float64(t.lengths[t.at]), t.mean)
}

// unionIter goes through the documents that at least least of its parts match. Scores are joined by dis-max: the best part, and
// tie times the rest. With tie 1 that is their sum. Unlike Bleve's disjunction it does not multiply by the share of parts that
// matched, which punishes a record for being in one language.
type unionIter struct {
	parts []iter
	docs  []uint32 // where each part stands
	at    uint32
	least int
	tie   float64
}

func newUnion(parts []iter, least int, tie float64) iter {
	if len(parts) == 1 && least <= 1 {
		return parts[0]
	}
	u := &unionIter{parts: parts, docs: make([]uint32, len(parts)), at: before, least: least, tie: tie}
	for i := range u.docs {
		u.docs[i] = before
	}
	return u
}

func (u *unionIter) next() uint32 {
	for {
		lowest := uint32(end)
		for i, d := range u.docs {
			if d == before || d == u.at && d != end {
				d = u.parts[i].next()
				u.docs[i] = d
			}
			lowest = min(lowest, d)
		}
		u.at = lowest
		if u.at == end || u.enough() {
			return u.at
		}
	}
}

func (u *unionIter) seek(doc uint32) uint32 {
	if u.at != before && u.at >= doc {
		return u.at
	}
	lowest := uint32(end)
	for i, d := range u.docs {
		if d == before || d < doc {
			d = u.parts[i].seek(doc)
			u.docs[i] = d
		}
		lowest = min(lowest, d)
	}
	u.at = lowest
	if u.at == end || u.enough() {
		return u.at
	}
	return u.next()
}

func (u *unionIter) enough() bool {
	if u.least <= 1 {
		return true
	}
	n := 0
	for _, d := range u.docs {
		if d == u.at {
			n++
		}
	}
	return n >= u.least
}

func (u *unionIter) score() float64 {
	best, sum := 0.0, 0.0
	for i, d := range u.docs {
		if d == u.at {
			s := u.parts[i].score()
			sum += s
			best = max(best, s)
		}
	}
	return best + u.tie*(sum-best)
}

// allOfIter goes through the documents that all of must match; the score is the sum of them, and of those of may that match too.
type allOfIter struct {
	must []iter
	may  iter // or nil
	at   uint32
}

func (a *allOfIter) next() uint32 { return a.align(a.must[0].next()) }

func (a *allOfIter) seek(doc uint32) uint32 { return a.align(a.must[0].seek(doc)) }

func (a *allOfIter) align(doc uint32) uint32 {
	for i := 1; i < len(a.must) && doc != end; {
		d := a.must[i].seek(doc)
		if d == doc {
			i++
			continue
		}
		if doc = d; d != end {
			doc = a.must[0].seek(d)
		}
		i = 1
	}
	a.at = doc
	return doc
}

func (a *allOfIter) score() float64 {
	s := 0.0
	for _, m := range a.must {
		s += m.score()
	}
	if a.may != nil && a.may.seek(a.at) == a.at {
		s += a.may.score()
	}
	return s
}

// withoutIter goes through the documents of it that none of not matches.
type withoutIter struct {
	iter
	not []iter
}

func (w *withoutIter) next() uint32 { return w.skip(w.iter.next()) }

func (w *withoutIter) seek(doc uint32) uint32 { return w.skip(w.iter.seek(doc)) }

func (w *withoutIter) skip(doc uint32) uint32 {
	for ; doc != end; doc = w.iter.next() {
		if !slices.ContainsFunc(w.not, func(n iter) bool { return n.seek(doc) == doc }) {
			return doc
		}
	}
	return end
}

// everyIter goes through every document of a segment that is not deleted.
type everyIter struct {
	at      uint32
	n       uint32
	deleted *roaring.Bitmap
}

func (e *everyIter) next() uint32 {
	if e.at == before {
		return e.seek(0)
	}
	return e.seek(e.at + 1)
}

func (e *everyIter) seek(doc uint32) uint32 {
	if e.at != before && e.at >= doc {
		return e.at
	}
	for e.at = doc; e.at < e.n; e.at++ {
		if e.deleted == nil || !e.deleted.Contains(e.at) {
			return e.at
		}
	}
	e.at = end
	return end
}

func (e *everyIter) score() float64 { return 0 }

// noneIter matches nothing.
type noneIter struct{}

func (noneIter) next() uint32       { return end }
func (noneIter) seek(uint32) uint32 { return end }
func (noneIter) score() float64     { return 0 }

// phraseIter goes through the documents that have terms at fixed distances in one text.
type phraseIter struct {
	fail    *failure
	all     allOfIter
	places  []segment.PostingsIterator // with locations, one a term
	offsets []int                      // of each term from the first
	freq    int
	weight  float64
	b       float64
	lengths []uint32
	mean    float64
}

func (p *phraseIter) next() uint32 { return p.find(p.all.next()) }

func (p *phraseIter) seek(doc uint32) uint32 {
	if p.all.at != before && p.all.at >= doc {
		return p.all.at
	}
	return p.find(p.all.seek(doc))
}

func (p *phraseIter) find(doc uint32) uint32 {
	for ; doc != end; doc = p.all.next() {
		at, err := positionsAt(p.places, p.offsets, doc)
		if err != nil {
			p.all.at = p.fail.end(err)
			return end
		}
		if p.freq = len(at); p.freq > 0 {
			return doc
		}
	}
	return end
}

func (p *phraseIter) score() float64 {
	return bm25(p.weight, p.b, float64(p.freq), float64(p.lengths[p.all.at]), p.mean)
}

// positionsAt returns where the terms stand at their distances in a document: the positions of the first, ascending. The iterators
// must not have passed it.
func positionsAt(places []segment.PostingsIterator, offsets []int, doc uint32) ([]int, error) {
	var runs []int
	for i, it := range places {
		p, err := it.Advance(uint64(doc))
		if err != nil || p == nil || uint32(p.Number()) != doc {
			return nil, err
		}
		own := make([]int, 0, len(p.Locations()))
		for _, l := range p.Locations() {
			own = append(own, unpack(l.Pos(), l.Start(), l.End())-offsets[i])
		}
		slices.Sort(own) // Bleve keeps them in order; nothing here depends on it
		if i == 0 {
			runs = own
			continue
		}
		kept, n := runs[:0], 0
		for _, at := range runs {
			for n < len(own) && own[n] < at {
				n++
			}
			if n < len(own) && own[n] == at {
				kept = append(kept, at)
			}
		}
		if runs = kept; len(runs) == 0 {
			return nil, nil
		}
	}
	return runs, nil
}
