package hubtest

import (
	"fmt"
	"slices"
	"strings"

	"versme/hub"
)

// shelf is a small collection in which every filter divides the records.
func shelf() []hub.Record {
	participation := func(slugs ...string) (all []*hub.Participation) {
		for _, s := range slugs {
			all = append(all, &hub.Participation{OrganisationSlug: s, Role: "LEAD"})
		}
		return all
	}
	entry := func(n int, countries []hub.CountryCode, themes, sectors, domains []string, summary ...hub.Language) hub.Entry {
		e := place(n, "knyga").Entry
		e.CountryCodes, e.ThemeSlugs, e.SectorSlugs, e.DomainSlugs = countries, themes, sectors, domains
		for _, l := range summary {
			e.SummaryTexts = append(e.SummaryTexts, hub.Translation{Language: l, Value: "knyga"})
		}
		return e
	}
	type codes = []hub.CountryCode
	type slugs = []string
	study := &hub.Study{Entry: entry(4, codes{"LT"}, slugs{"health"}, nil, nil, "en"), Published: "2016-03"}
	study.FullTextLanguages = []hub.Language{"de"}
	study.FullTextTexts = hub.Texts{{Language: "de", Value: "Buch"}}
	return []hub.Record{
		&hub.GoodPractice{Entry: entry(1, codes{"LT", "NO"}, slugs{"arts-and-health", "inclusion"}, slugs{"schools"}, slugs{"museums"}, "lt", "en"),
			OrganisationRefs: participation("a-theatre", "a-school"), Started: "2015", Ended: "2017-06", EvidenceLevel: "EVALUATED", TargetGroupSlugs: slugs{"young"}},
		&hub.GoodPractice{Entry: entry(2, codes{"NO"}, slugs{"wellbeing"}, slugs{"health-care", "schools"}, nil, "nb"),
			OrganisationRefs: participation("a-theatre"), Started: "2020-02", EvidenceLevel: "DESCRIBED", TargetGroupSlugs: slugs{"young", "older"}}, // still runs
		&hub.GoodPractice{Entry: entry(3, codes{"FI"}, nil, nil, slugs{"museums", "dance"}), Ended: "2018", EvidenceLevel: "REPLICATED"},
		study,
		&hub.PolicyDocument{Entry: entry(5, codes{"LT", "EU"}, slugs{"inclusion"}, nil, nil, "lt"), IssuedBySlugs: slugs{"a-ministry", "a-theatre"}, Adopted: "1996-07-02"},
		&hub.Organisation{Entry: entry(6, codes{"NO"}, nil, slugs{"schools"}, nil), MemberOfSlugs: slugs{"a-network"}},
		&hub.Project{Entry: entry(7, nil, slugs{"wellbeing"}, nil, nil, "en"), OwnerSlug: "a-ministry", PartnerRefs: participation("a-school", "a-ministry"), Started: "2016-01", Ended: "2016-12"},
		&hub.Collection{Entry: entry(8, nil, nil, nil, nil, "lt")},
	}
}

// shelfVocabulary has one theme below another, which is below a third.
func shelfVocabulary() *hub.Vocabulary {
	return hub.NewVocabulary([]*hub.Concept{
		{ID: placeID(1001), Slug: "wellbeing", Scheme: hub.SchemeTheme},
		{ID: placeID(1002), Slug: "health", Scheme: hub.SchemeTheme, BroaderSlugs: []string{"wellbeing"}},
		{ID: placeID(1003), Slug: "arts-and-health", Scheme: hub.SchemeTheme, BroaderSlugs: []string{"health"}},
		{ID: placeID(1004), Slug: "inclusion", Scheme: hub.SchemeTheme},
		{ID: placeID(1005), Slug: "schools", Scheme: hub.SchemeSector},
		{ID: placeID(1006), Slug: "everyone", Scheme: hub.SchemeTargetGroup},
		{ID: placeID(1007), Slug: "young", Scheme: hub.SchemeTargetGroup, BroaderSlugs: []string{"everyone"}},
		{ID: placeID(1008), Slug: "older", Scheme: hub.SchemeTargetGroup, BroaderSlugs: []string{"everyone"}},
	})
}

