package hub_test

import (
	"errors"
	"testing"

	"versme/hub"
)

func TestParseCountry(t *testing.T) {
	for s, want := range map[string]hub.CountryCode{"LT": "LT", "no": "NO", "Gb": "GB", "EU": "EU", "eu": "EU", "UN": "UN", "US": "US"} {
		if got, err := hub.ParseCountry(s); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", s, got, err, want)
		}
	}
	for _, s := range []string{"", "XX", "ZZ", "UK", "LTU", "440", "L", "Lithuania", "EL", "DD", "001", "LT ", "ĖĖ"} {
		if got, err := hub.ParseCountry(s); !errors.Is(err, hub.ErrInvalid) {
			t.Errorf("%q: %q, %v; want an ErrInvalid", s, got, err)
		}
	}
}

func TestCountryName(t *testing.T) {
	for _, test := range []struct {
		c    hub.CountryCode
		in   []hub.Language
		want string
	}{
		{"NO", []hub.Language{"lt"}, "Norvegija"},
		{"NO", []hub.Language{"en"}, "Norway"},
		{"NO", nil, "Norway"},
		{"LT", []hub.Language{"nb"}, "Litauen"},
		{"EU", []hub.Language{"lt"}, "Europos Sąjunga"},
		{"UN", []hub.Language{"en"}, "United Nations"},
		{"LT", []hub.Language{"lt-LT"}, "Lietuva"},
	} {
		if got := test.c.NameIn(test.in); got != test.want {
			t.Errorf("%s in %v is %q; want %q", test.c, test.in, got, test.want)
		}
	}
}
