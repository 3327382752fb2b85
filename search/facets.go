package search

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"versme/hub"
)

// facet counts the values of a field over everything found, most frequent first.
func (f *found) facet(field hub.FacetField) []hub.Count {
	counts := map[string]int{}
	switch field {
	case hub.FacetYear:
		var change [10001]int // of the count, from one year to the next
		f.each(field, func(c *columns, d uint32) {
			if first, last := c.years(d, f.req.Now); first != 0 {
				change[first]++
				change[min(last, 9999)+1]--
			}
		})
		n := 0
		for y, d := range change {
			if n += d; n > 0 {
				counts[strconv.Itoa(y)] = n
			}
		}
	case hub.FacetEvidence:
		var exact [8]int
		f.each(field, func(c *columns, d uint32) { exact[c.level[d]]++ })
		n := 0
		for l := len(hub.EvidenceLevels); l > 0; l-- { // the filter takes a level and everything above it
			if n += exact[l]; n > 0 {
				counts[string(hub.EvidenceLevels[l-1])] = n
			}
		}
	default:
		for i, c := range f.view.columns {
			v := c.field(columnOf[field], f.req.Vocabulary)
			sums := make([]int, len(v.names))
			f.eachIn(i, field, func(d uint32) {
				for _, n := range v.of(d) {
					sums[n]++
				}
			})
			for n, sum := range sums {
				if sum > 0 {
					counts[v.names[n]] += sum
				}
			}
		}
	}
	all := make([]hub.Count, 0, len(counts))
	for v, n := range counts {
		all = append(all, hub.Count{Value: v, Count: n})
	}
	slices.SortFunc(all, func(a, b hub.Count) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
	})
	return all
}

// each calls fn with everything that the facet of a field counts: what was found, and what fails the filter in that field alone.
func (f *found) each(field hub.FacetField, fn func(c *columns, doc uint32)) {
	for i, c := range f.view.columns {
		f.eachIn(i, field, func(doc uint32) { fn(c, doc) })
	}
}

// eachIn is each for one segment.
func (f *found) eachIn(i int, field hub.FacetField, fn func(doc uint32)) {
	for _, d := range f.docs[i] {
		fn(d)
	}
	own := uint8(slices.Index(filterFields, field))
	for _, n := range f.near[i] {
		if n.failed == own {
			fn(n.doc)
		}
	}
}

// pairs counts the pairs of values of two fields over everything found.
func (f *found) pairs(rows, columns hub.FacetField) []hub.PairCount {
	type cell struct {
		n     int
		level uint8
	}
	type pair struct{ row, column string }
	cells := map[pair]cell{}
	for i, docs := range f.docs {
		rows, columns := f.numbered(i, rows), f.numbered(i, columns)
		own := map[[2]uint32]cell{} // of the segment, by number
		var rs, cs []uint32
		for _, d := range docs {
			rs, cs = rows.of(rs[:0], d), columns.of(cs[:0], d)
			level := f.view.columns[i].level[d]
			for _, r := range rs {
				for _, c := range cs {
					x := own[[2]uint32{r, c}]
					own[[2]uint32{r, c}] = cell{x.n + 1, max(x.level, level)}
				}
			}
		}
		for k, x := range own {
			p := pair{rows.name(k[0]), columns.name(k[1])}
			cells[p] = cell{cells[p].n + x.n, max(cells[p].level, x.level)}
		}
	}
	all := make([]hub.PairCount, 0, len(cells))
	for p, x := range cells {
		pc := hub.PairCount{Row: p.row, Column: p.column, Count: x.n}
		if x.level > 0 {
			pc.Strongest = hub.EvidenceLevels[x.level-1]
		}
		all = append(all, pc)
	}
	slices.SortFunc(all, func(a, b hub.PairCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Row, b.Row), strings.Compare(a.Column, b.Column))
	})
	return all
}

// numbered are the values of a field in one segment, as facets count them, by number.
type numbered struct {
	of   func(all []uint32, doc uint32) []uint32 // appends those of a document
	name func(n uint32) string
}

func (f *found) numbered(i int, field hub.FacetField) numbered {
	c := f.view.columns[i]
	switch field {
	case hub.FacetYear:
		return numbered{func(all []uint32, d uint32) []uint32 {
			if first, last := c.years(d, f.req.Now); first != 0 {
				for y := first; y <= last; y++ {
					all = append(all, uint32(y))
				}
			}
			return all
		}, func(n uint32) string { return strconv.Itoa(int(n)) }}
	case hub.FacetEvidence:
		return numbered{func(all []uint32, d uint32) []uint32 {
			for l := range c.level[d] {
				all = append(all, uint32(l))
			}
			return all
		}, func(n uint32) string { return string(hub.EvidenceLevels[n]) }}
	}
	v := c.field(columnOf[field], f.req.Vocabulary)
	return numbered{func(all []uint32, d uint32) []uint32 { return append(all, v.of(d)...) }, func(n uint32) string { return v.names[n] }}
}
