package hub

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// SearchConnection is a page of what a search found.
type SearchConnection struct {
	Edges      []*SearchEdge
	PageInfo   *PageInfo
	TotalCount int

	hub        *Hub
	found      *SearchResult
	vocabulary *Vocabulary
	languages  []Language
}

// SearchEdge is one record found.
type SearchEdge struct {
	Node   Record
	Cursor string
	Score  float64

	highlights func(ctx context.Context) ([]*Highlight, error)
}

// Nodes returns the records of the page without their edges.
func (c *SearchConnection) Nodes() []Record {
	all := make([]Record, len(c.Edges))
	for i, e := range c.Edges {
		all[i] = e.Node
	}
	return all
}

// Highlights returns the places in the record that answer the query, the best first.
func (e *SearchEdge) Highlights(ctx context.Context) ([]*Highlight, error) { return e.highlights(ctx) }

// Search finds records by words, in every language at once. An empty query finds all that the filter lets through.
func (h *Hub) Search(ctx context.Context, query string, filter *RecordFilter, in []Language, orderBy *SearchOrder, p PageRequest) (*SearchConnection, error) {
	order := ByRelevance
	if orderBy != nil {
		order = *orderBy
	}
	v, err := h.Vocabulary(ctx)
	if err != nil {
		return nil, err
	}
	in = prefer(ctx, in)
	req := SearchRequest{Query: query, Order: order, Languages: in, Vocabulary: v}
	if req.Window, err = p.window(string(order)); err != nil {
		return nil, err
	}
	none, err := h.resolve(ctx, filter, &req)
	if err != nil {
		return nil, err
	}
	found := &SearchResult{Facet: func(FacetField) []Count { return nil }}
	if !none {
		if found, err = h.find(ctx, req); err != nil {
			return nil, err
		}
	}
	records, cursors, err := h.hits(ctx, found)
	if err != nil {
		return nil, err
	}
	c := &SearchConnection{
		Edges: make([]*SearchEdge, len(records)), PageInfo: pageInfo(cursors, found.HasNext, found.HasBefore), TotalCount: found.Total,
		hub: h, found: found, vocabulary: v, languages: in,
	}
	highlights := sync.OnceValues(func() ([][]*Highlight, error) { return h.highlight(ctx, query, records, in) })
	for i, r := range records {
		c.Edges[i] = &SearchEdge{Node: r, Cursor: cursors[i], Score: found.Hits[i].Score, highlights: func(context.Context) ([]*Highlight, error) {
			all, err := highlights()
			if err != nil || all[i] == nil {
				return []*Highlight{}, err
			}
			return all[i], nil
		}}
	}
	return c, nil
}

// list is Search without words, for one type.
func list[R Record](ctx context.Context, h *Hub, filter *RecordFilter, order *RecordOrder, p PageRequest) (*Connection[R], error) {
	var r R
	req := SearchRequest{Order: SearchOrder(OrderTitle), Languages: LanguagesFrom(ctx)}
	if order != nil {
		req.Order = SearchOrder(*order)
	}
	var err error
	if req.Window, err = p.window(string(req.Order)); err != nil {
		return nil, err
	}
	if req.Vocabulary, err = h.Vocabulary(ctx); err != nil {
		return nil, err
	}
	own := RecordFilter{}
	if filter != nil {
		own = *filter
	}
	none := len(own.Types) > 0 && !slices.Contains(own.Types, r.Type())
	own.Types = []RecordType{r.Type()}
	empty, err := h.resolve(ctx, &own, &req)
	if err != nil {
		return nil, err
	}
	found := &SearchResult{}
	if !none && !empty {
		if found, err = h.find(ctx, req); err != nil {
			return nil, err
		}
	}
	records, cursors, err := h.hits(ctx, found)
	if err != nil {
		return nil, err
	}
	nodes, err := as[R](records)
	if err != nil {
		return nil, err
	}
	return connect(nodes, cursors, found.Total, found.HasNext, found.HasBefore), nil
}

// GoodPractices lists good practices.
func (h *Hub) GoodPractices(ctx context.Context, f *RecordFilter, o *RecordOrder, p PageRequest) (*GoodPracticeConnection, error) {
	return list[*GoodPractice](ctx, h, f, o, p)
}

// Studies lists studies.
func (h *Hub) Studies(ctx context.Context, f *RecordFilter, o *RecordOrder, p PageRequest) (*StudyConnection, error) {
	return list[*Study](ctx, h, f, o, p)
}

