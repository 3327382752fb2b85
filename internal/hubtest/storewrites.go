package hubtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"versme/hub"
)

func changeLog(t *testing.T, s hub.Store) {
	ctx := t.Context()
	before := time.Now().Add(-time.Second)
	records := Sample(11, 20)
	type row struct {
		ID               hub.ID
		Concept, Deleted bool
	}
	var want []row
	put(t, s, records[:15]...)
	for _, r := range records[:15] {
		want = append(want, row{ID: r.NodeID()})
	}
	at := update(t, s, func(tx hub.StoreTx) error {
		c := Vocabulary()[0]
		want = append(want, row{ID: c.ID, Concept: true})
		if err := tx.PutConcept(c, nil); err != nil {
			return err
		}
		old, err := tx.Record(records[2].AsEntry().Slug)
		if err != nil {
			return err
		}
		want = append(want, row{ID: old.NodeID(), Deleted: true}, row{ID: records[15].NodeID()})
		return errors.Join(tx.Delete(old), tx.Put(records[15], nil))
	})
	for _, r := range records[16:] {
		at = put(t, s, r)
		want = append(want, row{ID: r.NodeID()})
	}
	equal(t, "position", must[hub.Position](t)(s.Position(ctx)), at)
	equal(t, "position", at, hub.Position(len(want)))

	all := must[[]hub.Change](t)(s.Changes(ctx, 0, 1000))
	if len(all) != len(want) {
		t.Fatalf("%d changes; want %d", len(all), len(want))
	}
	for i, c := range all {
		equal(t, "position of a change", c.Position, hub.Position(i+1))
		equal(t, fmt.Sprint("change ", i+1), row{c.ID, c.Concept, c.Deleted}, want[i])
		if c.At.Before(before) || c.At.After(time.Now().Add(time.Second)) {
			t.Errorf("change %d was made at %s", i+1, c.At)
		}
	}
	for _, part := range []struct{ after, limit int }{{0, 1}, {0, 7}, {7, 7}, {14, 7}, {len(want) - 1, 5}, {len(want), 5}, {len(want) + 10, 5}, {3, 0}} {
		got := must[[]hub.Change](t)(s.Changes(ctx, hub.Position(part.after), part.limit))
		from := min(part.after, len(all))
		if wanted := all[from:min(from+part.limit, len(all))]; !slices.Equal(got, wanted) {
			t.Errorf("%d changes after %d: %v; want %v", part.limit, part.after, got, wanted)
		}
	}
}

func scan(t *testing.T, s hub.Store) {
	ctx := t.Context()
	records := Sample(12, 50)
	records[1].AsEntry().FullTextTexts = hub.Texts{{Language: "lt", Value: longText(300_000)}}
	put(t, s, records...)
	slices.SortFunc(records, func(a, b hub.Record) int { return strings.Compare(string(a.NodeID()), string(b.NodeID())) })
	want := texts(t, records, true)
	for _, limits := range []struct{ limit, bytes int }{{1, 1 << 30}, {7, 1 << 30}, {1000, 1 << 30}, {1000, 0}, {1000, 20_000}, {50, 400_000}} {
		var got []string
		var after hub.ID
		for {
			part := must[[]hub.Record](t)(s.Scan(ctx, after, limits.limit, limits.bytes))
			if len(part) == 0 {
				break
			}
			if len(part) > limits.limit {
				t.Fatalf("%d records; the limit is %d", len(part), limits.limit)
			}
			size := 0
			for _, r := range part[:len(part)-1] { // the last one may go over
				for _, tr := range r.AsEntry().FullTextTexts {
					size += len(tr.Value)
				}
			}
			if size > limits.bytes {
				t.Fatalf("%d bytes of text without the last record; the limit is %d", size, limits.bytes)
			}
			got = append(got, texts(t, part, true)...)
			after = part[len(part)-1].NodeID()
		}
		equal(t, fmt.Sprintf("all records, %d or %d bytes at a time", limits.limit, limits.bytes), got, want)
	}
	equal(t, "a limit of none", len(must[[]hub.Record](t)(s.Scan(ctx, "", 0, 1<<20))), 0)

	// An id that is not there is a place too.
	between := string(records[10].NodeID())
	between = between[:len(between)-1] + string(between[len(between)-1]+1)
	if between[len(between)-1] <= '9' || between[len(between)-1] >= 'a' && between[len(between)-1] <= 'f' {
		equal(t, "after an id that is not there", texts(t, must[[]hub.Record](t)(s.Scan(ctx, hub.ID(between), 1, 1<<20)), true), want[11:12])
	}
}

