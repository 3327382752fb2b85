package storage

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"versme/hub"
)

// Check reads everything and reports all that is wrong: pages, checksums, lookups that disagree with records, counts, gaps in
// the change log, and references that point nowhere.
func (db *DB) Check(ctx context.Context, report func(hub.Finding)) error {
	meta, err := db.metaPages()
	if err != nil {
		return err
	}
	return db.view(ctx, func(tx *bbolt.Tx) (err error) {
		defer func() { // bbolt panics on pages that make no sense
			if p := recover(); p != nil {
				report(hub.Finding{Where: fileName, Problem: fmt.Sprint("a page cannot be read: ", p), Fatal: true})
			}
		}()
		c := &check{db: db, tx: tx, report: report, by: map[string]bool{}, refs: map[string]bool{}, ids: map[string]bool{}, slugs: map[string]hub.RecordType{}, concepts: map[string]bool{}}
		if sound, err := db.checkPages(tx, meta, report); err != nil {
			return err
		} else if sound {
			for e := range tx.Check() {
				c.fatal(fileName, "%v", e)
			}
		}
		for _, step := range []func() error{c.readConcepts, c.readRecords, c.compareLookups, c.readTexts, c.readRevisions, c.readChanges, c.readCounts, c.followReferences} {
			if err := errors.Join(ctx.Err(), step()); err != nil {
				return err
			}
		}
		return nil
	})
}

type check struct {
	db       *DB
	tx       *bbolt.Tx
	report   func(hub.Finding)
	by       map[string]bool // what ought to be in the bucket
	refs     map[string]bool
	ids      map[string]bool
	slugs    map[string]hub.RecordType
	concepts map[string]bool
	records  []hub.Record
	findable int
	texts    int // full texts that ought to be there
}

func (c *check) fatal(where, format string, args ...any) {
	c.report(hub.Finding{Where: where, Problem: fmt.Sprintf(format, args...), Fatal: true})
}

func (c *check) readConcepts() error {
	return c.tx.Bucket(bucketConcepts).ForEach(func(k, v []byte) error {
		concept, err := decodeConcept(k, v)
		if err != nil {
			c.fatal("concept "+string(k), "%v", err)
			return nil
		}
		c.concepts[string(k)] = true
		c.ids[string(id16(concept.ID))+"c"+concept.Slug] = true
		return nil
	})
}

func (c *check) readRecords() error {
	return c.tx.Bucket(bucketRecords).ForEach(func(k, v []byte) error {
		r, err := stored(c.tx, k)
		if err != nil {
			c.fatal("record "+string(idOf(k)), "%v", err)
			return nil
		}
		e := r.AsEntry()
		if !bytes.Equal(id16(e.ID), k) {
			c.fatal(e.Slug, "stands under id %s but says %s", idOf(k), e.ID)
		}
		if !bytes.Equal(c.tx.Bucket(bucketSlugs).Get([]byte(e.Slug)), k) {
			c.fatal(e.Slug, "its slug leads elsewhere")
		}
		c.slugs[e.Slug] = r.Type()
		c.ids[string(k)+"r"+e.Slug] = true
		for _, k := range lookups(r) {
			c.by[string(k)] = true
		}
		for _, k := range refKeys(r) {
			c.refs[string(k)] = true
		}
		if hub.Findable(r) {
			c.findable++
		}
		for _, tr := range e.FullTextTexts {
			if text, err := c.db.text(c.tx, k, tr.Language, 0, -1); err != nil {
				c.fatal(e.Slug, "%v", err)
			} else if len(text) == 0 {
				c.fatal(e.Slug, "its full text in %s is missing", tr.Language)
			}
			c.texts++
		}
		e.FullTextTexts = nil
		c.records = append(c.records, r)
		return nil
	})
}

