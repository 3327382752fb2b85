package hub_test

import (
	"errors"
	"strings"
	"testing"

	"versme/hub"
)

func TestParseLanguage(t *testing.T) {
	for s, want := range map[string]hub.Language{
		"lt": "lt", "LT": "lt", "en": "en", "nb": "nb", "nn": "nn", "no": "nb", "NO": "nb", "no-NO": "nb-NO", "nor": "nb", "nno": "nn", "lit": "lt",
		"en-gb": "en-GB", "EN_gb": "en-GB", "zh-hant-tw": "zh-Hant-TW", "pt-BR": "pt-BR", "sr-latn": "sr-Latn",
	} {
		if got, err := hub.ParseLanguage(s); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", s, got, err, want)
		}
		if got, err := hub.ParseLanguage(string(want)); err != nil || got != want {
			t.Errorf("%q is not its own canonical form: %q, %v", want, got, err)
		}
	}
	for _, s := range []string{"", "und", "xx", "lietuvių", "l", "en-", "-", "english", "e n", "lt\x00", strings.Repeat("a", 40), "en-x-" + strings.Repeat("a", 100)} {
		if got, err := hub.ParseLanguage(s); !errors.Is(err, hub.ErrInvalid) {
			t.Errorf("%.40q: %q, %v; want an ErrInvalid", s, got, err)
		}
	}
}

func TestLanguageName(t *testing.T) {
	for _, test := range []struct {
		l    hub.Language
		in   []hub.Language
		want string
	}{
		{"lt", []hub.Language{"lt"}, "lietuvių"},
		{"lt", []hub.Language{"en"}, "Lithuanian"},
		{"lt", nil, "Lithuanian"},
		{"nb", []hub.Language{"lt"}, "norvegų bukmolas"},
		{"lt", []hub.Language{"nb"}, "litauisk"},
		{"lt", []hub.Language{"nb-NO", "lt"}, "litauisk"},
		{"lt", []hub.Language{"tlh", "lt"}, "lietuvių"}, // CLDR names no languages in Klingon
	} {
		if got := test.l.NameIn(test.in); got != test.want {
			t.Errorf("%s in %v is %q; want %q", test.l, test.in, got, test.want)
		}
	}
}

func TestParseAcceptLanguage(t *testing.T) {
	for header, want := range map[string][]hub.Language{
		"":                                 nil,
		"*":                                nil,
		"lt":                               {"lt"},
		"lt-LT,lt;q=0.9,en-US;q=0.8":       {"lt-LT", "lt", "en-US"},
		"en;q=0.5, no;q=0.9, nb;q=0.8":     {"nb", "en"},
		"lt;q=0, en":                       {"en"},
		"garbage;;;q=zzz":                  nil,
		strings.Repeat("en-GB,", 1000):     nil,
		"de-CH-1996;q=0.7, fr;q=0.1,*;q=0": {"de-CH-1996", "fr"},
	} {
		if got := hub.ParseAcceptLanguage(header); strings.Join(text(got), " ") != strings.Join(text(want), " ") {
			t.Errorf("%.60q: %v; want %v", header, got, want)
		}
	}
}

func text[S ~string](all []S) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = string(s)
	}
	return out
}
