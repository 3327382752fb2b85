package hub

import (
	"context"
	"io"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// CountryCode is an ISO 3166-1 alpha-2 code, or EU or UN, which ISO reserves for the European Union and the
// United Nations where they act as one.
type CountryCode string

// ParseCountry returns the code in capitals. The error is an ErrInvalid.
func ParseCountry(s string) (CountryCode, error) {
	code := strings.ToUpper(s)
	if code == "EU" || code == "UN" {
		return CountryCode(code), nil
	}
	if r, err := language.ParseRegion(code); err == nil && len(code) == 2 && r.IsCountry() && r.Canonicalize().String() == code {
		return CountryCode(code), nil
	}
	return "", invalid("", "use an ISO 3166-1 alpha-2 code such as NO or LT, or EU, UN", "%s is not a country code", Echo(s))
}

// MarshalGQL writes c as a GraphQL string.
func (c CountryCode) MarshalGQL(w io.Writer) { writeString(w, string(c)) }

// UnmarshalGQL reads c from a GraphQL string.
func (c *CountryCode) UnmarshalGQL(v any) error {
	s, err := asString(v, "CountryCode")
	if err == nil {
		*c, err = ParseCountry(s)
	}
	return err
}

// UnmarshalText reads c from an exchange file.
func (c *CountryCode) UnmarshalText(b []byte) (err error) {
	*c, err = ParseCountry(string(b))
	return err
}

// MarshalText writes c to an exchange file.
func (c CountryCode) MarshalText() ([]byte, error) { return []byte(c), nil }

// Country is a country as served.
type Country struct{ Code CountryCode }

// Name returns the country's name, from CLDR, in the first of in that CLDR has, else in English.
func (c *Country) Name(ctx context.Context, in []Language) string {
	return c.Code.NameIn(prefer(ctx, in))
}

// NameIn returns the country's name in the first of in that CLDR has, else in English.
func (c CountryCode) NameIn(in []Language) string {
	n := namer(&regionNamers, displayLanguage(in), display.Regions)
	if r, err := language.ParseRegion(string(c)); err == nil {
		if name := n.Name(r); name != "" {
			return name
		}
	}
	return string(c)
}

func countries(codes []CountryCode) []*Country {
	all := make([]*Country, len(codes))
	for i, c := range codes {
		all[i] = &Country{Code: c}
	}
	return all
}
