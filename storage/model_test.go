package storage_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"versme/hub"
	"versme/internal/hubtest"
	"versme/storage"
)

// model is what a store ought to hold, in the simplest form: texts by name.
type model struct {
	records  map[string]string         // slug -> record
	versions map[hub.ID]map[int]string // all that ever was
	concepts map[string]string         // slug -> concept
	changes  int
}

func (m *model) clone() *model {
	c := &model{maps.Clone(m.records), map[hub.ID]map[int]string{}, maps.Clone(m.concepts), m.changes}
	for id, v := range m.versions {
		c.versions[id] = maps.Clone(v)
	}
	return c
}

// Random operations do to a store what they do to a map, in transactions of a few, some of which fail; now and then the store is closed,
// opened again, compared and checked.
func TestModel(t *testing.T) {
	operations := 600
	if testing.Short() {
		operations = 200
	}
	seed := hubtest.Seed(t, 1)
	rnd := rand.New(rand.NewPCG(seed, seed))
	pool := hubtest.Sample(seed, operations)
	dir := t.TempDir()
	db := reopen(t, nil, dir)
	m := &model{map[string]string{}, map[hub.ID]map[int]string{}, map[string]string{}, 0}
	failure := errors.New("failed on purpose")
	for done := 0; done < operations; {
		next := m.clone()
		size := 1 + rnd.IntN(5)
		fails := rnd.IntN(10) == 0
		_, err := db.Update(t.Context(), func(tx hub.StoreTx) error {
			for range size {
				if err := operate(t, rnd, tx, next, &pool); err != nil {
					return err
				}
			}
			if fails {
				return failure
			}
			return nil
		})
		switch {
		case fails && errors.Is(err, failure):
		case err != nil:
			t.Fatal(err)
		default:
			m = next
		}
		if before := done / 50; (done+size)/50 > before {
			db = reopen(t, db, dir)
			compare(t, db, m)
			if t.Failed() {
				t.Fatalf("after %d operations", done+size)
			}
		}
		done += size
	}
	if err := reopen(t, db, dir).Close(); err != nil {
		t.Fatal(err)
	}
}

// reopen closes a store and opens it again.
func reopen(t *testing.T, db *storage.DB, dir string) *storage.DB {
	t.Helper()
	if db != nil {
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	db, err := storage.Open(dir, storage.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// operate does one thing to the store and to the model.
func operate(t *testing.T, rnd *rand.Rand, tx hub.StoreTx, m *model, pool *[]hub.Record) error {
	m.changes++
	slugs := slices.Sorted(maps.Keys(m.records))
	switch what := rnd.IntN(10); {
	case what < 4 || len(slugs) == 0: // a new record
		r := (*pool)[0]
		*pool = (*pool)[1:]
		return m.put(t, tx, r, nil)
	case what < 7: // another version of one
		slug := slugs[rnd.IntN(len(slugs))]
		old, err := tx.Record(slug)
		if err != nil {
			return err
		}
		if text := encode(t, old); text != m.records[slug] {
			t.Errorf("%s is\n%s\nwant\n%s", slug, text, m.records[slug])
		}
		r, err := tx.Record(slug)
		if err != nil {
			return err
		}
		change(rnd, r)
		return m.put(t, tx, r, old)
	case what < 8: // one less
		slug := slugs[rnd.IntN(len(slugs))]
		old, err := tx.Record(slug)
		if err != nil {
			return err
		}
		delete(m.records, slug)
		return tx.Delete(old)
	default: // a concept, new or not
		c := hubtest.Vocabulary()[rnd.IntN(len(hubtest.Vocabulary()))]
		old, err := tx.Concept(c.Slug)
		if err != nil && !errors.Is(err, hub.ErrNotFound) {
			return err
		}
		c.LabelTexts[0].Value = fmt.Sprint("žodis ", rnd.IntN(1000))
		b, err := hub.EncodeItem(hub.Item{Concept: c})
		m.concepts[c.Slug] = string(b)
		return errors.Join(err, tx.PutConcept(c, old))
	}
}

func (m *model) put(t *testing.T, tx hub.StoreTx, r, old hub.Record) error {
	e := r.AsEntry()
	m.records[e.Slug] = encode(t, r)
	if m.versions[e.ID] == nil {
		m.versions[e.ID] = map[int]string{}
	}
	m.versions[e.ID][e.Version] = encode(t, r)
	return tx.Put(r, old)
}

// change makes another version of a record: other countries, status and texts, sometimes long ones, sometimes none.
func change(rnd *rand.Rand, r hub.Record) {
	e := r.AsEntry()
	e.Version++
	e.CountryCodes = [][]hub.CountryCode{nil, {"LT"}, {"NO", "LT"}}[rnd.IntN(3)]
	e.Status = hub.RecordStatuses[rnd.IntN(len(hub.RecordStatuses))]
	e.UpdatedAt.Time = e.UpdatedAt.AddDate(0, 0, 1)
	switch p, _ := r.(*hub.GoodPractice); {
	case p != nil:
		p.SupportedBySlugs = []string{fmt.Sprint("study-", rnd.IntN(20))}
		p.Started = hub.Date(fmt.Sprint(1990 + rnd.IntN(30)))
	case r.Type() == hub.TypeStudy || r.Type() == hub.TypePolicyDocument:
		e.FullTextTexts = nil
		for _, l := range []hub.Language{"lt", "en", "nb"}[:rnd.IntN(4)] {
			e.FullTextTexts = append(e.FullTextTexts, hub.Translation{Language: l, Value: strings.Repeat("žodis ", 1+rnd.IntN(20_000))})
		}
	}
}

func encode(t *testing.T, r hub.Record) string {
	t.Helper()
	b, err := hub.EncodeItem(hub.Item{Record: r})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// compare tells where a store differs from its model, and what a check finds.
func compare(t *testing.T, db *storage.DB, m *model) {
	t.Helper()
	ctx := t.Context()
	got := &model{map[string]string{}, map[hub.ID]map[int]string{}, map[string]string{}, 0}
	records, err := db.Scan(ctx, "", 1<<30, 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	findable := 0
	for _, r := range records {
		got.records[r.AsEntry().Slug] = encode(t, r)
		if hub.Findable(r) {
			findable++
		}
	}
	for id := range m.versions {
		got.versions[id] = map[int]string{}
		versions, err := db.Revisions(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range versions {
			r, err := db.Revision(ctx, id, v)
			if err != nil {
				t.Fatal(err)
			}
			got.versions[id][v] = encode(t, r)
		}
	}
	concepts, err := db.Concepts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range concepts {
		b, err := hub.EncodeItem(hub.Item{Concept: c})
		if err != nil {
			t.Fatal(err)
		}
		got.concepts[c.Slug] = string(b)
	}
	changes, err := db.Changes(ctx, 0, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	got.changes = len(changes)
	if d := cmp.Diff(m, got, cmp.AllowUnexported(model{})); d != "" {
		t.Errorf("the store differs from its model (-model +store):\n%s", d)
	}
	counts, err := db.Counts(ctx)
	if want := (hub.Counts{Records: findable, Concepts: len(m.concepts)}); err != nil || counts != want {
		t.Errorf("counts %+v, %v; want %+v", counts, err, want)
	}
	for _, f := range findings(t, db) {
		if f.Fatal {
			t.Errorf("check: %s: %s", f.Where, f.Problem)
		}
	}
}