// PolicyDocuments lists policy documents.
func (h *Hub) PolicyDocuments(ctx context.Context, f *RecordFilter, o *RecordOrder, p PageRequest) (*PolicyDocumentConnection, error) {
	return list[*PolicyDocument](ctx, h, f, o, p)
}

// Organisations lists organisations.
func (h *Hub) Organisations(ctx context.Context, f *RecordFilter, o *RecordOrder, p PageRequest) (*OrganisationConnection, error) {
	return list[*Organisation](ctx, h, f, o, p)
}

// Projects lists projects.
func (h *Hub) Projects(ctx context.Context, f *RecordFilter, o *RecordOrder, p PageRequest) (*ProjectConnection, error) {
	return list[*Project](ctx, h, f, o, p)
}

// Collections lists collections.
func (h *Hub) Collections(ctx context.Context, f *RecordFilter, o *RecordOrder, p PageRequest) (*CollectionConnection, error) {
	return list[*Collection](ctx, h, f, o, p)
}

// resolve checks a filter and puts it into the request. none tells that nothing can pass it.
func (h *Hub) resolve(ctx context.Context, f *RecordFilter, req *SearchRequest) (none bool, err error) {
	if err := f.validate(); err != nil || f == nil {
		return false, err
	}
	req.Filter = *f
	if f.Organisation != nil {
		o, err := h.load(ctx, []ID{*f.Organisation})
		if err != nil {
			return false, err
		}
		if o[0] == nil || o[0].Type() != TypeOrganisation {
			return true, nil
		}
		req.OrgSlug = o[0].AsEntry().Slug
	}
	return false, nil
}

// find searches, when it is its turn.
func (h *Hub) find(ctx context.Context, req SearchRequest) (*SearchResult, error) {
	select {
	case h.searches <- struct{}{}:
		defer func() { <-h.searches }()
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: too many searches at once, try again in a moment", ErrUnavailable)
	}
	req.Now = h.now().Year()
	return h.index.Search(ctx, req)
}

