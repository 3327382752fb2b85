package hub

import (
	"context"
	"time"
)

// Position is a place in the change log; it grows by one with every change.
type Position uint64

// Change is one entry of the change log.
type Change struct {
	Position Position
	ID       ID
	Concept  bool // a concept, not a record
	Deleted  bool
	At       time.Time
}

// Counts are how many records and concepts the store holds.
type Counts struct{ Records, Concepts int }

// Store keeps everything. It is the only truth. Every method may return ErrUnavailable.
type Store interface {
	// DatabaseID names this database, and no copy restored elsewhere under another id.
	DatabaseID() string
	// Position returns the place of the last committed change.
	Position(ctx context.Context) (Position, error)
	// VocabularyPosition returns the place of the last change to a concept.
	VocabularyPosition(ctx context.Context) (Position, error)
	// Counts returns how much there is.
	Counts(ctx context.Context) (Counts, error)
	// EverHeld tells whether the store has ever held a record or concept.
	EverHeld(ctx context.Context) (bool, error)

	// Records returns one record for each id, in the order asked, without full texts; nil where there is none.
	Records(ctx context.Context, ids []ID) ([]Record, error)
	// RecordsBySlug is Records by slug.
	RecordsBySlug(ctx context.Context, slugs []string) ([]Record, error)
	// FullTexts returns the full texts of each record, nil where it has none.
	FullTexts(ctx context.Context, ids []ID) ([]Texts, error)
	// Excerpts returns a stretch of each full text asked for, from exactly Start on and cut back to a whole character at its end; empty
	// where there is none.
	Excerpts(ctx context.Context, at []Excerpt) ([]string, error)
	// Find returns the ids of the records that a lookup holds, ascending.
	Find(ctx context.Context, l Lookup) ([]ID, error)
	// Referrers returns, for each slug, the ids of up to limit records of a type that name it in one of the fields, ascending.
	Referrers(ctx context.Context, slugs []string, t RecordType, fields []string, limit int) ([][]ID, error)
	// Concepts returns all concepts.
	Concepts(ctx context.Context) ([]*Concept, error)
	// Scan returns up to limit records with id above after, ascending, with full texts, stopping early once their texts exceed about
	// maxBytes (there is always one).
	Scan(ctx context.Context, after ID, limit, maxBytes int) ([]Record, error)
	// Changes returns up to limit changes after a place, in order.
	Changes(ctx context.Context, after Position, limit int) ([]Change, error)
	// Revisions returns the versions that a record has had, ascending, the present one included. ErrNotFound.
	Revisions(ctx context.Context, id ID) ([]int, error)
	// Revision returns a record, with full texts, as it was in one version. ErrNotFound.
	Revision(ctx context.Context, id ID, version int) (Record, error)

	// Update runs fn in one transaction: all that it writes is committed together, durably, or not at all.
	// It returns the place of its last change.
	Update(ctx context.Context, fn func(StoreTx) error) (Position, error)
	// Check verifies checksums, lookups and references and reports all that is wrong.
	Check(ctx context.Context, report func(Finding)) error
	Close() error
}

// StoreTx is a transaction that writes.
type StoreTx interface {
	// Record returns the record with this slug, with full texts, or ErrNotFound. The caller owns it.
	Record(slug string) (Record, error)
	// SlugOf returns the slug of the record or concept with this id, or ErrNotFound.
	SlugOf(id ID) (string, error)
	// Put writes a record; old is what Record returned for it, nil if it is new.
	Put(r, old Record) error
	// Delete removes a record that Record returned.
	Delete(r Record) error
	// Concept returns the concept with this slug, or ErrNotFound. The caller owns it.
	Concept(slug string) (*Concept, error)
	// PutConcept writes a concept; old is what Concept returned for it, nil if it is new.
	PutConcept(c, old *Concept) error
}

// Excerpt is a stretch of a full text, in bytes.
type Excerpt struct {
	ID         ID
	Language   Language
	Start, End int
}

// Lookup asks for records by one thing that the store looks up. The first field that is set counts.
type Lookup struct {
	Type         RecordType
	Country      CountryCode
	Concept      string // slug of a theme, sector, domain or target group; narrower ones are not included
	Organisation string // slug of an organisation that takes part in any role
	Year         int    // as in Years; a record that still runs is found under every year since it began
	UpdatedSince time.Time
}

// Finding is something that Check found to be wrong.
type Finding struct {
	Where   string // record slug or bucket
	Problem string
	Fatal   bool // data is damaged; else something points nowhere or can be rebuilt
}
