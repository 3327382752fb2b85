package search

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	segment "github.com/blevesearch/scorch_segment_api/v2"

	"versme/hub"
	"versme/search/analysis"
)

// Highlights of one record.
const (
	MaxHighlights = 3    // fragments of one record
	MaxPlaces     = 1000 // occurrences of one term looked at in one record: the first
	fragmentWords = 30   // from the first match of a fragment to its last
	fragmentBytes = 240  // of text in a fragment, about
	leadBytes     = 60   // of text before its first match
)

// occurrence is where a unit of the query stands in a field of a record.
type occurrence struct {
	position int // of its first word
	words    int // from the first to the last
	unit     int // which part of the query
}

// fragment is a group of occurrences near each other, in one field.
type fragment struct {
	record int
	field  string
	marks  []mark
	all    []occurrence
	units  int // how many different parts of the query
}

// highlights chooses the best fragments of each record by the positions in the index, then reads and analyses just those stretches of
// text again to find where in them the words stand.
func highlights(ctx context.Context, v *view, p *plan, records []hub.Record, in []hub.Language, read func([]hub.Excerpt) ([]string, error)) ([][]*hub.Highlight, error) {
	chosen, err := chooseFragments(ctx, v, p, records, in)
	if err != nil {
		return nil, err
	}
	windows := make([]window, len(chosen))
	var far []hub.Excerpt
	for i, f := range chosen {
		w, excerpt := windowOf(f, records[f.record])
		if excerpt != nil {
			w.far = len(far)
			far = append(far, *excerpt)
		}
		windows[i] = w
	}
	var texts []string
	if len(far) > 0 {
		if texts, err = read(far); err != nil {
			return nil, err
		}
	}
	all := make([][]*hub.Highlight, len(records))
	for i, f := range chosen {
		w := &windows[i]
		if w.far >= 0 {
			w.text += texts[w.far]
		}
		if h := w.highlight(f); h != nil {
			all[f.record] = append(all[f.record], h)
		}
	}
	return all, nil
}

// chooseFragments finds the occurrences of every part of the query in the records, and returns the best groups of each.
func chooseFragments(ctx context.Context, v *view, p *plan, records []hub.Record, in []hub.Language) ([]fragment, error) {
	ids := make([]string, len(records))
	where := make(map[[16]byte]int, len(records))
	for i, r := range records {
		ids[i] = string(r.NodeID())
		where[uuidOf(r.NodeID())] = i
	}
	var chosen []fragment
	for seg, c := range v.columns {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		bitmap, err := v.segments[seg].DocNumbers(ids)
		if err != nil {
			return nil, err
		}
		docs := bitmap.ToArray()
		if len(docs) == 0 {
			continue
		}
		found := make([]map[string][]occurrence, len(docs)) // by field
		for unit, n := range slices.Concat(p.must, p.units) {
			n.leaves(func(l *leaf) {
				if err == nil {
					err = l.occurrences(seg, unit, docs, found)
				}
			})
			if err != nil {
				return nil, err
			}
		}
		for i, doc := range docs {
			if len(found[i]) == 0 {
				continue
			}
			marks, err := marksOf(v.segments[seg].Segment(), doc)
			if err != nil {
				return nil, err
			}
			chosen = append(chosen, best3(where[c.ids[doc]], found[i], marks, in)...)
		}
	}
	return chosen, nil
}

// occurrences adds where a leaf stands in some documents of a segment.
func (l *leaf) occurrences(seg, unit int, docs []uint32, found []map[string][]occurrence) error {
	places := make([]segment.PostingsIterator, len(l.terms))
	plain := make([]segment.PostingsIterator, len(l.terms))
	at := make([]uint32, len(l.terms))
	for i, t := range l.terms {
		if t.lists[seg].Count() == 0 {
			return nil
		}
		plain[i] = t.lists[seg].Iterator(false, false, false, nil)
		places[i] = t.lists[seg].Iterator(true, false, true, nil)
		at[i] = before
	}
	for n, doc := range docs {
		has := true
		for i := range plain {
			if at[i] == before || at[i] < doc {
				p, err := plain[i].Advance(uint64(doc))
				if err != nil {
					return err
				}
				if at[i] = end; p != nil {
					at[i] = uint32(p.Number())
				}
			}
			has = has && at[i] == doc
		}
		if !has {
			continue
		}
		positions, err := positionsAt(places, l.offsets, doc)
		if err != nil {
			return err
		}
		field := l.terms[0].field
		if found[n] == nil {
			found[n] = map[string][]occurrence{}
		}
		positions = positions[:min(MaxPlaces, len(positions))]
		all := slices.Grow(found[n][field], len(positions))
		for _, position := range positions {
			all = append(all, occurrence{position, l.offsets[len(l.offsets)-1] + 1, unit})
		}
		found[n][field] = all
	}
	return nil
}