// picture is all that can be read from a store, for telling whether anything has changed.
func picture(t *testing.T, s hub.Store) map[string]any {
	t.Helper()
	ctx := t.Context()
	return map[string]any{
		"position":   must[hub.Position](t)(s.Position(ctx)),
		"vocabulary": must[hub.Position](t)(s.VocabularyPosition(ctx)),
		"counts":     must[hub.Counts](t)(s.Counts(ctx)),
		"held":       must[bool](t)(s.EverHeld(ctx)),
		"records":    texts(t, must[[]hub.Record](t)(s.Scan(ctx, "", 10_000, 1<<30)), true),
		"all":        must[[]hub.ID](t)(s.Find(ctx, hub.Lookup{})),
		"studies":    must[[]hub.ID](t)(s.Find(ctx, hub.Lookup{Type: hub.TypeStudy})),
		"changes":    must[[]hub.Change](t)(s.Changes(ctx, 0, 10_000)),
		"concepts":   len(must[[]*hub.Concept](t)(s.Concepts(ctx))),
	}
}

func failedUpdate(t *testing.T, s hub.Store) {
	failure := errors.New("the caller has thought better of it")
	for _, state := range []string{"empty", "full"} {
		if state == "full" {
			put(t, s, Sample(13, 12)...)
		}
		before := picture(t, s)
		_, err := s.Update(t.Context(), func(tx hub.StoreTx) error {
			for _, r := range Sample(14, 18)[12:] {
				r.AsEntry().ID = hub.ID(strings.Replace(string(r.NodeID()), "-7", "-9", 1)) // not that of a record of the other sample
				if err := tx.Put(r, nil); err != nil {
					return err
				}
			}
			if err := tx.PutConcept(Vocabulary()[0], nil); err != nil {
				return err
			}
			if state == "full" {
				old, err := tx.Record("study-1")
				if err != nil {
					return err
				}
				if err := tx.Delete(old); err != nil {
					return err
				}
			}
			return failure
		})
		if !errors.Is(err, failure) {
			t.Errorf("the error of the function is lost: %v", err)
		}
		equal(t, "what is read after a failed update of an "+state+" store", picture(t, s), before)
	}
}

func counts(t *testing.T, s hub.Store) {
	ctx := t.Context()
	records := Sample(15, 60)
	put(t, s, records...)
	findable := func() int { return len(matching(records, hub.Findable)) }
	check := func(when string) {
		t.Helper()
		equal(t, "findable records "+when, must[hub.Counts](t)(s.Counts(ctx)).Records, findable())
	}
	if findable() == len(records) {
		t.Fatal("the sample has no draft")
	}
	check("at first")
	for i, status := range []hub.RecordStatus{"DRAFT", "RETIRED", "IN_REVIEW", hub.StatusPublished, hub.StatusPublished} {
		r := copyOf(t, records[i])
		r.AsEntry().Status, r.AsEntry().Version = status, 2
		records[i] = r
		put(t, s, r)
		check("with one " + string(status))
	}
	for n := range 10 {
		remove(t, s, records[len(records)-1].AsEntry().Slug)
		records = records[:len(records)-1]
		check(fmt.Sprintf("after %d were deleted", n+1))
	}
}

func remove(t *testing.T, s hub.Store, slug string) {
	t.Helper()
	update(t, s, func(tx hub.StoreTx) error {
		old, err := tx.Record(slug)
		if err != nil {
			return err
		}
		return tx.Delete(old)
	})
}

func everHeld(t *testing.T, s hub.Store) {
	ctx := t.Context()
	update(t, s, func(hub.StoreTx) error { return nil })
	equal(t, "held before anything was written", must[bool](t)(s.EverHeld(ctx)), false)
	r := Sample(16, 1)[0]
	put(t, s, r)
	equal(t, "held after a write", must[bool](t)(s.EverHeld(ctx)), true)
	remove(t, s, r.AsEntry().Slug)
	equal(t, "records", len(must[[]hub.ID](t)(s.Find(ctx, hub.Lookup{}))), 0)
	equal(t, "held after all was deleted", must[bool](t)(s.EverHeld(ctx)), true)
}

func deletion(t *testing.T, s hub.Store) {
	ctx := t.Context()
	records := Sample(17, 36)
	put(t, s, records...)
	gone := records[13] // a study
	want := text(t, gone, true)
	remove(t, s, gone.AsEntry().Slug)
	left := slices.Delete(slices.Clone(records), 13, 14)

	equal(t, "by id", texts(t, must[[]hub.Record](t)(s.Records(ctx, []hub.ID{gone.NodeID()})), true), []string{"nil"})
	equal(t, "by slug", texts(t, must[[]hub.Record](t)(s.RecordsBySlug(ctx, []string{gone.AsEntry().Slug})), true), []string{"nil"})
	equal(t, "full texts", len(must[[]hub.Texts](t)(s.FullTexts(ctx, []hub.ID{gone.NodeID()}))[0]), 0)
	equal(t, "excerpt", must[[]string](t)(s.Excerpts(ctx, []hub.Excerpt{{ID: gone.NodeID(), Language: gone.AsEntry().OriginalLanguage, End: 10}})), []string{""})
	checkLookups(t, s, left)
	checkReferrers(t, s, left)
	equal(t, "versions", must[[]int](t)(s.Revisions(ctx, gone.NodeID())), []int{1})
	equal(t, "the version that was deleted", text(t, must[hub.Record](t)(s.Revision(ctx, gone.NodeID(), 1)), true), want)
	last := must[[]hub.Change](t)(s.Changes(ctx, hub.Position(len(records)), 10))
	if len(last) != 1 || !last[0].Deleted || last[0].ID != gone.NodeID() {
		t.Errorf("changes after the deletion: %v", last)
	}

	// Its slug is free for another.
	other := copyOf(t, records[0])
	other.AsEntry().ID, other.AsEntry().Slug = unknownID, gone.AsEntry().Slug
	put(t, s, other)
	equal(t, "another record under its slug", texts(t, must[[]hub.Record](t)(s.RecordsBySlug(ctx, []string{gone.AsEntry().Slug})), true), []string{text(t, other, true)})
}

