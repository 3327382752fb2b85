package hub

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
)

// Connection is one page of a longer list (Relay cursor connections).
type Connection[N Node] struct {
	Edges      []*Edge[N]
	PageInfo   *PageInfo
	TotalCount int
}

// Nodes returns the records of the page without their edges.
func (c *Connection[N]) Nodes() []N {
	all := make([]N, len(c.Edges))
	for i, e := range c.Edges {
		all[i] = e.Node
	}
	return all
}

// Edge is one place in a list.
type Edge[N Node] struct {
	Node   N
	Cursor string
}

// The connections and edges of the schema.
type (
	GoodPracticeConnection   = Connection[*GoodPractice]
	GoodPracticeEdge         = Edge[*GoodPractice]
	StudyConnection          = Connection[*Study]
	StudyEdge                = Edge[*Study]
	PolicyDocumentConnection = Connection[*PolicyDocument]
	PolicyDocumentEdge       = Edge[*PolicyDocument]
	OrganisationConnection   = Connection[*Organisation]
	OrganisationEdge         = Edge[*Organisation]
	ProjectConnection        = Connection[*Project]
	ProjectEdge              = Edge[*Project]
	CollectionConnection     = Connection[*Collection]
	CollectionEdge           = Edge[*Collection]
	ConceptConnection        = Connection[*Concept]
	ConceptEdge              = Edge[*Concept]
)

// PageInfo tells whether there is more on either side of a page.
type PageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool
	StartCursor     *string
	EndCursor       *string
}

// Sizes of a page.
const (
	DefaultPage = 20  // without first and last
	MaxPage     = 100 // asking for more is an error, never silently cut
)

// PageRequest is a page asked for: the first First after After, or the last Last before Before.
type PageRequest struct {
	First  *int
	After  *string
	Last   *int
	Before *string
}

// Window is a page asked for, checked: Size places after After and before Before, from the start or the end.
type Window struct {
	Size          int
	After, Before *Cursor
	Backward      bool // the last of them rather than the first
}

// window checks p against the order that the list is in. The error is an ErrInvalid.
func (p PageRequest) window(order string) (Window, error) {
	w := Window{Size: DefaultPage}
	for _, side := range []struct {
		name string
		n    *int
	}{{"first", p.First}, {"last", p.Last}} {
		if side.n != nil {
			if *side.n < 0 || *side.n > MaxPage {
				return w, invalid(side.name, "go through the list with after and endCursor", "%d is not between 0 and %d", *side.n, MaxPage)
			}
			w.Size, w.Backward = *side.n, side.name == "last"
		}
	}
	if p.First != nil && p.Last != nil {
		return w, invalid("last", "ask for one of them", "first and last cannot be given together")
	}
	if p.Before != nil && p.First == nil && p.Last == nil {
		w.Backward = true // before alone reads towards the start
	}
	var err error
	if w.After, err = parseCursor("after", p.After, order); err != nil {
		return w, err
	}
	w.Before, err = parseCursor("before", p.Before, order)
	return w, err
}

// Cursor is a place in a list: the sort key of the record there, never an offset, so that a page stays what it was when
// records come and go elsewhere.
type Cursor struct {
	Order string  // the order it belongs to
	Score float64 // where the order is by relevance
	Key   []byte  // the sort key in every other order
	ID    ID      // decides between equals
}

// String returns the cursor as clients see it.
func (c Cursor) String() string {
	var b bytes.Buffer
	b.WriteByte(byte(len(c.Order)))
	b.WriteString(c.Order)
	_ = binary.Write(&b, binary.BigEndian, math.Float64bits(c.Score))
	b.WriteByte(byte(len(c.ID)))
	b.WriteString(string(c.ID))
	b.Write(c.Key)
	return base64.RawURLEncoding.EncodeToString(b.Bytes())
}

// MaxCursor is the longest cursor that is read, in bytes; the longest that is given out is a title's collation key.
const MaxCursor = 16 << 10

// ParseCursor reads what String wrote. The error is an ErrInvalid.
func ParseCursor(s string) (Cursor, error) {
	c, problem := readCursor(s)
	if problem != nil {
		return c, problem
	}
	return c, nil
}

func readCursor(s string) (Cursor, *Problem) {
	bad := invalid("", "use a cursor that this list gave out", "%s is not a cursor", Echo(s))
	if len(s) > MaxCursor {
		return Cursor{}, bad
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) < 1 {
		return Cursor{}, bad
	}
	var c Cursor
	n := int(b[0])
	if b = b[1:]; len(b) < n+9 {
		return Cursor{}, bad
	}
	c.Order, b = string(b[:n]), b[n:]
	c.Score, b = math.Float64frombits(binary.BigEndian.Uint64(b)), b[8:]
	n = int(b[0])
	if b = b[1:]; len(b) < n || math.IsNaN(c.Score) {
		return Cursor{}, bad
	}
	c.ID, c.Key = ID(b[:n]), b[n:]
	if c.String() != s { // one place has one cursor
		return Cursor{}, bad
	}
	return c, nil
}

func parseCursor(name string, s *string, order string) (*Cursor, error) {
	if s == nil || *s == "" { // clients send "" for the beginning
		return nil, nil
	}
	c, problem := readCursor(*s)
	if problem != nil {
		problem.Field = name
		return nil, problem
	}
	if c.Order != order {
		return nil, invalid(name, "start again without it", "this cursor belongs to a list in another order (%s)", Echo(c.Order))
	}
	return &c, nil
}

// connect makes a page of nodes and their cursors.
func connect[N Node](nodes []N, cursors []string, total int, more, before bool) *Connection[N] {
	c := &Connection[N]{Edges: make([]*Edge[N], len(nodes)), TotalCount: total, PageInfo: pageInfo(cursors, more, before)}
	for i, n := range nodes {
		c.Edges[i] = &Edge[N]{n, cursors[i]}
	}
	return c
}

func pageInfo(cursors []string, more, before bool) *PageInfo {
	p := &PageInfo{HasNextPage: more, HasPreviousPage: before}
	if len(cursors) > 0 {
		p.StartCursor, p.EndCursor = &cursors[0], &cursors[len(cursors)-1]
	}
	return p
}

// as narrows the records of one type. A record of another is a fault of the index.
func as[R Record](records []Record) ([]R, error) {
	all := make([]R, len(records))
	for i, r := range records {
		own, ok := r.(R)
		if !ok {
			return nil, fmt.Errorf("hub: %s is a %s where another type was asked for", r.AsEntry().Slug, r.Type())
		}
		all[i] = own
	}
	return all, nil
}
