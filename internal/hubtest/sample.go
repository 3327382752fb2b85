package hubtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"versme/hub"
)

// Words that sample texts are made of, a list a language. Each has letters beyond ASCII.
var sampleWords = map[hub.Language][]string{
	"lt": strings.Fields("kultūra sveikata švietimas biblioteka žmonės bendruomenė menas muziejus įtrauktis jaunimas šokis gydymas ąžuolas mokykla teatras"),
	"en": strings.Fields("culture health education library people community art museum inclusion youth dance naïve treatment school theatre"),
	"nb": strings.Fields("kultur helse opplæring bibliotek mennesker fellesskap kunst museum inkludering ungdom dans behandling skole teater særlig"),
}

// sampleLanguages are the languages of sample records, in a fixed order.
var sampleLanguages = []hub.Language{"lt", "en", "nb"}

var sampleCountries = []hub.CountryCode{"LT", "NO", "LV", "GB", "EU"}

// Vocabulary returns the concepts that sample records are filed under: two levels of themes, and two concepts of each other scheme.
func Vocabulary() []*hub.Concept {
	concept := func(n int, scheme hub.ConceptScheme, slug, lt, en string, broader ...string) *hub.Concept {
		return &hub.Concept{
			ID: sampleID(0, uint64(n)), Slug: slug, Scheme: scheme, BroaderSlugs: broader,
			LabelTexts: hub.Texts{{Language: "lt", Value: lt}, {Language: "en", Value: en}},
		}
	}
	return []*hub.Concept{
		concept(1, hub.SchemeTheme, "wellbeing", "gerovė", "wellbeing"),
		concept(2, hub.SchemeTheme, "arts-and-health", "menas ir sveikata", "arts and health", "wellbeing"),
		concept(3, hub.SchemeTheme, "inclusion", "įtrauktis", "inclusion"),
		concept(4, hub.SchemeSector, "health-care", "sveikatos apsauga", "health care"),
		concept(5, hub.SchemeSector, "schools", "mokyklos", "schools"),
		concept(6, hub.SchemeDomain, "museums", "muziejai", "museums"),
		concept(7, hub.SchemeDomain, "performing-arts", "scenos menai", "performing arts"),
		concept(8, hub.SchemeTargetGroup, "older-people", "vyresnio amžiaus žmonės", "older people"),
		concept(9, hub.SchemeTargetGroup, "young-people", "jaunimas", "young people"),
	}
}

// Sample returns n records that a store can take as they are, the same ones for the same seed. All six types take turns; they name each
// other, some of them records that come later; one in ten is a draft or retired; studies and policy documents have full texts.
func Sample(seed uint64, n int) []hub.Record {
	s := &sampler{rand.New(rand.NewPCG(seed, 1))}
	all := make([]hub.Record, n)
	slugs := map[hub.RecordType][]string{}
	for i := range all {
		t := hub.RecordTypes[i%len(hub.RecordTypes)]
		slugs[t] = append(slugs[t], sampleSlug(t, i))
	}
	for i := range all {
		t := hub.RecordTypes[i%len(hub.RecordTypes)]
		r := hub.NewRecord(t)
		s.entry(r.AsEntry(), seed, i, t)
		s.own(r, slugs)
		if err := hub.Validate(r); err != nil {
			panic(fmt.Sprintf("hubtest: sample %d of seed %d is not valid: %v", i, seed, err))
		}
		all[i] = r
	}
	return all
}

func sampleSlug(t hub.RecordType, i int) string {
	return fmt.Sprintf("%s-%d", strings.ToLower(strings.ReplaceAll(string(t), "_", "-")), i)
}

// sampleID makes ids that sort as n does within one seed.
func sampleID(seed, n uint64) hub.ID {
	return hub.ID(fmt.Sprintf("%08x-%04x-7%03x-8%03x-%012x", 0x01900000+n>>16, n&0xffff, seed&0xfff, seed>>12&0xfff, n*0x9e3779b97f&0xffffffffffff))
}

type sampler struct{ *rand.Rand }

// words makes a text of a language, of a number of words.
func (s *sampler) words(l hub.Language, n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = sampleWords[l][s.IntN(len(sampleWords[l]))]
	}
	return strings.Join(all, " ")
}

// texts makes a text in its original language and in some others.
func (s *sampler) texts(original hub.Language, words int) hub.Texts {
	t := hub.Texts{{Language: original, Value: s.words(original, words)}}
	for _, l := range sampleLanguages {
		if l != original && s.IntN(2) == 0 {
			t = append(t, hub.Translation{Language: l, Value: s.words(l, words), Origin: hub.TextOrigins[1+s.IntN(2)]})
		}
	}
	return t
}

