package search

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"versme/hub"
	"versme/internal/hubtest"
)

// statute makes a Lithuanian text of some size, with words of its own at some places: n-th word is žymėN.
func statute(size int, places ...int) string {
	rnd := rand.New(rand.NewPCG(2, 2))
	words := strings.Fields("Lietuvos Respublikos kultūros ministerija, savivaldybė; „ąžuolų“ – švietimo įstaigų žmonės, kurių ūkis išlaikė ėjimą. (Žemės) 2024 m. Nr. I-1428 ir ŠČ/ĘĖ žodžių")
	var b strings.Builder
	for b.Len() < size {
		for n, at := range places {
			if at >= 0 && b.Len() >= at {
				fmt.Fprintf(&b, "žymė%s ", strings.Repeat("ž", n+1))
				places[n] = -1
			}
		}
		b.WriteString(words[rnd.IntN(len(words))])
		b.WriteString([]string{" ", " ", " ", " ", " ", " ", "\n", ".\n\n"}[rnd.IntN(8)])
	}
	for n, at := range places {
		if at >= 0 {
			fmt.Fprintf(&b, " žymė%s", strings.Repeat("ž", n+1))
		}
	}
	return b.String()
}

// TestHighlightsInALongText finds the words in a law of two megabytes, wherever they stand, and reads some kilobytes of it.
func TestHighlightsInALongText(t *testing.T) {
	const size, block = 2 << 20, 32 << 10
	places := []int{0, 200, 1000, block - 40, block - 1, block + 7, 2*block - 4, 10*block - 300, size / 2, size - 2000, size - 300, size - 60, size}
	words := len(places)
	text := statute(size, places...)
	for _, points := range []string{"", "Du žodžiai", strings.Repeat("Pagrindinė mintis ąžuole. ", 11), statute(3000)} { // what stands in the same field before it
		d := &hub.PolicyDocument{Entry: practice(1, "Įstatymas", "").Entry}
		if points != "" {
			d.MainPointsTexts = hub.Texts{{Language: "lt", Value: points}}
		}
		d.FullTextTexts = hub.Texts{{Language: "lt", Value: text}}
		l := indexOf(t, d)
		d.FullTextTexts, d.FullTextLanguages = nil, []hub.Language{"lt"}
		bytes := 0
		read := func(at []hub.Excerpt) ([]string, error) {
			all := make([]string, len(at))
			for i, x := range at {
				if x.ID != d.ID || x.Language != "lt" || x.Start < 0 || !utf8.RuneStart(text[x.Start]) {
					t.Errorf("asks for %+v, which begins within a character", x)
				}
				end := min(x.End, len(text))
				for end < len(text) && !utf8.RuneStart(text[end]) {
					end--
				}
				all[i] = text[x.Start:end]
				bytes += len(all[i])
			}
			return all, nil
		}
		for n := range words {
			word := "žymė" + strings.Repeat("ž", n+1)
			bytes = 0
			all, err := l.x.Highlights(t.Context(), word, []hub.Record{d}, []hub.Language{"lt"}, read)
			if err != nil {
				t.Fatal(err)
			}
			if len(all[0]) != 1 || len(all[0][0].Ranges) != 1 {
				t.Errorf("%s behind %d bytes: highlights %v", word, len(points), all[0])
				continue
			}
			h := all[0][0]
			if err := hubtest.CheckHighlight(h); err != nil {
				t.Error(err)
			}
			if r := h.Ranges[0]; h.Text[r.Start:r.End] != word || h.Field != "text" || !strings.Contains(text, h.Text) {
				t.Errorf("%s behind %d bytes: marks %q in %q", word, len(points), h.Text[r.Start:r.End], h.Text)
			}
			if len(h.Text) > 2*fragmentBytes || bytes > 4<<10 {
				t.Errorf("%s: a fragment of %d bytes, for which %d were read", word, len(h.Text), bytes)
			}
		}
	}
}