func (t *indexTest) filters() {
	t.fill(shelf()...)
	v := shelfVocabulary()
	between := func(from, to int) *hub.YearRange {
		y := &hub.YearRange{}
		if from > 0 {
			y.From = &from
		}
		if to > 0 {
			y.To = &to
		}
		return y
	}
	organisation := placeID(500)
	level := func(l hub.EvidenceLevel) *hub.EvidenceLevel { return &l }
	for _, test := range []struct {
		name   string
		filter hub.RecordFilter
		org    string
		want   []int
	}{
		{"nothing", hub.RecordFilter{}, "", []int{1, 2, 3, 4, 5, 6, 7, 8}},
		{"type", hub.RecordFilter{Types: []hub.RecordType{hub.TypeStudy, hub.TypeCollection}}, "", []int{4, 8}},
		{"country", hub.RecordFilter{Countries: []hub.CountryCode{"LT"}}, "", []int{1, 4, 5}},
		{"countries", hub.RecordFilter{Countries: []hub.CountryCode{"EU", "FI", "SE"}}, "", []int{3, 5}},
		{"a country that none has", hub.RecordFilter{Countries: []hub.CountryCode{"SE"}}, "", nil},
		{"theme", hub.RecordFilter{Themes: []string{"inclusion"}}, "", []int{1, 5}},
		{"theme with narrower", hub.RecordFilter{Themes: []string{"wellbeing"}}, "", []int{1, 2, 4, 7}},
		{"theme in the middle", hub.RecordFilter{Themes: []string{"health"}}, "", []int{1, 4}},
		{"theme that only broadens", hub.RecordFilter{TargetGroups: []string{"everyone"}}, "", []int{1, 2}},
		{"sector", hub.RecordFilter{Sectors: []string{"schools"}}, "", []int{1, 2, 6}},
		{"domain", hub.RecordFilter{Domains: []string{"dance"}}, "", []int{3}},
		{"target group", hub.RecordFilter{TargetGroups: []string{"older"}}, "", []int{2}},
		{"language", hub.RecordFilter{Languages: []hub.Language{"en"}}, "", []int{1, 4, 7}},
		{"language of a full text", hub.RecordFilter{Languages: []hub.Language{"de"}}, "", []int{4}},
		{"language of a title where there is nothing else", hub.RecordFilter{Languages: []hub.Language{"lt"}}, "", []int{1, 3, 5, 6, 8}},
		{"year", hub.RecordFilter{Year: between(2016, 2016)}, "", []int{1, 4, 7}},
		{"since", hub.RecordFilter{Year: between(2017, 0)}, "", []int{1, 2, 3}},
		{"until", hub.RecordFilter{Year: between(0, 2015)}, "", []int{1, 5}},
		{"this year", hub.RecordFilter{Year: between(thisYear, thisYear)}, "", []int{2}},
		{"years without ends", hub.RecordFilter{Year: &hub.YearRange{}}, "", []int{1, 2, 3, 4, 5, 6, 7, 8}},
		{"evidence", hub.RecordFilter{EvidenceAtLeast: level("EVALUATED")}, "", []int{1, 3}},
		{"any evidence", hub.RecordFilter{EvidenceAtLeast: level("DESCRIBED")}, "", []int{1, 2, 3}},
		{"organisation", hub.RecordFilter{Organisation: &organisation}, "a-ministry", []int{5, 7}},
		{"organisation in any role", hub.RecordFilter{Organisation: &organisation}, "a-theatre", []int{1, 2, 5}},
		{"organisation it is a member of", hub.RecordFilter{Organisation: &organisation}, "a-network", []int{6}},
		{"organisation that none names", hub.RecordFilter{Organisation: &organisation}, "a-nobody", nil},
		{"several fields", hub.RecordFilter{Countries: []hub.CountryCode{"LT", "NO"}, Sectors: []string{"schools"}, Languages: []hub.Language{"lt", "nb"}, EvidenceAtLeast: level("DESCRIBED")}, "", []int{1, 2}},
	} {
		for _, query := range []string{"", "knyga"} {
			res := t.search(hub.SearchRequest{Query: query, Filter: test.filter, OrgSlug: test.org, Vocabulary: v})
			got := numbers(res)
			slices.Sort(got)
			t.is(test.name+" "+query, got, append([]int{}, test.want...))
			t.is(test.name+": total", res.Total, len(test.want))
		}
	}
	t.found("year:2016", 1, 4, 7)
	t.found("knyga year:2017..", 1, 2, 3)
	t.found("year:..2015", 1, 5)
	t.found("-year:2016", 2, 3, 5, 6, 8)
}

