package hubtest

import (
	"time"

	"versme/hub"
)

// Full returns one record of each type, and one concept, with every field set to something that is not its zero value, already in
// normal form. A test of package hub fails when a new field is not set here.
func Full() []hub.Item {
	practice := &hub.GoodPractice{
		Entry: fullEntry(1, "full-practice"),
		Place: "Šiauliai",
		OrganisationRefs: []*hub.Participation{
			{OrganisationSlug: "full-organisation", Role: "LEAD"},
			{OrganisationSlug: "another-organisation", Role: "FUNDER"},
		},
		Started:            "2019-04",
		Ended:              "2022",
		ProblemTexts:       fullTexts("Vienatvė", "Loneliness"),
		ContextTexts:       fullTexts("Mažas miestas", "A small town"),
		SolutionTexts:      fullTexts("Choras.\n\n- kartą per savaitę\n- visiems", "A choir.\n\n- once a week\n- for all"),
		ResourcesTexts:     fullTexts("Salė", "A hall"),
		Budget:             &hub.Budget{Amount: 12500.5, Currency: "EUR", Year: "2019"},
		CostBand:           new(2),
		FundingTexts:       []hub.Texts{fullTexts("Savivaldybė", "The municipality"), {{Language: "lt", Value: "Fondas"}}},
		ResultList:         []*hub.Result{{StatementTexts: fullTexts("Mažiau vienatvės", "Less loneliness"), Source: fullSource()}},
		IndicatorList:      []*hub.Indicator{{NameTexts: fullTexts("Dalyviai", "Participants"), Value: "120", Year: "2021"}},
		EvidenceLevel:      "EVALUATED",
		EvidenceTexts:      fullTexts("Apklausa", "A survey"),
		Outcome:            "MIXED",
		DidNotWorkTexts:    fullTexts("Vyrų mažai", "Few men came"),
		SuccessTexts:       fullTexts("Geras vadovas", "A good leader"),
		LessonsTexts:       fullTexts("Pradėti anksčiau", "Start earlier"),
		TransferTexts:      fullTexts("Tinka kitur", "Works elsewhere"),
		PreconditionsTexts: fullTexts("Reikia salės", "Needs a hall"),
		TargetGroupSlugs:   []string{"older-people"},
		AdaptedFromSlugs:   []string{"another-practice"},
		ImplementsSlugs:    []string{"full-policy"},
		SupportedBySlugs:   []string{"full-study"},
		ProjectSlug:        "full-project",
	}
	study := &hub.Study{
		Entry:                fullEntry(2, "full-study"),
		Kind:                 "RANDOMISED_TRIAL",
		Authors:              []*hub.Author{{Name: "Živilė Ąžuolaitė", ORCID: "0000-0002-1825-0097"}, {Name: "Ole Bø"}},
		Published:            "2020-09-09",
		Publisher:            "Universitetas",
		Container:            "Journal of Choirs",
		DOI:                  "10.1000/xyz.1",
		ISBN:                 "9786090000007",
		AbstractTexts:        fullTexts("Santrauka", "Abstract"),
		FindingsTexts:        fullTexts("Radiniai", "Findings"),
		MethodTexts:          fullTexts("Metodas", "Method"),
		SampleTexts:          fullTexts("120 žmonių", "120 people"),
		CountriesStudiedList: []hub.CountryCode{"LT", "NO"},
		PeerReviewed:         new(true),
	}
	study.FullTextTexts = fullTexts("Visas tekstas.\n\nAntra pastraipa.", "The full text.\n\nA second paragraph.")
	policy := &hub.PolicyDocument{
		Entry:           fullEntry(3, "full-policy"),
		DocumentType:    "LAW",
		IssuedBySlugs:   []string{"full-organisation"},
		JurisdictionIn:  "LT",
		Number:          "I-1428",
		CELEX:           "32024R0001",
		ELI:             "eli/lt/1996/1428",
		Adopted:         "1996-07-02",
		InForce:         "1996-08",
		Repealed:        "2040",
		Validity:        "IN_FORCE",
		Period:          &hub.Period{From: "2021", To: "2030-12"},
		MainPointsTexts: fullTexts("Svarbiausia", "Main points"),
		AmendsSlugs:     []string{"another-policy"},
		ImplementsSlugs: []string{"yet-another-policy"},
		SucceedsSlugs:   []string{"former-policy"},
	}
	policy.FullTextTexts = fullTexts("1 straipsnis.", "Article 1.")
	organisation := &hub.Organisation{
		Entry:          fullEntry(4, "full-organisation"),
		OtherNameTexts: []hub.Texts{fullTexts("ŠCH", "SCH")},
		Kind:           "MUNICIPALITY",
		Place:          "Šiauliai",
		Website:        "https://example.org/a?b=c&d=e",
		ROR:            "https://ror.org/02mhbdp94",
		MemberOfSlugs:  []string{"another-organisation"},
		OffersTexts:    fullTexts("Salę", "A hall"),
		LooksForTexts:  fullTexts("Chorvedį", "A choirmaster"),
	}
	project := &hub.Project{
		Entry:               fullEntry(5, "full-project"),
		OwnerSlug:           "full-organisation",
		PartnerRefs:         []*hub.Participation{{OrganisationSlug: "another-organisation", Role: "PARTNER"}},
		Started:             "2019",
		Ended:               "2022-01-31",
		ProblemTexts:        fullTexts("Bėda", "Problem"),
		GoalTexts:           fullTexts("Tikslas", "Goal"),
		MilestoneList:       []*hub.Milestone{{Date: "2020-05", WhatTexts: fullTexts("Pirmas koncertas", "First concert")}},
		ResultTexts:         fullTexts("Pavyko", "It worked"),
		RelatedProjectSlugs: []string{"another-project"},
	}
	collection := &hub.Collection{
		Entry: fullEntry(6, "full-collection"),
		ItemList: []*hub.CollectionItem{
			{RecordSlug: "full-study", NoteTexts: fullTexts("Pradėkite čia", "Begin here")},
			{RecordSlug: "full-practice"},
		},
	}
	concept := &hub.Concept{
		ID: sampleID(4095, 7), Slug: "full-concept", Scheme: "THEME",
		LabelTexts:      hub.Texts{{Language: "lt", Value: "menas"}, {Language: "en", Value: "art", Origin: hub.OriginMachine, Of: "0123456789abcdef"}},
		AltLabelLists:   hub.AltLabels{{Language: "lt", Labels: []string{"dailė", "kūryba"}}, {Language: "en", Labels: []string{"arts"}}},
		DefinitionTexts: fullTexts("apibrėžtis", "definition"),
		BroaderSlugs:    []string{"culture"},
		RelatedSlugs:    []string{"health"},
		ExactMatch:      []hub.URL{"http://eurovoc.europa.eu/1"},
		URI:             "https://example.org/art",
	}
	return []hub.Item{{Record: practice}, {Record: study}, {Record: policy}, {Record: organisation}, {Record: project}, {Record: collection}, {Concept: concept}}
}

