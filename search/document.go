package search

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/blevesearch/bleve/v2/document"
	index "github.com/blevesearch/bleve_index_api"

	"versme/hub"
)

// mappingVersion is part of an index's identity. Change it with anything in this file, and hubs rebuild by themselves.
const mappingVersion = "2"

// Fields of the index. Words stand in one field for each class of text and language, such as body.lt. Everything else is whole
// values, which columns are built from; nothing is stored, and nothing needs doc values.
const (
	fieldTitle   = "title."
	fieldSummary = "summary."
	fieldBody    = "body."

	fieldType         = "type"
	fieldCountry      = "country"
	fieldTheme        = "theme"
	fieldSector       = "sector"
	fieldDomain       = "domain"
	fieldTarget       = "target"
	fieldLanguage     = "language"
	fieldOrganisation = "organisation"
	fieldEvidence     = "evidence" // rank, 1 the weakest
	fieldYears        = "years"    // 2016-2020, 2016-0 while it runs
	fieldDate         = "date"     // what newest sorts by, 20180000 for 2018
	fieldUpdated      = "updated"  // nanoseconds since 1970, in hexadecimal
	fieldSort         = "sort"     // language, zero byte, title
	fieldShown        = "shown"    // language of the title for readers of other languages than it is in
	fieldLength       = "length"   // name of a text field, zero byte, bytes in it
)

// textClasses are the fields of words, by hub.TextClass.
var textClasses = []string{hub.ClassTitle: fieldTitle, hub.ClassSummary: fieldSummary, hub.ClassBody: fieldBody}

// textOptions: positions are kept, for phrases and highlights; texts are not, the store has them.
const textOptions = index.IndexField | index.IncludeTermVectors

// valueOptions: whole values are counted and compared, never scored.
const valueOptions = index.IndexField | index.SkipFreqNorm

// documentOf turns a record, with its full texts, into what Bleve indexes, and counts the bytes of its texts. It skips Bleve's mapping, which would find out by
// reflection what is known here.
func documentOf(r hub.Record) (d *document.Document, size int) {
	e := r.AsEntry()
	d = document.NewDocument(string(e.ID))
	value := func(field, v string) {
		d.AddField(document.NewTextFieldCustom(field, nil, []byte(v), valueOptions, nil))
	}
	var marks marksField
	for _, t := range layoutOf(r) {
		text := t.text()
		size += len(text)
		w := &wordsField{name: t.field, language: string(t.language), text: text}
		marks.of = append(marks.of, w)
		d.AddField(w)
		value(fieldLength, t.field+"\x00"+strconv.Itoa(len(text)))
	}
	d.AddField(&marks)

	value(fieldType, string(r.Type()))
	for _, c := range e.CountryCodes {
		value(fieldCountry, string(c))
	}
	for _, ref := range hub.ConceptSlugsOf(r) {
		value(conceptFields[ref.Field], ref.Slug)
	}
	for _, l := range e.Languages() {
		value(fieldLanguage, string(l))
	}
	for _, slug := range hub.OrganisationSlugsOf(r) {
		value(fieldOrganisation, slug)
	}
	if n := slices.Index(hub.EvidenceLevels, hub.EvidenceOf(r)); n >= 0 {
		value(fieldEvidence, strconv.Itoa(n+1))
	}
	if from, to := hub.Years(r); from != 0 {
		value(fieldYears, fmt.Sprintf("%d-%d", from, to))
	}
	if date := hub.DateOf(r); date != "" {
		value(fieldDate, sortableDate(date))
	}
	value(fieldUpdated, fmt.Sprintf("%016x", uint64(e.UpdatedAt.UnixNano())))
	if t := e.TitleTexts.In(nil, e.OriginalLanguage); t != nil {
		value(fieldShown, string(t.Language))
	}
	for _, tr := range e.TitleTexts {
		value(fieldSort, string(tr.Language)+"\x00"+tr.Value)
	}
	return d, size
}

// conceptFields are the fields of concepts, by the field of the record.
var conceptFields = map[string]string{"themes": fieldTheme, "sectors": fieldSector, "domains": fieldDomain, "targetGroups": fieldTarget}

// sortableDate writes a partial date so that numbers sort as dates do: 2018 is 20180000.
func sortableDate(d hub.Date) string {
	digits := make([]byte, 0, 8)
	for i := 0; i < len(d); i++ {
		if d[i] != '-' {
			digits = append(digits, d[i])
		}
	}
	for len(digits) < 8 {
		digits = append(digits, '0')
	}
	return string(digits)
}

// plainWords are the words of a record that stand in fields without translations, by which people look for it.
func plainWords(r hub.Record) []string {
	all := slices.Clone(r.AsEntry().Keywords)
	switch r := r.(type) {
	case *hub.GoodPractice:
		all = append(all, string(r.Place))
	case *hub.Organisation:
		all = append(all, string(r.Place))
	case *hub.Study:
		for _, a := range r.Authors {
			all = append(all, a.Name)
		}
		all = append(all, string(r.Publisher), string(r.Container), string(r.DOI))
	case *hub.PolicyDocument:
		all = append(all, string(r.Number), string(r.CELEX))
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}