// hits returns the records found and their cursors. One that was removed since the index saw it is left out.
func (h *Hub) hits(ctx context.Context, found *SearchResult) (records []Record, cursors []string, err error) {
	ids := make([]ID, len(found.Hits))
	for i, hit := range found.Hits {
		ids[i] = hit.ID
	}
	all, err := h.load(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	hits := found.Hits[:0:0]
	for i, r := range all {
		if r != nil {
			records = append(records, r)
			hits = append(hits, found.Hits[i])
			cursors = append(cursors, found.Hits[i].Cursor.String())
		}
	}
	found.Hits = hits
	return records, cursors, nil
}

// Facet is one field and how often each of its values stands in what was found.
type Facet struct {
	Field  FacetField
	Values []*FacetValue
}

// FacetValue is one value of a field.
type FacetValue struct {
	Value string
	Count int
	as    string // what it is counted as: Value, but for an organisation its slug
	label func(in []Language) string
	langs []Language
}

// Label returns the value's name for the reader.
func (v *FacetValue) Label(ctx context.Context, in []Language) string {
	if len(in) == 0 {
		in = v.langs
	}
	return v.label(prefer(ctx, in))
}

// Facets counts the values of the fields over everything found, most frequent first.
func (c *SearchConnection) Facets(ctx context.Context, fields []FacetField, first int) ([]*Facet, error) {
	if first < 0 || first > MaxPage {
		return nil, invalid("first", "narrow the search", "%d is not between 0 and %d", first, MaxPage)
	}
	if len(fields) > len(FacetFields) {
		return nil, invalid("fields", "name each field once", "%d fields are more than there are", len(fields))
	}
	all := make([]*Facet, len(fields))
	for i, f := range fields {
		values, err := c.hub.facetValues(ctx, f, c.found.Facet(f), first, c.vocabulary, c.languages)
		if err != nil {
			return nil, err
		}
		all[i] = &Facet{f, values}
	}
	return all, nil
}

// facetValues turns counts into values with names, at most first of them.
func (h *Hub) facetValues(ctx context.Context, f FacetField, counts []Count, first int, v *Vocabulary, in []Language) ([]*FacetValue, error) {
	if f == FacetOrganisation {
		return h.organisationValues(ctx, counts, first, in)
	}
	values := make([]*FacetValue, 0, min(first, len(counts)))
	for _, n := range counts {
		if len(values) == first {
			break
		}
		values = append(values, &FacetValue{n.Value, n.Count, n.Value, labeller(f, n.Value, v), in})
	}
	return values, nil
}

func labeller(f FacetField, value string, v *Vocabulary) func([]Language) string {
	switch f {
	case FacetCountry:
		return CountryCode(value).NameIn
	case FacetLanguage:
		return Language(value).NameIn
	case FacetTheme, FacetSector, FacetDomain, FacetTargetGroup:
		if c := v.Concept(value); c != nil {
			return func(in []Language) string { return c.LabelTexts.In(in, c.originalLanguage()).Value }
		}
	case FacetType, FacetEvidence:
		return func(in []Language) string { return enumLabel(value, in) }
	}
	return func([]Language) string { return value }
}

// organisationValues names organisations by their titles and gives the ids that a filter takes; those that the hub does not
// have cannot be chosen and are left out.
func (h *Hub) organisationValues(ctx context.Context, counts []Count, first int, in []Language) ([]*FacetValue, error) {
	values := make([]*FacetValue, 0, first)
	for start := 0; start < len(counts) && len(values) < first; start += MaxPage {
		part := counts[start:min(start+MaxPage, len(counts))]
		slugs := make([]string, len(part))
		for i, n := range part {
			slugs[i] = n.Value
		}
		records, err := h.store.RecordsBySlug(ctx, slugs)
		if err != nil {
			return nil, err
		}
		for i, r := range records {
			if r == nil || r.Type() != TypeOrganisation || !Visible(r) || len(values) == first {
				continue
			}
			e := r.AsEntry()
			values = append(values, &FacetValue{string(e.ID), part[i].Count, e.Slug, func(in []Language) string {
				return e.TitleTexts.In(in, e.OriginalLanguage).Value
			}, in})
		}
	}
	return values, nil
}

// EvidenceMap is how many records, and how strong their evidence, for each pair of values.
type EvidenceMap struct {
	Rows    []*FacetValue
	Columns []*FacetValue
	Cells   []*EvidenceCell
}

// EvidenceCell is one pair of values.
type EvidenceCell struct {
	Row       string
	Column    string
	Count     int
	Strongest *EvidenceLevel
}

// MaxMapValues is how many values each side of an evidence map has, the most frequent.
const MaxMapValues = 100

// EvidenceMap counts the records that the filter lets through for each pair of values of two fields.
func (h *Hub) EvidenceMap(ctx context.Context, rows, columns FacetField, filter *RecordFilter) (*EvidenceMap, error) {
	v, err := h.Vocabulary(ctx)
	if err != nil {
		return nil, err
	}
	req := SearchRequest{Order: SearchOrder(OrderNewest), Vocabulary: v}
	none, err := h.resolve(ctx, filter, &req)
	m := &EvidenceMap{Rows: []*FacetValue{}, Columns: []*FacetValue{}, Cells: []*EvidenceCell{}}
	if err != nil || none {
		return m, err
	}
	found, err := h.find(ctx, req)
	if err != nil {
		return nil, err
	}
	pairs := found.Pairs(rows, columns)
	side := func(f FacetField, of func(PairCount) string) (values []*FacetValue, names map[string]string, err error) {
		present := map[string]bool{}
		for _, p := range pairs {
			present[of(p)] = true
		}
		counts := found.Facet(f)
		if filter.narrows(f) { // a facet leaves out its own choice, a map does not: what stands with itself is what was found
			counts = nil
			for _, p := range found.Pairs(f, f) {
				if p.Row == p.Column {
					counts = append(counts, Count{p.Row, p.Count})
				}
			}
		}
		counts = slices.DeleteFunc(counts, func(c Count) bool { return !present[c.Value] })
		values, err = h.facetValues(ctx, f, counts, MaxMapValues, v, LanguagesFrom(ctx))
		names = make(map[string]string, len(values))
		for _, v := range values {
			names[v.as] = v.Value
		}
		return values, names, err
	}
	rowValues, rowNames, err := side(rows, func(p PairCount) string { return p.Row })
	if err != nil {
		return nil, err
	}
	columnValues, columnNames, err := side(columns, func(p PairCount) string { return p.Column })
	if err != nil {
		return nil, err
	}
	m.Rows, m.Columns = rowValues, columnValues
	for _, p := range pairs {
		row, column := rowNames[p.Row], columnNames[p.Column]
		if row == "" || column == "" {
			continue
		}
		cell := &EvidenceCell{Row: row, Column: column, Count: p.Count}
		if p.Strongest != "" {
			cell.Strongest = &p.Strongest
		}
		m.Cells = append(m.Cells, cell)
	}
	return m, nil
}