// facetText writes a facet as a text.
func facetText(all []hub.Count) string {
	s := make([]string, len(all))
	for i, c := range all {
		s[i] = fmt.Sprintf("%s %d", c.Value, c.Count)
	}
	return strings.Join(s, ", ")
}

func (t *indexTest) facets() {
	t.fill(shelf()...)
	v := shelfVocabulary()
	want := map[hub.FacetField]string{
		hub.FacetType:         "GOOD_PRACTICE 3, COLLECTION 1, ORGANISATION 1, POLICY_DOCUMENT 1, PROJECT 1, STUDY 1",
		hub.FacetCountry:      "LT 3, NO 3, EU 1, FI 1",
		hub.FacetTheme:        "wellbeing 4, health 2, inclusion 2, arts-and-health 1",
		hub.FacetSector:       "schools 3, health-care 1",
		hub.FacetDomain:       "museums 2, dance 1",
		hub.FacetTargetGroup:  "everyone 2, young 2, older 1",
		hub.FacetLanguage:     "lt 5, en 3, de 1, nb 1",
		hub.FacetYear:         "2016 3, 1996 1, 2015 1, 2017 1, 2018 1, 2020 1, 2021 1, 2022 1, 2023 1, 2024 1, 2025 1, 2026 1",
		hub.FacetEvidence:     "DESCRIBED 3, EVALUATED 2, MONITORED 2, CONTROLLED 1, REPLICATED 1",
		hub.FacetOrganisation: "a-theatre 3, a-ministry 2, a-school 2, a-network 1",
	}
	for _, query := range []string{"", "knyga"} {
		res := t.search(hub.SearchRequest{Query: query, Vocabulary: v, Window: hub.Window{Size: 1}})
		for _, f := range hub.FacetFields {
			t.is(fmt.Sprint("facet ", f), facetText(res.Facet(f)), want[f])
		}
	}

	// A field's own choice does not narrow its facet, but does the others.
	res := t.search(hub.SearchRequest{Filter: hub.RecordFilter{Countries: []hub.CountryCode{"LT"}}, Vocabulary: v})
	t.is("countries beside the one chosen", facetText(res.Facet(hub.FacetCountry)), want[hub.FacetCountry])
	t.is("types in the country chosen", facetText(res.Facet(hub.FacetType)), "GOOD_PRACTICE 1, POLICY_DOCUMENT 1, STUDY 1")
	from, level, organisation := 2015, hub.EvidenceLevel("MONITORED"), placeID(500)
	res = t.search(hub.SearchRequest{Filter: hub.RecordFilter{Countries: []hub.CountryCode{"LT"}, Year: &hub.YearRange{From: &from}}, Vocabulary: v})
	t.is("total of two choices", res.Total, 2)
	t.is("countries beside the one chosen, under the other choice", facetText(res.Facet(hub.FacetCountry)), "LT 2, NO 2, FI 1")
	t.is("years beside the ones chosen, under the other choice", facetText(res.Facet(hub.FacetYear)), "2016 2, 1996 1, 2015 1, 2017 1")
	t.is("types under both", facetText(res.Facet(hub.FacetType)), "GOOD_PRACTICE 1, STUDY 1")
	res = t.search(hub.SearchRequest{Filter: hub.RecordFilter{EvidenceAtLeast: &level}, Vocabulary: v})
	t.is("evidence beside the level chosen", facetText(res.Facet(hub.FacetEvidence)), want[hub.FacetEvidence])
	t.is("domains under the level chosen", facetText(res.Facet(hub.FacetDomain)), "museums 2, dance 1")
	res = t.search(hub.SearchRequest{Filter: hub.RecordFilter{Organisation: &organisation}, OrgSlug: "a-school", Vocabulary: v})
	t.is("organisations beside the one chosen", facetText(res.Facet(hub.FacetOrganisation)), want[hub.FacetOrganisation])
	res = t.search(hub.SearchRequest{Filter: hub.RecordFilter{Themes: []string{"health"}}, Vocabulary: v})
	t.is("themes beside the one chosen", facetText(res.Facet(hub.FacetTheme)), want[hub.FacetTheme])
	res = t.search(hub.SearchRequest{Query: "nėra", Vocabulary: v})
	for _, f := range hub.FacetFields {
		t.is("of nothing", len(res.Facet(f)), 0)
	}
	// The years of the query are no choice of the facet's.
	t.is("years under year:", facetText(t.search(hub.SearchRequest{Query: "year:2017"}).Facet(hub.FacetYear)), "2015 1, 2016 1, 2017 1")
}

