package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Row is one item of an import, or what is wrong with it.
type Row struct {
	Place string // where it stands, such as line 17 or museums.yaml
	Bytes int    // how much of the input it took
	Item  Item
	Err   error // why it cannot be read
}

// Rows is where an import comes from. Next returns io.EOF at the end; any other error ends the import.
type Rows interface {
	Next() (Row, error)
}

// Rejected is a row that was not taken in.
type Rejected struct {
	Place string
	Slug  string
	Err   error
}

// Summary says what an import did.
type Summary struct {
	Added, Changed, Unchanged, Rejected int
	Bytes                               int64 // read
}

// ImportOptions are how an import talks while it works.
type ImportOptions struct {
	// Progress hears the sum so far after each batch; what it counts is durable and findable.
	Progress func(Summary)
	// Reject hears of each row that was not taken in.
	Reject func(Rejected)
}

// How much of an import goes into one transaction and one batch of the index.
const (
	importRows  = 1000
	importBytes = 4 << 20
)

type outcome uint8

const (
	unchanged outcome = iota
	added
	changed
)

// Import takes in everything that src has. A row that is wrong is reported and the others go in. The same rows again change
// nothing. What Progress has counted is durable and findable.
//
// Reading, storing and indexing overlap: while one batch is indexed the next is stored and the one after it read.
func (h *Hub) Import(ctx context.Context, src Rows, o ImportOptions) (Summary, error) {
	if o.Progress == nil {
		o.Progress = func(Summary) {}
	}
	if o.Reject == nil {
		o.Reject = func(Rejected) {}
	}
	h.write.Lock()
	defer h.write.Unlock()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	read := make(chan []Row, 1)
	go func() {
		defer close(read)
		if err := readRows(ctx, src, read); err != nil {
			cancel(err)
		}
	}()

	type stored struct {
		records  []Record
		upTo     Position
		sum      Summary
		rejected []Rejected
	}
	done := make(chan stored, 1)
	go func() {
		defer close(done)
		written := map[string]string{}
		for {
			var rows []Row
			select { // src may be a terminal at which nobody types: a read from it does not end with the context
			case rows = <-read:
			case <-ctx.Done():
			}
			if rows == nil {
				return
			}
			records, upTo, sum, rejected, err := h.storeRows(ctx, rows, written)
			if err != nil {
				cancel(err)
				return
			}
			done <- stored{records, upTo, sum, rejected} // whatever the context says: the index must not pass over what is stored
		}
	}()

	var total Summary
	for s := range done {
		h.follow(ctx, s.records, s.upTo)
		for _, r := range s.rejected {
			o.Reject(r)
		}
		total.Added += s.sum.Added
		total.Changed += s.sum.Changed
		total.Unchanged += s.sum.Unchanged
		total.Rejected += s.sum.Rejected
		total.Bytes += s.sum.Bytes
		o.Progress(total)
	}
	if err := context.Cause(ctx); err != nil {
		return total, err
	}
	return total, nil
}

