package storage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"versme/hub"
)

// growing are the buckets whose keys grow with time: their pages are filled, as nothing will come between.
var growing = [][]byte{bucketRecords, bucketTexts, bucketIDs, bucketChanges}

const fullPages = 0.95

// Update runs fn in one transaction and returns the place of its last change.
func (db *DB) Update(ctx context.Context, fn func(hub.StoreTx) error) (at hub.Position, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	var after *state
	write := func(tx *bbolt.Tx) (err error) {
		meta := tx.Bucket(bucketMeta)
		before := readState(tx)
		t := &transaction{db: db, tx: tx, now: time.Now().UTC(), at: before.position, records: before.counts.Records, concepts: before.counts.Concepts}
		for _, name := range growing {
			tx.Bucket(name).FillPercent = fullPages
		}
		if err := fn(t); err != nil {
			return err
		}
		if at = t.at; at == before.position {
			return nil
		}
		put := func(k, v []byte) { err = errors.Join(err, meta.Put(k, v)) }
		put(metaEverHeld, []byte{1})
		put(metaRecords, u64(uint64(t.records)))
		put(metaConcepts, u64(uint64(t.concepts)))
		if t.vocabulary != 0 {
			put(metaVocabulary, u64(uint64(t.vocabulary)))
		}
		after = readState(tx)
		return err
	}
	if err = guarded(func() error { return db.bolt.Update(write) }); err == nil && after != nil {
		db.state.Store(after)
	}
	switch {
	case errors.Is(err, berrors.ErrDatabaseNotOpen):
		err = errClosed
	case errors.Is(err, syscall.ENOSPC):
		err = fmt.Errorf("%w: the disk that holds %s is full; make room and do it again, what was done before is kept", hub.ErrUnavailable, db.dir)
	}
	return at, err
}

// transaction is a hub.StoreTx.
type transaction struct {
	db                *DB
	tx                *bbolt.Tx
	now               time.Time
	at                hub.Position // of the last change
	vocabulary        hub.Position // of the last change to a concept, 0 if there was none
	records, concepts int
}

// Record returns the record with this slug, with full texts.
func (t *transaction) Record(slug string) (hub.Record, error) {
	r, err := stored(t.tx, t.tx.Bucket(bucketSlugs).Get([]byte(slug)))
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, fmt.Errorf("%w: no record has slug %s", hub.ErrNotFound, hub.Echo(slug))
	}
	return r, t.db.fill(t.tx, r)
}

// SlugOf returns the slug of the record or concept with this id.
func (t *transaction) SlugOf(id hub.ID) (string, error) {
	if key := id16(id); key != nil {
		if v := t.tx.Bucket(bucketIDs).Get(key); len(v) > 1 {
			return string(v[1:]), nil
		}
	}
	return "", fmt.Errorf("%w: nothing has id %s", hub.ErrNotFound, hub.Echo(string(id)))
}

// Put writes a record over what Record returned for its slug.
func (t *transaction) Put(r, old hub.Record) error {
	e := r.AsEntry()
	id := id16(e.ID)
	if id == nil || e.Slug == "" || e.Version < 1 {
		return fmt.Errorf("storage: put %q: id, slug or version is missing", e.Slug)
	}
	if old != nil {
		if err := t.retire(old); err != nil {
			return err
		}
	}
	if err := t.putTexts(id, e.FullTextTexts); err != nil {
		return err
	}
	b, err := encodeMeta(r)
	if err != nil {
		return err
	}
	if err := t.tx.Bucket(bucketRecords).Put(id, seal(id, b)); err != nil {
		return err
	}
	if err := t.tx.Bucket(bucketSlugs).Put([]byte(e.Slug), id); err != nil {
		return err
	}
	if err := t.tx.Bucket(bucketIDs).Put(id, append([]byte{'r'}, e.Slug...)); err != nil {
		return err
	}
	for _, k := range lookups(r) {
		if err := t.tx.Bucket(bucketBy).Put(k, nil); err != nil {
			return err
		}
	}
	for _, k := range refKeys(r) {
		if err := t.tx.Bucket(bucketRefs).Put(k, nil); err != nil {
			return err
		}
	}
	if hub.Findable(r) {
		t.records++
	}
	return t.change(hub.Change{ID: e.ID})
}

// Delete removes a record that Record returned. Its versions stay readable.
func (t *transaction) Delete(r hub.Record) error {
	e := r.AsEntry()
	id := id16(e.ID)
	if err := t.retire(r); err != nil {
		return err
	}
	if err := errors.Join(t.tx.Bucket(bucketRecords).Delete(id), t.tx.Bucket(bucketSlugs).Delete([]byte(e.Slug)), t.tx.Bucket(bucketIDs).Delete(id)); err != nil {
		return err
	}
	return t.change(hub.Change{ID: e.ID, Deleted: true})
}

