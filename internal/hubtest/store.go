package hubtest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"versme/hub"
)

// TestStore says what every hub.Store promises. open returns a new, empty store each time, and cleans up after itself.
func TestStore(t *testing.T, open func(t *testing.T) hub.Store) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s hub.Store)
	}{
		{"an empty store", emptyStore},
		{"records by id and slug", recordsByIDAndSlug},
		{"records in a transaction", recordsInTransaction},
		{"every version is kept", everyVersion},
		{"full texts", fullTextsOfRecords},
		{"excerpts", excerpts},
		{"lookups", lookups},
		{"lookups follow a change", lookupsFollow},
		{"referrers", referrers},
		{"concepts", concepts},
		{"change log", changeLog},
		{"scan", scan},
		{"a failed update leaves nothing", failedUpdate},
		{"counts", counts},
		{"ever held", everHeld},
		{"delete", deletion},
		{"a context that has ended", cancelled},
		{"a transaction is seen whole", wholeTransactions},
		{"a closed store", closed},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

var unknownID = hub.ID("01900000-0000-7000-8000-ffffffffffff")

// text writes a record as it is compared: in the exchange format, with or without its full text.
func text(t *testing.T, r hub.Record, whole bool) string {
	t.Helper()
	if r == nil {
		return "nil"
	}
	e := r.AsEntry()
	if texts := e.FullTextTexts; !whole {
		e.FullTextTexts = nil
		defer func() { e.FullTextTexts = texts }()
	}
	b, err := hub.EncodeItem(hub.Item{Record: r})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func texts(t *testing.T, records []hub.Record, whole bool) []string {
	t.Helper()
	all := make([]string, len(records))
	for i, r := range records {
		all[i] = text(t, r, whole)
	}
	return all
}

// copyOf returns a record that shares nothing with r.
func copyOf(t *testing.T, r hub.Record) hub.Record {
	t.Helper()
	it, err := hub.DecodeItem([]byte(text(t, r, true)))
	if err != nil {
		t.Fatal(err)
	}
	if it.Record.AsEntry().Status == "" {
		it.Record.AsEntry().Status = hub.StatusPublished
	}
	return it.Record
}

func update(t *testing.T, s hub.Store, fn func(tx hub.StoreTx) error) hub.Position {
	t.Helper()
	at, err := s.Update(t.Context(), fn)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// put writes records in one transaction, over what stands under their slugs.
func put(t *testing.T, s hub.Store, records ...hub.Record) hub.Position {
	t.Helper()
	return update(t, s, func(tx hub.StoreTx) error {
		for _, r := range records {
			old, err := tx.Record(r.AsEntry().Slug)
			if err != nil && !errors.Is(err, hub.ErrNotFound) {
				return err
			}
			if err := tx.Put(r, old); err != nil {
				return err
			}
		}
		return nil
	})
}

// must returns v, or ends the test.
func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func idsOf(records []hub.Record) []hub.ID {
	all := make([]hub.ID, len(records))
	for i, r := range records {
		all[i] = r.NodeID()
	}
	return all
}

// matching returns the ids of the records that fn is true of, ascending; nil if there are none.
func matching(records []hub.Record, fn func(hub.Record) bool) []hub.ID {
	var all []hub.ID
	for _, r := range records {
		if fn(r) {
			all = append(all, r.NodeID())
		}
	}
	slices.Sort(all)
	return all
}

func emptyStore(t *testing.T, s hub.Store) {
	ctx := t.Context()
	if s.DatabaseID() == "" {
		t.Error("a database without an id")
	}
	equal(t, "position", must[hub.Position](t)(s.Position(ctx)), hub.Position(0))
	equal(t, "position of the vocabulary", must[hub.Position](t)(s.VocabularyPosition(ctx)), hub.Position(0))
	equal(t, "counts", must[hub.Counts](t)(s.Counts(ctx)), hub.Counts{})
	equal(t, "records", len(must[[]hub.Record](t)(s.Scan(ctx, "", 10, 1<<20))), 0)
	equal(t, "changes", len(must[[]hub.Change](t)(s.Changes(ctx, 0, 10))), 0)
	equal(t, "concepts", len(must[[]*hub.Concept](t)(s.Concepts(ctx))), 0)
	equal(t, "ids", len(must[[]hub.ID](t)(s.Find(ctx, hub.Lookup{}))), 0)
	equal(t, "an update of nothing", update(t, s, func(hub.StoreTx) error { return nil }), hub.Position(0))
}

func recordsByIDAndSlug(t *testing.T, s hub.Store) {
	ctx := t.Context()
	records := Sample(1, 60)
	put(t, s, records...)

	// Any order, the same one twice, and what is not there.
	rnd := rand.New(rand.NewPCG(1, 1))
	ask := append(slices.Clone(records), nil, records[3], records[3])
	rnd.Shuffle(len(ask), func(i, j int) { ask[i], ask[j] = ask[j], ask[i] })
	ids, slugs := make([]hub.ID, len(ask)), make([]string, len(ask))
	for i, r := range ask {
		ids[i], slugs[i] = unknownID, "there-is-no-such-slug"
		if r != nil {
			ids[i], slugs[i] = r.NodeID(), r.AsEntry().Slug
		}
	}
	want := texts(t, ask, false)
	byID := must[[]hub.Record](t)(s.Records(ctx, ids))
	equal(t, "by id", texts(t, byID, true), want)
	bySlug := must[[]hub.Record](t)(s.RecordsBySlug(ctx, slugs))
	equal(t, "by slug", texts(t, bySlug, true), want)
	for i, r := range byID {
		if r == nil {
			continue
		}
		var has []hub.Language
		for _, tr := range ask[i].AsEntry().FullTextTexts {
			has = append(has, tr.Language)
		}
		equal(t, "languages of the full text of "+slugs[i], r.AsEntry().FullTextLanguages, has)
	}

	for _, odd := range []string{"", "x", "01900000", strings.Repeat("0", 36), strings.Repeat("z", 36), string(records[0].NodeID()) + "0", "\x00"} {
		equal(t, fmt.Sprintf("id %q", odd), texts(t, must[[]hub.Record](t)(s.Records(ctx, []hub.ID{hub.ID(odd)})), true), []string{"nil"})
		equal(t, fmt.Sprintf("slug %q", odd), texts(t, must[[]hub.Record](t)(s.RecordsBySlug(ctx, []string{odd})), true), []string{"nil"})
	}
	equal(t, "no ids", len(must[[]hub.Record](t)(s.Records(ctx, nil))), 0)
	equal(t, "no slugs", len(must[[]hub.Record](t)(s.RecordsBySlug(ctx, nil))), 0)
}

func recordsInTransaction(t *testing.T, s hub.Store) {
	records := Sample(2, 12)
	concept := Vocabulary()[0]
	update(t, s, func(tx hub.StoreTx) error {
		for _, r := range records {
			if err := tx.Put(r, nil); err != nil {
				return err
			}
		}
		got, err := tx.Record(records[1].AsEntry().Slug)
		if err != nil {
			return err
		}
		equal(t, "what the transaction itself wrote", text(t, got, true), text(t, records[1], true))
		return tx.PutConcept(concept, nil)
	})
	update(t, s, func(tx hub.StoreTx) error {
		for _, r := range records {
			e := r.AsEntry()
			got, err := tx.Record(e.Slug)
			if err != nil {
				return err
			}
			equal(t, e.Slug, text(t, got, true), text(t, r, true))
			got.AsEntry().TitleTexts[0].Value = "changed by the caller, who owns it"
			slug, err := tx.SlugOf(e.ID)
			if err != nil {
				return err
			}
			equal(t, "slug of an id", slug, e.Slug)
		}
		slug, err := tx.SlugOf(concept.ID)
		equal(t, "slug of the id of a concept", slug, concept.Slug)
		for _, id := range []hub.ID{unknownID, "", "x"} {
			if slug, err := tx.SlugOf(id); !errors.Is(err, hub.ErrNotFound) {
				t.Errorf("slug of %q: %q, %v; want ErrNotFound", id, slug, err)
			}
		}
		for _, slug := range []string{"there-is-no-such-slug", "", concept.Slug} {
			if r, err := tx.Record(slug); !errors.Is(err, hub.ErrNotFound) {
				t.Errorf("record %q: %v, %v; want ErrNotFound", slug, r, err)
			}
		}
		return err
	})
	for i, got := range must[[]hub.Record](t)(s.Records(t.Context(), idsOf(records))) {
		equal(t, "after a caller changed what was given out", text(t, got, true), text(t, records[i], false))
	}
}

func everyVersion(t *testing.T, s hub.Store) {
	ctx := t.Context()
	r := Sample(3, 12)[7] // a study
	id := r.NodeID()
	long := strings.Repeat("Ilgas tekstas, kurio vėliau nebebus. ", 6000)
	var want []string
	for version := 1; version <= 4; version++ {
		r = copyOf(t, r)
		e := r.AsEntry()
		e.Version = version
		e.TitleTexts = hub.Texts{{Language: "lt", Value: fmt.Sprint("pavadinimas ", version)}}
		e.FullTextTexts = hub.Texts{{Language: "lt", Value: fmt.Sprint("tekstas ", version)}}
		if version == 2 { // texts that the next version does not have
			e.FullTextTexts = hub.Texts{{Language: "en", Value: long, Origin: hub.OriginMachine, Of: "0123456789abcdef"}, {Language: "nb", Value: "kort"}}
		}
		put(t, s, r)
		want = append(want, text(t, r, true))
	}
	equal(t, "versions", must[[]int](t)(s.Revisions(ctx, id)), []int{1, 2, 3, 4})
	for i := range want {
		got := must[hub.Record](t)(s.Revision(ctx, id, i+1))
		equal(t, fmt.Sprint("version ", i+1), text(t, got, true), want[i])
	}
	equal(t, "texts of the last version", must[[]hub.Texts](t)(s.FullTexts(ctx, []hub.ID{id}))[0], hub.Texts{{Language: "lt", Value: "tekstas 4"}})
	for _, version := range []int{-1, 0, 5, 1 << 32, 1<<32 + 1} {
		if _, err := s.Revision(ctx, id, version); !errors.Is(err, hub.ErrNotFound) {
			t.Errorf("version %d: %v; want ErrNotFound", version, err)
		}
	}
	for _, id := range []hub.ID{unknownID, "", "x"} {
		if _, err := s.Revision(ctx, id, 1); !errors.Is(err, hub.ErrNotFound) {
			t.Errorf("version of %q: %v; want ErrNotFound", id, err)
		}
		if _, err := s.Revisions(ctx, id); !errors.Is(err, hub.ErrNotFound) {
			t.Errorf("versions of %q: %v; want ErrNotFound", id, err)
		}
	}
}
