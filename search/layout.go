package search

import (
	"slices"
	"strings"

	"versme/hub"
)

// layout is what stands in one field of words of a record: its texts of one class and language, one after another. The full text, if
// there is one, is the last, so that the places of the others are known without it.
type layout struct {
	field    string
	language hub.Language
	pieces   []piece
}

// piece is one text in a layout.
type piece struct {
	name   string // GraphQL name of the field; empty for keywords and names, which are found but not highlighted
	start  int    // in the field, in bytes
	length int    // -1 for a full text that the record does not carry
	value  string
}

// separator stands between texts: the analyzers see the end of a paragraph.
const separator = "\n\n"

// layoutOf returns the fields of words of a record.
func layoutOf(r hub.Record) []*layout {
	e := r.AsEntry()
	var all []*layout
	add := func(class string, l hub.Language, name, value string, length int) {
		field := class + string(l)
		i := slices.IndexFunc(all, func(x *layout) bool { return x.field == field })
		if i < 0 {
			i = len(all)
			all = append(all, &layout{field: field, language: l})
		}
		x := all[i]
		start := 0
		if n := len(x.pieces); n > 0 {
			start = x.pieces[n-1].start + x.pieces[n-1].length + len(separator)
		}
		x.pieces = append(x.pieces, piece{name, start, length, value})
	}
	for _, s := range plainWords(r) {
		add(fieldSummary, e.OriginalLanguage, "", s, len(s))
	}
	for _, t := range hub.TextsOf(r) {
		add(textClasses[t.Field.Class], t.Language, t.Field.Name, t.Value, len(t.Value))
	}
	if len(e.FullTextTexts) == 0 {
		for _, l := range e.FullTextLanguages {
			add(fieldBody, l, "text", "", -1)
		}
	}
	return all
}

// text returns all that stands in the field.
func (x *layout) text() string {
	if len(x.pieces) == 1 {
		return x.pieces[0].value
	}
	var b strings.Builder
	for i, p := range x.pieces {
		if i > 0 {
			b.WriteString(separator)
		}
		b.WriteString(p.value)
	}
	return b.String()
}
