package hub_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"versme/hub"
)

func TestClassOf(t *testing.T) {
	for _, test := range []struct {
		err  error
		want hub.Class
	}{
		{hub.ErrInvalid, hub.ClassInvalid},
		{fmt.Errorf("a: %w", hub.ErrNotFound), hub.ClassNotFound},
		{errors.Join(errors.New("a"), hub.ErrConflict), hub.ClassConflict},
		{hub.ErrUnavailable, hub.ClassUnavailable},
		{fmt.Errorf("a: %w", context.DeadlineExceeded), hub.ClassUnavailable},
		{context.Canceled, hub.ClassUnavailable},
		{&hub.Problem{Field: "a"}, hub.ClassInvalid},
		{fmt.Errorf("a: %w", hub.Problems{{Field: "a"}}), hub.ClassInvalid},
		{errors.New("a"), hub.ClassInternal},
	} {
		if got := hub.ClassOf(test.err); got != test.want {
			t.Errorf("%v is %s; want %s", test.err, got.Code, test.want.Code)
		}
	}
}

// What a caller sent is repeated cut short and harmless to terminals and logs.
func TestEcho(t *testing.T) {
	for in, want := range map[string]string{
		"":                       `""`,
		"ąžuolas":                `"ąžuolas"`,
		"a\nb\x1b[31m":           `"a\nb\x1b[31m"`,
		"\xff":                   `"\xff"`,
		strings.Repeat("ė", 200): `"` + strings.Repeat("ė", 200) + `"`,
		strings.Repeat("ė", 201): `"` + strings.Repeat("ė", 200) + `"…`,
	} {
		if got := hub.Echo(in); got != want || !utf8.ValidString(got) {
			t.Errorf("%q is echoed as %s; want %s", in, got, want)
		}
	}
}
