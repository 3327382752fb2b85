package hub

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strconv"
	"time"
)

// ID names a record or concept for good: a UUIDv7 in its usual writing.
type ID string

// MarshalGQL writes the id as a GraphQL string.
func (id ID) MarshalGQL(w io.Writer) { writeString(w, string(id)) }

// UnmarshalGQL reads any string or number: an id that nothing has is not found, which is not an error of form.
func (id *ID) UnmarshalGQL(v any) error {
	switch v := v.(type) {
	case string:
		*id = ID(v)
	case ID: // a variable that was set in process
		*id = v
	case int64:
		*id = ID(strconv.FormatInt(v, 10))
	case json.Number:
		*id = ID(v)
	default:
		return invalid("", "give it as a string", "an ID cannot be a %T", v)
	}
	return nil
}

// Date is a date that may be partial: 2024, 2024-09 or 2024-09-09. The empty Date is no date.
type Date string

var dateForm = regexp.MustCompile(`^\d{4}(-\d\d(-\d\d)?)?$`)

// ParseDate returns s if it is a partial date that the calendar has. The error is an ErrInvalid.
func ParseDate(s string) (Date, error) {
	if dateForm.MatchString(s) && s[:4] != "0000" {
		if _, err := time.Parse("2006-01-02", s+"-01-01"[len(s)-4:]); err == nil {
			return Date(s), nil
		}
	}
	return "", invalid("", "write it as 2024, 2024-09 or 2024-09-09", "%s is not a date", Echo(s))
}

// Year returns the year, or 0 where there is no date.
func (d Date) Year() int {
	if len(d) < 4 {
		return 0
	}
	y, _ := strconv.Atoi(string(d[:4]))
	return y
}

// MarshalGQL writes d as a GraphQL string, null where there is no date.
func (d Date) MarshalGQL(w io.Writer) {
	if d == "" {
		_, _ = io.WriteString(w, "null")
		return
	}
	writeString(w, string(d))
}

// UnmarshalGQL reads d from a GraphQL string.
func (d *Date) UnmarshalGQL(v any) error {
	s, err := asString(v, "Date")
	if err == nil {
		*d, err = ParseDate(s)
	}
	return err
}

// UnmarshalText reads d from an exchange file.
func (d *Date) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDate(string(b))
	return err
}

// MarshalText writes d to an exchange file.
func (d Date) MarshalText() ([]byte, error) { return []byte(d), nil }

// DateTime is a moment, RFC 3339 in UTC.
type DateTime struct{ time.Time }

// MarshalGQL writes t as a GraphQL string.
func (t DateTime) MarshalGQL(w io.Writer) { writeString(w, t.UTC().Format(time.RFC3339Nano)) }

// UnmarshalGQL reads t from a GraphQL string.
func (t *DateTime) UnmarshalGQL(v any) error {
	s, err := asString(v, "DateTime")
	if err != nil {
		return err
	}
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return invalid("", "write it as 2024-09-09T10:00:00Z", "%s is not a moment", Echo(s))
	}
	t.Time = at.UTC()
	return nil
}

// URL is an absolute http or https address. The empty URL is none.
type URL string

// MaxURL is the longest address that is accepted, in bytes.
const MaxURL = 2048

// ParseURL returns s if it is an absolute http or https address. The error is an ErrInvalid.
func ParseURL(s string) (URL, error) {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || len(s) > MaxURL {
		return "", invalid("", "write it whole, as https://example.org/page", "%s is not a web address", Echo(s))
	}
	return URL(s), nil
}

// MarshalGQL writes u as a GraphQL string, null where there is none.
func (u URL) MarshalGQL(w io.Writer) {
	if u == "" {
		_, _ = io.WriteString(w, "null")
		return
	}
	writeString(w, string(u))
}

// UnmarshalGQL reads u from a GraphQL string.
func (u *URL) UnmarshalGQL(v any) error {
	s, err := asString(v, "URL")
	if err == nil {
		*u, err = ParseURL(s)
	}
	return err
}

// UnmarshalText reads u from an exchange file.
func (u *URL) UnmarshalText(b []byte) (err error) {
	*u, err = ParseURL(string(b))
	return err
}

// MarshalText writes u to an exchange file.
func (u URL) MarshalText() ([]byte, error) { return []byte(u), nil }

// writeString writes s as a JSON string without escaping <, > and &, as GraphQL answers are not HTML.
func writeString(w io.Writer, s string) {
	enc := json.NewEncoder(trimNewline{w})
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s)
}

type trimNewline struct{ w io.Writer }

func (t trimNewline) Write(p []byte) (int, error) {
	n := len(p)
	if n > 0 && p[n-1] == '\n' {
		p = p[:n-1]
	}
	_, err := t.w.Write(p)
	return n, err
}

func asString(v any, scalar string) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case fmt.Stringer:
		return v.String(), nil
	}
	return "", invalid("", "give it as a string", "a %s cannot be a %T", scalar, v)
}

// Line is a plain text without translations that may be missing, such as a publisher; the empty Line is served as null.
type Line string

// MarshalGQL writes l as a GraphQL string, null where there is none.
func (l Line) MarshalGQL(w io.Writer) {
	if l == "" {
		_, _ = io.WriteString(w, "null")
		return
	}
	writeString(w, string(l))
}

// UnmarshalGQL reads l from a GraphQL string.
func (l *Line) UnmarshalGQL(v any) error {
	s, err := asString(v, "String")
	*l = Line(s)
	return err
}
