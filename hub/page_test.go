package hub_test

import (
	"fmt"
	"testing"

	"versme/hub"
)

// References are slugs. They may be written before what they name, and are served once it is there.
func TestForwardReferences(t *testing.T) {
	p := open(t)
	p.must(t, `{"type":"GOOD_PRACTICE","slug":"a","originalLanguage":"lt","title":{"lt":"a"},"supportedBy":["s","p"],"project":"p","themes":["later"],
		"organisations":[{"organisation":"o","role":"LEAD"},{"organisation":"never","role":"FUNDER"}]}`)
	ctx := t.Context()
	get := func() *hub.GoodPractice { return p.record(t, "a").(*hub.GoodPractice) }
	served := func() []string {
		t.Helper()
		a := get()
		studies, err := a.SupportedBy(ctx)
		if err != nil {
			t.Fatal(err)
		}
		organisations, err := a.Organisations(ctx)
		if err != nil {
			t.Fatal(err)
		}
		project, err := a.Project(ctx)
		if err != nil {
			t.Fatal(err)
		}
		all := slugs(studies)
		for _, o := range organisations {
			all = append(all, o.Organisation().Slug+" "+string(o.Role))
		}
		if project != nil {
			all = append(all, project.Slug)
		}
		for _, c := range a.Themes() {
			all = append(all, c.Slug)
		}
		return all
	}
	equal(t, "before they are there", served(), []string{})
	p.must(t,
		`{"type":"STUDY","slug":"s","originalLanguage":"lt","title":{"lt":"s"}}`,
		`{"type":"ORGANISATION","slug":"o","originalLanguage":"lt","title":{"lt":"o"}}`,
		`{"type":"PROJECT","slug":"p","originalLanguage":"lt","title":{"lt":"p"}}`,
		`{"type":"CONCEPT","slug":"later","scheme":"THEME","label":{"en":"later"}}`)
	equal(t, "once they are", served(), []string{"s", "o LEAD", "p", "later"}) // supportedBy names a project, which is no study

	study := p.record(t, "s").(*hub.Study)
	supports, err := study.Supports(ctx, 10)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "the other way round", slugs(supports), []string{"a"})
}

// A list costs one read of the store for each field that is followed, however many records it has and whether they are reached as nodes or
// as edges.
func TestReferencesAreReadForTheWholePage(t *testing.T) {
	p := open(t)
	var all []string
	for i := range 20 {
		all = append(all,
			fmt.Sprintf(`{"type":"GOOD_PRACTICE","slug":"p-%d","originalLanguage":"lt","title":{"lt":"p"},"supportedBy":["s-%d","s-%d"],"organisations":[{"organisation":"o-%d","role":"LEAD"}],"adaptedFrom":["p-%d"]}`, i, i, (i+1)%20, i%3, (i+1)%20),
			fmt.Sprintf(`{"type":"STUDY","slug":"s-%d","originalLanguage":"lt","title":{"lt":"s"},"text":{"lt":"visas tekstas"}}`, i))
	}
	for i := range 3 {
		all = append(all, fmt.Sprintf(`{"type":"ORGANISATION","slug":"o-%d","originalLanguage":"lt","title":{"lt":"o"}}`, i))
	}
	p.must(t, all...)
	ctx := t.Context()
	page, err := p.GoodPractices(ctx, nil, nil, hub.PageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "practices", len(page.Edges), 20)
	p.store.Reads()

	step := func(what string, want map[string]int, follow func(a *hub.GoodPractice) error) {
		t.Helper()
		for _, e := range page.Edges { // edges { node { … } }, one by one, as a client of Relay asks
			if err := follow(e.Node); err != nil {
				t.Fatal(err)
			}
		}
		equal(t, "reads for "+what, p.store.Reads(), want)
		for _, node := range page.Nodes() {
			if err := follow(node); err != nil {
				t.Fatal(err)
			}
		}
		equal(t, "reads for "+what+" again", len(p.store.Reads()), 0)
	}
	step("organisations", map[string]int{"RecordsBySlug": 1}, func(a *hub.GoodPractice) error {
		_, err := a.Organisations(ctx)
		return err
	})
	step("adaptedBy", map[string]int{"Referrers": 1, "Records": 1}, func(a *hub.GoodPractice) error {
		_, err := a.AdaptedBy(ctx, 10)
		return err
	})
	step("supportedBy, their texts and what they support in turn", map[string]int{"RecordsBySlug": 1, "FullTexts": 1, "Referrers": 1, "Records": 1}, func(a *hub.GoodPractice) error {
		studies, err := a.SupportedBy(ctx)
		if err != nil {
			return err
		}
		equal(t, "studies of "+a.Slug, len(studies), 2)
		for _, s := range studies {
			if text, err := s.Text(ctx, nil); err != nil || text.Value != "visas tekstas" {
				t.Errorf("text of %s: %v, %v", s.Slug, text, err)
			}
			if back, err := s.Supports(ctx, 10); err != nil || len(back) != 2 {
				t.Errorf("%s supports %d, %v", s.Slug, len(back), err)
			}
		}
		return nil
	})
}

// How many come back the other way is asked for within limits, and is cut there.
func TestNamingLimits(t *testing.T) {
	p := open(t)
	p.must(t, `{"type":"ORGANISATION","slug":"o","originalLanguage":"lt","title":{"lt":"o"}}`)
	for i := range 5 {
		p.must(t, fmt.Sprintf(`{"type":"PROJECT","slug":"p-%d","originalLanguage":"lt","title":{"lt":"p"},"owner":"o","partners":[{"organisation":"o","role":"LEAD"}]}`, i))
	}
	o := p.record(t, "o").(*hub.Organisation)
	for first, want := range map[int]int{0: 0, 1: 1, 3: 3, 5: 5, 100: 5} {
		got, err := o.Projects(t.Context(), first)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, fmt.Sprintf("first %d", first), len(got), want) // each once, though it names it twice
	}
	for _, first := range []int{-1, hub.MaxPage + 1} {
		if _, err := o.Projects(t.Context(), first); err == nil {
			t.Errorf("first %d: no error", first)
		} else if got := problem(t, err).Field; got != "first" {
			t.Errorf("first %d: %q is said to be wrong", first, got)
		}
	}
}

// A record that did not come from a hub can be looked at without one: what it names is not followed.
func TestRecordWithoutAHub(t *testing.T) {
	p := &hub.GoodPractice{Entry: hub.Entry{Slug: "a", ThemeSlugs: []string{"x"}}, SupportedBySlugs: []string{"s"}, ProjectSlug: "p"}
	studies, err := p.SupportedBy(t.Context())
	if err != nil || len(studies) != 0 || len(p.Themes()) != 0 {
		t.Errorf("%v, %v", studies, err)
	}
	if project, err := p.Project(t.Context()); project != nil || err != nil {
		t.Errorf("%v, %v", project, err)
	}
}
