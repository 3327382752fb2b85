package search

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/search/query"

	"versme/hub"
	"versme/search/analysis"
)

// library is an index of random records of few words, in several segments, with records changed and removed; and what it should hold.
type library struct {
	x       *Index
	records map[hub.ID]hub.Record
	rnd     *rand.Rand
}

// Few words, so that they meet. "the" and "of" are stop words in English, "i" is one in Norwegian.
var libraryWords = map[hub.Language][]string{
	"lt": strings.Fields("upė miškas pieva ežeras kalnas the i"),
	"en": strings.Fields("river forests walking the of mountain upė i"),
	"nb": strings.Fields("elver skogen fjell i the upė"),
}

func newLibrary(t testing.TB, dir string, seed uint64) *library {
	l := &library{x: open(t, dir), records: map[hub.ID]hub.Record{}, rnd: rand.New(rand.NewPCG(seed, 7))}
	t.Cleanup(func() {
		if err := l.x.Close(); err != nil {
			t.Error(err)
		}
	})
	ctx := t.Context()
	n := 0
	some := func(howMany int) (all []hub.Record) {
		for range howMany {
			all = append(all, l.record(n))
			n++
		}
		return all
	}
	rebuild(t, l.x, some(1+l.rnd.IntN(40)), some(1), some(l.rnd.IntN(60)), some(l.rnd.IntN(20)))
	for range 4 {
		changed := some(l.rnd.IntN(10))
		for range l.rnd.IntN(8) {
			changed = append(changed, l.record(l.rnd.IntN(n)))
		}
		var gone []hub.ID
		for range l.rnd.IntN(5) {
			id := idOf(l.rnd.IntN(n))
			gone = append(gone, id)
			delete(l.records, id)
		}
		if err := l.x.Apply(ctx, changed, gone, 1); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// rebuild rebuilds an index of batches of records.
func rebuild(t testing.TB, x *Index, batches ...[]hub.Record) {
	t.Helper()
	err := x.Rebuild(t.Context(), func(apply func(context.Context, []hub.Record, []hub.ID, hub.Position) error) error {
		for i, batch := range batches {
			if err := apply(t.Context(), batch, nil, hub.Position(i+1)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func idOf(n int) hub.ID { return hub.ID(fmt.Sprintf("01900000-0000-7000-8000-%012x", n)) }

// record makes record n anew.
func (l *library) record(n int) hub.Record {
	languages := []hub.Language{"lt", "en", "nb"}
	text := func(most int) (t hub.Texts) {
		for _, i := range l.rnd.Perm(3)[:l.rnd.IntN(4)] {
			words := make([]string, 1+l.rnd.IntN(most))
			for w := range words {
				all := libraryWords[languages[i]]
				words[w] = all[min(l.rnd.IntN(len(all)), l.rnd.IntN(len(all)))]
			}
			t = append(t, hub.Translation{Language: languages[i], Value: strings.Join(words, " ")})
		}
		return t
	}
	some := func(all string) (out []string) {
		for _, s := range strings.Fields(all) {
			if l.rnd.IntN(3) == 0 {
				out = append(out, s)
			}
		}
		return out
	}
	r := hub.NewRecord(hub.RecordTypes[l.rnd.IntN(len(hub.RecordTypes))])
	e := r.AsEntry()
	*e = hub.Entry{ID: idOf(n), Slug: fmt.Sprint("r-", n), Status: hub.StatusPublished, OriginalLanguage: languages[l.rnd.IntN(3)],
		TitleTexts: text(3), SummaryTexts: text(8), ThemeSlugs: some("a b c d e f"), SectorSlugs: some("s t"), DomainSlugs: some("d e"), Keywords: some("upė kalnas")}
	if len(e.TitleTexts) == 0 {
		e.TitleTexts = hub.Texts{{Language: e.OriginalLanguage, Value: "skogen"}}
	}
	for _, c := range some("LT NO LV EU") {
		e.CountryCodes = append(e.CountryCodes, hub.CountryCode(c))
	}
	var date, ended hub.Date
	if l.rnd.IntN(4) > 0 {
		from := 1990 + l.rnd.IntN(20)
		date = hub.Date(fmt.Sprintf("%d-%02d", from, 1+l.rnd.IntN(12)))
		if l.rnd.IntN(2) == 0 {
			ended = hub.Date(fmt.Sprint(from + l.rnd.IntN(10)))
		}
	}
	var parts []*hub.Participation
	for _, o := range some("o-1 o-2 o-3") {
		parts = append(parts, &hub.Participation{OrganisationSlug: o})
	}
	switch r := r.(type) {
	case *hub.GoodPractice:
		r.Started, r.Ended, r.ProblemTexts, r.LessonsTexts, r.TargetGroupSlugs, r.OrganisationRefs = date, ended, text(20), text(30), some("young old"), parts
		if n := l.rnd.IntN(6); n > 0 {
			r.EvidenceLevel = hub.EvidenceLevels[n-1]
		}
	case *hub.Study:
		r.Published, e.FullTextTexts = date, text(60)
	case *hub.PolicyDocument:
		r.Adopted, r.IssuedBySlugs, e.FullTextTexts = date, some("o-1 o-4"), text(60)
	case *hub.Project:
		r.Started, r.Ended, r.OwnerSlug, r.PartnerRefs, r.GoalTexts = date, ended, "o-1", parts, text(10)
	}
	if l.rnd.IntN(10) == 0 {
		e.Status = "DRAFT"
	}
	delete(l.records, e.ID)
	if hub.Findable(r) {
		l.records[e.ID] = r
	}
	return r
}

// ids returns what was found, sorted.
func ids(res *hub.SearchResult) []hub.ID {
	all := make([]hub.ID, len(res.Hits))
	for i, h := range res.Hits {
		all[i] = h.ID
	}
	slices.Sort(all)
	return all
}

func (l *library) search(t testing.TB, r hub.SearchRequest) *hub.SearchResult {
	t.Helper()
	r.Window.Size, r.Now = 100_000, 2026
	if r.Order == "" {
		r.Order = hub.ByRelevance
	}
	res, err := l.x.Search(t.Context(), r)
	if err != nil {
		t.Fatalf("%+v: %v", r, err)
	}
	return res
}

// libraries runs a test on libraries in memory, where each batch stays a segment, and on the disk, where they are merged.
func libraries(t *testing.T, test func(t *testing.T, l *library)) {
	for seed := range uint64(12) {
		dir := ""
		if seed%4 == 3 {
			dir = t.TempDir()
		}
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { test(t, newLibrary(t, dir, seed)) })
	}
}

// TestAgainstBleve finds the same records as Bleve's own queries over the same index.
func TestAgainstBleve(t *testing.T) {
	libraries(t, func(t *testing.T, l *library) {
		stock := func(q query.Query) []hub.ID {
			res, err := l.x.now.bleve.Search(bleve.NewSearchRequestOptions(q, 100_000, 0, false))
			if err != nil {
				t.Fatal(err)
			}
			all := make([]hub.ID, len(res.Hits))
			for i, h := range res.Hits {
				all[i] = hub.ID(h.ID)
			}
			slices.Sort(all)
			return all
		}
		// everywhere asks for a term or phrase in every field.
		everywhere := func(text string) query.Query {
			var all []query.Query
			for _, class := range textClasses {
				for lang := range libraryWords {
					terms := analysis.Terms(string(lang), text)
					switch len(terms) {
					case 0:
					case 1:
						q := bleve.NewTermQuery(terms[0])
						q.SetField(class + string(lang))
						all = append(all, q)
					default:
						all = append(all, bleve.NewPhraseQuery(terms, class+string(lang)))
					}
				}
			}
			return bleve.NewDisjunctionQuery(all...)
		}
		check := func(q string, want query.Query) {
			t.Helper()
			if got, want := ids(l.search(t, hub.SearchRequest{Query: q})), stock(want); !slices.Equal(got, want) {
				t.Errorf("%s: found %d, Bleve %d", q, len(got), len(want))
			}
		}
		check("", bleve.NewMatchAllQuery())
		var all []string
		for _, words := range libraryWords {
			all = append(all, words...)
		}
		all = slices.DeleteFunc(all, func(w string) bool { return w == "the" || w == "of" || w == "i" }) // Bleve keeps no gap for them in a phrase
		for range 12 {
			a, b, c := all[l.rnd.IntN(len(all))], all[l.rnd.IntN(len(all))], all[l.rnd.IntN(len(all))]
			check(a, everywhere(a))
			check(a+" OR "+b, bleve.NewDisjunctionQuery(everywhere(a), everywhere(b)))
			phrase := fmt.Sprintf("%q", a+" "+b)
			check(phrase, everywhere(a+" "+b))
			check(fmt.Sprintf("%s %q", phrase, b+" "+c), bleve.NewConjunctionQuery(everywhere(a+" "+b), everywhere(b+" "+c)))
			check(fmt.Sprintf("%q", a+" "+b+" "+a), everywhere(a+" "+b+" "+a))
			not := bleve.NewBooleanQuery()
			not.AddMust(everywhere(a))
			not.AddMustNot(everywhere(c))
			check(a+" -"+c, not)
			prefix := string([]rune(a)[:3])
			var begins []query.Query
			for _, class := range textClasses {
				for lang := range libraryWords {
					q := bleve.NewPrefixQuery(prefix)
					q.SetField(class + string(lang))
					begins = append(begins, q)
				}
			}
			check(prefix+"*", bleve.NewDisjunctionQuery(append(begins, everywhere(prefix))...))
		}
	})
}

// model answers queries by reading every record.
type model struct {
	l      *library
	fields map[hub.ID]map[string]map[int]string // record, field, position: term
	terms  map[string]map[string]bool           // field, term: it is there
}

func newModel(l *library) *model {
	m := &model{l, map[hub.ID]map[string]map[int]string{}, map[string]map[string]bool{}}
	for id, r := range l.records {
		m.fields[id] = map[string]map[int]string{}
		for _, x := range layoutOf(r) {
			at := map[int]string{}
			for _, tok := range analysis.For(string(x.language)).Analyze([]byte(x.text())) {
				at[tok.Position] = string(tok.Term)
				if m.terms[x.field] == nil {
					m.terms[x.field] = map[string]bool{}
				}
				m.terms[x.field][string(tok.Term)] = true
			}
			m.fields[id][x.field] = at
		}
	}
	return m
}

// unit returns the records that one part of a query finds; known tells whether its words stand anywhere in the same field.
func (m *model) unit(q Query) (found map[hub.ID]bool, known bool) {
	found = map[hub.ID]bool{}
	classes := textClasses
	if title, is := q.(Title); is {
		q, classes = title.Query, []string{fieldTitle}
	}
	if or, is := q.(Or); is {
		for _, part := range or {
			some, ok := m.unit(part)
			maps.Copy(found, some)
			known = known || ok
		}
		return found, known
	}
	for _, class := range classes {
		for lang := range libraryWords {
			field := class + string(lang)
			tokens := analysis.For(string(lang)).Analyze([]byte(strings.Trim(q.String(), `"`)))
			here := len(tokens) > 0
			for _, tok := range tokens {
				here = here && m.terms[field][string(tok.Term)]
			}
			known = known || here
			if !here {
				continue
			}
			for id, fields := range m.fields {
				for at, first := range fields[field] {
					if first != string(tokens[0].Term) {
						continue
					}
					all := true
					for _, tok := range tokens {
						all = all && fields[field][at+tok.Position-tokens[0].Position] == string(tok.Term)
					}
					if all {
						found[id] = true
					}
				}
			}
		}
	}
	return found, known
}

func (m *model) answer(q Words) []hub.ID {
	must, not, some := []map[hub.ID]bool{}, []map[hub.ID]bool{}, []map[hub.ID]bool{}
	words, never := false, false
	seen := map[string]bool{}
	for _, part := range q {
		if n, is := part.(Not); is {
			found, _ := m.unit(n.Query)
			not = append(not, found)
			continue
		}
		words = true
		found, known := m.unit(part)
		switch part.(type) {
		case Phrase, Title:
			must = append(must, found)
			never = never || !known
		default:
			if known && !seen[part.String()] {
				some = append(some, found)
			}
		}
		seen[part.String()] = true
	}
	var all []hub.ID
	for id := range m.l.records {
		in := func(found map[hub.ID]bool) bool { return found[id] }
		n := 0
		for _, found := range some {
			if found[id] {
				n++
			}
		}
		ok := !words || len(must) > 0 || len(some) > 0 && n >= max(1, (len(some)+2)/3)
		for _, found := range must {
			ok = ok && found[id]
		}
		if ok && !never && !slices.ContainsFunc(not, in) {
			all = append(all, id)
		}
	}
	slices.Sort(all)
	return all
}

// TestAgainstModel finds what reading every record finds, for whole queries, stop words and all.
func TestAgainstModel(t *testing.T) {
	libraries(t, func(t *testing.T, l *library) {
		m := newModel(l)
		var all []string
		for _, words := range libraryWords {
			all = append(all, words...)
		}
		all = append(all, "niekur", "upė-kalnas")
		slices.Sort(all)
		word := func() string { return all[l.rnd.IntN(len(all))] }
		phrase := func() string {
			words := make([]string, 1+l.rnd.IntN(4))
			for i := range words {
				words[i] = word()
			}
			return `"` + strings.Join(words, " ") + `"`
		}
		for range 60 {
			var parts []string
			for range 1 + l.rnd.IntN(5) {
				parts = append(parts, []func() string{word, word, word, word, phrase,
					func() string { return "-" + word() },
					func() string { return "-" + phrase() },
					func() string { return "title:" + word() },
					func() string { return word() + " OR " + phrase() },
				}[l.rnd.IntN(9)]())
			}
			q, err := Parse(strings.Join(parts, " "))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := ids(l.search(t, hub.SearchRequest{Query: q.String()})), m.answer(q); !slices.Equal(got, want) {
				t.Errorf("%s: found %d, want %d", q, len(got), len(want))
			}
		}
	})
}

// TestLeaves goes through terms and phrases in each segment with next and seek by turns.
func TestLeaves(t *testing.T) {
	libraries(t, func(t *testing.T, l *library) {
		err := l.x.now.read(func(v *view) error {
			for range 60 {
				words := make([]string, 1+l.rnd.IntN(4))
				all := libraryWords["en"]
				for i := range words {
					words[i] = all[min(l.rnd.IntN(len(all)), l.rnd.IntN(len(all)))]
				}
				leaf, err := leafOf(v, fieldBody, "body.en", strings.Join(words, " "))
				if err != nil {
					return err
				}
				if leaf == nil {
					continue
				}
				for seg := range v.segments {
					fail := &failure{}
					var want []pair
					once := leaf.open(v, seg, fail)
					for doc := once.next(); doc != end; doc = once.next() {
						want = append(want, pair{doc, once.score()})
					}
					walk(t, l.rnd, leaf.open(v, seg, fail), want)
					if fail.err != nil {
						return fail.err
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// practice makes record n with a Lithuanian body.
func practice(n int, title, body string) *hub.GoodPractice {
	p := &hub.GoodPractice{Entry: hub.Entry{ID: idOf(n), Slug: fmt.Sprint("r-", n), OriginalLanguage: "lt", Status: hub.StatusPublished,
		TitleTexts: hub.Texts{{Language: "lt", Value: title}}}}
	if body != "" {
		p.ProblemTexts = hub.Texts{{Language: "lt", Value: body}}
	}
	return p
}

// indexOf makes an index in memory of records.
func indexOf(t testing.TB, records ...hub.Record) *library {
	t.Helper()
	l := &library{x: open(t, "")}
	rebuild(t, l.x, records)
	return l
}

func TestBM25(t *testing.T) {
	l := indexOf(t, practice(1, "a", "xxx yyy"), practice(2, "b", "xxx xxx zzz"), practice(3, "c", "zzz zzz"), practice(4, "d", ""))
	// Three of four records have a body, of 7, 11 and 7 bytes, 25/3 on average; xxx stands in two of them, once and twice.
	idf := math.Log(1 + (4-2+0.5)/(2+0.5))
	want := map[hub.ID]float64{
		idOf(1): idf * 1 * 2.2 / (1 + 1.2*(0.25+0.75*7*3/25)),
		idOf(2): idf * 2 * 2.2 / (2 + 1.2*(0.25+0.75*11*3/25)),
	}
	res := l.search(t, hub.SearchRequest{Query: "xxx"})
	if len(res.Hits) != 2 {
		t.Fatalf("found %d", len(res.Hits))
	}
	for _, h := range res.Hits {
		if math.Abs(h.Score-want[h.ID]) > 1e-12 {
			t.Errorf("%s scores %v, want %v", h.ID, h.Score, want[h.ID])
		}
	}
	if idOf(2) != res.Hits[0].ID {
		t.Error("twice in a slightly longer text is not better than once")
	}
}

// TestOneLanguageIsEnough: a record whose words stand in one language alone is nearly as good as one that has them in three.
func TestOneLanguageIsEnough(t *testing.T) {
	text := func(languages ...hub.Language) (all hub.Texts) {
		for _, l := range languages {
			all = append(all, hub.Translation{Language: l, Value: "robotika"})
		}
		return all
	}
	one, three, none := practice(1, "a", ""), practice(2, "b", ""), practice(3, "c", "")
	one.SummaryTexts, three.SummaryTexts, none.SummaryTexts = text("lt"), text("lt", "en", "nb"), hub.Texts{{Language: "en", Value: "x"}, {Language: "nb", Value: "x"}, {Language: "lt", Value: "x"}}
	res := indexOf(t, one, three, none).search(t, hub.SearchRequest{Query: "robotika"})
	if len(res.Hits) != 2 || res.Hits[0].ID != three.ID {
		t.Fatalf("found %v", res.Hits)
	}
	if ratio := res.Hits[0].Score / res.Hits[1].Score; ratio > 1+2*tie {
		t.Errorf("three languages count %.2f times one", ratio)
	}
}

// TestBestWordsFirst: the more of the words, the better, and a title is worth more than a body.
func TestBestWordsFirst(t *testing.T) {
	res := indexOf(t, practice(1, "x", "upė ir kalnas"), practice(2, "x", "upė ir upė ir upė"), practice(3, "x", "x"), practice(4, "upė kalnas", "x"), practice(5, "x", "x")).
		search(t, hub.SearchRequest{Query: "upė kalnas"})
	var got []hub.ID
	for _, h := range res.Hits {
		got = append(got, h.ID)
	}
	if want := []hub.ID{idOf(4), idOf(1), idOf(2)}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestPrefixStandsForTheMostFrequentWords(t *testing.T) {
	var records []hub.Record
	for n := range 2 * MaxExpansions {
		for i := range 1 + n%2 { // every other word stands in two records
			records = append(records, practice(2*n+i, "x", fmt.Sprintf("žodis%03d", n)))
		}
	}
	l := indexOf(t, records...)
	if res := l.search(t, hub.SearchRequest{Query: "žodis*"}); res.Total != 2*MaxExpansions {
		t.Errorf("found %d, want the two records of each of the %d most frequent words", res.Total, MaxExpansions)
	}
	if res := l.search(t, hub.SearchRequest{Query: "ŽODIS00*"}); res.Total != 15 {
		t.Errorf("found %d", res.Total)
	}
	// A word need not begin with the letters for its form to be found: the index holds stems.
	p := practice(9999, "x", "")
	p.SummaryTexts = hub.Texts{{Language: "en", Value: "Culture and museums"}}
	l = indexOf(t, p)
	for _, q := range []string{"cultur*", "culture*", "cultures*", "museums*", "muse*"} {
		if res := l.search(t, hub.SearchRequest{Query: q}); res.Total != 1 {
			t.Errorf("%s finds %d", q, res.Total)
		}
	}
}

func TestPlan(t *testing.T) {
	p := practice(1, "knyga", "")
	p.SummaryTexts = hub.Texts{{Language: "en", Value: "The history of art in the city of Vilnius"}}
	p.OriginalLanguage = "en"
	p.TitleTexts[0].Language = "en"
	l := indexOf(t, p)
	for _, test := range []struct {
		query string
		show  string
	}{
		{"", "everything"},
		{"-knyga", "everything, 1 not"},
		{"year:2015", "everything, 1 in"},
		{"-year:2015", "everything, 1 not in"},
		{"the", "nothing"},
		{"the of", "nothing"},
		{`"of the"`, "nothing"},
		{"title:the", "nothing"},
		{"nėra", "nothing"},
		{`history "nėra čia"`, "nothing"},
		{"history nėra", "1 of 1"},
		{"the history", "1 of 1"},
		{"history history", "1 of 1"},
		{"history art", "1 of 2"},
		{"history art city Vilnius", "2 of 4"},
		{"history OR art", "1 of 1"},
		{`"history of art"`, "1 must, 1 of 0"},
		{`"history of art" city`, "1 must, 1 of 1"},
		{"title:knyga city", "1 must, 1 of 1"},
		{"-the", "everything"},
		{"-nėra", "everything"},
	} {
		q, err := Parse(test.query)
		if err != nil {
			t.Fatal(err)
		}
		err = l.x.now.read(func(v *view) error {
			p, err := planFor(v, q)
			if err != nil {
				return err
			}
			var show []string
			switch {
			case p.never:
				show = append(show, "nothing")
			case p.empty:
				show = append(show, "everything")
			default:
				if len(p.must) > 0 {
					show = append(show, fmt.Sprint(len(p.must), " must"))
				}
				show = append(show, fmt.Sprintf("%d of %d", p.least, len(p.units)))
			}
			for _, n := range []struct {
				n    int
				what string
			}{{len(p.not), "not"}, {len(p.in), "in"}, {len(p.notIn), "not in"}} {
				if n.n > 0 {
					show = append(show, fmt.Sprint(n.n, " ", n.what))
				}
			}
			if got := strings.Join(show, ", "); got != test.show {
				t.Errorf("%q: %s, want %s", test.query, got, test.show)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	// A phrase keeps the place of its stop words.
	for q, want := range map[string]int{`"history of art"`: 1, `"history in art"`: 1, `"history art"`: 0, `"city of Vilnius"`: 1, `"art in the city"`: 1, `"art the city"`: 0, `"the history of"`: 1} {
		if res := l.search(t, hub.SearchRequest{Query: q}); res.Total != want {
			t.Errorf("%s finds %d, want %d", q, res.Total, want)
		}
	}
}

// TestHostileQueries asks what costs other engines seconds and gigabytes. Any of them is a query, or an error that says what is too much.
func TestHostileQueries(t *testing.T) {
	var records []hub.Record
	for n := range 500 {
		words := make([]string, 60)
		for i := range words {
			words[i] = fmt.Sprintf("sveik%d w%d www%d", (n*60+i)%3000, i, n*7%900)
		}
		records = append(records, practice(n, "sveikata žodis", strings.Join(words, " ")))
	}
	l := indexOf(t, records...)
	for _, q := range hostile {
		var m0, m1 runtime.MemStats
		runtime.ReadMemStats(&m0)
		_, err := l.x.Search(t.Context(), hub.SearchRequest{Query: q, Order: hub.ByRelevance, Window: hub.Window{Size: 20}})
		if err == nil {
			_, err = l.x.Highlights(t.Context(), q, records[:20], nil, nil)
		}
		runtime.ReadMemStats(&m1)
		if err != nil && hub.ClassOf(err) != hub.ClassInvalid {
			t.Errorf("%.40q: %v", q, err)
		}
		if used := m1.TotalAlloc - m0.TotalAlloc; used > 100<<20 {
			t.Errorf("%.40q: %d MB", q, used>>20)
		}
	}
}

// TestAtOnce searches, writes and rebuilds at the same time: for the race detector, and because each answer must be of one moment.
func TestAtOnce(t *testing.T) {
	for _, dir := range []string{"", t.TempDir()} {
		x := open(t, dir)
		version := func(n int) (all []hub.Record) {
			for i := range 30 {
				p := practice(i, fmt.Sprint("versija", n), "upė kalnas miškas")
				p.ThemeSlugs = []string{fmt.Sprint("t", n)}
				all = append(all, p)
			}
			return all
		}
		rebuild(t, x, version(0))
		done := make(chan struct{})
		var readers sync.WaitGroup
		for i := range 2 {
			readers.Go(func() {
				v := hub.NewVocabulary(nil)
				for {
					select {
					case <-done:
						return
					default:
					}
					res, err := x.Search(t.Context(), hub.SearchRequest{Query: []string{"upė", ""}[i], Order: []hub.SearchOrder{"TITLE", "NEWEST"}[i], Languages: []hub.Language{"lt"}, Vocabulary: v, Window: hub.Window{Size: 40}})
					if err != nil {
						t.Error(err)
						return
					}
					if f := res.Facet(hub.FacetTheme); res.Total != 30 || len(res.Hits) != 30 || len(f) != 1 || f[0].Count != 30 {
						t.Errorf("found %d with themes %v, want 30 of one version", res.Total, f)
						return
					}
					h, err := x.Highlights(t.Context(), "upė", version(0)[:3], nil, nil)
					if err != nil || len(h[0]) == 0 {
						t.Errorf("highlights %v, %v", h, err)
						return
					}
				}
			})
		}
		for n := range 12 {
			if n%4 == 3 {
				rebuild(t, x, version(n))
			} else if err := x.Apply(t.Context(), version(n), nil, hub.Position(n)); err != nil {
				t.Error(err)
			}
		}
		close(done)
		readers.Wait()
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}
}
