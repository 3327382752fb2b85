package search

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/blevesearch/bleve/v2/index/scorch"
	segment "github.com/blevesearch/scorch_segment_api/v2"

	"versme/search/analysis"
)

// class says what a match in one class of text counts: the weight of its fields, and how much the length of a text counts against it
// (BM25's b). A long body often says many things; a long summary says more of the same.
type class struct{ weight, b float64 }

// The classes, and how much the parts of a dis-max that are not the best still count. Chosen on the starter's queries and the statutes
// (docs/benchmarks.md), not on one query.
var classes = map[string]class{
	fieldTitle:   {2.5, 0.3},
	fieldSummary: {1.2, 0.3},
	fieldBody:    {1.0, 0.75},
}

const tie = 0.2

// MaxExpansions is how many words a prefix stands for in one field: the most frequent.
const MaxExpansions = 64

// view is the index at one moment: its segments and their columns.
type view struct {
	segments []*scorch.SegmentSnapshot
	columns  []*columns
	docs     int                                 // records there are
	sums     map[string]fieldSum                 // of all segments, by text field
	dicts    map[string][]segment.TermDictionary // by field, one a segment
}

func newView(segments []*scorch.SegmentSnapshot, cols []*columns) *view {
	v := &view{segments: segments, columns: cols, sums: map[string]fieldSum{}, dicts: map[string][]segment.TermDictionary{}}
	for i, c := range cols {
		v.docs += int(segments[i].Count())
		for f, s := range c.sums {
			have := v.sums[f]
			v.sums[f] = fieldSum{have.docs + s.docs, have.bytes + s.bytes}
		}
	}
	return v
}

// textFieldsOf returns the text fields of a class that the collection has, such as body.en and body.lt.
func (v *view) textFieldsOf(class string) []string {
	var all []string
	for f := range v.sums {
		if strings.HasPrefix(f, class) {
			all = append(all, f)
		}
	}
	slices.Sort(all)
	return all
}

func (v *view) dictionaries(field string) ([]segment.TermDictionary, error) {
	if d := v.dicts[field]; d != nil {
		return d, nil
	}
	all := make([]segment.TermDictionary, len(v.segments))
	for i, s := range v.segments {
		d, err := s.Segment().Dictionary(field)
		if err != nil {
			return nil, err
		}
		all[i] = d
	}
	v.dicts[field] = all
	return all, nil
}

// term is one term in one field, found in every segment.
type term struct {
	field string
	text  string
	lists []segment.PostingsList // one a segment
	docs  int                    // that have it
}

// find looks a term up; nil where no document has it.
func (v *view) find(field, text string) (*term, error) {
	dicts, err := v.dictionaries(field)
	if err != nil {
		return nil, err
	}
	t := &term{field: field, text: text, lists: make([]segment.PostingsList, len(dicts))}
	for i, d := range dicts {
		l, err := d.PostingsList([]byte(text), v.segments[i].Deleted(), nil)
		if err != nil {
			return nil, err
		}
		t.lists[i] = l
		t.docs += int(l.Count())
	}
	if t.docs == 0 {
		return nil, nil
	}
	return t, nil
}

// node is a part of a plan: what a part of the query asks of the index.
type node interface {
	// open returns the matches in one segment.
	open(v *view, segment int, fail *failure) iter
	// leaves calls fn with every term and phrase.
	leaves(fn func(*leaf))
}

// leaf is a term in a field, or several in a row.
type leaf struct {
	terms   []*term
	offsets []int   // of each term from the first
	weight  float64 // of the field, times idf; see weigh
	b       float64 // of the field
	mean    float64 // bytes in the field of a document that has it
}

func (l *leaf) leaves(fn func(*leaf)) { fn(l) }

