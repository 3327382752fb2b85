package hub_test

import (
	"encoding/json"
	"errors"
	"testing"

	"versme/hub"
)

// One rule serves display, sorting, facet labels and highlights: the first language asked for that there is, in whatever region, then the
// original, then any.
func TestTextsIn(t *testing.T) {
	all := hub.Texts{{Language: "lt", Value: "lt"}, {Language: "en-GB", Value: "en-GB"}, {Language: "en", Value: "en"}, {Language: "nb", Value: "nb"}}
	for _, test := range []struct {
		texts    hub.Texts
		in       []hub.Language
		original hub.Language
		want     string
	}{
		{all, []hub.Language{"lt"}, "en", "lt"},
		{all, []hub.Language{"nb", "lt"}, "en", "nb"},
		{all, []hub.Language{"sv", "lt"}, "en", "lt"},
		{all, nil, "nb", "nb"},
		{all, []hub.Language{"sv", "fi"}, "nb", "nb"},
		{all, []hub.Language{"en"}, "lt", "en"},
		{all, []hub.Language{"en-GB"}, "lt", "en-GB"},
		{all, []hub.Language{"en-US"}, "lt", "en-GB"}, // another region will do: the first there is
		{all, []hub.Language{"en-US", "en"}, "lt", "en-GB"},
		{all, []hub.Language{"lt-LT"}, "en", "lt"},
		{all, []hub.Language{"sv"}, "da", "lt"}, // neither: any
		{all[:1], []hub.Language{"en"}, "en", "lt"},
		{hub.Texts{{Language: "nn", Value: "nn"}}, []hub.Language{"nb"}, "lt", "nn"},
	} {
		if got := test.texts.In(test.in, test.original); got == nil || got.Value != test.want {
			t.Errorf("%v of %v, original %s: %+v; want %s", test.in, test.texts, test.original, got, test.want)
		}
	}
	if got := (hub.Texts{}).In([]hub.Language{"lt"}, "lt"); got != nil {
		t.Errorf("no text is served as %+v", got)
	}
}

func TestTextsInAFile(t *testing.T) {
	for in, want := range map[string]hub.Texts{
		`{"lt":"a"}`:          {{Language: "lt", Value: "a"}},
		`{"no":"a","EN":"b"}`: {{Language: "nb", Value: "a"}, {Language: "en", Value: "b"}},
		`{"en":{"value":"a","origin":"MACHINE","translationOf":"0123456789abcdef"},"lt":"b"}`: {{Language: "en", Value: "a", Origin: hub.OriginMachine, Of: "0123456789abcdef"}, {Language: "lt", Value: "b"}},
		`{}`:   {},
		`null`: nil,
	} {
		var got hub.Texts
		if err := json.Unmarshal([]byte(in), &got); err != nil {
			t.Errorf("%s: %v", in, err)
		}
		equal(t, in, got, want)
	}
	for _, in := range []string{`"a"`, `["a"]`, `5`, `true`, `{"lt":5}`, `{"lt":["a"]}`, `{"xx":"a"}`, `{"":"a"}`, `{"lt":"a","LT":"b"}`, `{"no":"a","nb":"b"}`, `{"lt":{"value":5}}`, `{"lt":{"text":"a"}}`, `{"lt":{"value":"a","origin":"GOD"}}`} {
		var got hub.Texts
		if err := json.Unmarshal([]byte(in), &got); err == nil {
			t.Errorf("%s is read as %v", in, got)
		}
	}
}

