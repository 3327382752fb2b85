package hub_test

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"versme/hub"
)

func TestParseDate(t *testing.T) {
	for s, ok := range map[string]bool{
		"2024": true, "2024-09": true, "2024-09-09": true, "0001": true, "9999-12-31": true, "2024-02-29": true, "1900": true,
		"": false, "0000": false, "24": false, "20240909": false, "2024-9": false, "2024-13": false, "2024-00": false, "2024-02-30": false,
		"2023-02-29": false, "1900-02-29": false, "2024-09-9": false, "2024-09-09T10:00:00Z": false, " 2024": false, "2024\n": false,
		"-2024": false, "+2024": false, "２０２４": false, "2024-09-": false, "2024--09": false,
	} {
		d, err := hub.ParseDate(s)
		switch {
		case ok && (err != nil || string(d) != s):
			t.Errorf("%q: %q, %v", s, d, err)
		case !ok && !errors.Is(err, hub.ErrInvalid):
			t.Errorf("%q: %q, %v; want an ErrInvalid", s, d, err)
		}
	}
}

func TestDateYear(t *testing.T) {
	for d, want := range map[hub.Date]int{"": 0, "1996": 1996, "1996-07": 1996, "1996-07-02": 1996, "0987": 987} {
		if got := d.Year(); got != want {
			t.Errorf("%q is in %d; want %d", d, got, want)
		}
	}
}

// What is read is a date that the calendar has, written as it was.
func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2024", "2024-09", "2024-09-09", "2024-02-30", "", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := hub.ParseDate(s)
		if err != nil {
			if !errors.Is(err, hub.ErrInvalid) || d != "" {
				t.Fatalf("%q, %v", d, err)
			}
			return
		}
		if string(d) != s {
			t.Fatalf("%q became %q", s, d)
		}
		if _, err := time.Parse("2006-01-02"[:len(s)], s); err != nil || d.Year() < 1 {
			t.Fatalf("%q is no date: %v, year %d", s, err, d.Year())
		}
	})
}

func TestParseURL(t *testing.T) {
	for s, ok := range map[string]bool{
		"https://example.org": true, "http://example.org/a?b=c#d": true, "https://ąžuolas.lt/ė": true,
		"": false, "example.org": false, "//example.org": false, "ftp://example.org": false, "javascript:alert(1)": false,
		"https://": false, "https:///path": false, "https://user:secret@example.org": false, "http://[::1": false, "mailto:a@b.lt": false,
		"https://example.org/" + strings.Repeat("a", hub.MaxURL): false,
	} {
		if u, err := hub.ParseURL(s); ok != (err == nil) || ok && string(u) != s || !ok && !errors.Is(err, hub.ErrInvalid) {
			t.Errorf("%.60q: %.60q, %v", s, u, err)
		}
	}
}

// A moment is kept in UTC, whatever zone it was given in.
func TestDateTimeInput(t *testing.T) {
	var at hub.DateTime
	if err := at.UnmarshalGQL("2024-09-09T12:00:00+02:00"); err != nil {
		t.Fatal(err)
	}
	if got := out(at); got != `"2024-09-09T10:00:00Z"` {
		t.Error(got)
	}
	for _, bad := range []any{"2024-09-09", "yesterday", 5, nil} {
		if err := at.UnmarshalGQL(bad); !errors.Is(err, hub.ErrInvalid) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

// out writes a scalar as an answer has it.
func out(v interface{ MarshalGQL(w io.Writer) }) string {
	var b strings.Builder
	v.MarshalGQL(&b)
	return b.String()
}

// What is missing is null, and nothing is escaped as for HTML, which answers are not.
func TestScalarsAsServed(t *testing.T) {
	for want, v := range map[string]interface{ MarshalGQL(w io.Writer) }{
		`null`:                         hub.Date(""),
		`"2024-09"`:                    hub.Date("2024-09"),
		`"https://a.lt/?b=1&c=<d>"`:    hub.URL("https://a.lt/?b=1&c=<d>"),
		`"Leidykla \"Žinios\" & <Ko>"`: hub.Line(`Leidykla "Žinios" & <Ko>`),
		`"nb"`:                         hub.Language("nb"),
		`"EU"`:                         hub.CountryCode("EU"),
		`"STUDY"`:                      hub.TypeStudy,
		`"x"`:                          hub.ID("x"),
	} {
		if got := out(v); got != want {
			t.Errorf("%T %v is served as %s; want %s", v, v, got, want)
		}
	}
	for _, none := range []interface{ MarshalGQL(w io.Writer) }{hub.URL(""), hub.Line(""), hub.Outcome("")} {
		if got := out(none); got != "null" {
			t.Errorf("an empty %T is served as %s", none, got)
		}
	}
}

// An id can be anything: one that nothing has is not found, which is no error of form.
func TestIDInput(t *testing.T) {
	for want, v := range map[hub.ID]any{"x": "x", "7": int64(7), "8": json.Number("8"), "y": hub.ID("y")} {
		var id hub.ID
		if err := id.UnmarshalGQL(v); err != nil || id != want {
			t.Errorf("%v: %q, %v", v, id, err)
		}
	}
	var id hub.ID
	if err := id.UnmarshalGQL(1.5); !errors.Is(err, hub.ErrInvalid) {
		t.Errorf("1.5: %v", err)
	}
}
