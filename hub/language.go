package hub

import (
	"context"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Language is a BCP 47 tag in its canonical form, such as lt, en, nb or pt-BR.
type Language string

// languages remembers the canonical form of tags that were parsed: imports see the same few millions of times. Of those that hostile
// requests make up, no more than maxLanguages are remembered.
var (
	languages  sync.Map // string -> Language
	remembered atomic.Int32
)

const maxLanguages = 1000

// ParseLanguage returns the canonical form of a tag in any case. `no` is `nb`: texts tagged Norwegian are
// Bokmål in practice, and a reader who asks for either wants the same. The error is an ErrInvalid.
func ParseLanguage(s string) (Language, error) {
	if l, ok := languages.Load(s); ok {
		return l.(Language), nil
	}
	const hint = "use a BCP 47 tag such as lt, en or nb"
	if len(s) > 35 { // RFC 5646 §4.4.1: 35 characters hold any tag without private use
		return "", invalid("", hint, "%s is not a language tag", Echo(s))
	}
	tag, err := language.Parse(s)
	if err != nil || tag == language.Und {
		return "", invalid("", hint, "%s is not a language tag", Echo(s))
	}
	l := Language(tag.String())
	if base, _ := tag.Base(); base.String() == "no" {
		l = "nb" + l[2:]
	}
	if remembered.Load() < maxLanguages {
		remembered.Add(1)
		languages.Store(s, l)
	}
	return l, nil
}

// base returns the language without its region and script.
func (l Language) base() Language {
	if i := strings.IndexByte(string(l), '-'); i > 0 {
		return l[:i]
	}
	return l
}

// Tag returns l for golang.org/x/text.
func (l Language) Tag() language.Tag { return language.Make(string(l)) }

// MarshalGQL writes l as a GraphQL string.
func (l Language) MarshalGQL(w io.Writer) { writeString(w, string(l)) }

// UnmarshalGQL reads l from a GraphQL string.
func (l *Language) UnmarshalGQL(v any) error {
	s, err := asString(v, "Language")
	if err == nil {
		*l, err = ParseLanguage(s)
	}
	return err
}

// UnmarshalText reads l from an exchange file.
func (l *Language) UnmarshalText(b []byte) (err error) {
	*l, err = ParseLanguage(string(b))
	return err
}

// MarshalText writes l to an exchange file.
func (l Language) MarshalText() ([]byte, error) { return []byte(l), nil }

type languagesKey struct{}

// WithLanguages says which languages the reader prefers, most wanted first.
func WithLanguages(ctx context.Context, in []Language) context.Context {
	return context.WithValue(ctx, languagesKey{}, in)
}

// LanguagesFrom returns the languages that the reader prefers, most wanted first; none if nothing was said.
func LanguagesFrom(ctx context.Context) []Language {
	in, _ := ctx.Value(languagesKey{}).([]Language)
	return in
}

// ParseAcceptLanguage turns an Accept-Language header into an ordered list. What cannot be read is left out:
// a header that a browser sends on its own is no place to find fault.
func ParseAcceptLanguage(header string) []Language {
	if len(header) > 1000 {
		return nil
	}
	tags, weights, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return nil
	}
	var in []Language
	for i, tag := range tags {
		if l, err := ParseLanguage(tag.String()); err == nil && weights[i] > 0 && l.base() != "mul" && !slices.Contains(in, l) {
			in = append(in, l)
		}
	}
	return in
}

// prefer returns in, or the reader's own languages where in is empty.
func prefer(ctx context.Context, in []Language) []Language {
	if len(in) > 0 {
		return in
	}
	return LanguagesFrom(ctx)
}

// display names of languages and countries, one namer for each language of display; building one costs 100 µs.
var (
	languageNamers sync.Map // Language -> display.Namer
	regionNamers   sync.Map
)

func namer(m *sync.Map, l Language, make func(language.Tag) display.Namer) display.Namer {
	if n, ok := m.Load(l); ok {
		return n.(display.Namer)
	}
	tag := l.Tag()
	if l == "nb" { // CLDR files Bokmål's names under no, and x/text gives Danish ones for nb
		tag = language.Norwegian
	}
	n := make(tag)
	if n == nil { // x/text has no names in this language
		n = make(language.English)
	}
	m.Store(l, n)
	return n
}

// displayLanguage is the language in which names of countries and languages are given: the first wanted, else English.
func displayLanguage(in []Language) Language {
	for _, l := range in {
		if slices.Contains(displayable(), l.base()) {
			return l.base()
		}
	}
	return "en"
}

// displayable lists the languages in which x/text (CLDR) names countries and languages.
var displayable = sync.OnceValue(func() []Language {
	var all []Language
	for _, tag := range display.Supported.Tags() {
		all = append(all, Language(tag.String()))
	}
	return append(all, "nb") // filed under no
})

// NameIn returns the name of the language in the first of in that CLDR names languages in, else in English.
func (l Language) NameIn(in []Language) string {
	n := namer(&languageNamers, displayLanguage(in), display.Languages)
	if name := n.Name(l.Tag()); name != "" {
		return name
	}
	return string(l)
}