// fullTexts is a text in its original language and in two translations of which more is known.
func fullTexts(lt, en string) hub.Texts {
	return hub.Texts{
		{Language: "lt", Value: lt},
		{Language: "en", Value: en, Origin: hub.OriginMachine, Of: "0123456789abcdef"}, // of an original that has changed since
		{Language: "nb", Value: en + " <på> & \"norsk\""},
	}
}

func fullSource() *hub.Source {
	return &hub.Source{Title: "Ataskaita", URL: "https://example.org/report.pdf", Accessed: "2026-11-21"}
}

func fullEntry(n uint64, slug string) hub.Entry {
	return hub.Entry{
		ID: sampleID(4095, n), Slug: slug, OriginalLanguage: "lt",
		TitleTexts:   fullTexts("Choras „Žuvys“", "The choir"),
		SummaryTexts: fullTexts("Choras visiems.", "A choir for all."),
		CountryCodes: []hub.CountryCode{"LT", "NO"},
		ThemeSlugs:   []string{"arts-and-health"},
		SectorSlugs:  []string{"health-care"},
		DomainSlugs:  []string{"performing-arts"},
		Keywords:     []string{"choras", "NO", "2018"},
		Sources:      []*hub.Source{fullSource()},
		Licence:      "CC BY 4.0",
		LastVerified: "2026-11-21",
		Status:       "IN_REVIEW",
		Version:      3,
		CreatedAt:    hub.DateTime{Time: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)},
		UpdatedAt:    hub.DateTime{Time: time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)},
	}
}