// compareLookups compares buckets of bare keys with what the records make of them.
func (c *check) compareLookups() error {
	for _, b := range []struct {
		name []byte
		want map[string]bool
	}{{bucketBy, c.by}, {bucketRefs, c.refs}} {
		err := c.tx.Bucket(b.name).ForEach(func(k, _ []byte) error {
			if !b.want[string(k)] {
				c.fatal(string(b.name), "key %q belongs to no record", k)
			}
			delete(b.want, string(k))
			return nil
		})
		if err != nil {
			return err
		}
		for k := range b.want {
			c.fatal(string(b.name), "key %q is missing", k)
		}
	}
	n := 0
	err := c.tx.Bucket(bucketIDs).ForEach(func(k, v []byte) error {
		if n++; !c.ids[string(k)+string(v)] {
			c.fatal(string(bucketIDs), "%s leads to %s, which is not there", idOf(k), v)
		}
		return nil
	})
	if n < len(c.ids) {
		c.fatal(string(bucketIDs), "%d ids are missing", len(c.ids)-n)
	}
	slugs := c.tx.Bucket(bucketSlugs).Stats().KeyN
	if slugs != len(c.slugs) {
		c.fatal(string(bucketSlugs), "%d slugs for %d records", slugs, len(c.slugs))
	}
	return err
}

func (c *check) readTexts() error {
	present := map[string]bool{}
	err := c.tx.Bucket(bucketTexts).ForEach(func(k, v []byte) error {
		if _, err := open(bucketTexts, k, v); err != nil {
			c.fatal(string(bucketTexts), "%v", err)
		}
		present[string(k)] = true
		return nil
	})
	if len(present) > c.texts {
		c.fatal(string(bucketTexts), "%d full texts belong to no record", len(present)-c.texts)
	}
	return err
}

func (c *check) readRevisions() error {
	return c.tx.Bucket(bucketRevisions).ForEach(func(k, v []byte) error {
		b, err := open(bucketRevisions, k, v)
		if err == nil {
			b, err = c.db.dec.DecodeAll(b, nil)
		}
		if err == nil {
			_, err = decode(k[:16], b)
		}
		if err != nil {
			c.fatal(string(bucketRevisions), "version %d of %s: %v", binary.BigEndian.Uint32(k[16:]), idOf(k[:16]), err)
		}
		return nil
	})
}

func (c *check) readChanges() error {
	last := hub.Position(0)
	return c.tx.Bucket(bucketChanges).ForEach(func(k, v []byte) error {
		change, err := decodeChange(k, v)
		if err != nil {
			c.fatal(string(bucketChanges), "%v", err)
		} else if change.Position != last+1 {
			c.fatal(string(bucketChanges), "%d follows %d", change.Position, last)
		}
		last = hub.Position(number(k))
		return nil
	})
}

func (c *check) readCounts() error {
	meta := c.tx.Bucket(bucketMeta)
	if n := int(number(meta.Get(metaRecords))); n != c.findable {
		c.fatal(string(bucketMeta), "counts %d records, there are %d", n, c.findable)
	}
	if n := int(number(meta.Get(metaConcepts))); n != len(c.concepts) {
		c.fatal(string(bucketMeta), "counts %d concepts, there are %d", n, len(c.concepts))
	}
	return nil
}

// followReferences finds slugs that lead nowhere. That is no damage: what they name may come later.
func (c *check) followReferences() error {
	dangling := func(where, field, format string, args ...any) {
		c.report(hub.Finding{Where: where, Problem: field + ": " + fmt.Sprintf(format, args...)})
	}
	for _, r := range c.records {
		e := r.AsEntry()
		for _, ref := range hub.ReferencesOf(r) {
			if t, ok := c.slugs[ref.Slug]; !ok {
				dangling(e.Slug, ref.Field, "no record has slug %s", ref.Slug)
			} else if want := hub.ReferenceType(ref.Field); want != "" && t != want {
				dangling(e.Slug, ref.Field, "%s is a %s, not a %s", ref.Slug, t, want)
			}
		}
		for _, ref := range hub.ConceptSlugsOf(r) {
			if !c.concepts[ref.Slug] {
				dangling(e.Slug, ref.Field, "no concept has slug %s", ref.Slug)
			}
		}
	}
	return c.tx.Bucket(bucketConcepts).ForEach(func(k, v []byte) error {
		concept, err := decodeConcept(k, v)
		if err != nil {
			return nil // reported above
		}
		for field, slugs := range map[string][]string{"broader": concept.BroaderSlugs, "related": concept.RelatedSlugs} {
			for _, s := range slugs {
				if !c.concepts[s] {
					dangling("concept "+concept.Slug, field, "no concept has slug %s", s)
				}
			}
		}
		return nil
	})
}