func (t *indexTest) pairs() {
	t.fill(shelf()...)
	res := t.search(hub.SearchRequest{Vocabulary: shelfVocabulary(), Filter: hub.RecordFilter{Countries: []hub.CountryCode{"LT", "NO"}}})
	show := func(rows, columns hub.FacetField) string {
		var all []string
		for _, p := range res.Pairs(rows, columns) {
			all = append(all, fmt.Sprintf("%s/%s %d %s", p.Row, p.Column, p.Count, p.Strongest))
		}
		return strings.Join(all, ", ")
	}
	t.is("themes and sectors", show(hub.FacetTheme, hub.FacetSector),
		"wellbeing/schools 2 EVALUATED, arts-and-health/schools 1 EVALUATED, health/schools 1 EVALUATED, inclusion/schools 1 EVALUATED, wellbeing/health-care 1 DESCRIBED")
	t.is("types and countries", show(hub.FacetType, hub.FacetCountry),
		"GOOD_PRACTICE/NO 2 EVALUATED, GOOD_PRACTICE/LT 1 EVALUATED, ORGANISATION/NO 1 , POLICY_DOCUMENT/EU 1 , POLICY_DOCUMENT/LT 1 , STUDY/LT 1 ")
	t.is("years and evidence", show(hub.FacetYear, hub.FacetEvidence), strings.Join([]string{
		"2015/DESCRIBED 1 EVALUATED", "2015/EVALUATED 1 EVALUATED", "2015/MONITORED 1 EVALUATED",
		"2016/DESCRIBED 1 EVALUATED", "2016/EVALUATED 1 EVALUATED", "2016/MONITORED 1 EVALUATED",
		"2017/DESCRIBED 1 EVALUATED", "2017/EVALUATED 1 EVALUATED", "2017/MONITORED 1 EVALUATED",
		"2020/DESCRIBED 1 DESCRIBED", "2021/DESCRIBED 1 DESCRIBED", "2022/DESCRIBED 1 DESCRIBED", "2023/DESCRIBED 1 DESCRIBED",
		"2024/DESCRIBED 1 DESCRIBED", "2025/DESCRIBED 1 DESCRIBED", "2026/DESCRIBED 1 DESCRIBED"}, ", "))
	t.is("a field with itself", show(hub.FacetCountry, hub.FacetCountry), strings.Join([]string{
		"LT/LT 3 EVALUATED", "NO/NO 3 EVALUATED", "EU/EU 1 ", "EU/LT 1 ", "LT/EU 1 ", "LT/NO 1 EVALUATED", "NO/LT 1 EVALUATED"}, ", "))
}

