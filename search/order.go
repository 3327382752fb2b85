package search

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"versme/hub"
)

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
	c := hub.Cursor{Order: string(o.order), ID: hub.ID(uuid.UUID(x.id).String())}
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

// uuidOf packs an id. What is none gives the nil UUID: as a cursor it is a place as good as any, as a record it is not found.
func uuidOf(id hub.ID) uuid.UUID {
	u, err := uuid.Parse(string(id))
	if err != nil {
		return uuid.Nil
	}
	return u
}
