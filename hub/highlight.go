package hub

import (
	"context"
	"html"
	"strings"
)

// Highlight is a fragment of a record's text with the places in it that answer the query.
type Highlight struct {
	Field    string
	Language Language
	Text     string
	Ranges   []Range // in Text
}

// HTML returns the fragment escaped, with matches in <mark>.
func (h *Highlight) HTML() string {
	var b strings.Builder
	at := 0
	for _, r := range h.Ranges {
		b.WriteString(html.EscapeString(h.Text[at:r.Start]))
		b.WriteString("<mark>")
		b.WriteString(html.EscapeString(h.Text[r.Start:r.End]))
		b.WriteString("</mark>")
		at = r.End
	}
	b.WriteString(html.EscapeString(h.Text[at:]))
	return b.String()
}

// highlight returns the best fragments of each record. Only what stands in the fragments is read from the store.
func (h *Hub) highlight(ctx context.Context, query string, records []Record, in []Language) ([][]*Highlight, error) {
	if strings.TrimSpace(query) == "" || len(records) == 0 {
		return make([][]*Highlight, len(records)), nil
	}
	return h.index.Highlights(ctx, query, records, in, func(at []Excerpt) ([]string, error) {
		return h.store.Excerpts(ctx, at)
	})
}