func (t *indexTest) vocabulary() {
	t.fill(shelf()...)
	under := func(v *hub.Vocabulary, slug string) []int {
		got := numbers(t.search(hub.SearchRequest{Filter: hub.RecordFilter{Themes: []string{slug}}, Vocabulary: v}))
		slices.Sort(got)
		return got
	}
	t.is("without a vocabulary a concept is itself alone", under(nil, "wellbeing"), []int{2, 7})
	t.is("with one, narrower ones too", under(shelfVocabulary(), "wellbeing"), []int{1, 2, 4, 7})
	// Another vocabulary counts from the next search on; the index need not be told.
	changed := hub.NewVocabulary([]*hub.Concept{
		{ID: placeID(1001), Slug: "wellbeing", Scheme: hub.SchemeTheme}, {ID: placeID(1004), Slug: "inclusion", Scheme: hub.SchemeTheme, BroaderSlugs: []string{"wellbeing"}},
	})
	t.is("after a change", under(changed, "wellbeing"), []int{1, 2, 5, 7})
	t.is("concepts that the vocabulary lacks are themselves", under(changed, "health"), []int{4})
	t.is("and back", under(shelfVocabulary(), "wellbeing"), []int{1, 2, 4, 7})
}

func (t *indexTest) running() {
	started := func(d, ended hub.Date) func(*hub.GoodPractice) {
		return func(p *hub.GoodPractice) { p.Started, p.Ended = d, ended }
	}
	t.fill(place(1, "bėga", started("2024-03", "")), place(2, "baigė", started("2024-03", "2025")), place(3, "bus", started("2028", "")))
	in := func(y, now int) []int {
		got := numbers(t.search(hub.SearchRequest{Filter: hub.RecordFilter{Year: &hub.YearRange{From: &y, To: &y}}, Now: now}))
		slices.Sort(got)
		return got
	}
	for _, test := range []struct {
		year, now int
		want      []int
	}{{2023, 2026, []int{}}, {2024, 2026, []int{1, 2}}, {2025, 2026, []int{1, 2}}, {2026, 2026, []int{1}}, {2027, 2026, []int{}}, {2028, 2026, []int{3}},
		{2027, 2027, []int{1}}, {2028, 2030, []int{1, 3}}, {2025, 2024, []int{2}}} {
		t.is(fmt.Sprintf("found under %d in %d", test.year, test.now), in(test.year, test.now), test.want)
	}
	res := t.search(hub.SearchRequest{Now: 2025})
	t.is("counted", facetText(res.Facet(hub.FacetYear)), "2024 2, 2025 2, 2028 1")
}

func (t *indexTest) languages() {
	text := func(l hub.Language, s string) hub.Texts { return hub.Texts{{Language: l, Value: s}} }
	t.fill(
		place(1, "Muziejus", func(p *hub.GoodPractice) { p.SummaryTexts = text("en", "Walking with museums") }),
		place(2, "Skolene", func(p *hub.GoodPractice) {
			p.OriginalLanguage, p.TitleTexts = "nb", text("nb", "Skolene i byen")
		}),
		place(3, "vaikščioti"),
	)
	t.found("museum", 1) // as the analyzer of each language has it
	t.found("skoler", 2)
	t.found("museums skolen", 1, 2)
	t.found("muziejus", 1)
	t.found("title:skole", 2)
	t.found("title:museum")
	t.found("walked", 1)
	t.found(`"walking with museums"`, 1)
	t.found(`"museums with walking"`)
	t.found("the with of")
	t.found("-museum", 2, 3)
	t.found("museum OR skole -walking", 2)
	t.found("muzieju*", 1)
	t.found("vaikščioti OR skoler", 2, 3)
	t.found("MUZIEJUS", 1)
	t.found("vaiks\u030cc\u030cioti", 3) // letters and marks apart
}
