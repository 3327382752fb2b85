package hub_test

import (
	"encoding/base64"
	"errors"
	"math"
	"strings"
	"testing"

	"versme/hub"
)

func TestCursor(t *testing.T) {
	for _, c := range []hub.Cursor{
		{},
		{Order: "TITLE", Key: []byte{0, 255, 1}, ID: "01900000-0000-7000-8000-000000000000"},
		{Order: "RELEVANCE", Score: 1.5, ID: "x"},
		{Order: "RELEVANCE", Score: math.Inf(1)},
		{Order: "RELEVANCE", Score: math.Copysign(0, -1)},
		{Order: strings.Repeat("o", 255), ID: hub.ID(strings.Repeat("i", 255)), Key: []byte(strings.Repeat("k", 8000))},
	} {
		got, err := hub.ParseCursor(c.String())
		if err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		if got.Order != c.Order || got.ID != c.ID || string(got.Key) != string(c.Key) || math.Float64bits(got.Score) != math.Float64bits(c.Score) {
			t.Errorf("%+v is read back as %+v", c, got)
		}
	}
	valid := hub.Cursor{Order: "TITLE", Key: []byte("k"), ID: "x"}.String()
	for _, s := range []string{"", "x", "!", valid + "=", valid[:len(valid)-9], " " + valid, valid + "\n", strings.Repeat("A", hub.MaxCursor+1), hub.Cursor{Score: math.NaN()}.String(),
		base64.StdEncoding.EncodeToString([]byte{200, 1, 2, 3})} {
		if c, err := hub.ParseCursor(s); !errors.Is(err, hub.ErrInvalid) {
			t.Errorf("%.40q: %+v, %v; want an ErrInvalid", s, c, err)
		}
	}
}

// Whatever a client sends for a cursor, it is refused or is exactly the cursor of one place.
func FuzzParseCursor(f *testing.F) {
	f.Add("")
	f.Add(hub.Cursor{Order: "TITLE", Key: []byte("k"), ID: "x"}.String())
	f.Add(hub.Cursor{Order: "RELEVANCE", Score: 1.5, ID: "x"}.String())
	f.Fuzz(func(t *testing.T, s string) {
		c, err := hub.ParseCursor(s)
		if err != nil {
			if !errors.Is(err, hub.ErrInvalid) || len(err.Error()) > 2000 {
				t.Fatalf("%v", err)
			}
			return
		}
		if c.String() != s {
			t.Fatalf("%q is read as %+v, which is %q", s, c, c.String())
		}
	})
}

// A page asked for in a way that cannot be answered is an error that names the argument, never a page cut silently.
func TestPageRequest(t *testing.T) {
	p := open(t)
	p.must(t, `{"type":"STUDY","slug":"a","originalLanguage":"lt","title":{"lt":"a"}}`, `{"type":"STUDY","slug":"b","originalLanguage":"lt","title":{"lt":"b"}}`)
	good, err := p.Studies(t.Context(), nil, nil, hub.PageRequest{First: new(1)})
	if err != nil {
		t.Fatal(err)
	}
	end := *good.PageInfo.EndCursor
	for field, request := range map[string]hub.PageRequest{
		"first":  {First: new(-1)},
		"first ": {First: new(hub.MaxPage + 1)},
		"last":   {Last: new(-1)},
		"last ":  {Last: new(hub.MaxPage + 1)},
		"last  ": {First: new(1), Last: new(1)},
		"after":  {After: new("x")},
		"before": {Before: new("x")},
		"after ": {After: new(hub.Cursor{Order: "NEWEST"}.String())},
	} {
		_, err := p.Studies(t.Context(), nil, nil, request)
		if err == nil {
			t.Errorf("%s: no error", field)
		} else if got := problem(t, err).Field; got != strings.TrimSpace(field) {
			t.Errorf("%s: %q is said to be wrong: %v", field, got, err)
		}
	}
	for name, test := range map[string]struct {
		request hub.PageRequest
		want    string
	}{
		"the beginning":         {hub.PageRequest{}, "a b"},
		"an empty cursor":       {hub.PageRequest{After: new("")}, "a b"},
		"none":                  {hub.PageRequest{First: new(0)}, ""},
		"after":                 {hub.PageRequest{First: new(1), After: &end}, "b"},
		"the last":              {hub.PageRequest{Last: new(1)}, "b"},
		"before":                {hub.PageRequest{Last: new(5), Before: new(cursorOf(t, p, "b"))}, "a"},
		"before alone":          {hub.PageRequest{Before: new(cursorOf(t, p, "b"))}, "a"},
		"after the end":         {hub.PageRequest{After: new(cursorOf(t, p, "b"))}, ""},
		"between the two ends":  {hub.PageRequest{After: new(cursorOf(t, p, "a")), Before: new(cursorOf(t, p, "b"))}, ""},
		"all there may be once": {hub.PageRequest{First: new(hub.MaxPage)}, "a b"},
	} {
		c, err := p.Studies(t.Context(), nil, nil, test.request)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var slugs []string
		for _, r := range c.Nodes() {
			slugs = append(slugs, r.Slug)
		}
		equal(t, name, strings.Join(slugs, " "), test.want)
		equal(t, name+", in total", c.TotalCount, 2)
	}
}

func cursorOf(t *testing.T, p *parts, slug string) string {
	t.Helper()
	c, err := p.Studies(t.Context(), nil, nil, hub.PageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range c.Edges {
		if e.Node.Slug == slug {
			return e.Cursor
		}
	}
	t.Fatalf("no study %s", slug)
	return ""
}

// Concepts go page by page through every scheme, or one, each once.
func TestConceptPages(t *testing.T) {
	p := open(t)
	for i := range 25 {
		scheme := hub.ConceptSchemes[i%2]
		p.must(t, `{"type":"CONCEPT","slug":"c-`+string(rune('a'+24-i))+`","scheme":"`+string(scheme)+`","label":{"en":"x"}}`)
	}
	for _, scheme := range []*hub.ConceptScheme{nil, new(hub.SchemeTheme), new(hub.SchemeDomain)} {
		whole, err := p.Concepts(t.Context(), scheme, hub.PageRequest{First: new(hub.MaxPage)})
		if err != nil {
			t.Fatal(err)
		}
		var want, got []string
		for _, c := range whole.Nodes() {
			want = append(want, string(c.Scheme)+" "+c.Slug)
		}
		var after *string
		for {
			page, err := p.Concepts(t.Context(), scheme, hub.PageRequest{First: new(4), After: after})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range page.Nodes() {
				got = append(got, string(c.Scheme)+" "+c.Slug)
			}
			equal(t, "total", page.TotalCount, len(want))
			equal(t, "a page before", page.PageInfo.HasPreviousPage, after != nil)
			if after = page.PageInfo.EndCursor; !page.PageInfo.HasNextPage {
				break
			}
		}
		equal(t, "page by page", got, want)
	}
}
