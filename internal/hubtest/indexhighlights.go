package hubtest

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"versme/hub"
)

// everywhere returns a record of each type with a word of its own in every text, in every language; and where each word stands.
func everywhere() (all []hub.Record, words map[string]hub.TextAt) {
	words = map[string]hub.TextAt{}
	n := 0
	text := func() hub.Texts {
		var t hub.Texts
		for _, l := range []hub.Language{"lt", "en", "nb"} {
			n++
			// No analyzer has rules for such words.
			w := "xq" + string(rune('b'+n%20)) + string(rune('b'+n/20%20)) + string(rune('b'+n/400)) + "k"
			t = append(t, hub.Translation{Language: l, Value: "Čia „" + w + "“ – žodis; kitas.\n\nŪpas 🎭 ėjo."})
		}
		return t
	}
	list := func() []hub.Texts { return []hub.Texts{text(), text()} }
	entry := func(n int) hub.Entry {
		e := place(n, "").Entry
		e.TitleTexts, e.SummaryTexts = text(), text()
		e.Keywords = []string{"raktas", "kitas raktas"}
		return e
	}
	study := &hub.Study{Entry: entry(2), AbstractTexts: text(), FindingsTexts: text(), MethodTexts: text(), SampleTexts: text()}
	study.FullTextTexts = text()
	policy := &hub.PolicyDocument{Entry: entry(3), MainPointsTexts: text()}
	policy.FullTextTexts = text()
	all = []hub.Record{
		&hub.GoodPractice{Entry: entry(1), ProblemTexts: text(), ContextTexts: text(), SolutionTexts: text(), ResourcesTexts: text(), FundingTexts: list(),
			ResultList:    []*hub.Result{{StatementTexts: text()}, {StatementTexts: text()}},
			IndicatorList: []*hub.Indicator{{NameTexts: text()}, {NameTexts: text()}}, EvidenceTexts: text(), DidNotWorkTexts: text(), SuccessTexts: text(),
			LessonsTexts: text(), TransferTexts: text(), PreconditionsTexts: text()},
		study, policy,
		&hub.Organisation{Entry: entry(4), OtherNameTexts: list(), OffersTexts: text(), LooksForTexts: text()},
		&hub.Project{Entry: entry(5), ProblemTexts: text(), GoalTexts: text(), MilestoneList: []*hub.Milestone{{WhatTexts: text()}, {WhatTexts: text()}}, ResultTexts: text()},
		&hub.Collection{Entry: entry(6), ItemList: []*hub.CollectionItem{{RecordSlug: "a", NoteTexts: text()}, {RecordSlug: "b", NoteTexts: text()}}},
	}
	for _, r := range all {
		for _, at := range hub.TextsOf(r) {
			_, after, _ := strings.Cut(at.Value, "„")
			w, _, _ := strings.Cut(after, "“")
			words[w] = at
		}
	}
	return all, words
}

// unload takes the full texts out of records, as a list of them comes from a store, and returns what reads stretches of them.
func unload(records []hub.Record) func([]hub.Excerpt) ([]string, error) {
	texts := map[hub.ID]hub.Texts{}
	for _, r := range records {
		e := r.AsEntry()
		if len(e.FullTextTexts) == 0 {
			continue
		}
		texts[e.ID] = e.FullTextTexts
		e.FullTextLanguages = nil
		for _, t := range e.FullTextTexts {
			e.FullTextLanguages = append(e.FullTextLanguages, t.Language)
		}
		e.FullTextTexts = nil
	}
	return func(at []hub.Excerpt) ([]string, error) {
		all := make([]string, len(at))
		for i, x := range at {
			tr := texts[x.ID].Get(x.Language)
			if tr == nil {
				return nil, fmt.Errorf("no full text of %s in %s", x.ID, x.Language)
			}
			start, end := min(max(0, x.Start), len(tr.Value)), min(x.End, len(tr.Value))
			for start > 0 && start < len(tr.Value) && !utf8.RuneStart(tr.Value[start]) {
				start--
			}
			for end < len(tr.Value) && !utf8.RuneStart(tr.Value[end]) {
				end++
			}
			all[i] = tr.Value[start:max(start, end)]
		}
		return all, nil
	}
}

// CheckHighlight says what is wrong with the form of a highlight: ranges that are not in order, not in the text or cut a character.
func CheckHighlight(h *hub.Highlight) error {
	if !utf8.ValidString(h.Text) {
		return fmt.Errorf("%s: %q is not valid UTF-8", h.Field, h.Text)
	}
	at := 0
	for _, r := range h.Ranges {
		if r.Start < at || r.End <= r.Start || r.End > len(h.Text) || !utf8.ValidString(h.Text[r.Start:r.End]) {
			return fmt.Errorf("%s: range %v of %q is wrong after %d", h.Field, r, h.Text, at)
		}
		at = r.End
	}
	if len(h.Ranges) == 0 {
		return fmt.Errorf("%s: %q has no range", h.Field, h.Text)
	}
	return nil
}

