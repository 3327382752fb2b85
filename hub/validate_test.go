package hub_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"versme/hub"
)

// decode reads a record of a type from the fields given and those that every record needs.
func decode(t *testing.T, typ hub.RecordType, fields string) hub.Record {
	t.Helper()
	it, err := hub.DecodeItem([]byte(`{"type":"` + string(typ) + `","slug":"a","originalLanguage":"lt","title":{"lt":"pavadinimas"}` + comma(fields) + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return it.Record
}

func comma(s string) string {
	if s != "" {
		return "," + s
	}
	return ""
}

func list(n int, item string) string {
	return "[" + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + "]"
}

// Each rule of a record: what breaks it, which field is named, and that nothing else is said.
func TestValidate(t *testing.T) {
	quote := func(s string) string {
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	long := strings.Repeat("ė", hub.MaxPlain+1)
	for _, test := range []struct {
		typ           hub.RecordType
		fields, field string // no field: it is valid
	}{
		{hub.TypeStudy, ``, ""},
		{hub.TypeStudy, `"title":{}`, "title"},
		{hub.TypeStudy, `"title":{"lt":"  "}`, "title"},
		{hub.TypeStudy, `"slug":"A"`, "slug"},
		{hub.TypeStudy, `"slug":"ąžuolas"`, "slug"},
		{hub.TypeStudy, `"slug":"a--b"`, "slug"},
		{hub.TypeStudy, `"slug":"-a"`, "slug"},
		{hub.TypeStudy, `"slug":"a-"`, "slug"},
		{hub.TypeStudy, `"slug":"a/b"`, "slug"},
		{hub.TypeStudy, `"slug":"` + strings.Repeat("a", hub.MaxSlug) + `"`, ""},
		{hub.TypeStudy, `"slug":"` + strings.Repeat("a", hub.MaxSlug+1) + `"`, "slug"},
		{hub.TypeStudy, `"slug":"","title":{"lt":"Культура"}`, "slug"},
		{hub.TypeStudy, `"title":{"lt":` + quote(strings.Repeat("ė", hub.MaxTitle)) + `}`, ""},
		{hub.TypeStudy, `"title":{"lt":` + quote(strings.Repeat("ė", hub.MaxTitle+1)) + `}`, "title.lt"},
		{hub.TypeStudy, `"summary":{"en":` + quote(strings.Repeat("ė", hub.MaxMarkup)) + `}`, ""},
		{hub.TypeStudy, `"summary":{"en":` + quote(strings.Repeat("ė", hub.MaxMarkup+1)) + `}`, "summary.en"},
		{hub.TypeStudy, `"text":{"en":` + quote(strings.Repeat("e", hub.MaxMarkup+1)) + `}`, ""},
		{hub.TypeStudy, `"themes":["Arts"]`, "themes"},
		{hub.TypeStudy, `"sectors":[""]`, ""}, // nothing is named
		{hub.TypeStudy, `"keywords":[` + quote(long) + `]`, "keywords[0]"},
		{hub.TypeStudy, `"sources":[{"title":"a"},{"url":"https://example.org"}]`, "sources[1].title"},
		{hub.TypeStudy, `"sources":` + list(hub.MaxItems, `{"title":"a"}`), ""},
		{hub.TypeStudy, `"sources":` + list(hub.MaxItems+1, `{"title":"a"}`), "sources"},
		{hub.TypeStudy, `"licence":` + quote(long), "licence"},
		{hub.TypeStudy, `"publisher":` + quote(long), "publisher"},
		{hub.TypeStudy, `"authors":[{"name":" "}]`, "authors[0].name"},
		{hub.TypeStudy, `"authors":[{"name":"a","orcid":"0000-0002-1825-009X"}]`, ""},
		{hub.TypeStudy, `"authors":[{"name":"a"},{"name":"a","orcid":"https://orcid.org/0000-0002-1825-0097"}]`, "authors[1].orcid"},
		{hub.TypeStudy, `"doi":"10.1000/182"`, ""},
		{hub.TypeStudy, `"doi":"https://doi.org/10.1000/182"`, ""},
		{hub.TypeStudy, `"doi":"doi:10.1000/182"`, ""},
		{hub.TypeStudy, `"doi":"182"`, "doi"},
		{hub.TypeStudy, `"doi":"10.1000/a b"`, "doi"},
		{hub.TypeStudy, `"isbn":"978-609-000-000-7"`, ""},
		{hub.TypeStudy, `"isbn":"080442957X"`, ""},
		{hub.TypeStudy, `"isbn":"12345"`, "isbn"},
		{hub.TypeGoodPractice, `"text":{"lt":"a"}`, ""},
		{hub.TypeGoodPractice, `"text":{"lt":"a"},"solution":{"lt":"b"}`, "text"},
		{hub.TypeOrganisation, `"text":{"lt":"a"}`, "text"},
		{hub.TypeGoodPractice, `"organisations":[{"organisation":"a"}]`, "organisations[0]"},
		{hub.TypeGoodPractice, `"organisations":[{"organisation":"A","role":"LEAD"}]`, "organisations"},
		{hub.TypeGoodPractice, `"organisations":` + list(hub.MaxItems+1, `{"organisation":"a","role":"LEAD"}`), "organisations"},
		{hub.TypeGoodPractice, `"started":"2020","ended":"2020-05"`, ""},
		{hub.TypeGoodPractice, `"started":"2020-05","ended":"2020"`, ""},
		{hub.TypeGoodPractice, `"started":"2020-06","ended":"2020-05-31"`, "ended"},
		{hub.TypeGoodPractice, `"started":"2021","ended":"2020"`, "ended"},
		{hub.TypeGoodPractice, `"budget":{"amount":1e6,"currency":"EUR"}`, ""},
		{hub.TypeGoodPractice, `"budget":{"amount":-1,"currency":"EUR"}`, "budget.amount"},
		{hub.TypeGoodPractice, `"budget":{"amount":1,"currency":"eur"}`, "budget.currency"},
		{hub.TypeGoodPractice, `"budget":{"amount":1,"currency":"€"}`, "budget.currency"},
		{hub.TypeGoodPractice, `"budget":{"amount":1,"currency":""}`, "budget.currency"},
		{hub.TypeGoodPractice, `"costBand":5`, ""},
		{hub.TypeGoodPractice, `"costBand":0`, "costBand"},
		{hub.TypeGoodPractice, `"costBand":6`, "costBand"},
		{hub.TypeGoodPractice, `"results":[{"statement":{"lt":"a"}},{"statement":{"lt":""}}]`, "results[1].statement"},
		{hub.TypeGoodPractice, `"results":[{"statement":{"lt":"a"},"source":{"title":""}}]`, "results[0].source.title"},
		{hub.TypeGoodPractice, `"indicators":[{"name":{"lt":"a"}}]`, "indicators[0]"},
		{hub.TypeGoodPractice, `"fundingSources":` + list(hub.MaxItems+1, `{"lt":"a"}`), "fundingSources"},
		{hub.TypeGoodPractice, `"adaptedFrom":["B"]`, "adaptedFrom"},
		{hub.TypeGoodPractice, `"project":"B"`, "project"},
		{hub.TypePolicyDocument, `"period":{"from":"2030","to":"2021"}`, "period.to"},
		{hub.TypePolicyDocument, `"period":{"to":"2021"}`, ""},
		{hub.TypePolicyDocument, `"number":` + quote(long), "number"},
		{hub.TypePolicyDocument, `"issuedBy":["B"]`, "issuedBy"},
		{hub.TypeOrganisation, `"otherNames":` + list(hub.MaxItems+1, `{"lt":"a"}`), "otherNames"},
		{hub.TypeOrganisation, `"place":` + quote(long), "place"},
		{hub.TypeProject, `"started":"2021","ended":"2020"`, "ended"},
		{hub.TypeProject, `"partners":[{"role":"LEAD"}]`, "partners[0]"},
		{hub.TypeProject, `"milestones":[{"date":"2020"}]`, "milestones[0].text"},
		{hub.TypeCollection, `"items":[{"record":"a"},{"note":{"lt":"a"}}]`, "items[1].record"},
		{hub.TypeCollection, `"items":[{"record":"A"}]`, "items"},
		{hub.TypeCollection, `"items":` + list(hub.MaxItems+1, `{"record":"a"}`), "items"},
	} {
		name := fmt.Sprintf("%s %.60s", test.typ, test.fields)
		err := hub.Validate(decode(t, test.typ, test.fields))
		if test.field == "" {
			if err != nil {
				t.Errorf("%s: %.200v", name, err)
			}
			continue
		}
		if !errors.Is(err, hub.ErrInvalid) {
			t.Errorf("%s: %v; want an ErrInvalid", name, err)
			continue
		}
		if p := problem(t, err); p.Field != test.field || p.Hint == "" {
			t.Errorf("%s: %q is said to be wrong (%.200v); want %q", name, p.Field, err, test.field)
		}
	}
}

// All that is wrong is said at once, so that a file is corrected once.
func TestValidateSaysEverything(t *testing.T) {
	r := decode(t, hub.TypeStudy, `"doi":"x","isbn":"x","sources":[{}],"slug":"A"`)
	r.AsEntry().OriginalLanguage = ""
	var all hub.Problems
	if err := hub.Validate(r); !errors.As(err, &all) {
		t.Fatal(err)
	}
	var fields []string
	for _, p := range all {
		fields = append(fields, p.Field)
	}
	equal(t, "fields", fields, []string{"originalLanguage", "slug", "sources[0].title", "doi", "isbn"})
}

// Validate brings a record into its normal form: the same thing is then written one way, and titles cannot be made to read as others.
func TestValidateNormalises(t *testing.T) {
	r := decode(t, hub.TypeStudy, `"title":{"lt":"  ka\u0301va\r\nir \u202eatabra\u0000  ","en":" ","nb":"\ufeffen"},
		"summary":{"lt":"pirma\r\nantra\rtrečia\u0007\u200e"},"countries":["LT","no","LT"],"themes":["a","b","a"],"keywords":[" x ","x"],
		"doi":" https://doi.org/10.1000/182 ","slug":""`).(*hub.Study)
	if err := hub.Validate(r); err != nil {
		t.Fatal(err)
	}
	equal(t, "title", r.TitleTexts, hub.Texts{{Language: "lt", Value: "káva ir atabra"}, {Language: "nb", Value: "en"}})
	equal(t, "summary", r.SummaryTexts, hub.Texts{{Language: "lt", Value: "pirma\nantra\ntrečia\u200e"}})
	equal(t, "countries", r.CountryCodes, []hub.CountryCode{"LT", "NO"})
	equal(t, "themes", r.ThemeSlugs, []string{"a", "b"})
	equal(t, "keywords", r.Keywords, []string{"x"})
	equal(t, "DOI", r.DOI, hub.Line("10.1000/182"))
	equal(t, "slug", r.Slug, "kava-ir-atabra")
	equal(t, "status", r.Status, hub.StatusPublished)

	b, err := hub.EncodeItem(hub.Item{Record: r})
	if err != nil {
		t.Fatal(err)
	}
	if err := hub.Validate(r); err != nil {
		t.Fatal(err)
	}
	again, err := hub.EncodeItem(hub.Item{Record: r})
	equal(t, "validated again", string(again), string(b))
	if err != nil {
		t.Error(err)
	}

	// The text of a practice is its solution.
	p := decode(t, hub.TypeGoodPractice, `"text":{"lt":"choras"}`).(*hub.GoodPractice)
	if err := hub.Validate(p); err != nil {
		t.Fatal(err)
	}
	equal(t, "solution", p.SolutionTexts, hub.Texts{{Language: "lt", Value: "choras"}})
	equal(t, "text", len(p.FullTextTexts), 0)
}

func TestValidateNotUTF8(t *testing.T) {
	r := decode(t, hub.TypeStudy, `"keywords":["a"],"licence":"a"`)
	e := r.AsEntry()
	e.TitleTexts[0].Value, e.Keywords[0], e.Licence = "a\xff", "\xff", "\xff"
	var all hub.Problems
	if err := hub.Validate(r); !errors.As(err, &all) || len(all) != 3 {
		t.Errorf("%v; want three problems", err)
	}
}

func TestValidateConcept(t *testing.T) {
	for _, test := range []struct{ fields, field string }{
		{`"scheme":"THEME","label":{"lt":"a"}`, ""},
		{`"scheme":"THEME","label":{"lt":"a"},"slug":""`, ""},
		{`"label":{"lt":"a"}`, "scheme"},
		{`"scheme":"THEME"`, "label"},
		{`"scheme":"THEME","label":{"ru":"Культура"},"slug":""`, "slug"},
		{`"scheme":"THEME","label":{"lt":"a"},"slug":"A"`, "slug"},
		{`"scheme":"THEME","label":{"lt":"a"},"broader":["a"]`, "broader"},
		{`"scheme":"THEME","label":{"lt":"a"},"broader":["B"]`, "broader"},
		{`"scheme":"THEME","label":{"lt":"a"},"related":["B"]`, "related"},
		{`"scheme":"THEME","label":{"lt":"a"},"altLabels":{"lt":["` + strings.Repeat("a", hub.MaxPlain+1) + `"]}`, "altLabels.lt[0]"},
		{`"scheme":"THEME","label":{"lt":"a"},"altLabels":{"lt":` + list(hub.MaxItems+1, `"a"`) + `}`, "altLabels"},
	} {
		it, err := hub.DecodeItem([]byte(`{"type":"CONCEPT","slug":"a",` + test.fields + `}`))
		if err != nil {
			t.Fatal(err)
		}
		err = it.Validate()
		if test.field == "" {
			if err != nil {
				t.Errorf("%.80s: %v", test.fields, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("%.80s is valid", test.fields)
		} else if p := problem(t, err); p.Field != test.field {
			t.Errorf("%.80s: %q is said to be wrong (%v); want %q", test.fields, p.Field, err, test.field)
		}
	}
}
