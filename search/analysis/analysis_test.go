package analysis

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// languages are all that have an analyzer of their own, and some that have not.
var languages = append(slices.Sorted(maps.Keys(named)), "lt", "lv", "et", "is", "uk", "el", "th", "", "xx")

func TestEveryLanguageBuilds(t *testing.T) {
	for _, l := range languages {
		if terms := Terms(l, "Kultur 2024"); len(terms) == 0 {
			t.Errorf("%s: finds no words", l)
		}
		if l != "" && For(l) != For(l+"-Latn-XX") {
			t.Errorf("%s: script and region make another analyzer", l)
		}
	}
	if For("lt-LT") != For("lt") || For("nb-NO") != For("nb") {
		t.Error("a region makes another analyzer")
	}
}

func TestTerms(t *testing.T) {
	for _, test := range []struct{ language, text, want string }{
		{"en", "The museums of walking", "museum walk"},
		{"en-GB", "Libraries", "librari"},
		{"de", "Die Museen und das Gedächtnis", "muse gedachtnis"},
		{"fi", "kirjastoissa ja museoissa", "kirjasto museo"},
		{"nb", "Skolene og bibliotekene i byen", "skol bibliotek byen"},
		{"nn", "skular og bibliotek", "skul bibliotek"},
		{"no", "bibliotekene", "bibliotek"},
		{"fr", "L'art des musées", "art muse"},
		{"ja", "文化と健康", "文化 化と と健 健康"},
		{"fa", "می\u200cخواهم", "خواهم"}, // the first half is a stop word
		{"lt", "Kultūra IR žmonės, 2024 m.", "kultūra ir žmonės 2024 m"},
		{"lt", "I-1428 3.2 don't", "i 1428 3.2 don't"},
		{"lt", "", ""},
		{"lt", "a " + strings.Repeat("ž", MaxWord/2) + " " + strings.Repeat("ž", MaxWord/2) + "a b", "a " + strings.Repeat("ž", MaxWord/2) + " b"},
		{"fr", strings.Repeat("ness", 1<<20), ""}, // of which a stemmer makes minutes
		{"en", "two\xffwords", "two word"},
		{"lt", "—„“…🎭", ""},
	} {
		if diff := cmp.Diff(test.want, strings.Join(Terms(test.language, test.text), " ")); diff != "" {
			t.Errorf("%s: %q: want - got +\n%s", test.language, test.text, diff)
		}
	}
}

// TestAtOnce uses every analyzer from several goroutines, for the race detector.
func TestAtOnce(t *testing.T) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, l := range languages {
				Terms(l, "L'istituto culturale ąžuolų Museen kitabı kirjastoissa می\u200cخواهم 文化")
			}
		})
	}
	wg.Wait()
}

// FuzzAnalyze: any bytes in any language give terms whose places are in the text, in order, on the borders of characters.
func FuzzAnalyze(f *testing.F) {
	for _, s := range []string{
		"", "Kultūra ir žmonės", "L’art d'aujourd’hui", "می\u200cخواهم فرهنگ", "文化と健康 abc", "\u200c\u200c", "a\u0328\u0301", "İSTANBUL'da", "ﬁnanse ①", "🎭👩‍🎨",
		"\xff\xc5", strings.Repeat("ą", 300), "संस्कृति", "ثقافة", "한국어 문화", "ｶﾞｷﾞ", "Straße ẞ", "ʼn ǅ",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range languages {
			start, position := 0, 0
			for _, tok := range For(l).Analyze([]byte(s)) {
				if tok.Start < start || tok.End < tok.Start || tok.End > len(s) || tok.Position < position || tok.Position < 1 {
					t.Fatalf("%s: %q: word %q at %d to %d, position %d, after %d, position %d", l, s, tok.Term, tok.Start, tok.End, tok.Position, start, position)
				}
				if utf8.ValidString(s) && !utf8.ValidString(s[tok.Start:tok.End]) {
					t.Fatalf("%s: %q: word %q at %d to %d cuts a character", l, s, tok.Term, tok.Start, tok.End)
				}
				start, position = tok.Start, tok.Position
			}
		}
	})
}

// BenchmarkAnalyze is what a text costs before it is indexed. Lithuanian, without rules, is Unicode's division into words: 36 MB/s. A
// stemmer makes that 16 to 23.
func BenchmarkAnalyze(b *testing.B) {
	for l, text := range map[string]string{
		"lt": "Lietuvos Respublikos kultūros ministerija, savivaldybių įstaigos ir „ąžuolų“ švietimo žmonės 2024 m. išlaikė ūkį. ",
		"en": "The museums and libraries of the municipalities were walking towards health, wellbeing and the inclusion of people. ",
		"nb": "Museene og bibliotekene i kommunene arbeidet med helse, trivsel og inkludering av mennesker i byene og på landet. ",
		"fi": "Kirjastoissa ja museoissa edistettiin terveyttä, hyvinvointia ja ihmisten osallisuutta kaupungeissa sekä maaseudulla. ",
		"de": "Die Museen und Bibliotheken der Gemeinden förderten Gesundheit, Wohlbefinden und Teilhabe der Menschen in den Städten. ",
	} {
		all := []byte(strings.Repeat(text, 100))
		b.Run(l, func(b *testing.B) {
			b.SetBytes(int64(len(all)))
			b.ReportAllocs()
			for b.Loop() {
				For(l).Analyze(all)
			}
		})
	}
}