func (l *leaf) open(v *view, i int, fail *failure) iter {
	lengths := v.columns[i].lengths[l.terms[0].field]
	single := func(t *term) *termIter {
		return &termIter{fail: fail, it: t.lists[i].Iterator(true, false, false, nil), at: before, weight: l.weight, b: l.b, lengths: lengths, mean: l.mean}
	}
	for _, t := range l.terms {
		if t.lists[i].Count() == 0 {
			return noneIter{}
		}
	}
	if len(l.terms) == 1 {
		return single(l.terms[0])
	}
	p := &phraseIter{fail: fail, offsets: l.offsets, weight: l.weight, b: l.b, lengths: lengths, mean: l.mean}
	p.all.at = before
	for _, t := range l.terms {
		p.places = append(p.places, t.lists[i].Iterator(true, false, true, nil))
	}
	// The rarest leads, so that the others are asked for few documents.
	for _, t := range slices.SortedFunc(slices.Values(l.terms), func(a, b *term) int { return a.docs - b.docs }) {
		p.all.must = append(p.all.must, single(t))
	}
	return p
}

// best is a dis-max: one unit of the query, in every field and language.
type best []node

func (b best) leaves(fn func(*leaf)) {
	for _, n := range b {
		n.leaves(fn)
	}
}

func (b best) open(v *view, i int, fail *failure) iter {
	return newUnion(opened(b, v, i, fail), 1, tie)
}

func opened(nodes []node, v *view, i int, fail *failure) []iter {
	var all []iter
	for _, n := range nodes {
		if it := n.open(v, i, fail); it != (noneIter{}) {
			all = append(all, it)
		}
	}
	if len(all) == 0 {
		return []iter{noneIter{}}
	}
	return all
}

// plan is a whole query.
type plan struct {
	units []node // words: the more of them the better
	least int    // units that a record must have at least
	must  []node // phrases and titles
	not   []node
	in    []Year // years that a record must fall into
	notIn []Year // and must not
	empty bool   // the query has no words at all: everything matches
	never bool   // something must be there that no record has
}

// open returns the matches of the whole query in one segment.
func (p *plan) open(v *view, i int, fail *failure) iter {
	var root iter
	switch {
	case p.never:
		return noneIter{}
	case len(p.must) > 0:
		all := &allOfIter{at: before}
		for _, n := range p.must {
			all.must = append(all.must, n.open(v, i, fail))
		}
		if len(p.units) > 0 {
			all.may = newUnion(opened(p.units, v, i, fail), 1, 1)
		}
		root = all
	case p.empty:
		root = &everyIter{at: before, n: uint32(v.columns[i].n), deleted: v.segments[i].Deleted()}
	default:
		parts := opened(p.units, v, i, fail)
		if len(parts) < p.least {
			return noneIter{}
		}
		root = newUnion(parts, p.least, 1)
	}
	if len(p.not) == 0 {
		return root
	}
	return &withoutIter{root, opened(p.not, v, i, fail)}
}

// leastOf is how many of n words a record must have: one of two, and of more about a third, so that a long question is not
// answered by whatever has its commonest word.
func leastOf(n int) int { return max(1, (n+2)/3) }

// planFor turns a query into a plan for the index as it is now.
func planFor(v *view, q Words) (*plan, error) {
	p := &plan{empty: true}
	seen := map[string]bool{}
	for _, c := range q {
		switch c := c.(type) {
		case Year:
			p.in = append(p.in, c)
			continue
		case Not:
			if y, is := c.Query.(Year); is {
				p.notIn = append(p.notIn, y)
				continue
			}
			n, err := unit(v, c.Query)
			if err != nil {
				return nil, err
			}
			if n != nil {
				p.not = append(p.not, n)
			}
			continue
		}
		if s := c.String(); seen[s] {
			continue
		} else {
			seen[s] = true
		}
		p.empty = false
		n, err := unit(v, c)
		if err != nil {
			return nil, err
		}
		switch c.(type) {
		case Phrase, Title:
			if n == nil {
				p.never = true
			} else {
				p.must = append(p.must, n)
			}
		default:
			if n != nil {
				p.units = append(p.units, n)
			}
		}
	}
	if !p.empty && len(p.units) == 0 && len(p.must) == 0 {
		p.never = true
	}
	p.least = leastOf(len(p.units))
	return p, nil
}

