package search

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"versme/hub"
)

// queries is what people type, and what Parse makes of it, as String writes it.
var queries = []struct{ in, want string }{
	{"", ""},
	{"   \t\n ", ""},
	{"kultūra", "kultūra"},
	{"kultūra ir psichikos sveikata", "kultūra ir psichikos sveikata"},
	{"  svietimas \u00a0 menas\u2003", "svietimas menas"},
	{"KULTŪRA", "KULTŪRA"},
	{"kultu\u0304ra", "kultūra"},          // letter and mark apart
	{"z\u030cmone\u0307s", "žmonės"},      // as macOS writes names of files
	{"a\u0328\u0301", "ą\u0301"},          // a Lithuanian letter with an accent that has no character of its own
	{"\u0301 \u0302\u0303", ""},           // marks alone
	{"\u0301a", "\u0301a"},                // a mark before its letter
	{"\xff\xfeabc\xc5", "abc"},            // not UTF-8
	{"a\xffb", "a b"},                     //
	{"a\x00b", "a OR b"},                  //
	{"don't l’art", "don't l’art"},        //
	{"Baltic-Nordic", "Baltic-Nordic"},    //
	{"ESF+ C++", "ESF+ C++"},              //
	{"Nr. 3.2 (I-1428)", "Nr 3.2 I-1428"}, //
	{"e_mail AT&T", "e_mail AT&T"},        //
	{"10.1000/xyz.1", "10.1000 OR xyz.1"}, //
	{"kultūra/menas", "kultūra OR menas"}, // neither alone would be right
	{"kultūra,menas;šokis", "kultūra OR menas OR šokis"},
	{"https://example.org/a?b=c", "https OR example.org OR a OR b OR c"},
	{"++ -- '' .. && __ +-", ""},
	{"- a -", "a"},
	{"…—–·•§€%", ""},
	{"🎭", ""},
	{"🎭menas🎨", "menas"},
	{"👩‍🎨 dailė", "dailė"},
	{"文化と健康", "文化と健康"},
	{"культура", "культура"},
	{"ثقافة", "ثقافة"},
	{"①②", "①②"},
	{"Ｆｕｌｌ", "Ｆｕｌｌ"},
	{"\u202eatgal\u202c", "atgal"},
	{"minkštas\u00adbrūkšnys", "minkštas OR brūkšnys"},
	{"\ufeffpradžia", "pradžia"},

	{`"kultūros paveldas"`, `"kultūros paveldas"`},
	{`„kultūros paveldas“`, `"kultūros paveldas"`},
	{`„kultūros paveldas”`, `"kultūros paveldas"`},
	{`„kultūros paveldas"`, `"kultūros paveldas"`},
	{`“cultural heritage”`, `"cultural heritage"`},
	{`”kulturarv i Norden”`, `"kulturarv i Norden"`},
	{`«patrimoine culturel»`, `"patrimoine culturel"`},
	{`»Kulturerbe heute«`, `"Kulturerbe heute"`},
	{`"kultūros paveldas`, `"kultūros paveldas"`}, // never closed: to the end
	{`„kultūros paveldas ir menas`, `"kultūros paveldas ir menas"`},
	{`menas "`, `menas`},
	{`menas "" šokis`, `menas šokis`},
	{`"menas"`, `menas`},
	{`"menas`, `menas`},
	{`" , . "`, ``},
	{`"a b""c d"`, `"a b" "c d"`},
	{`menas"kultūros paveldas"šokis`, `menas "kultūros paveldas" šokis`},
	{`"kultūra/menas"`, `"kultūra menas"`},
	{`"kult* OR -menas"`, `"kult or menas"`},
	{`"title:menas year:2015"`, `"title menas year 2015"`},
	{`'vienos kabutės'`, `vienos kabutės`},

	{"kult*", "kult*"},
	{"Šok*", "Šok*"},
	{"kul**", "kul*"},
	{"ku*", "ku"}, // too short to be a beginning: a word
	{"šo*", "šo"},
	{"k*", "k"},
	{"*", ""},
	{"***", ""},
	{"*kult", "kult"},
	{"k*ult*", "k OR ult"},
	{"kult/men*", "kult OR men"},

	{"-mokykla", "-mokykla"},
	{"menas -mokykla", "menas -mokykla"},
	{"--mokykla", "-mokykla"},
	{"- mokykla", "mokykla"},
	{`-"aukštoji mokykla"`, `-"aukštoji mokykla"`},
	{"-„aukštoji mokykla“", `-"aukštoji mokykla"`},
	{"-mokykl*", "-mokykl*"},
	{"-kultūra/menas", `-"kultūra menas"`}, // one thing is excluded, not either of two
	{"-title:mokykla", "-title:mokykla"},
	{"-year:2015", "-year:2015"},
	{"-OR", "-or"},
	{"-*", ""},
	{"menas-mokykla", "menas-mokykla"},
	{"−mokykla", "mokykla"}, // the minus of typography is punctuation

	{"menas OR kultūra", "menas OR kultūra"},
	{"a OR b OR c", "a OR b OR c"},
	{"a OR b c OR d", "a OR b c OR d"},
	{"OR menas", "menas"},
	{"menas OR", "menas"},
	{"OR", ""},
	{"OR OR OR", ""},
	{"a OR OR b", "a OR b"},
	{"a OR , b", "a b"},
	{"a or b", "a or b"},
	{"ORas FOR", "ORas FOR"},
	{`OR"a b"`, `or "a b"`},
	{`"OR"`, "or"},
	{`a OR "b c" OR kult*`, `a OR "b c" OR kult*`},
	{"a OR -b", "a -b"}, // what must not be there holds for all
	{"-a OR b", "-a b"},
	{"a OR title:b", "a title:b"},
	{"a OR year:2015", "a year:2015"},
	{"year:2015 OR a", "year:2015 a"},
	{"a/b OR c", "a OR b OR c"},
	{"a OR b/c", "a OR b OR c"},
	{"a/b OR c/d", "a OR b OR c OR d"},
	{"a/b c/d", "a OR b c OR d"},

	{"title:kultūra", "title:kultūra"},
	{`title:"kultūros paveldas"`, `title:"kultūros paveldas"`},
	{"title:„kultūros paveldas“", `title:"kultūros paveldas"`},
	{"title:kult*", "title:kult*"},
	{"title:kultūra/menas", `title:"kultūra menas"`},
	{"title: kultūra", "title kultūra"},
	{"title:", "title"},
	{"title:*", ""},
	{"title:-menas", "title:menas"},
	{"title:title:menas", `title:"title menas"`},
	{"title:year:2015", `title:"year 2015"`},
	{"Title:menas", "Title OR menas"},
	{"subtitle:menas", "subtitle OR menas"},
	{"author:Jonas", "author OR Jonas"},

	{"year:2015", "year:2015"},
	{"year:2015..2020", "year:2015..2020"},
	{"year:2015..", "year:2015.."},
	{"year:..2020", "year:..2020"},
	{"year:2015..2015", "year:2015"},
	{"year:0987", "year:987"},
	{"year:9999", "year:9999"},
	{"year:2020..2015", "year OR 2020..2015"},
	{"year:..", "year"},
	{"year:", "year"},
	{"year:0", "year OR 0"},
	{"year:0..2015", "year OR 0..2015"},
	{"year:12345", "year OR 12345"},
	{"year:+201", "year OR 201"},
	{"year:-201", "year OR 201"},
	{"year:2015...2020", "year OR 2015...2020"},
	{"year:x", "year OR x"},
	{`year:2015"a b"`, `year:2015 "a b"`},
	{"year: 2015", "year 2015"},

	// Operators of other languages are words.
	{"a AND b NOT c", "a AND b NOT c"},
	{"+a ~b ^c", "a b c"},
	{"(a b) {c} [d]", "a b c d"},
	{"menas~2^3", "menas OR 2 OR 3"},
	{"/men.*/", "men"},
	{"body.lt:menas", "body.lt OR menas"},
	{`{"match_all":{}}`, `match_all`},
	{"<b>menas</b>", "b OR menas OR b"},
	{"'; DROP TABLE records; --", "DROP TABLE records"},
	{"${jndi:ldap://x}", "jndi OR ldap OR x"},
	{"../../etc/passwd", "etc OR passwd"},
}

