package search

import (
	"container/heap"
	"context"
	"slices"

	"github.com/google/uuid"

	"versme/hub"
)

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
	first := &top{o: o, size: r.Window.Size, backward: r.Window.Backward}
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
				first.offer(x)
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
	page := first.sorted()
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
		res.Hits = append(res.Hits, hub.Hit{ID: hub.ID(uuid.UUID(page[i].id).String()), Score: page[i].score, Cursor: cursor})
	}
	return res, nil
}

// top keeps the first (or, backward, the last) size candidates; its root is the one to give way.
type top struct {
	o        *ordering
	size     int
	backward bool
	all      []candidate
}

// Less tells whether one gives way before another.
func (t *top) Less(i, j int) bool { return t.worse(&t.all[i], &t.all[j]) }

func (t *top) worse(a, b *candidate) bool {
	d := t.o.compare(a, b)
	if t.backward {
		return d < 0
	}
	return d > 0
}

// Len, Swap, Push and Pop are what container/heap needs besides.
func (t *top) Len() int      { return len(t.all) }
func (t *top) Swap(i, j int) { t.all[i], t.all[j] = t.all[j], t.all[i] }
func (t *top) Push(x any)    { t.all = append(t.all, x.(candidate)) }
func (t *top) Pop() any {
	last := t.all[len(t.all)-1]
	t.all = t.all[:len(t.all)-1]
	return last
}

func (t *top) offer(x candidate) {
	switch {
	case len(t.all) < t.size:
		heap.Push(t, x)
	case t.size > 0 && t.worse(&t.all[0], &x):
		t.all[0] = x
		heap.Fix(t, 0)
	}
}

func (t *top) sorted() []candidate {
	slices.SortFunc(t.all, func(a, b candidate) int { return t.o.compare(&a, &b) })
	return t.all
}
