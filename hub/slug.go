package hub

import (
	"regexp"
	"strings"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
	"unicode"
)

// MaxSlug is the longest slug, in bytes.
const MaxSlug = 120

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// letters that no decomposition takes apart.
var letters = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ð", "d", "þ", "th", "ł", "l", "ŋ", "n", "ħ", "h", "ı", "i", "ə", "e")

// Slugify makes a slug of a title: small ASCII letters and digits joined by hyphens, diacritics folded (socialinės → socialines),
// cut at a word within 80 bytes. It is empty where the title has no letter or digit that folds to ASCII.
func Slugify(title string) string {
	const maxMade = 80
	fold := transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC)
	plain, _, err := transform.String(fold, strings.ToLower(title))
	if err != nil {
		plain = strings.ToLower(title)
	}
	words := strings.FieldsFunc(letters.Replace(plain), func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9')
	})
	slug := ""
	for _, w := range words {
		if len(slug)+1+len(w) > maxMade {
			if slug == "" {
				slug = w[:maxMade]
			}
			break
		}
		if slug != "" {
			slug += "-"
		}
		slug += w
	}
	return slug
}