func TestParse(t *testing.T) {
	for _, test := range queries {
		q, err := Parse(test.in)
		if err != nil {
			t.Errorf("%q: %v", test.in, err)
			continue
		}
		if got := q.String(); got != test.want {
			t.Errorf("%q:\n got %s\nwant %s", test.in, got, test.want)
		}
		checkAgain(t, test.in, q)
	}
}

func TestParseTree(t *testing.T) {
	got, err := Parse(`menas "kultūros paveldas" kult* a OR "b c" -x -"y z" title:t title:"u v" -title:w year:2015.. -year:2020`)
	if err != nil {
		t.Fatal(err)
	}
	want := Words{Word("menas"), Phrase("kultūros paveldas"), Prefix("kult"), Or{Word("a"), Phrase("b c")}, Not{Word("x")}, Not{Phrase("y z")},
		Title{Word("t")}, Title{Phrase("u v")}, Not{Title{Word("w")}}, Year{From: 2015}, Not{Year{2020, 2020}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// checkAgain checks that a query is read again as it was written.
func checkAgain(t *testing.T, in string, q Words) {
	t.Helper()
	s := q.String()
	if utf8.RuneCountInString(s) > MaxQuery {
		return // a/b/c has more characters as a OR b OR c
	}
	again, err := Parse(s)
	if err != nil {
		t.Fatalf("%q: %q cannot be read again: %v", in, s, err)
	}
	if diff := cmp.Diff(q, again); diff != "" || again.String() != s {
		t.Fatalf("%q: %q is read again as %q: %s", in, s, again, diff)
	}
}

func TestParseLimits(t *testing.T) {
	for _, test := range []struct {
		name, in, want string
	}{
		{"characters", strings.Repeat("ž", MaxQuery+1), "2000"},
		{"characters of nothing", strings.Repeat(" ", MaxQuery+1), "2000"},
		{"words", strings.Repeat("a ", MaxWords+1), "100"},
		{"words without spaces", strings.Repeat("a/", MaxWords+1), "100"},
		{"words in a phrase", `"` + strings.Repeat("a ", MaxWords+1), "100"},
		{"conditions", strings.Repeat("-title:a ", MaxWords+1), "100"},
		{"alternatives", strings.Repeat("a OR ", MaxWords+1), "100"},
		{"beginnings", strings.Repeat("abc* ", MaxPrefixes+1), "8"},
		{"beginnings in conditions", strings.Repeat("-title:abc* ", MaxPrefixes+1), "8"},
	} {
		_, err := Parse(test.in)
		if !errors.Is(err, hub.ErrInvalid) || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "query: ") || len(err.Error()) > 200 {
			t.Errorf("%s: %v, want an ErrInvalid that names %s", test.name, err, test.want)
		}
	}
	for _, in := range []string{
		strings.Repeat("ž", MaxQuery), strings.Repeat("a ", MaxWords), strings.Repeat(", ", MaxQuery/2), strings.Repeat("OR ", MaxQuery/3), strings.Repeat("-", MaxQuery),
		strings.Repeat("abc* ", MaxPrefixes), strings.Repeat("ab* ", MaxWords),
	} {
		if _, err := Parse(in); err != nil {
			t.Errorf("%.20q: %v", in, err)
		}
	}
}

// hostile are queries that cost another engine much (a pattern that never ends, a word that stands for all words, a word within any
// distance, thousands of words), or that someone tries.
var hostile = []string{
	"*", ".*", "/.*/", "w*", "www*", "a* b* c* d*",
	"(.{1,30}){1,30}", "((((((((((a+)+)+)+)+)+)+)+)+)+)+", "/(.{1,30}){1,30}/",
	strings.Repeat("/w.*/ ", 99), strings.Repeat("sveik* ", 99), strings.Repeat("žodis~2 ", 99),
	strings.Repeat("a OR ", 99), strings.Repeat("-a ", 99), strings.Repeat(`"a b" `, 50), strings.Repeat("title:sve* ", 99),
	"a~3", strings.Repeat("x", 1900) + "~", strings.Repeat("x", 2000), strings.Repeat("xyz", 660) + "*",
	strings.Repeat("(", 2000), strings.Repeat(`"`, 2000), strings.Repeat("-", 2000), strings.Repeat("\u0301", 2000),
	"\x00\x01\x02\x7f\xff\xfe\xed\xa0\x80",
	func() (s string) { // as many beginnings as there may be, each of many words
		for n := range MaxPrefixes {
			s += fmt.Sprintf("sveik%d* ", n+1)
		}
		return s
	}(),
}

func FuzzParse(f *testing.F) {
	for _, q := range queries {
		f.Add(q.in)
	}
	for _, q := range hostile {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := Parse(s)
		if err != nil {
			if !errors.Is(err, hub.ErrInvalid) {
				t.Errorf("%v is not an ErrInvalid", err)
			}
			return
		}
		checkAgain(t, s, q)
	})
}
