package hubtest

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"versme/hub"
)

// longText is a text of characters of one to four bytes, so that every boundary of a round number of bytes falls inside of one somewhere.
func longText(bytes int) string {
	var b strings.Builder
	for i := 0; b.Len() < bytes; i++ {
		b.WriteString([]string{"a", "ž", "ﬁ", "𝄞", " "}[i%5])
	}
	return b.String()
}

func fullTextsOfRecords(t *testing.T, s hub.Store) {
	ctx := t.Context()
	records := Sample(4, 30)
	records[1].AsEntry().FullTextTexts = hub.Texts{
		{Language: "lt", Value: longText(300_000)},
		{Language: "en", Value: longText(64 << 10), Origin: hub.OriginMachine, Of: "0123456789abcdef"},
		{Language: "en-GB", Value: "a language whose name begins as another's does"},
	}
	put(t, s, records...)
	ask := append(idsOf(records), unknownID, "")
	rand.New(rand.NewPCG(4, 4)).Shuffle(len(ask), func(i, j int) { ask[i], ask[j] = ask[j], ask[i] })
	byID := map[hub.ID]hub.Texts{}
	for _, r := range records {
		byID[r.NodeID()] = r.AsEntry().FullTextTexts
	}
	for i, got := range must[[]hub.Texts](t)(s.FullTexts(ctx, ask)) {
		if want := byID[ask[i]]; len(got) != 0 || len(want) != 0 {
			equal(t, "full texts of "+string(ask[i]), got, want)
		}
	}
}

func excerpts(t *testing.T, s hub.Store) {
	ctx := t.Context()
	r := Sample(5, 12)[1]
	whole := longText(200_003)
	short := "trumpas tekstas"
	r.AsEntry().FullTextTexts = hub.Texts{{Language: "lt", Value: whole}, {Language: "en", Value: short}}
	put(t, s, r)
	id := r.NodeID()

	// An excerpt begins at Start to the byte and is cut back to a whole character at its end.
	want := func(text string, start, end int) string {
		start, end = max(0, start), min(end, len(text))
		if start >= end {
			return ""
		}
		for end < len(text) && end > start && !utf8.RuneStart(text[end]) {
			end--
		}
		return text[start:end]
	}
	at := []hub.Excerpt{
		{ID: id, Language: "lt", Start: 0, End: len(whole)},
		{ID: id, Language: "lt", Start: 0, End: 1 << 40},
		{ID: id, Language: "lt", Start: -5, End: 7},
		{ID: id, Language: "lt", Start: 7, End: 7},
		{ID: id, Language: "lt", Start: 9, End: 7},
		{ID: id, Language: "lt", Start: len(whole), End: len(whole) + 10},
		{ID: id, Language: "lt", Start: len(whole) + 1<<20, End: len(whole) + 1<<21},
		{ID: id, Language: "en", Start: 3, End: 9},
	}
	for block := 1; block <= 6; block++ { // around the round numbers of bytes that a store may cut at
		for from := -6; from <= 6; from++ {
			for size := range 9 {
				at = append(at, hub.Excerpt{ID: id, Language: "lt", Start: block<<15 + from, End: block<<15 + from + size})
			}
			at = append(at, hub.Excerpt{ID: id, Language: "lt", Start: 100, End: block<<15 + from})
		}
	}
	rnd := rand.New(rand.NewPCG(5, 5))
	for range 100 {
		start := rnd.IntN(len(whole))
		at = append(at, hub.Excerpt{ID: id, Language: "lt", Start: start, End: start + rnd.IntN(100_000)})
	}
	n := len(at)
	at = append(at, hub.Excerpt{ID: unknownID, Language: "lt", End: 10}, hub.Excerpt{ID: "", Language: "lt", End: 10},
		hub.Excerpt{ID: id, Language: "nb", End: 10}, hub.Excerpt{ID: id, Language: "l", End: 10})
	got := must[[]string](t)(s.Excerpts(ctx, at))
	for i, x := range at {
		text := map[hub.Language]string{"lt": whole, "en": short}[x.Language]
		if i >= n {
			text = ""
		}
		if w := want(text, x.Start, x.End); got[i] != w {
			t.Errorf("excerpt %d to %d (%s): %d bytes that begin with %.20q; want %d that begin with %.20q", x.Start, x.End, x.Language, len(got[i]), got[i], len(w), w)
		}
	}
	equal(t, "no excerpts", len(must[[]string](t)(s.Excerpts(ctx, nil))), 0)
}