// some returns up to n of all, without repeats.
func some[T comparable](s *sampler, all []T, n int) []T {
	var out []T
	for range s.IntN(n + 1) {
		if len(all) == 0 {
			break
		}
		if v := all[s.IntN(len(all))]; !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func (s *sampler) entry(e *hub.Entry, seed uint64, i int, t hub.RecordType) {
	e.ID, e.Slug, e.Version = sampleID(seed+1, uint64(i)), sampleSlug(t, i), 1
	e.OriginalLanguage = sampleLanguages[s.IntN(len(sampleLanguages))]
	e.TitleTexts = s.texts(e.OriginalLanguage, 4)
	e.TitleTexts[0].Value += fmt.Sprint(" ", i)
	e.SummaryTexts = s.texts(e.OriginalLanguage, 20)
	e.CountryCodes = some(s, sampleCountries, 2)
	e.ThemeSlugs = some(s, []string{"wellbeing", "arts-and-health", "inclusion"}, 2)
	e.SectorSlugs = some(s, []string{"health-care", "schools"}, 2)
	e.DomainSlugs = some(s, []string{"museums", "performing-arts"}, 1)
	e.Keywords = some(s, sampleWords["en"], 3)
	e.Sources = []*hub.Source{{Title: s.words("en", 3), URL: hub.URL(fmt.Sprintf("https://example.org/%d", i)), Accessed: "2026-09"}}
	e.Status = hub.StatusPublished
	switch s.IntN(20) {
	case 0:
		e.Status = "DRAFT"
	case 1:
		e.Status = "RETIRED"
	}
	e.CreatedAt = hub.DateTime{Time: time.Date(2026, 1, 1, 0, 0, i, 0, time.UTC)}
	e.UpdatedAt = hub.DateTime{Time: e.CreatedAt.Add(time.Duration(s.IntN(1000)) * time.Hour)}
}

// own fills what only one type has, naming records of the slugs.
func (s *sampler) own(r hub.Record, slugs map[hub.RecordType][]string) {
	e := r.AsEntry()
	from := 1995 + s.IntN(30)
	date, end := hub.Date(fmt.Sprintf("%d-%02d", from, 1+s.IntN(12))), hub.Date("")
	if s.IntN(2) == 0 { // the others still run
		end = hub.Date(fmt.Sprint(from + 1 + s.IntN(5)))
	}
	switch s.IntN(8) {
	case 0:
		date = ""
	case 1:
		date, end = "", ""
	}
	part := func() []*hub.Participation {
		var all []*hub.Participation
		for _, slug := range some(s, slugs[hub.TypeOrganisation], 3) {
			all = append(all, &hub.Participation{OrganisationSlug: slug, Role: hub.OrganisationRoles[s.IntN(len(hub.OrganisationRoles))]})
		}
		return all
	}
	switch r := r.(type) {
	case *hub.GoodPractice:
		r.Started, r.Ended = date, end
		r.Place = hub.Line(s.words(e.OriginalLanguage, 1))
		r.OrganisationRefs = part()
		r.ProblemTexts, r.SolutionTexts = s.texts(e.OriginalLanguage, 30), s.texts(e.OriginalLanguage, 60)
		r.ResultList = []*hub.Result{{StatementTexts: s.texts(e.OriginalLanguage, 10), Source: e.Sources[0]}}
		r.EvidenceLevel = hub.EvidenceLevels[s.IntN(len(hub.EvidenceLevels))]
		r.TargetGroupSlugs = some(s, []string{"older-people", "young-people"}, 2)
		r.AdaptedFromSlugs = slices.DeleteFunc(some(s, slugs[hub.TypeGoodPractice], 2), func(slug string) bool { return slug == e.Slug })
		r.ImplementsSlugs = some(s, slugs[hub.TypePolicyDocument], 2)
		r.SupportedBySlugs = some(s, slugs[hub.TypeStudy], 2)
		if all := slugs[hub.TypeProject]; len(all) > 0 && s.IntN(2) == 0 {
			r.ProjectSlug = all[s.IntN(len(all))]
		}
	case *hub.Study:
		r.Published = date
		r.Kind = hub.StudyKinds[s.IntN(len(hub.StudyKinds))]
		r.Authors = []*hub.Author{{Name: s.words("lt", 2)}}
		r.FindingsTexts = s.texts(e.OriginalLanguage, 30)
		e.FullTextTexts = s.texts(e.OriginalLanguage, 50+s.IntN(200))
	case *hub.PolicyDocument:
		r.Adopted = date
		r.DocumentType = hub.DocumentTypes[s.IntN(len(hub.DocumentTypes))]
		r.IssuedBySlugs = some(s, slugs[hub.TypeOrganisation], 2)
		r.AmendsSlugs = slices.DeleteFunc(some(s, slugs[hub.TypePolicyDocument], 1), func(slug string) bool { return slug == e.Slug })
		if s.IntN(4) > 0 {
			e.FullTextTexts = s.texts(e.OriginalLanguage, 50+s.IntN(400))
		}
	case *hub.Organisation:
		r.Kind = hub.OrganisationKinds[s.IntN(len(hub.OrganisationKinds))]
		r.MemberOfSlugs = slices.DeleteFunc(some(s, slugs[hub.TypeOrganisation], 2), func(slug string) bool { return slug == e.Slug })
		r.OffersTexts = s.texts(e.OriginalLanguage, 10)
	case *hub.Project:
		r.Started, r.Ended = date, end
		r.PartnerRefs = part()
		if all := slugs[hub.TypeOrganisation]; len(all) > 0 {
			r.OwnerSlug = all[s.IntN(len(all))]
		}
		r.MilestoneList = []*hub.Milestone{{Date: date, WhatTexts: s.texts(e.OriginalLanguage, 5)}}
		r.GoalTexts = s.texts(e.OriginalLanguage, 20)
	case *hub.Collection:
		for _, t := range hub.RecordTypes {
			for _, slug := range some(s, slugs[t], 1) {
				r.ItemList = append(r.ItemList, &hub.CollectionItem{RecordSlug: slug, NoteTexts: s.texts(e.OriginalLanguage, 6)})
			}
		}
	}
}
