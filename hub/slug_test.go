package hub_test

import (
	"regexp"
	"strings"
	"testing"

	"versme/hub"
)

func TestSlugify(t *testing.T) {
	for title, want := range map[string]string{
		"Socialinės inovacijos":                        "socialines-inovacijos",
		"Ąžuolų šventė – „Žvėryno“ bendruomenė!":       "azuolu-svente-zveryno-bendruomene",
		"ĄČĘĖĮŠŲŪŽ":                                    "aceeisuuz",
		"Den kulturelle skolesekken på Røros":          "den-kulturelle-skolesekken-pa-roros",
		"Ærlig Ål – sølv":                              "aerlig-al-solv",
		"Łódź, Straße, Đorđe, Þór":                     "lodz-strasse-dorde-thor",
		"naïve cafe\u0301":                             "naive-cafe",
		"Law No. I-1428 (1996)":                        "law-no-i-1428-1996",
		"Культура и здоровье":                          "",
		"文化":                                           "",
		"":                                             "",
		" – ":                                          "",
		"Культура 2030":                                "2030",
		"i̇stanbul İSTANBUL":                           "istanbul-istanbul",
		strings.Repeat("labai ilgas pavadinimas ", 20): "labai-ilgas-pavadinimas-labai-ilgas-pavadinimas-labai-ilgas-pavadinimas-labai",
		strings.Repeat("x", 200):                       strings.Repeat("x", 80),
	} {
		if got := hub.Slugify(title); got != want {
			t.Errorf("%.50q: %q; want %q", title, got, want)
		}
	}
}

// Whatever the title, what comes out is a slug or nothing, and making a slug of a slug changes nothing.
func FuzzSlugify(f *testing.F) {
	f.Add("Socialinės inovacijos")
	f.Add("Ærlig – \x00 \xff 文化")
	form := regexp.MustCompile(`^([a-z0-9]+(-[a-z0-9]+)*)?$`)
	f.Fuzz(func(t *testing.T, title string) {
		slug := hub.Slugify(title)
		if !form.MatchString(slug) || len(slug) > hub.MaxSlug {
			t.Fatalf("%q is no slug", slug)
		}
		if again := hub.Slugify(slug); again != slug {
			t.Fatalf("%q becomes %q", slug, again)
		}
	})
}
