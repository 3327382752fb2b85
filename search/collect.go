package search

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"versme/hub"
)

// filterFields are the fields that a filter narrows and a facet counts. A record that fails the filter in one field alone is
// not found, but is counted by the facet of that field: a facet's own choice does not narrow it.
var filterFields = []hub.FacetField{hub.FacetType, hub.FacetCountry, hub.FacetTheme, hub.FacetSector, hub.FacetDomain, hub.FacetTargetGroup,
	hub.FacetLanguage, hub.FacetYear, hub.FacetEvidence, hub.FacetOrganisation}

// columnOf are the columns of the fields that hold values.
var columnOf = map[hub.FacetField]string{hub.FacetType: fieldType, hub.FacetCountry: fieldCountry, hub.FacetTheme: fieldTheme, hub.FacetSector: fieldSector,
	hub.FacetDomain: fieldDomain, hub.FacetTargetGroup: fieldTarget, hub.FacetLanguage: fieldLanguage, hub.FacetOrganisation: fieldOrganisation}

// criteria is a filter, ready for one segment.
type criteria struct {
	tests []test
	plan  *plan // for the years of the query itself: never a facet's own choice
	c     *columns
	now   int
}

// test is the filter of one field.
type test struct {
	field uint8 // place in filterFields
	v     *values
	pass  []bool // by number of the value
	from  int
	to    int
	level uint8
}

// wanted returns the values asked for in each field.
func wanted(r *hub.SearchRequest) map[hub.FacetField][]string {
	w := make(map[hub.FacetField][]string, len(filterFields))
	for _, f := range filterFields {
		w[f] = r.Filter.Values(f)
	}
	if r.Filter.Organisation != nil {
		w[hub.FacetOrganisation] = []string{r.OrgSlug} // as records name it
	}
	return w
}

func criteriaFor(r *hub.SearchRequest, w map[hub.FacetField][]string, p *plan, c *columns) *criteria {
	k := &criteria{plan: p, c: c, now: r.Now}
	for i, f := range filterFields {
		t := test{field: uint8(i)}
		switch f {
		case hub.FacetYear:
			y := r.Filter.Year
			if y == nil || y.From == nil && y.To == nil {
				continue
			}
			t.to = 9999
			if y.From != nil {
				t.from = *y.From
			}
			if y.To != nil {
				t.to = *y.To
			}
		case hub.FacetEvidence:
			if r.Filter.EvidenceAtLeast == nil {
				continue
			}
			t.level = uint8(slices.Index(hub.EvidenceLevels, *r.Filter.EvidenceAtLeast) + 1)
		default:
			if len(w[f]) == 0 {
				continue
			}
			t.v = c.field(columnOf[f], r.Vocabulary)
			t.pass = make([]bool, len(t.v.names))
			for n, name := range t.v.names {
				t.pass[n] = slices.Contains(w[f], name)
			}
		}
		k.tests = append(k.tests, t)
	}
	return k
}

// none is the field that a record fails in when it fails in no field.
const none = 255

// judge tells whether a record passes (none), fails in one field alone (its place in filterFields), or is out.
func (k *criteria) judge(doc uint32) (failed uint8, out bool) {
	ran := func(y Year) bool { return k.ran(doc, y.From, cmp.Or(y.To, 9999)) }
	for _, y := range k.plan.in {
		if !ran(y) {
			return none, true
		}
	}
	if slices.ContainsFunc(k.plan.notIn, ran) {
		return none, true
	}
	failed = none
	for i := range k.tests {
		if !k.passes(&k.tests[i], doc) {
			if failed != none {
				return none, true
			}
			failed = k.tests[i].field
		}
	}
	return failed, false
}

func (k *criteria) passes(t *test, doc uint32) bool {
	switch {
	case t.level > 0:
		return k.c.level[doc] >= t.level
	case t.v != nil:
		return slices.ContainsFunc(t.v.of(doc), func(n uint32) bool { return t.pass[n] })
	}
	return k.ran(doc, t.from, t.to)
}

// ran tells whether a record's years meet a span.
func (k *criteria) ran(doc uint32, from, to int) bool {
	first, last := k.c.years(doc, k.now)
	return first != 0 && first <= to && last >= from
}

// years returns the first and last year of a record; one that still runs does so this year.
func (c *columns) years(doc uint32, now int) (first, last int) {
	first, last = int(c.from[doc]), int(c.to[doc])
	if first != 0 && last == 0 {
		last = max(first, now)
	}
	return first, last
}

// found is everything that a search matched.
type found struct {
	view *view
	docs [][]uint32 // by segment
	near [][]near   // by segment: what fails the filter in one field alone
	req  hub.SearchRequest
}