// A translation is outdated when the original is no longer the one it was made from: that is computed, so that nobody has to remember it.
func TestOutdated(t *testing.T) {
	p := open(t)
	type state struct {
		Value    string
		Origin   hub.TextOrigin
		Outdated bool
	}
	title := func(l hub.Language) state {
		t.Helper()
		text := p.record(t, "a").AsEntry().Title(t.Context(), []hub.Language{l})
		return state{text.Value, text.Origin, text.Outdated}
	}
	step := func(what, title_ string, lt, en state) {
		t.Helper()
		p.must(t, `{"type":"STUDY","slug":"a","originalLanguage":"lt","title":`+title_+`}`)
		equal(t, what+", lt", title("lt"), lt)
		equal(t, what+", en", title("en"), en)
	}
	step("new", `{"lt":"vienas","en":"one"}`, state{"vienas", "ORIGINAL", false}, state{"one", "HUMAN", false})
	step("only the original changes", `{"lt":"du","en":"one"}`, state{"du", "ORIGINAL", false}, state{"one", "HUMAN", true})
	step("the same again", `{"lt":"du","en":"one"}`, state{"du", "ORIGINAL", false}, state{"one", "HUMAN", true})
	step("the original is as it was", `{"lt":"vienas","en":"one"}`, state{"vienas", "ORIGINAL", false}, state{"one", "HUMAN", false})
	step("both change", `{"lt":"trys","en":"three"}`, state{"trys", "ORIGINAL", false}, state{"three", "HUMAN", false})
	step("the original changes again", `{"lt":"keturi","en":"three"}`, state{"keturi", "ORIGINAL", false}, state{"three", "HUMAN", true})
	step("the translation follows, by a program", `{"lt":"keturi","en":{"value":"four","origin":"MACHINE"}}`, state{"keturi", "ORIGINAL", false}, state{"four", "MACHINE", false})
	step("only the origin changes: a person has read it", `{"lt":"keturi","en":"four"}`, state{"keturi", "ORIGINAL", false}, state{"four", "HUMAN", false})
	step("a translation of an older original, and says so", `{"lt":"keturi","en":{"value":"five","translationOf":"0123456789abcdef"}}`, state{"keturi", "ORIGINAL", false}, state{"five", "HUMAN", true})
}

// What holds for the title holds for every text of a record, those in lists and full texts included.
func TestOutdatedEverywhere(t *testing.T) {
	p := open(t)
	line := func(lt string) []string {
		texts := `{"lt":"` + lt + `","en":"one"}`
		return []string{
			`{"type":"STUDY","slug":"a","originalLanguage":"lt","title":{"lt":"t"},"findings":` + texts + `,"text":` + texts + `}`,
			`{"type":"GOOD_PRACTICE","slug":"b","originalLanguage":"lt","title":{"lt":"t"},"results":[{"statement":` + texts + `}],"fundingSources":[` + texts + `]}`,
		}
	}
	p.must(t, line("vienas")...)
	p.must(t, line("du")...)
	in := []hub.Language{"en"}
	study, practice := p.record(t, "a").(*hub.Study), p.record(t, "b").(*hub.GoodPractice)
	full, err := study.Text(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]*hub.Text{
		"findings": study.Findings(t.Context(), in), "text": full,
		"results": practice.Results()[0].Statement(t.Context(), in), "fundingSources": practice.FundingSources(t.Context(), in)[0],
	} {
		if text == nil || text.Value != "one" || !text.Outdated {
			t.Errorf("%s: %+v; want one, outdated", name, text)
		}
	}
}

// The reader's languages decide where a field does not say: those of the request.
func TestReadersLanguages(t *testing.T) {
	p := open(t)
	p.must(t, `{"type":"STUDY","slug":"a","originalLanguage":"lt","title":{"lt":"vienas","en":"one","nb":"en"}}`)
	e := p.record(t, "a").AsEntry()
	ctx := hub.WithLanguages(t.Context(), []hub.Language{"sv", "nb"})
	equal(t, "the request's", e.Title(ctx, nil).Value, "en")
	equal(t, "the field's", e.Title(ctx, []hub.Language{"en"}).Value, "one")
	equal(t, "nobody's", e.Title(t.Context(), nil).Value, "vienas")
}

func TestTextErrorsAreInvalid(t *testing.T) {
	var got hub.Texts
	err := json.Unmarshal([]byte(`{"xx":"a"}`), &got)
	if !errors.Is(err, hub.ErrInvalid) {
		t.Error(err)
	}
}