// marked returns the marked words of highlights, with their fields and languages.
func (t *indexTest) marked(all []*hub.Highlight) string {
	t.Helper()
	var s []string
	for _, h := range all {
		t.must(CheckHighlight(h))
		for _, r := range h.Ranges {
			s = append(s, fmt.Sprintf("%s.%s:%s", h.Field, h.Language, h.Text[r.Start:r.End]))
		}
	}
	return strings.Join(s, " ")
}

func (t *indexTest) highlights() {
	records, words := everywhere()
	t.fill(records...)
	read := unload(records)
	for w, at := range words {
		all, err := t.x.Highlights(t.ctx(), w, records, []hub.Language{"lt", "en"}, read)
		t.must(err)
		t.is("highlights of all records", len(all), len(records))
		got := ""
		for _, some := range all {
			got += t.marked(some)
		}
		t.is(w, got, fmt.Sprintf("%s.%s:%s", at.Field.Name, at.Language, w))
	}

	// Several words, a phrase, a word that stands often; the reader's language first.
	long := strings.Repeat("Ąžuolai ošė. ", 300)
	records = []hub.Record{
		place(1, "Ąžuolas miške", func(p *hub.GoodPractice) {
			p.SummaryTexts = hub.Texts{{Language: "lt", Value: "Senas ąžuolas, jaunas ĄŽUOLAS ir liepa."}, {Language: "en", Value: "An old oak: ąžuolas"}}
			p.ProblemTexts = hub.Texts{{Language: "lt", Value: long + "Čia stovi žalias ąžuolas. " + long}}
		}),
		place(2, "Nieko"),
		place(3, "Liepa, o ne ąžuolas"),
	}
	t.fill(records...)
	one := func(query string, in ...hub.Language) [3]string {
		all, err := t.x.Highlights(t.ctx(), query, records, in, read)
		t.must(err)
		var got [3]string
		for i := range got {
			if len(all[i]) > 3 {
				t.Errorf("%s: %d highlights of one record", query, len(all[i]))
			}
			got[i] = t.marked(all[i])
		}
		return got
	}
	got := one("ąžuolas liepa", "lt")
	t.is("the title says most of what the third is", got[2], "title.lt:Liepa title.lt:ąžuolas")
	t.is("nothing of the second", got[1], "")
	if !strings.HasPrefix(got[0], "summary.lt:ąžuolas summary.lt:ĄŽUOLAS summary.lt:liepa title.lt:Ąžuolas") {
		t.Errorf("the fragment with both words is not the first: %s", got[0])
	}
	t.is("the reader's language comes first", strings.HasPrefix(one("ąžuolas", "en")[0], "summary.en:ąžuolas"), true)
	t.is("a phrase", one(`"žalias ąžuolas"`)[0], "problem.lt:žalias ąžuolas")
	t.is("what is not to be there", one("-nieko"), [3]string{})
	t.is("a condition", one("year:2015"), [3]string{})
	t.is("no words", one(""), [3]string{})

	all, err := t.x.Highlights(t.ctx(), "ąžuolas", nil, nil, read)
	t.must(err)
	t.is("of no records", len(all), 0)
	failed := errors.New("the store fails")
	study := &hub.Study{Entry: place(9, "tyrimas").Entry}
	study.FullTextTexts = hub.Texts{{Language: "lt", Value: "ąžuolas"}}
	t.fill(study)
	unload([]hub.Record{study})
	if _, err := t.x.Highlights(t.ctx(), "ąžuolas", []hub.Record{study}, nil, func([]hub.Excerpt) ([]string, error) { return nil, failed }); !errors.Is(err, failed) {
		t.Errorf("where the text cannot be read: %v", err)
	}
}

// unhighlight is about records that are no longer what was indexed: there may be no highlight, or one in the wrong place, but it is sound.
func (t *indexTest) unhighlight() {
	text := strings.Repeat("ėjo ąžuolas ūžė ", 200)
	study := &hub.Study{Entry: place(1, "ąžuolas").Entry}
	study.FindingsTexts = hub.Texts{{Language: "lt", Value: text}}
	study.FullTextTexts = hub.Texts{{Language: "lt", Value: text}}
	t.fill(study)
	for _, now := range []string{"", "ą", "🎭🎭🎭", strings.Repeat("ąžuolas", 400), strings.Repeat("ė ", 3000), text[:501], text[7:], strings.Repeat(" ", 5000)} {
		changed := &hub.Study{Entry: place(1, "x").Entry}
		changed.FindingsTexts = hub.Texts{{Language: "lt", Value: strings.ToValidUTF8(now, "")}}
		changed.FullTextTexts = hub.Texts{{Language: "lt", Value: strings.ToValidUTF8(now, "")}}
		read := unload([]hub.Record{changed})
		all, err := t.x.Highlights(t.ctx(), "ąžuolas", []hub.Record{changed, place(5, "never indexed")}, nil, read)
		t.must(err)
		t.is("highlights of all records", len(all), 2)
		for _, h := range all[0] {
			t.must(CheckHighlight(h))
		}
	}
}
