package hub

import "context"

// Index finds records by words, filters and order. It can be thrown away and rebuilt from a Store, and is never asked what a
// record says.
type Index interface {
	// Position returns the place in the change log that the index has reached. stale, when not empty, says why the
	// index must be rebuilt; it goes on answering where it can.
	Position(ctx context.Context) (at Position, stale string, err error)
	// Count returns how many records it holds.
	Count(ctx context.Context) (int, error)
	// Apply brings records in or up to date, removes those in gone, and records the place reached, all together. The records carry
	// their full texts.
	Apply(ctx context.Context, records []Record, gone []ID, upTo Position) error
	// Rebuild makes a new index beside the present one, which goes on answering. fill is given an apply for the new one;
	// when fill returns without error the new index takes the old one's place.
	Rebuild(ctx context.Context, fill func(apply func(ctx context.Context, records []Record, gone []ID, upTo Position) error) error) error
	// Search finds records. ErrInvalid for a query beyond the limits.
	Search(ctx context.Context, r SearchRequest) (*SearchResult, error)
	// Highlights returns, for each record, the best places that answer the query. read reads stretches of full texts; every other
	// text the records carry.
	Highlights(ctx context.Context, query string, records []Record, in []Language, read func([]Excerpt) ([]string, error)) ([][]*Highlight, error)
	Close() error
}

// SearchRequest is a search, checked.
type SearchRequest struct {
	Query      string
	Filter     RecordFilter
	OrgSlug    string      // Filter.Organisation, as records name it
	Order      SearchOrder // RELEVANCE without words is NEWEST
	Languages  []Language  // for order by title
	Window     Window
	Vocabulary *Vocabulary // for narrower concepts
	Now        int         // this year: records that still run are found under it
}

// SearchResult is a page of what was found, and what can be counted about all of it.
type SearchResult struct {
	Hits      []Hit
	Total     int
	HasNext   bool
	HasBefore bool
	// Facet counts the values of one field over everything found, most frequent first. The filter's own choice in the field does
	// not narrow it.
	Facet func(field FacetField) []Count
	// Pairs counts the pairs of values of two fields over everything found, and finds the strongest evidence of each.
	Pairs func(rows, columns FacetField) []PairCount
}

// Hit is one record found.
type Hit struct {
	ID     ID
	Score  float64
	Cursor Cursor
}

// Count is how often a value stands in what was found. For ORGANISATION the value is a slug.
type Count struct {
	Value string
	Count int
}

// PairCount is how often two values stand together.
type PairCount struct {
	Row, Column string
	Count       int
	Strongest   EvidenceLevel
}

// Range is a stretch of a text, in bytes.
type Range struct{ Start, End int }