func readRows(ctx context.Context, src Rows, read chan<- []Row) error {
	send := func(rows []Row) error {
		select {
		case read <- rows:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	var rows []Row
	size := 0
	for {
		row, err := src.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if row.Err == nil {
			row.Err = row.Item.Validate()
		}
		rows = append(rows, row)
		if size += row.Bytes; len(rows) >= importRows || size >= importBytes {
			if err := send(rows); err != nil {
				return err
			}
			rows, size = nil, 0
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return send(rows)
}

// storeRows writes the rows in one transaction and returns the records to index. written holds the place of every slug that this import
// has written: a second row with the same slug, saying something else, is a mistake in the file, not a newer version.
func (h *Hub) storeRows(ctx context.Context, rows []Row, written map[string]string) (records []Record, upTo Position, sum Summary, rejected []Rejected, err error) {
	upTo, err = h.store.Update(ctx, func(tx StoreTx) error {
		records, sum, rejected = nil, Summary{}, nil
		for _, row := range rows {
			sum.Bytes += int64(row.Bytes)
			what, err := unchanged, row.Err
			if err == nil {
				what, err = h.put(tx, row.Item, written)
			}
			if err != nil {
				if c := ClassOf(err); c != ClassInvalid && c != ClassConflict {
					return fmt.Errorf("%s: %w", row.Place, err)
				}
				sum.Rejected++
				rejected = append(rejected, Rejected{row.Place, row.Item.Slug(), err})
				continue
			}
			switch what {
			case added:
				sum.Added++
			case changed:
				sum.Changed++
			default:
				sum.Unchanged++
			}
			if what != unchanged {
				written[key(row.Item)] = row.Place
			}
			if what != unchanged && row.Item.Record != nil {
				records = append(records, row.Item.Record)
			}
		}
		return nil
	})
	return records, upTo, sum, rejected, err
}

// key names an item within an import: records and concepts have slugs of their own.
func key(it Item) string {
	if it.Concept != nil {
		return "concept " + it.Concept.Slug
	}
	return it.Record.AsEntry().Slug
}

// put writes one item over what there is under its slug.
func (h *Hub) put(tx StoreTx, it Item, written map[string]string) (outcome, error) {
	twice := func() error {
		if place := written[key(it)]; place != "" {
			return &conflict{fmt.Sprintf("%s has slug %s too; give one of them another slug", place, it.Slug())}
		}
		return nil
	}
	if it.Concept != nil {
		return h.putConcept(tx, it.Concept, twice)
	}
	r := it.Record
	e := r.AsEntry()
	old, err := tx.Record(e.Slug)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return unchanged, err
	}
	if old == nil {
		if err := h.adopt(tx, &e.ID, e.Slug); err != nil {
			return unchanged, err
		}
		r.eachText(func(_ TextField, _ int, t *Texts) { t.revise(nil, e.OriginalLanguage) })
		if e.Version < 1 {
			e.Version = 1
		}
		now := DateTime{h.now().UTC()}
		if e.CreatedAt.IsZero() {
			e.CreatedAt = now
		}
		if e.UpdatedAt.IsZero() {
			e.UpdatedAt = now
		}
		return added, tx.Put(r, nil)
	}
	was := old.AsEntry()
	if old.Type() != r.Type() {
		return unchanged, &conflict{fmt.Sprintf("slug %s belongs to a %s, this is a %s; give it another slug", e.Slug, old.Type(), r.Type())}
	}
	reviseTexts(r, old)
	e.ID, e.Version, e.CreatedAt, e.UpdatedAt = was.ID, was.Version, was.CreatedAt, was.UpdatedAt
	if same(r, old) {
		return unchanged, nil
	}
	if err := twice(); err != nil {
		return unchanged, err
	}
	e.Version, e.UpdatedAt = was.Version+1, DateTime{h.now().UTC()}
	return changed, tx.Put(r, old)
}

func (h *Hub) putConcept(tx StoreTx, c *Concept, twice func() error) (outcome, error) {
	old, err := tx.Concept(c.Slug)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return unchanged, err
	}
	if old == nil {
		if err := h.adopt(tx, &c.ID, c.Slug); err != nil {
			return unchanged, err
		}
		return added, tx.PutConcept(c, nil)
	}
	c.ID = old.ID
	if sameJSON(c, old) {
		return unchanged, nil
	}
	if err := twice(); err != nil {
		return unchanged, err
	}
	return changed, tx.PutConcept(c, old)
}

// adopt gives a new item its id: the one it brings along, if it is one and free.
func (h *Hub) adopt(tx StoreTx, id *ID, slug string) error {
	if *id == "" {
		*id = h.newID()
		return nil
	}
	if !uuidForm(*id) {
		return invalid("id", "leave it out", "%s is not a UUID", Echo(string(*id)))
	}
	switch other, err := tx.SlugOf(*id); {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return err
	default:
		return &conflict{fmt.Sprintf("id %s belongs to %s, not to %s; leave the id out, or use that slug", *id, other, slug)}
	}
}

func uuidForm(id ID) bool {
	if len(id) != 36 {
		return false
	}
	for i, c := range id {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if !strings.ContainsRune("0123456789abcdef", c) {
				return false
			}
		}
	}
	return true
}

// conflict is an ErrConflict with a sentence of its own.
type conflict struct{ text string }

func (c *conflict) Error() string        { return c.text }
func (c *conflict) Is(target error) bool { return target == ErrConflict }

// reviseTexts carries over, text by text, which original each unchanged translation was made from.
func reviseTexts(r, old Record) {
	type key struct {
		field string
		item  int
	}
	before := map[key]Texts{}
	old.eachText(func(f TextField, item int, t *Texts) { before[key{f.Name, item}] = *t })
	r.eachText(func(f TextField, item int, t *Texts) {
		t.revise(before[key{f.Name, item}], r.AsEntry().OriginalLanguage)
	})
}

// same tells whether two records say the same. Full texts are compared first: they are long and need no encoding.
func same(a, b Record) bool {
	x, y := a.AsEntry(), b.AsEntry()
	if !slices.Equal(x.FullTextTexts, y.FullTextTexts) {
		return false
	}
	xt, xl, yt, yl := x.FullTextTexts, x.FullTextLanguages, y.FullTextTexts, y.FullTextLanguages
	x.FullTextTexts, x.FullTextLanguages, y.FullTextTexts, y.FullTextLanguages = nil, nil, nil, nil
	is := sameJSON(a, b)
	x.FullTextTexts, x.FullTextLanguages, y.FullTextTexts, y.FullTextLanguages = xt, xl, yt, yl
	return is
}

func sameJSON(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

// follow brings the index forward after a write. A failure is logged, not returned: the write has succeeded, and the change log
// remembers what is missing.
func (h *Hub) follow(ctx context.Context, records []Record, upTo Position) {
	if !h.ready.Load() {
		return // a rebuild or replay is due, which reads the store
	}
	// Not with ctx: what is stored is to be found, even if the import has been stopped meanwhile.
	if err := h.index.Apply(context.WithoutCancel(ctx), records, nil, upTo); err != nil {
		h.ready.Store(false)
		h.log.Error("the index could not follow a write and will catch up at the next start", "position", upTo, "error", err)
	}
}