// reads are all methods that read, by name.
func reads(s hub.Store, id hub.ID) map[string]func(ctx context.Context) error {
	return map[string]func(ctx context.Context) error{
		"Position":           func(ctx context.Context) error { _, err := s.Position(ctx); return err },
		"VocabularyPosition": func(ctx context.Context) error { _, err := s.VocabularyPosition(ctx); return err },
		"Counts":             func(ctx context.Context) error { _, err := s.Counts(ctx); return err },
		"EverHeld":           func(ctx context.Context) error { _, err := s.EverHeld(ctx); return err },
		"Records":            func(ctx context.Context) error { _, err := s.Records(ctx, []hub.ID{id}); return err },
		"RecordsBySlug":      func(ctx context.Context) error { _, err := s.RecordsBySlug(ctx, []string{"study-1"}); return err },
		"FullTexts":          func(ctx context.Context) error { _, err := s.FullTexts(ctx, []hub.ID{id}); return err },
		"Excerpts": func(ctx context.Context) error {
			_, err := s.Excerpts(ctx, []hub.Excerpt{{ID: id, Language: "lt", End: 10}})
			return err
		},
		"Find": func(ctx context.Context) error { _, err := s.Find(ctx, hub.Lookup{Type: hub.TypeStudy}); return err },
		"Referrers": func(ctx context.Context) error {
			_, err := s.Referrers(ctx, []string{"study-1"}, hub.TypeGoodPractice, []string{"supportedBy"}, 10)
			return err
		},
		"Concepts":  func(ctx context.Context) error { _, err := s.Concepts(ctx); return err },
		"Scan":      func(ctx context.Context) error { _, err := s.Scan(ctx, "", 10, 1<<20); return err },
		"Changes":   func(ctx context.Context) error { _, err := s.Changes(ctx, 0, 10); return err },
		"Revisions": func(ctx context.Context) error { _, err := s.Revisions(ctx, id); return err },
		"Revision":  func(ctx context.Context) error { _, err := s.Revision(ctx, id, 1); return err },
		"Check":     func(ctx context.Context) error { return s.Check(ctx, func(hub.Finding) {}) },
	}
}

func cancelled(t *testing.T, s hub.Store) {
	records := Sample(18, 6)
	put(t, s, records...)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	all := reads(s, records[1].NodeID())
	all["Update"] = func(ctx context.Context) error {
		_, err := s.Update(ctx, func(hub.StoreTx) error {
			t.Error("Update ran its function although the context had ended")
			return nil
		})
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if err := all[name](ctx); !errors.Is(err, context.Canceled) || hub.ClassOf(err) != hub.ClassUnavailable {
			t.Errorf("%s: %v; want context.Canceled", name, err)
		}
	}
}

func wholeTransactions(t *testing.T, s hub.Store) {
	pair := Sample(19, 2)
	ids := idsOf(pair)
	put(t, s, pair...)
	const rounds = 50
	done := make(chan error, 1)
	go func() {
		for version := 2; version <= rounds; version++ {
			_, err := s.Update(t.Context(), func(tx hub.StoreTx) error {
				for _, r := range pair {
					old, err := tx.Record(r.AsEntry().Slug)
					if err != nil {
						return err
					}
					next, err := tx.Record(r.AsEntry().Slug)
					if err != nil {
						return err
					}
					next.AsEntry().Version = version
					if err := tx.Put(next, old); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for {
		got := must[[]hub.Record](t)(s.Records(t.Context(), ids))
		if a, b := got[0].AsEntry().Version, got[1].AsEntry().Version; a != b {
			t.Fatalf("half of a transaction is seen: versions %d and %d", a, b)
		}
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "versions", len(must[[]int](t)(s.Revisions(t.Context(), ids[0]))), rounds)
			return
		default:
		}
	}
}

func closed(t *testing.T, s hub.Store) {
	records := Sample(20, 6)
	put(t, s, records...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	all := reads(s, records[1].NodeID())
	all["Update"] = func(ctx context.Context) error {
		_, err := s.Update(ctx, func(hub.StoreTx) error { return nil })
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if err := all[name](t.Context()); !errors.Is(err, hub.ErrUnavailable) {
			t.Errorf("%s on a closed store: %v; want ErrUnavailable", name, err)
		}
	}
}