// TestHighlightsAtRandom marks exactly the words asked for, in texts of every length around the marks, for words and phrases.
func TestHighlightsAtRandom(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 4))
	words := strings.Fields("žąsis ėjo „upe“ šalia (mūsų) namų, i the of")
	for range 150 {
		all := make([]string, 1+rnd.IntN(5*markWords))
		for i := range all {
			all[i] = words[rnd.IntN(len(words))]
		}
		at := rnd.IntN(len(all))
		all[at] = "tikslas"
		text := strings.Join(all, []string{" ", "\n", "  ", ", "}[rnd.IntN(4)])
		p := practice(1, "x", text)
		p.SolutionTexts = hub.Texts{{Language: "lt", Value: "Kitas tekstas."}}
		l := indexOf(t, p)
		query := "tikslas"
		want := "tikslas"
		if at+1 < len(all) && rnd.IntN(2) == 0 {
			next := strings.Trim(all[at+1], "„“(),")
			query = fmt.Sprintf("%q", "tikslas "+next)
			want = text[strings.Index(text, "tikslas"):]
			want = want[:len("tikslas")+strings.Index(want[len("tikslas"):], next)+len(next)]
		}
		got, err := l.x.Highlights(t.Context(), query, []hub.Record{p}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(got[0]) != 1 || len(got[0][0].Ranges) != 1 {
			t.Fatalf("%s at %d of %d: %v", query, at, len(all), got[0])
		}
		h := got[0][0]
		if err := hubtest.CheckHighlight(h); err != nil {
			t.Error(err)
		}
		if r := h.Ranges[0]; h.Text[r.Start:r.End] != want {
			t.Errorf("%s at %d of %d: marks %q, want %q", query, at, len(all), h.Text[r.Start:r.End], want)
		}
	}
}

// TestHighlightsInEveryScript: texts of many languages, those without spaces too, are cut into valid fragments.
func TestHighlightsInEveryScript(t *testing.T) {
	for l, text := range map[hub.Language][2]string{
		"ja":  {"文化と健康に関する研究は、多くの国で行われている。", "健康"},
		"zh":  {"文化与健康的研究在许多国家进行。", "健康"},
		"ko":  {"문화와 건강에 관한 연구는 많은 나라에서 진행되고 있다. ", "건강에"},
		"ar":  {"الثقافة والصحة في المدن الكبيرة والصغيرة. ", "الثقافة"},
		"fa":  {"می\u200cخواهم فرهنگ و سلامت را در شهرهای\u200cبزرگ ببینم. ", "سلامت"},
		"hi":  {"संस्कृति और स्वास्थ्य पर अनुसंधान कई देशों में होता है। ", "स्वास्थ्य"},
		"ru":  {"Культура и здоровье в больших городах. ", "здоровье"},
		"de":  {"Kulturförderungsgesetz-Durchführungsverordnungen und Gesundheit. ", "Gesundheit"},
		"el":  {"Πολιτισμός και υγεία στις πόλεις. ", "υγεία"},
		"tr":  {"İstanbul'da kültür ve sağlık. ", "sağlık"},
		"ckb": {"کولتوور و تەندروستی لە شارەکان. ", "تەندروستی"},
	} {
		p := practice(1, "x", "")
		p.OriginalLanguage = l
		p.ProblemTexts = hub.Texts{{Language: l, Value: strings.Repeat(text[0], 60)}}
		lib := indexOf(t, p)
		all, err := lib.x.Highlights(t.Context(), text[1], []hub.Record{p}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(all[0]) == 0 {
			t.Errorf("%s: %s is not found", l, text[1])
		}
		for _, h := range all[0] {
			if err := hubtest.CheckHighlight(h); err != nil {
				t.Errorf("%s: %v", l, err)
			}
			for _, r := range h.Ranges {
				if h.Text[r.Start:r.End] != text[1] {
					t.Errorf("%s: marks %q, want %q, in %q", l, h.Text[r.Start:r.End], text[1], h.Text)
				}
			}
		}
	}
}