// marksOf reads the marks of a document.
func marksOf(s segment.Segment, doc uint32) (marks map[string][]mark, err error) {
	err = s.VisitStoredFields(uint64(doc), func(field string, _ byte, value []byte, _ []uint64) bool {
		if field == fieldMarks {
			marks = readMarks(value)
		}
		return true
	})
	return marks, err
}

// best3 groups the occurrences in a record and returns the best groups: first of the reader's languages, then those with most parts of
// the query, then titles before summaries before bodies, then those with most occurrences, then the first.
func best3(record int, found map[string][]occurrence, marks map[string][]mark, in []hub.Language) []fragment {
	var all []fragment
	for field, places := range found {
		slices.SortFunc(places, func(a, b occurrence) int { return cmp.Or(a.position-b.position, b.words-a.words) })
		for i := 0; i < len(places); {
			first := i
			seen := map[int]bool{}
			for ; i < len(places) && places[i].position-places[first].position < fragmentWords; i++ {
				seen[places[i].unit] = true
			}
			all = append(all, fragment{record, field, marks[field], places[first:i], len(seen)})
		}
	}
	wanted := func(field string) int {
		l := hub.Language(field[strings.IndexByte(field, '.')+1:])
		for i, want := range in {
			if want == l {
				return i
			}
		}
		return len(in)
	}
	class := func(field string) int {
		return slices.IndexFunc(textClasses, func(c string) bool { return strings.HasPrefix(field, c) })
	}
	slices.SortFunc(all, func(a, b fragment) int {
		return cmp.Or(wanted(a.field)-wanted(b.field), b.units-a.units, class(a.field)-class(b.field), len(b.all)-len(a.all),
			strings.Compare(a.field, b.field), a.all[0].position-b.all[0].position)
	})
	return all[:min(MaxHighlights, len(all))]
}

// window is the stretch of a field's text that a fragment is cut from.
type window struct {
	layout *layout // nil where the record no longer has the field
	begin  int     // of text, in the field: a mark, so that it is the beginning of a word
	from   mark    // where analysis begins, in the field
	to     int     // where it may end, in the field; -1 for the end of the text
	text   string  // what the record carries of it, then what is read
	far    int     // place of its end in what is read; -1 where the record carries all of it
}

// reach is how much text is read behind the last mark that is needed, so that a fragment can end at a word.
const reach = fragmentBytes + 16

// windowOf works out which stretch of text a fragment needs, and what of that must be read; nil where the record carries it all.
func windowOf(f fragment, r hub.Record) (window, *hub.Excerpt) {
	w := window{from: mark{position: 1}, to: -1, far: -1}
	for _, x := range layoutOf(r) {
		if x.field == f.field {
			w.layout = x
		}
	}
	if w.layout == nil {
		return w, nil // the record has changed since it was indexed
	}
	first, last := f.all[0].position, 0
	for _, o := range f.all {
		last = max(last, o.position+o.words)
	}
	if i := sort.Search(len(f.marks), func(i int) bool { return f.marks[i].position > first }); i > 0 {
		w.from = f.marks[i-1]
		if i > 1 {
			w.begin = f.marks[i-2].offset
		}
	}
	end := w.from.offset + 1<<20 // behind the last mark there are fewer than markWords words; a word has its limit too
	if i := sort.Search(len(f.marks), func(i int) bool { return f.marks[i].position > last }); i < len(f.marks) {
		w.to = f.marks[i].offset
		end = w.to + reach
	}
	near := w.layout.text()
	w.text = near[min(w.begin, len(near)):min(end, len(near))]
	whole := w.layout.pieces[len(w.layout.pieces)-1]
	if whole.length >= 0 || end <= whole.start {
		return w, nil
	}
	return w, &hub.Excerpt{ID: r.NodeID(), Language: w.layout.language, Start: max(0, w.begin-whole.start), End: end - whole.start}
}

