package hub_test

import (
	"fmt"
	"slices"
	"testing"

	"versme/hub"
)

func vocabulary(broader map[string][]string) *hub.Vocabulary {
	var all []*hub.Concept
	for slug, b := range broader {
		all = append(all, &hub.Concept{ID: hub.ID("id-" + slug), Slug: slug, Scheme: hub.SchemeTheme, BroaderSlugs: b, LabelTexts: hub.Texts{{Language: "en", Value: slug}}})
	}
	return hub.NewVocabulary(all)
}

// Who asks for a concept means its narrower ones too, so each has itself and everything broader for ancestors. A circle, which a vocabulary
// that people edit will one day have, is cut.
func TestAncestors(t *testing.T) {
	for name, test := range map[string]struct {
		broader map[string][]string
		want    map[string][]string
	}{
		"a tree":            {map[string][]string{"a": nil, "b": {"a"}, "c": {"b"}}, map[string][]string{"a": {"a"}, "b": {"a", "b"}, "c": {"a", "b", "c"}}},
		"two broader ones":  {map[string][]string{"a": nil, "b": nil, "c": {"a", "b"}, "d": {"c", "a"}}, map[string][]string{"d": {"a", "b", "c", "d"}}},
		"a circle":          {map[string][]string{"a": {"c"}, "b": {"a"}, "c": {"b"}, "d": {"c"}}, map[string][]string{"a": {"a", "b", "c"}, "d": {"a", "b", "c", "d"}}},
		"itself":            {map[string][]string{"a": {"a"}}, map[string][]string{"a": {"a"}}},
		"a missing concept": {map[string][]string{"a": {"gone"}}, map[string][]string{"a": {"a"}, "gone": {"gone"}}},
	} {
		v := vocabulary(test.broader)
		for slug, want := range test.want {
			got := slices.Sorted(slices.Values(v.Ancestors(slug)))
			equal(t, name+": "+slug, got, want)
		}
	}
	var none *hub.Vocabulary
	equal(t, "no vocabulary", none.Ancestors("a"), []string{"a"})
	if none.Concept("a") != nil {
		t.Error("a concept of no vocabulary")
	}
}

// A deep or wide vocabulary is linked in good time: EuroVoc has 7,000 concepts.
func TestLargeVocabulary(t *testing.T) {
	broader := map[string][]string{"c-0": nil}
	for i := 1; i < 7000; i++ {
		broader[fmt.Sprint("c-", i)] = []string{fmt.Sprint("c-", (i-1)/8)}
	}
	v := vocabulary(broader)
	equal(t, "ancestors", len(v.Ancestors("c-6999")), 6)
	equal(t, "narrower", len(v.Concept("c-0").Narrower()), 8)
	equal(t, "concepts", len(v.All()), 7000)
}

func TestConceptNeighbours(t *testing.T) {
	p := open(t)
	p.must(t,
		`{"type":"CONCEPT","slug":"b","scheme":"THEME","label":{"en":"b"},"broader":["a","gone"],"related":["c"]}`,
		`{"type":"CONCEPT","slug":"a","scheme":"THEME","label":{"lt":"a-lt","en":"a-en"},"altLabels":{"lt":["x","y"],"de":["z"]}}`,
		`{"type":"CONCEPT","slug":"c","scheme":"THEME","label":{"lt":"c-lt"},"broader":["a"]}`)
	v, err := p.Vocabulary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	of := func(all []*hub.Concept) (slugs []string) {
		for _, c := range all {
			slugs = append(slugs, c.Slug)
		}
		return slugs
	}
	a, b := v.Concept("a"), v.Concept("b")
	equal(t, "narrower", of(a.Narrower()), []string{"b", "c"})
	equal(t, "broader", of(b.Broader()), []string{"a"})
	equal(t, "related", of(b.Related()), []string{"c"})
	ctx := t.Context()
	equal(t, "label", a.Label(ctx, []hub.Language{"lt"}).Value, "a-lt")
	equal(t, "label, in a language that it lacks", a.Label(ctx, []hub.Language{"nb"}).Value, "a-en")
	equal(t, "label of one without English", v.Concept("c").Label(ctx, []hub.Language{"nb"}).Value, "c-lt")
	equal(t, "other labels", len(a.AltLabels(ctx, []hub.Language{"nb", "lt"})), 2)
	equal(t, "other labels, in a language that it lacks", len(a.AltLabels(ctx, []hub.Language{"fi"})), 0)
}

// Concepts that changed are served changed, and are counted with their narrower ones.
func TestVocabularyFollows(t *testing.T) {
	p := open(t)
	ctx := t.Context()
	p.must(t,
		`{"type":"CONCEPT","slug":"wide","scheme":"THEME","label":{"en":"wide"}}`,
		`{"type":"STUDY","slug":"s","originalLanguage":"lt","title":{"lt":"s"},"themes":["narrow"]}`)
	count := func(slug string) int {
		t.Helper()
		v, err := p.Vocabulary(ctx)
		if err != nil {
			t.Fatal(err)
		}
		n, err := v.Concept(slug).RecordCount(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	equal(t, "records of the wide one", count("wide"), 0)
	p.must(t, `{"type":"CONCEPT","slug":"narrow","scheme":"THEME","label":{"en":"narrow"},"broader":["wide"]}`)
	equal(t, "records of the wide one, with a narrower", count("wide"), 1)
	equal(t, "records of the narrow one", count("narrow"), 1)
	p.must(t, `{"type":"STUDY","slug":"s2","originalLanguage":"lt","title":{"lt":"s"},"themes":["wide"]}`)
	equal(t, "records of the wide one, with one more", count("wide"), 2)

	before, err := p.Vocabulary(ctx)
	if err != nil {
		t.Fatal(err)
	}
	p.must(t, `{"type":"CONCEPT","slug":"wide","scheme":"THEME","label":{"en":"wider"}}`)
	equal(t, "the one held", before.Concept("wide").LabelTexts[0].Value, "wide")
	after, err := p.Vocabulary(ctx)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "the one asked for again", after.Concept("wide").LabelTexts[0].Value, "wider")
}