// unit returns what one part of the query asks for, in every field and language; nil where no record has it.
func unit(v *view, q Query) (node, error) {
	where := textClasses
	if t, ok := q.(Title); ok {
		q, where = t.Query, []string{fieldTitle}
	}
	var all best
	if or, ok := q.(Or); ok {
		for _, part := range or {
			n, err := unit(v, part)
			if err != nil {
				return nil, err
			}
			if n != nil {
				all = append(all, n)
			}
		}
		return all.orNil(), nil
	}
	var leaves []*leaf
	_, begins := q.(Prefix)
	text := strings.Trim(q.String(), `"*`)
	for _, class := range where {
		for _, f := range v.textFieldsOf(class) {
			l, err := leafOf(v, class, f, text) // for a beginning too: the index holds stems, and culture* is to find cultur
			if err != nil {
				return nil, err
			}
			if l != nil {
				leaves = append(leaves, l)
			}
			if !begins {
				continue
			}
			more, err := expand(v, f, strings.ToLower(text))
			if err != nil {
				return nil, err
			}
			leaves = append(leaves, more...)
		}
	}
	weigh(v, leaves)
	for _, l := range leaves {
		all = append(all, l)
	}
	return all.orNil(), nil
}

// orNil keeps an empty unit from being taken for something.
func (b best) orNil() node {
	if len(b) == 0 {
		return nil
	}
	return b
}

// weigh gives the leaves of one unit their weights. How rare it is in the whole collection, where it is most common, counts for all of
// them: by the documents of each field alone, a word would be worth little in the very language it belongs to, if few records have that
// language, and much where it is quoted in another. (On the starter's queries this alone raised MRR@10 from .729 to .815.)
func weigh(v *view, leaves []*leaf) {
	docs := 0
	for _, l := range leaves {
		docs = max(docs, slices.MinFunc(l.terms, func(a, b *term) int { return a.docs - b.docs }).docs)
	}
	for _, l := range leaves {
		c := classes[l.terms[0].field[:strings.IndexByte(l.terms[0].field, '.')+1]]
		l.weight, l.b = c.weight*float64(len(l.terms))*idf(v.docs, docs), c.b
	}
}

// leafOf analyses words in the language of a field, and looks the terms up; nil where they are stop words or not there.
func leafOf(v *view, class, field, text string) (*leaf, error) {
	tokens := analysis.For(strings.TrimPrefix(field, class)).Analyze([]byte(text))
	if len(tokens) == 0 {
		return nil, nil
	}
	l := &leaf{mean: v.mean(field)}
	for _, tok := range tokens {
		t, err := v.find(field, string(tok.Term))
		if err != nil || t == nil {
			return nil, err
		}
		l.terms = append(l.terms, t)
		l.offsets = append(l.offsets, tok.Position-tokens[0].Position)
	}
	return l, nil
}

// mean returns how many bytes stand in a field of a document that has it.
func (v *view) mean(field string) float64 {
	s := v.sums[field]
	return max(1, float64(s.bytes)/float64(max(1, s.docs)))
}

// expand returns the most frequent terms of a field that begin so.
func expand(v *view, field, prefix string) ([]*leaf, error) {
	dicts, err := v.dictionaries(field)
	if err != nil {
		return nil, err
	}
	counts := map[string]uint64{}
	for _, d := range dicts {
		it := d.AutomatonIterator(nil, []byte(prefix), after(prefix))
		for {
			e, err := it.Next()
			if err != nil {
				return nil, err
			}
			if e == nil {
				break
			}
			counts[e.Term] += e.Count
		}
	}
	type word struct {
		text  string
		count uint64
	}
	words := make([]word, 0, len(counts))
	for text, n := range counts {
		words = append(words, word{text, n})
	}
	slices.SortFunc(words, func(a, b word) int { return cmp.Or(cmp.Compare(b.count, a.count), strings.Compare(a.text, b.text)) })
	var all []*leaf
	for _, w := range words[:min(MaxExpansions, len(words))] {
		t, err := v.find(field, w.text)
		if err != nil {
			return nil, err
		}
		if t != nil {
			all = append(all, &leaf{terms: []*term{t}, offsets: []int{0}, mean: v.mean(field)})
		}
	}
	return all, nil
}

// after returns the first term that no longer begins so, nil where there is none.
func after(prefix string) []byte {
	b := bytes.Clone([]byte(prefix))
	for i := len(b) - 1; i >= 0; i-- {
		if b[i]++; b[i] != 0 {
			return b[:i+1]
		}
	}
	return nil
}