type near struct {
	doc    uint32
	failed uint8
}

// candidate is one record that may be on the page.
type candidate struct {
	seg   int // -1 for a place that a cursor names
	doc   uint32
	score float64
	num   uint64 // the sort key of orders by date
	key   []byte // the beginning of that of the order by title
	title string // all of it, of a place that a cursor names
	id    [16]byte
}

// ordering compares candidates.
type ordering struct {
	order hub.SearchOrder
	view  *view
	in    []string // languages of titles
	loose *collate.Collator
	full  *collate.Collator
	keys  [][]byte // beginnings of the collation keys of the segment at hand
}

func newOrdering(order hub.SearchOrder, in []hub.Language, v *view) *ordering {
	o := &ordering{order: order, view: v}
	if order == hub.SearchOrder(hub.OrderTitle) {
		tag := language.Und
		if o.in = servedIn(in, v); len(o.in) > 0 {
			tag = language.Make(o.in[0])
		}
		// Loose keys have primary weights alone (no diacritics, no case); ties are settled by full comparison.
		o.loose, o.full = collate.New(tag, collate.Loose), collate.New(tag)
	}
	return o
}

// servedIn reduces a reader's languages to those that titles are in, in order, each followed by others of the same language.
func servedIn(in []hub.Language, v *view) []string {
	have := map[string]bool{}
	for _, c := range v.columns {
		for l := range c.titles {
			have[l] = true
		}
	}
	var all []string
	for _, l := range in {
		if have[string(l)] && !slices.Contains(all, string(l)) {
			all = append(all, string(l))
		}
		base, _, _ := strings.Cut(string(l), "-")
		for _, h := range slices.Sorted(maps.Keys(have)) {
			if b, _, _ := strings.Cut(h, "-"); b == base && !slices.Contains(all, h) {
				all = append(all, h)
			}
		}
	}
	return all
}

// enter makes a segment the one at hand.
func (o *ordering) enter(c *columns) {
	if o.loose != nil {
		o.keys = c.titleKeys(o.in, o.loose)
	}
}

// fill gives a candidate of the segment at hand its sort key.
func (o *ordering) fill(x *candidate, c *columns) {
	x.id = c.ids[x.doc]
	switch o.order {
	case hub.SearchOrder(hub.OrderNewest):
		x.num = uint64(c.date[x.doc])
	case hub.SearchOrder(hub.OrderOldest):
		if x.num = uint64(c.date[x.doc]); x.num == 0 {
			x.num = 1 << 32 // undated last
		}
	case hub.SearchOrder(hub.OrderRecentlyUpdated):
		x.num = c.updated[x.doc]
	case hub.SearchOrder(hub.OrderTitle):
		x.key = o.keys[x.doc]
	}
}

// title returns all of a candidate's title.
func (o *ordering) title(x *candidate) string {
	if x.seg < 0 {
		return x.title
	}
	return o.view.columns[x.seg].titleFor(x.doc, o.in)
}

// compare is negative where a stands before b.
func (o *ordering) compare(a, b *candidate) int {
	d := 0
	switch o.order {
	case hub.ByRelevance:
		d = cmp.Compare(b.score, a.score)
	case hub.SearchOrder(hub.OrderOldest):
		d = cmp.Compare(a.num, b.num)
	case hub.SearchOrder(hub.OrderTitle):
		if d = bytes.Compare(a.key, b.key); d == 0 {
			x, y := o.title(a), o.title(b)
			d = cmp.Or(o.full.CompareString(x, y), strings.Compare(x, y))
		}
	default:
		d = cmp.Compare(b.num, a.num)
	}
	if d == 0 {
		d = bytes.Compare(a.id[:], b.id[:])
	}
	return d
}

// cursor returns the place of a candidate.
func (o *ordering) cursor(x *candidate) hub.Cursor {
	c := hub.Cursor{Order: string(o.order), ID: hub.ID(uuid(x.id))}
	switch o.order {
	case hub.ByRelevance:
		c.Score = x.score
	case hub.SearchOrder(hub.OrderTitle):
		c.Key = []byte(o.title(x))
	default:
		c.Key = binary.BigEndian.AppendUint64(nil, x.num)
	}
	return c
}

// place turns a cursor back into a candidate to compare with.
func (o *ordering) place(c *hub.Cursor) *candidate {
	if c == nil {
		return nil
	}
	x := &candidate{seg: -1, score: c.Score, id: uuidOf(c.ID)}
	switch {
	case o.order == hub.SearchOrder(hub.OrderTitle):
		x.title = string(c.Key)
		x.key = primary(o.loose, x.title)
	case len(c.Key) == 8:
		x.num = binary.BigEndian.Uint64(c.Key)
	}
	return x
}

