package hubtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

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

// longText is a text of characters of one to four bytes, so that every boundary of a round number of bytes falls inside of one somewhere.
func longText(bytes int) string {
	var b strings.Builder
	for i := 0; b.Len() < bytes; i++ {
		b.WriteString([]string{"a", "ž", "ﬁ", "𝄞", " "}[i%5])
	}
	return b.String()
}

func fullTextsOfRecords(t *testing.T, s hub.Store) {
	ctx := t.Context()
	records := Sample(4, 30)
	records[1].AsEntry().FullTextTexts = hub.Texts{
		{Language: "lt", Value: longText(300_000)},
		{Language: "en", Value: longText(64 << 10), Origin: hub.OriginMachine, Of: "0123456789abcdef"},
		{Language: "en-GB", Value: "a language whose name begins as another's does"},
	}
	put(t, s, records...)
	ask := append(idsOf(records), unknownID, "")
	rand.New(rand.NewPCG(4, 4)).Shuffle(len(ask), func(i, j int) { ask[i], ask[j] = ask[j], ask[i] })
	byID := map[hub.ID]hub.Texts{}
	for _, r := range records {
		byID[r.NodeID()] = r.AsEntry().FullTextTexts
	}
	for i, got := range must[[]hub.Texts](t)(s.FullTexts(ctx, ask)) {
		if want := byID[ask[i]]; len(got) != 0 || len(want) != 0 {
			equal(t, "full texts of "+string(ask[i]), got, want)
		}
	}
}

func excerpts(t *testing.T, s hub.Store) {
	ctx := t.Context()
	r := Sample(5, 12)[1]
	whole := longText(200_003)
	short := "trumpas tekstas"
	r.AsEntry().FullTextTexts = hub.Texts{{Language: "lt", Value: whole}, {Language: "en", Value: short}}
	put(t, s, r)
	id := r.NodeID()

	// An excerpt begins at Start to the byte and is cut back to a whole character at its end.
	want := func(text string, start, end int) string {
		start, end = max(0, start), min(end, len(text))
		if start >= end {
			return ""
		}
		for end < len(text) && end > start && !utf8.RuneStart(text[end]) {
			end--
		}
		return text[start:end]
	}
	at := []hub.Excerpt{
		{ID: id, Language: "lt", Start: 0, End: len(whole)},
		{ID: id, Language: "lt", Start: 0, End: 1 << 40},
		{ID: id, Language: "lt", Start: -5, End: 7},
		{ID: id, Language: "lt", Start: 7, End: 7},
		{ID: id, Language: "lt", Start: 9, End: 7},
		{ID: id, Language: "lt", Start: len(whole), End: len(whole) + 10},
		{ID: id, Language: "lt", Start: len(whole) + 1<<20, End: len(whole) + 1<<21},
		{ID: id, Language: "en", Start: 3, End: 9},
	}
	for block := 1; block <= 6; block++ { // around the round numbers of bytes that a store may cut at
		for from := -6; from <= 6; from++ {
			for size := range 9 {
				at = append(at, hub.Excerpt{ID: id, Language: "lt", Start: block<<15 + from, End: block<<15 + from + size})
			}
			at = append(at, hub.Excerpt{ID: id, Language: "lt", Start: 100, End: block<<15 + from})
		}
	}
	rnd := rand.New(rand.NewPCG(5, 5))
	for range 100 {
		start := rnd.IntN(len(whole))
		at = append(at, hub.Excerpt{ID: id, Language: "lt", Start: start, End: start + rnd.IntN(100_000)})
	}
	n := len(at)
	at = append(at, hub.Excerpt{ID: unknownID, Language: "lt", End: 10}, hub.Excerpt{ID: "", Language: "lt", End: 10},
		hub.Excerpt{ID: id, Language: "nb", End: 10}, hub.Excerpt{ID: id, Language: "l", End: 10})
	got := must[[]string](t)(s.Excerpts(ctx, at))
	for i, x := range at {
		text := map[hub.Language]string{"lt": whole, "en": short}[x.Language]
		if i >= n {
			text = ""
		}
		if w := want(text, x.Start, x.End); got[i] != w {
			t.Errorf("excerpt %d to %d (%s): %d bytes that begin with %.20q; want %d that begin with %.20q", x.Start, x.End, x.Language, len(got[i]), got[i], len(w), w)
		}
	}
	equal(t, "no excerpts", len(must[[]string](t)(s.Excerpts(ctx, nil))), 0)
}

// checkLookups compares every lookup with what the records themselves say.
func checkLookups(t *testing.T, s hub.Store, records []hub.Record) {
	t.Helper()
	find := func(what string, l hub.Lookup, is func(hub.Record) bool) {
		t.Helper()
		equal(t, what, must[[]hub.ID](t)(s.Find(t.Context(), l)), matching(records, is))
	}
	find("all", hub.Lookup{}, func(hub.Record) bool { return true })
	for _, typ := range hub.RecordTypes {
		find("type "+string(typ), hub.Lookup{Type: typ}, func(r hub.Record) bool { return r.Type() == typ })
	}
	for _, c := range append(sampleCountries, "SE") {
		find("country "+string(c), hub.Lookup{Country: c}, func(r hub.Record) bool { return slices.Contains(r.AsEntry().CountryCodes, c) })
	}
	for _, c := range Vocabulary() {
		find("concept "+c.Slug, hub.Lookup{Concept: c.Slug}, func(r hub.Record) bool {
			return slices.ContainsFunc(hub.ConceptSlugsOf(r), func(ref hub.Reference) bool { return ref.Slug == c.Slug })
		})
	}
	for _, o := range records {
		if slug := o.AsEntry().Slug; o.Type() == hub.TypeOrganisation {
			find("organisation "+slug, hub.Lookup{Organisation: slug}, func(r hub.Record) bool { return slices.Contains(hub.OrganisationSlugsOf(r), slug) })
		}
	}
	for year := 1990; year <= 2035; year++ {
		find(fmt.Sprint("year ", year), hub.Lookup{Year: year}, func(r hub.Record) bool {
			from, to := hub.Years(r)
			return from != 0 && from <= year && (to == 0 || year <= to)
		})
	}
	for _, r := range records {
		at := r.AsEntry().UpdatedAt.Time
		for _, since := range []time.Time{at, at.Add(1), at.Add(-1)} {
			find("since "+since.Format(time.RFC3339Nano), hub.Lookup{UpdatedSince: since}, func(r hub.Record) bool { return !r.AsEntry().UpdatedAt.Before(since) })
		}
	}
}

