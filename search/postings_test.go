package search

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
)

// listIter goes through a list, and fails the test that asks it to move back.
type listIter struct {
	t      *testing.T
	docs   []uint32
	worth  float64
	i      int
	at     uint32
	begun  bool
	scored int
}

func (l *listIter) stand() uint32 {
	l.at = end
	if l.i < len(l.docs) {
		l.at = l.docs[l.i]
	}
	return l.at
}

func (l *listIter) next() uint32 {
	if l.begun && l.i < len(l.docs) {
		l.i++
	}
	l.begun = true
	return l.stand()
}

func (l *listIter) seek(doc uint32) uint32 {
	if doc >= before {
		l.t.Errorf("seek(%d): there is no such document", doc)
	}
	l.begun = true
	for l.i < len(l.docs) && l.docs[l.i] < doc {
		l.i++
	}
	return l.stand()
}

func (l *listIter) score() float64 {
	if !l.begun || l.at == end {
		l.t.Error("score of no document")
	}
	l.scored++
	return l.worth * float64(l.at+1)
}

// lists makes random postings: some empty, some dense.
func lists(t *testing.T, rnd *rand.Rand, n int) (its []iter, docs [][]uint32) {
	const size = 60
	for i := range n {
		var some []uint32
		share := []float64{0, 0.03, 0.3, 0.9, 1}[rnd.IntN(5)]
		for d := range uint32(size) {
			if rnd.Float64() < share {
				some = append(some, d)
			}
		}
		docs = append(docs, some)
		its = append(its, &listIter{t: t, docs: some, worth: math.Pow(2, float64(i))})
	}
	return its, docs
}

// pair is a document and its score.
type pair struct {
	doc   uint32
	score float64
}

// walk goes through an iterator with next and seek by turns, and checks each step against what it should go through. Scores are asked
// for now and then, twice.
func walk(t *testing.T, rnd *rand.Rand, it iter, want []pair) {
	t.Helper()
	at, i := uint32(0), -1 // place in want
	seeks := rnd.Float64()
	var steps []string
	for {
		var got uint32
		if i < 0 && rnd.IntN(4) == 0 || i >= 0 && rnd.Float64() < seeks {
			to := at + uint32(rnd.IntN(8))
			if i < 0 {
				i = 0
			}
			for i < len(want) && want[i].doc < to {
				i++
			}
			steps = append(steps, fmt.Sprint("seek ", to))
			got = it.seek(to)
		} else {
			i++
			steps = append(steps, "next")
			got = it.next()
		}
		if i >= len(want) {
			if got != end || it.next() != end || it.seek(before-1) != end {
				t.Fatalf("%v: at %d, want the end; of %v", steps, got, want)
			}
			return
		}
		if got != want[i].doc {
			t.Fatalf("%v: at %d, want %d; of %v", steps, got, want[i].doc, want)
		}
		at = got
		for range rnd.IntN(3) {
			if s := it.score(); math.Abs(s-want[i].score) > 1e-9*want[i].score {
				t.Fatalf("%v: the score of %d is %v, want %v", steps, got, s, want[i].score)
			}
		}
	}
}

func TestIterators(t *testing.T) {
	const size = 60
	for seed := range uint64(3000) {
		func() {
			defer printSeed(t, seed)
			rnd := rand.New(rand.NewPCG(seed, 0))
			has := func(docs []uint32, d uint32) bool { return slices.Contains(docs, d) }
			worth := func(i int, d uint32) float64 { return math.Pow(2, float64(i)) * float64(d+1) }

			// A union of at least so many.
			its, docs := lists(t, rnd, 1+rnd.IntN(5))
			least, tie := 1+rnd.IntN(len(its)), []float64{0, 0.1, 1}[rnd.IntN(3)]
			var want []pair
			for d := range uint32(size) {
				n, best, sum := 0, 0.0, 0.0
				for i := range docs {
					if has(docs[i], d) {
						n++
						best = max(best, worth(i, d))
						sum += worth(i, d)
					}
				}
				if n >= least {
					want = append(want, pair{d, best + tie*(sum-best)})
				}
			}
			walk(t, rnd, newUnion(its, least, tie), want)

			// All of, with what may be there too.
			its, docs = lists(t, rnd, 2+rnd.IntN(4))
			all := &allOfIter{must: its[:len(its)-1], at: before}
			if rnd.IntN(2) == 0 {
				all.may = its[len(its)-1]
			}
			want = nil
			for d := range uint32(size) {
				n, sum := 0, 0.0
				for i := range all.must {
					if has(docs[i], d) {
						n++
						sum += worth(i, d)
					}
				}
				if last := len(its) - 1; all.may != nil && has(docs[last], d) {
					sum += worth(last, d)
				}
				if n == len(all.must) {
					want = append(want, pair{d, sum})
				}
			}
			walk(t, rnd, all, want)

			// Without.
			its, docs = lists(t, rnd, 1+rnd.IntN(4))
			want = nil
			for d := range uint32(size) {
				if has(docs[0], d) && !slices.ContainsFunc(docs[1:], func(not []uint32) bool { return has(not, d) }) {
					want = append(want, pair{d, worth(0, d)})
				}
			}
			walk(t, rnd, &withoutIter{its[0], its[1:]}, want)

			// Every document that is not deleted.
			every := &everyIter{at: before, n: size}
			want = nil
			if rnd.IntN(3) > 0 {
				_, docs = lists(t, rnd, 1)
				every.deleted = roaring.BitmapOf(docs[0]...)
			}
			for d := range uint32(size) {
				if every.deleted == nil || !every.deleted.Contains(d) {
					want = append(want, pair{d, 0})
				}
			}
			walk(t, rnd, every, want)

			// One within another.
			its, docs = lists(t, rnd, 5)
			want = nil
			for d := range uint32(size) {
				if (has(docs[0], d) || has(docs[1], d)) && has(docs[2], d) && !(has(docs[3], d) && has(docs[4], d)) {
					s := worth(2, d)
					for i := range 2 {
						if has(docs[i], d) {
							s += worth(i, d)
						}
					}
					want = append(want, pair{d, s})
				}
			}
			walk(t, rnd, &withoutIter{
				&allOfIter{must: []iter{newUnion(its[:2], 1, 1), its[2]}, at: before},
				[]iter{newUnion(its[3:5], 2, 1)},
			}, want)

			walk(t, rnd, noneIter{}, nil)
		}()
	}
}

// printSeed says with which seed a test failed. It is to be deferred.
func printSeed(t *testing.T, seed uint64) {
	if t.Failed() {
		t.Logf("failed with seed %d", seed)
	}
}
