package storage

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"go.etcd.io/bbolt"

	"versme/hub"
)

// Records returns one record for each id, in the order asked, without full texts; nil where there is none.
func (db *DB) Records(ctx context.Context, ids []hub.ID) ([]hub.Record, error) {
	all := make([]hub.Record, len(ids))
	if len(ids) == 0 {
		return all, nil
	}
	err := db.view(ctx, func(tx *bbolt.Tx) (err error) {
		for i, id := range ids {
			if all[i], err = record(tx, id16(id)); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

// RecordsBySlug is Records by slug.
func (db *DB) RecordsBySlug(ctx context.Context, slugs []string) ([]hub.Record, error) {
	all := make([]hub.Record, len(slugs))
	if len(slugs) == 0 {
		return all, nil
	}
	err := db.view(ctx, func(tx *bbolt.Tx) (err error) {
		for i, slug := range slugs {
			if slug == "" {
				continue // bbolt has no empty keys
			}
			if all[i], err = record(tx, tx.Bucket(bucketSlugs).Get([]byte(slug))); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

// record reads one record for a list, nil where there is none: it does not carry its full texts, only their languages.
func record(tx *bbolt.Tx, id []byte) (hub.Record, error) {
	r, err := stored(tx, id)
	if r != nil {
		r.AsEntry().FullTextTexts = nil
	}
	return r, err
}

// stored reads one record as it was written: with the languages and origins of its full texts, which fill fills in.
func stored(tx *bbolt.Tx, id []byte) (hub.Record, error) {
	if len(id) != 16 {
		return nil, nil
	}
	sealed := tx.Bucket(bucketRecords).Get(id)
	if sealed == nil {
		return nil, nil
	}
	b, err := open(bucketRecords, id, sealed)
	if err != nil {
		return nil, err
	}
	return decode(id, b)
}

// A record's JSON is led by one byte for its type, so that it is decoded in one pass.
func decode(id, b []byte) (hub.Record, error) {
	if len(b) == 0 || int(b[0]) >= len(hub.RecordTypes) {
		return nil, fmt.Errorf("storage: record %s is of a type that this program does not know", idOf(id))
	}
	r := hub.NewRecord(hub.RecordTypes[b[0]])
	if err := json.Unmarshal(b[1:], r); err != nil {
		return nil, fmt.Errorf("storage: record %s: %w", idOf(id), err)
	}
	return r, nil
}

// FullTexts returns the full texts of each record, nil where it has none.
func (db *DB) FullTexts(ctx context.Context, ids []hub.ID) ([]hub.Texts, error) {
	all := make([]hub.Texts, len(ids))
	err := db.view(ctx, func(tx *bbolt.Tx) (err error) {
		for i, id := range ids {
			r, err := stored(tx, id16(id))
			if err != nil {
				return err
			}
			if r == nil {
				continue
			}
			if err := db.fill(tx, r); err != nil {
				return err
			}
			all[i] = r.AsEntry().FullTextTexts
		}
		return nil
	})
	return all, err
}

// fill gives a record its full texts.
func (db *DB) fill(tx *bbolt.Tx, r hub.Record) error {
	e := r.AsEntry()
	for i := range e.FullTextTexts {
		tr := &e.FullTextTexts[i]
		text, err := db.text(tx, id16(e.ID), tr.Language, 0, -1)
		if err != nil {
			return err
		}
		tr.Value = string(text)
	}
	e.FullTextLanguages = nil
	return nil
}

// Excerpts returns a stretch of each full text asked for, from exactly Start on and cut back to a whole character at its end; empty where
// there is none.
func (db *DB) Excerpts(ctx context.Context, at []hub.Excerpt) ([]string, error) {
	all := make([]string, len(at))
	if len(at) == 0 {
		return all, nil
	}
	err := db.view(ctx, func(tx *bbolt.Tx) error {
		var text []byte // the blocks decoded last: excerpts of one text come together
		var held hub.Excerpt
		for i, x := range at {
			start, end := max(0, x.Start), x.End
			id := id16(x.ID)
			if id == nil || end <= start {
				continue
			}
			first := start / blockBytes
			if want := (hub.Excerpt{ID: x.ID, Language: x.Language, Start: first, End: end/blockBytes + 1}); want != held { // end too: a character may go on there
				var err error
				if text, err = db.text(tx, id, x.Language, want.Start, want.End); err != nil {
					return err
				}
				held = want
			}
			start, end = start-first*blockBytes, min(end-first*blockBytes, len(text))
			if start >= end {
				continue
			}
			for end < len(text) && end > start && !utf8.RuneStart(text[end]) {
				end--
			}
			all[i] = string(text[start:end])
		}
		return nil
	})
	return all, err
}

// Find returns the ids of the records that a lookup holds, ascending.
func (db *DB) Find(ctx context.Context, l hub.Lookup) (ids []hub.ID, err error) {
	err = db.view(ctx, func(tx *bbolt.Tx) error {
		c := tx.Bucket(bucketBy).Cursor()
		prefix := func(kind byte, value string) {
			p := byKey(kind, value, nil)
			for k, _ := c.Seek(p); bytes.HasPrefix(k, p); k, _ = c.Next() {
				if len(k) == len(p)+16 {
					ids = append(ids, idOf(k[len(p):]))
				}
			}
		}
		switch {
		case l.Type != "":
			prefix(byType, string(l.Type))
		case l.Country != "":
			prefix(byCountry, string(l.Country))
		case l.Concept != "":
			prefix(byConcept, l.Concept)
		case l.Organisation != "":
			prefix(byOrganisation, l.Organisation)
		case l.Year != 0:
			return findYear(tx, l.Year, &ids)
		case !l.UpdatedSince.IsZero():
			for k, _ := c.Seek(updateKey(l.UpdatedSince, nil)); len(k) == 25 && k[0] == byUpdate; k, _ = c.Next() {
				ids = append(ids, idOf(k[9:]))
			}
		default:
			c := tx.Bucket(bucketRecords).Cursor()
			for k, _ := c.First(); k != nil; k, _ = c.Next() {
				ids = append(ids, idOf(k))
			}
		}
		return nil
	})
	sortIDs(ids)
	return ids, err
}

// findYear finds what ran in a year among what began in it or before: the key holds both ends.
func findYear(tx *bbolt.Tx, year int, ids *[]hub.ID) error {
	c := tx.Bucket(bucketBy).Cursor()
	last := byKey(byYear, yearValue(year, 9999), nil)
	for k, _ := c.Seek([]byte{byYear}); k != nil && k[0] == byYear && bytes.Compare(k[:min(len(k), len(last))], last) <= 0; k, _ = c.Next() {
		if len(k) != len(last)+16 {
			continue
		}
		to, err := strconv.Atoi(string(k[6:10]))
		if err != nil {
			return fmt.Errorf("storage: lookup %q: %w", k, err)
		}
		if to >= year {
			*ids = append(*ids, idOf(k[len(last):]))
		}
	}
	return nil
}

// yearValue writes a span of years; one that is still open ends in 9999.
func yearValue(from, to int) string {
	if to == 0 {
		to = 9999
	}
	return fmt.Sprintf("%04d-%04d", from, to)
}

// Referrers returns, for each slug, the ids of up to limit records of a type that name it in one of the fields, ascending.
func (db *DB) Referrers(ctx context.Context, slugs []string, t hub.RecordType, fields []string, limit int) ([][]hub.ID, error) {
	all := make([][]hub.ID, len(slugs))
	err := db.view(ctx, func(tx *bbolt.Tx) error {
		c := tx.Bucket(bucketRefs).Cursor()
		for i, slug := range slugs {
			var ids []hub.ID
			for _, field := range fields {
				p := refKey(slug, t, field, nil)
				n := 0
				for k, _ := c.Seek(p); bytes.HasPrefix(k, p) && n < limit; k, _ = c.Next() {
					ids = append(ids, idOf(k[len(p):]))
					n++
				}
			}
			sortIDs(ids)
			ids = compactIDs(ids)
			all[i] = ids[:min(limit, len(ids))]
		}
		return nil
	})
	return all, err
}

// Concepts returns all concepts.
func (db *DB) Concepts(ctx context.Context) (all []*hub.Concept, err error) {
	err = db.view(ctx, func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketConcepts).ForEach(func(k, v []byte) error {
			c, err := decodeConcept(k, v)
			all = append(all, c)
			return err
		})
	})
	return all, err
}

func decodeConcept(k, v []byte) (*hub.Concept, error) {
	b, err := open(bucketConcepts, k, v)
	if err != nil {
		return nil, err
	}
	c := &hub.Concept{}
	if err := json.Unmarshal(b, c); err != nil {
		return nil, fmt.Errorf("storage: concept %s: %w", k, err)
	}
	return c, nil
}

// Scan returns up to limit records with id above after, ascending, with full texts, stopping once those exceed maxBytes.
func (db *DB) Scan(ctx context.Context, after hub.ID, limit, maxBytes int) (all []hub.Record, err error) {
	err = db.view(ctx, func(tx *bbolt.Tx) error {
		c := tx.Bucket(bucketRecords).Cursor()
		k, v := c.First()
		if start := id16(after); start != nil {
			if k, v = c.Seek(start); bytes.Equal(k, start) {
				k, v = c.Next()
			}
		}
		for size := 0; k != nil && len(all) < limit && size <= maxBytes; k, v = c.Next() {
			b, err := open(bucketRecords, k, v)
			if err != nil {
				return err
			}
			r, err := decode(k, b)
			if err != nil {
				return err
			}
			if err := db.fill(tx, r); err != nil {
				return err
			}
			size += len(b)
			for _, tr := range r.AsEntry().FullTextTexts {
				size += len(tr.Value)
			}
			all = append(all, r)
		}
		return nil
	})
	return all, err
}

// Changes returns up to limit changes after a place, in order.
func (db *DB) Changes(ctx context.Context, after hub.Position, limit int) (all []hub.Change, err error) {
	err = db.view(ctx, func(tx *bbolt.Tx) error {
		c := tx.Bucket(bucketChanges).Cursor()
		for k, v := c.Seek(u64(uint64(after) + 1)); k != nil && len(all) < limit; k, v = c.Next() {
			change, err := decodeChange(k, v)
			if err != nil {
				return err
			}
			all = append(all, change)
		}
		return nil
	})
	return all, err
}

const changeBytes = 1 + 16 + 8

// Bits of the first byte of a change.
const (
	changeDeleted = 1 << iota
	changeConcept
)

func encodeChange(c hub.Change) []byte {
	var flags byte
	if c.Deleted {
		flags |= changeDeleted
	}
	if c.Concept {
		flags |= changeConcept
	}
	b := append([]byte{flags}, id16(c.ID)...)
	return append(b, u64(uint64(c.At.UnixNano()))...)
}

func decodeChange(k, v []byte) (hub.Change, error) {
	b, err := open(bucketChanges, k, v)
	if err == nil && len(b) != changeBytes {
		err = fmt.Errorf("storage: change %d has %d bytes", number(k), len(b))
	}
	if err != nil {
		return hub.Change{}, err
	}
	return hub.Change{
		Position: hub.Position(number(k)), Deleted: b[0]&changeDeleted != 0, Concept: b[0]&changeConcept != 0,
		ID: idOf(b[1:17]), At: time.Unix(0, int64(number(b[17:]))).UTC(),
	}, nil
}

// Revisions returns the versions that a record has had, ascending, the present one included.
func (db *DB) Revisions(ctx context.Context, id hub.ID) (versions []int, err error) {
	err = db.view(ctx, func(tx *bbolt.Tx) error {
		key := id16(id)
		r, err := record(tx, key)
		if err != nil {
			return err
		}
		if key != nil {
			c := tx.Bucket(bucketRevisions).Cursor()
			for k, _ := c.Seek(key); bytes.HasPrefix(k, key); k, _ = c.Next() {
				versions = append(versions, int(binary.BigEndian.Uint32(k[16:])))
			}
		}
		if r != nil {
			versions = append(versions, r.AsEntry().Version)
		}
		if len(versions) == 0 {
			return fmt.Errorf("%w: no record has id %s", hub.ErrNotFound, hub.Echo(string(id)))
		}
		return nil
	})
	return versions, err
}

// Revision returns a record, with full texts, as it was in one version.
func (db *DB) Revision(ctx context.Context, id hub.ID, version int) (r hub.Record, err error) {
	err = db.view(ctx, func(tx *bbolt.Tx) error {
		key := id16(id)
		now, err := stored(tx, key)
		if err != nil {
			return err
		}
		if now != nil && now.AsEntry().Version == version {
			r = now
			return db.fill(tx, r)
		}
		none := fmt.Errorf("%w: %s has no version %d", hub.ErrNotFound, hub.Echo(string(id)), version)
		if key == nil || version < 1 || version > math.MaxUint32 {
			return none
		}
		k := revisionKey(key, version)
		sealed := tx.Bucket(bucketRevisions).Get(k)
		if sealed == nil {
			return none
		}
		b, err := open(bucketRevisions, k, sealed)
		if err != nil {
			return err
		}
		if b, err = db.dec.DecodeAll(b, nil); err != nil {
			return fmt.Errorf("storage: version %d of %s: %w", version, id, err)
		}
		r, err = decode(key, b)
		return err
	})
	return r, err
}