func lookups(t *testing.T, s hub.Store) {
	records := Sample(6, 90)
	put(t, s, records...)
	checkLookups(t, s, records)
	for _, l := range []hub.Lookup{{Type: "NO_SUCH"}, {Country: "ZZ"}, {Concept: "no-such"}, {Concept: "arts"}, {Organisation: "organisation"}, {Year: 1}, {Year: -3}} {
		equal(t, fmt.Sprintf("%+v", l), len(must[[]hub.ID](t)(s.Find(t.Context(), l))), 0)
	}
}

func lookupsFollow(t *testing.T, s hub.Store) {
	records := Sample(7, 36)
	put(t, s, records...)
	other := Sample(8, 36) // the same slugs with other contents
	for i, r := range other {
		r.AsEntry().ID, r.AsEntry().Version = records[i].NodeID(), 2
	}
	put(t, s, other[:18]...)
	now := append(slices.Clone(other[:18]), records[18:]...)
	checkLookups(t, s, now)
	checkReferrers(t, s, now)
}

func checkReferrers(t *testing.T, s hub.Store, records []hub.Record) {
	t.Helper()
	var slugs []string
	for _, r := range records {
		slugs = append(slugs, r.AsEntry().Slug)
	}
	slugs = append(slugs, "there-is-no-such-slug", slugs[0], "")
	for _, ask := range []struct {
		t      hub.RecordType
		fields []string
	}{
		{hub.TypeGoodPractice, []string{"organisations"}},
		{hub.TypeGoodPractice, []string{"adaptedFrom"}},
		{hub.TypeGoodPractice, []string{"implements"}},
		{hub.TypeGoodPractice, []string{"supportedBy"}},
		{hub.TypePolicyDocument, []string{"implements", "amends"}},
		{hub.TypeProject, []string{"owner", "partners"}},
		{hub.TypeCollection, []string{"items"}},
		{hub.TypeStudy, []string{"items"}},
		{hub.TypeGoodPractice, nil},
	} {
		for _, limit := range []int{0, 1, 2, 1000} {
			got := must[[][]hub.ID](t)(s.Referrers(t.Context(), slugs, ask.t, ask.fields, limit))
			for i, slug := range slugs {
				want := matching(records, func(r hub.Record) bool {
					return r.Type() == ask.t && slices.ContainsFunc(hub.ReferencesOf(r), func(ref hub.Reference) bool {
						return ref.Slug == slug && slices.Contains(ask.fields, ref.Field)
					})
				})
				want = want[:min(limit, len(want))]
				if !slices.Equal(got[i], want) {
					t.Errorf("%s that name %q in %v, up to %d: %v; want %v", ask.t, slug, ask.fields, limit, got[i], want)
				}
			}
		}
	}
}

func referrers(t *testing.T, s hub.Store) {
	records := Sample(9, 90)
	put(t, s, records...)
	checkReferrers(t, s, records)
}

func concepts(t *testing.T, s hub.Store) {
	ctx := t.Context()
	all := Vocabulary()
	full := Full()
	all = append(all, full[len(full)-1].Concept)
	byConcept := func(concepts []*hub.Concept) map[string]string {
		m := map[string]string{}
		for _, c := range concepts {
			b, err := hub.EncodeItem(hub.Item{Concept: c})
			if err != nil {
				t.Fatal(err)
			}
			m[c.Slug] = string(b)
		}
		return m
	}
	at := update(t, s, func(tx hub.StoreTx) error {
		for _, c := range all {
			if err := tx.PutConcept(c, nil); err != nil {
				return err
			}
		}
		return nil
	})
	equal(t, "concepts", byConcept(must[[]*hub.Concept](t)(s.Concepts(ctx))), byConcept(all))
	equal(t, "position of the vocabulary", must[hub.Position](t)(s.VocabularyPosition(ctx)), at)

	put(t, s, Sample(10, 3)...)
	equal(t, "position of the vocabulary after records", must[hub.Position](t)(s.VocabularyPosition(ctx)), at)

	at = update(t, s, func(tx hub.StoreTx) error {
		old, err := tx.Concept("wellbeing")
		if err != nil {
			return err
		}
		next := *old
		next.LabelTexts = hub.Texts{{Language: "lt", Value: "gera savijauta"}}
		all[0] = &next
		if _, err := tx.Concept("there-is-no-such-concept"); !errors.Is(err, hub.ErrNotFound) {
			t.Errorf("a concept that is not there: %v; want ErrNotFound", err)
		}
		return tx.PutConcept(&next, old)
	})
	equal(t, "concepts after a change", byConcept(must[[]*hub.Concept](t)(s.Concepts(ctx))), byConcept(all))
	equal(t, "position of the vocabulary after a change", must[hub.Position](t)(s.VocabularyPosition(ctx)), at)
	equal(t, "count", must[hub.Counts](t)(s.Counts(ctx)).Concepts, len(all))
}

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