// uuidOf packs an id. What is none gives some bytes: as a cursor it is a place as good as any, as a record it is not found.
func uuidOf(id hub.ID) (b [16]byte) {
	hexadecimal := strings.ReplaceAll(string(id), "-", "")
	if len(hexadecimal) == 32 {
		_, _ = hex.Decode(b[:], []byte(hexadecimal))
	}
	return b
}

func uuid(b [16]byte) string {
	s := hex.EncodeToString(b[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// everyDocs is after how many documents a search looks whether it is still wanted.
const everyDocs = 4096

// collect goes through everything that the plan matches, once.
func collect(ctx context.Context, v *view, p *plan, r hub.SearchRequest) (*hub.SearchResult, error) {
	if r.Order == hub.ByRelevance && p.empty {
		return collectIn(ctx, v, p, r, hub.SearchOrder(hub.OrderNewest))
	}
	return collectIn(ctx, v, p, r, r.Order)
}

// collectIn is collect in an order that may differ from the one that the cursors are named after: without words there is no relevance.
func collectIn(ctx context.Context, v *view, p *plan, r hub.SearchRequest, order hub.SearchOrder) (*hub.SearchResult, error) {
	o := newOrdering(order, r.Languages, v)
	f := &found{view: v, docs: make([][]uint32, len(v.segments)), near: make([][]near, len(v.segments)), req: r}
	top := &heap{o: o, size: r.Window.Size, backward: r.Window.Backward}
	after, before := o.place(r.Window.After), o.place(r.Window.Before)
	visited, total, earlier, later := 0, 0, 0, 0
	w := wanted(&r)
	var docs []uint32 // of the segment at hand
	for i, c := range v.columns {
		docs = docs[:0]
		o.enter(c)
		k := criteriaFor(&r, w, p, c)
		fail := &failure{}
		it := p.open(v, i, fail)
		for doc := it.next(); doc != end; doc = it.next() {
			if visited++; visited%everyDocs == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			failed, out := k.judge(doc)
			if out {
				continue
			}
			if failed != none {
				f.near[i] = append(f.near[i], near{doc, failed})
				continue
			}
			docs = append(docs, doc)
			total++
			x := candidate{seg: i, doc: doc, score: it.score()}
			o.fill(&x, c)
			switch {
			case after != nil && o.compare(&x, after) <= 0:
				earlier++
			case before != nil && o.compare(&x, before) >= 0:
				later++
			default:
				top.offer(x)
			}
		}
		if fail.err != nil {
			return nil, fail.err
		}
		f.docs[i] = slices.Clone(docs)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	page := top.sorted()
	res := &hub.SearchResult{Total: total, Facet: f.facet, Pairs: f.pairs}
	inWindow := total - earlier - later
	if r.Window.Backward {
		res.HasBefore, res.HasNext = earlier > 0 || inWindow > len(page), later > 0
	} else {
		res.HasBefore, res.HasNext = earlier > 0, later > 0 || inWindow > len(page)
	}
	for i := range page {
		cursor := o.cursor(&page[i])
		cursor.Order = string(r.Order)
		res.Hits = append(res.Hits, hub.Hit{ID: hub.ID(uuid(page[i].id)), Score: page[i].score, Cursor: cursor})
	}
	return res, nil
}

// heap keeps the first (or, backward, the last) size candidates; its root is the one to give way.
type heap struct {
	o        *ordering
	size     int
	backward bool
	all      []candidate
}

// worse tells whether a gives way before b.
func (h *heap) worse(a, b *candidate) bool {
	d := h.o.compare(a, b)
	if h.backward {
		return d < 0
	}
	return d > 0
}

func (h *heap) offer(x candidate) {
	if len(h.all) < h.size {
		h.all = append(h.all, x)
		for i := len(h.all) - 1; i > 0; {
			parent := (i - 1) / 2
			if !h.worse(&h.all[i], &h.all[parent]) {
				break
			}
			h.all[i], h.all[parent] = h.all[parent], h.all[i]
			i = parent
		}
		return
	}
	if h.size == 0 || !h.worse(&h.all[0], &x) {
		return
	}
	h.all[0] = x
	for i := 0; ; {
		worst := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h.all); child++ {
			if h.worse(&h.all[child], &h.all[worst]) {
				worst = child
			}
		}
		if worst == i {
			return
		}
		h.all[i], h.all[worst] = h.all[worst], h.all[i]
		i = worst
	}
}

func (h *heap) sorted() []candidate {
	slices.SortFunc(h.all, func(a, b candidate) int { return h.o.compare(&a, &b) })
	return h.all
}

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