// retire moves a record to the revisions and takes away everything it is looked up by.
func (t *transaction) retire(old hub.Record) error {
	e := old.AsEntry()
	id := id16(e.ID)
	b, err := encodeWhole(old)
	if err != nil {
		return err
	}
	k := revisionKey(id, e.Version)
	if err := t.tx.Bucket(bucketRevisions).Put(k, seal(k, t.db.enc.EncodeAll(b, nil))); err != nil {
		return err
	}
	for _, k := range lookups(old) {
		if err := t.tx.Bucket(bucketBy).Delete(k); err != nil {
			return err
		}
	}
	for _, k := range refKeys(old) {
		if err := t.tx.Bucket(bucketRefs).Delete(k); err != nil {
			return err
		}
	}
	c := t.tx.Bucket(bucketTexts).Cursor()
	for k, _ := c.Seek(id); bytes.HasPrefix(k, id); k, _ = c.Seek(id) {
		if err := c.Delete(); err != nil {
			return err
		}
	}
	if hub.Findable(old) {
		t.records--
	}
	return nil
}

func (t *transaction) putTexts(id []byte, texts hub.Texts) error {
	for _, tr := range texts {
		k := textKey(id, tr.Language)
		if err := t.tx.Bucket(bucketTexts).Put(k, seal(k, t.db.packText(tr.Value))); err != nil {
			return err
		}
	}
	return nil
}

// encodeMeta writes a record without its full texts, but with their languages.
func encodeMeta(r hub.Record) ([]byte, error) {
	e := r.AsEntry()
	texts := e.FullTextTexts
	defer func() { e.FullTextTexts, e.FullTextLanguages = texts, nil }()
	e.FullTextTexts, e.FullTextLanguages = slices.Clone(texts), nil
	for i := range e.FullTextTexts {
		e.FullTextTexts[i].Value = "" // language, origin and what it was made from stay
		e.FullTextLanguages = append(e.FullTextLanguages, texts[i].Language)
	}
	return encodeWhole(r)
}

func encodeWhole(r hub.Record) ([]byte, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("storage: %s: %w", r.AsEntry().Slug, err)
	}
	return append([]byte{byte(slices.Index(hub.RecordTypes, r.Type()))}, b...), nil
}

// lookups returns the keys under which a record is looked up.
func lookups(r hub.Record) [][]byte {
	e := r.AsEntry()
	id := id16(e.ID)
	keys := [][]byte{byKey(byType, string(r.Type()), id), updateKey(e.UpdatedAt.Time, id)}
	for _, c := range e.CountryCodes {
		keys = append(keys, byKey(byCountry, string(c), id))
	}
	for _, ref := range hub.ConceptSlugsOf(r) {
		keys = append(keys, byKey(byConcept, ref.Slug, id))
	}
	for _, slug := range hub.OrganisationSlugsOf(r) {
		keys = append(keys, byKey(byOrganisation, slug, id))
	}
	if from, to := hub.Years(r); from != 0 {
		keys = append(keys, byKey(byYear, yearValue(from, to), id))
	}
	return keys
}

func refKeys(r hub.Record) [][]byte {
	id := id16(r.NodeID())
	var keys [][]byte
	for _, ref := range hub.ReferencesOf(r) {
		keys = append(keys, refKey(ref.Slug, r.Type(), ref.Field, id))
	}
	return keys
}

// change writes one row of the change log.
func (t *transaction) change(c hub.Change) error {
	t.at++
	c.Position, c.At = t.at, t.now
	k := u64(uint64(t.at))
	return t.tx.Bucket(bucketChanges).Put(k, seal(k, encodeChange(c)))
}

// Concept returns the concept with this slug.
func (t *transaction) Concept(slug string) (*hub.Concept, error) {
	v := t.tx.Bucket(bucketConcepts).Get([]byte(slug))
	if v == nil {
		return nil, fmt.Errorf("%w: no concept has slug %s", hub.ErrNotFound, hub.Echo(slug))
	}
	return decodeConcept([]byte(slug), v)
}

// PutConcept writes a concept over what Concept returned for its slug.
func (t *transaction) PutConcept(c, old *hub.Concept) error {
	id := id16(c.ID)
	if id == nil || c.Slug == "" {
		return fmt.Errorf("storage: put concept %q: id or slug is missing", c.Slug)
	}
	b, err := json.Marshal(c)
	if err != nil {
		return err
	}
	k := []byte(c.Slug)
	if err := t.tx.Bucket(bucketConcepts).Put(k, seal(k, b)); err != nil {
		return err
	}
	if err := t.tx.Bucket(bucketIDs).Put(id, append([]byte{'c'}, c.Slug...)); err != nil {
		return err
	}
	if old == nil {
		t.concepts++
	}
	if err := t.change(hub.Change{ID: c.ID, Concept: true}); err != nil {
		return err
	}
	t.vocabulary = t.at
	return nil
}

func sortIDs(ids []hub.ID) { slices.Sort(ids) }

func compactIDs(ids []hub.ID) []hub.ID { return slices.Compact(ids) }