// highlight finds the words of a fragment in its stretch of text and cuts it; nil where the text is no longer what was indexed.
func (w *window) highlight(f fragment) *hub.Highlight {
	if w.layout == nil {
		return nil
	}
	skip := w.from.offset - w.begin // of the text, before analysis begins
	if skip > len(w.text) || w.text != "" && !utf8.RuneStart(w.text[0]) || skip < len(w.text) && !utf8.RuneStart(w.text[skip]) {
		return nil
	}
	stop := len(w.text) // of analysis: behind the next mark there is no word of the fragment
	if w.to >= 0 {
		stop = min(stop, w.to-w.begin)
	}
	if stop < skip {
		return nil
	}
	tokens := analysis.For(string(w.layout.language)).Analyze([]byte(w.text[skip:stop]))
	if len(tokens) == 0 {
		return nil
	}
	shift := w.from.position - tokens[0].Position
	if w.from.offset == 0 && w.from.position == 1 {
		shift = 0 // from the very beginning, where stop words may stand
	}
	var ranges []hub.Range // in w.text
	for _, o := range f.all {
		r := hub.Range{Start: -1}
		for _, t := range tokens {
			if at := t.Position + shift; at >= o.position && at < o.position+o.words {
				if r.Start < 0 {
					r.Start = skip + t.Start
				}
				r.End = skip + t.End
			}
		}
		if r.Start < 0 {
			continue
		}
		if n := len(ranges); n > 0 && r.Start < ranges[n-1].End {
			ranges[n-1].End = max(ranges[n-1].End, r.End)
			continue
		}
		ranges = append(ranges, r)
	}
	// Keep what stands in the same text as the first.
	var p piece
	at := func(r hub.Range) (piece, bool) {
		field := w.begin + r.Start
		for _, p := range w.layout.pieces {
			if field >= p.start && (p.length < 0 || field < p.start+p.length) {
				return p, true
			}
		}
		return piece{}, false
	}
	kept := ranges[:0]
	for _, r := range ranges {
		own, ok := at(r)
		if !ok || own.name == "" {
			continue
		}
		if len(kept) == 0 {
			p = own
		}
		if own.start == p.start {
			kept = append(kept, r)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	// The stretch may end within a word, or within a character.
	low, high := max(0, p.start-w.begin), len(w.text)
	if end := p.start + p.length - w.begin; p.length >= 0 && end <= high {
		high = end
	} else if w.to >= 0 {
		high = max(kept[len(kept)-1].End, strings.LastIndexAny(w.text, " \n"))
	}
	return cut(w.text, low, high, kept, p.name, w.layout.language)
}

// cut makes a highlight of the text between low and high: from a few words before the first match to the end of the line or some words
// behind the last, whole words only.
func cut(text string, low, high int, ranges []hub.Range, field string, l hub.Language) *hub.Highlight {
	first, last := ranges[0].Start, ranges[len(ranges)-1].End
	if first < low || last > high {
		return nil
	}
	begin := max(low, first-leadBytes)
	if i := strings.LastIndexByte(text[begin:first], '\n'); i >= 0 {
		begin += i + 1
	} else if begin > low {
		if i := strings.IndexByte(text[begin:first], ' '); i >= 0 {
			begin += i + 1
		} else {
			begin = first
		}
	}
	end := min(high, max(last, begin+fragmentBytes))
	if i := strings.IndexByte(text[last:end], '\n'); i >= 0 {
		end = last + i
	} else if end < high {
		if i := strings.LastIndexByte(text[last:end], ' '); i >= 0 {
			end = last + i
		} else {
			end = last
		}
	}
	h := &hub.Highlight{Field: field, Language: l, Text: text[begin:end]}
	for _, r := range ranges {
		h.Ranges = append(h.Ranges, hub.Range{Start: r.Start - begin, End: r.End - begin})
	}
	return h
}
