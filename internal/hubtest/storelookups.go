package hubtest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"versme/hub"
)

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
