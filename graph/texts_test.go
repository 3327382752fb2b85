package graph_test

import (
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"versme/graph"
)

type text struct {
	Value    string
	HTML     string
	Language string
	Origin   string
	Outdated bool
}

const textFields = "{value html language origin outdated}"

// TestTexts: the first language asked for that there is, then the original; and how the text came to be in it.
func TestTexts(t *testing.T) {
	h := newHub(t, false, nil)
	takeLines(t, h, `{"type":"GOOD_PRACTICE","slug":"a","originalLanguage":"da","title":{"da":"Dansk titel","en":"An English title","lt":{"value":"Lietuviškas pavadinimas","origin":"MACHINE"},"pt-BR":"Um título"},"summary":{"da":"Kort"},"fundingSources":[{"da":"Kommunen","lt":"Savivaldybė"},{"da":"Staten"}]}`)
	api := graph.NewHandler(h, graph.Options{})
	type data struct {
		Record struct {
			Title            text
			Summary          *text
			Problem          *text
			FundingSources   []text
			OriginalLanguage string
			Languages        []string
		}
	}
	read := func(in string, header ...string) data {
		t.Helper()
		return ask[data](t, api, `{record(slug:"a"){title`+in+textFields+` summary`+in+textFields+` originalLanguage languages ...on GoodPractice{problem`+in+textFields+` fundingSources`+in+textFields+`}}}`, nil, header...)
	}
	danish := text{"Dansk titel", "Dansk titel", "da", "ORIGINAL", false}
	english := text{"An English title", "An English title", "en", "HUMAN", false}
	lithuanian := text{"Lietuviškas pavadinimas", "Lietuviškas pavadinimas", "lt", "MACHINE", false}
	brazilian := text{"Um título", "Um título", "pt-BR", "HUMAN", false}
	for _, test := range []struct {
		in, header string
		want       text
	}{
		{"", "", danish},
		{"(in:null)", "", danish},
		{"(in:[])", "", danish},
		{`(in:["en"])`, "", english},
		{`(in:["EN"])`, "", english},
		{`(in:"en")`, "", english},
		{`(in:["lt","en"])`, "", lithuanian},
		{`(in:["fr","lt","en"])`, "", lithuanian},
		{`(in:["fr","de"])`, "", danish},
		{`(in:["en-GB"])`, "", english},
		{`(in:["pt"])`, "", brazilian},
		{`(in:["pt-PT","en"])`, "", brazilian},
		{`(in:["da","en"])`, "", danish},
		{"", "lt", lithuanian},
		{`(in:[])`, "lt", lithuanian},
		{`(in:["en"])`, "lt", english},
		{`(in:["fr"])`, "lt", danish}, // in is the whole list: what the browser prefers is not asked as well
		{"", "fr, en;q=0.5, lt;q=0.4", english},
	} {
		got := read(test.in, "Accept-Language", test.header)
		if diff := cmp.Diff(test.want, got.Record.Title); diff != "" {
			t.Errorf("%s, Accept-Language: %s (-want +got):\n%s", test.in, test.header, diff)
		}
		if s := got.Record.Summary; s == nil || s.Value != "Kort" || s.Language != "da" || s.Origin != "ORIGINAL" || got.Record.Problem != nil {
			t.Errorf("%s: the summary falls back to the original: %v; a problem that there is not: %v", test.in, s, got.Record.Problem)
		}
	}
	got := read(`(in:["lt"])`).Record
	if f := got.FundingSources; len(f) != 2 || f[0].Value != "Savivaldybė" || f[1].Value != "Staten" {
		t.Errorf("lists choose by item: %v", f)
	}
	if got.OriginalLanguage != "da" || strings.Join(got.Languages, " ") != "da" {
		t.Errorf("original language %s, languages %v: a title alone does not make it readable in one", got.OriginalLanguage, got.Languages)
	}

	// The original changes: its translations are outdated until someone looks at them.
	outdated := func() (all []string) {
		for _, l := range []string{"da", "en", "lt", "pt-BR"} {
			if got := read(`(in:["` + l + `"])`).Record.Title; got.Language != l {
				t.Errorf("%s is gone: %v", l, got)
			} else if got.Outdated {
				all = append(all, l)
			}
		}
		return all
	}
	if got := outdated(); got != nil {
		t.Errorf("at first: %v", got)
	}
	takeLines(t, h, `{"type":"GOOD_PRACTICE","slug":"a","originalLanguage":"da","title":{"da":"En anden titel","en":"An English title","lt":{"value":"Lietuviškas pavadinimas","origin":"MACHINE"},"pt-BR":"Um outro título"},"summary":{"da":"Kort"}}`)
	if got := outdated(); strings.Join(got, " ") != "en lt" {
		t.Errorf("after the original and one translation changed: %v", got)
	}
	takeLines(t, h, `{"type":"GOOD_PRACTICE","slug":"a","originalLanguage":"da","title":{"da":"Dansk titel","en":"An English title","lt":{"value":"Lietuviškas pavadinimas","origin":"MACHINE"},"pt-BR":"Um outro título"},"summary":{"da":"Kort"}}`)
	if got := outdated(); strings.Join(got, " ") != "pt-BR" {
		t.Errorf("after the original went back: %v", got)
	}
}

// payloads are texts that would run, load or send something if they came into a page as they are.
var payloads = []string{
	`<script>alert(1)</script>`,
	`<img src=x onerror=alert(1)>`,
	`<svg/onload=alert(1)>`,
	`<iframe srcdoc="<script>alert(1)</script>"></iframe>`,
	`<a href="javascript:alert(1)">x</a>`,
	`[x](javascript:alert(1))`,
	`[x](JaVaScRiPt:alert(1))`,
	`[x](&#106;avascript:alert(1))`,
	`[x](javascript&colon;alert(1))`,
	`[x](java&Tab;script:alert(1))`,
	"[x](<java\nscript:alert(1)>)",
	`[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)`,
	`[x](vbscript:msgbox(1))`,
	`![x](javascript:alert(1))`,
	`![x" onerror="alert(1)](https://e.example/"onerror="alert(1))`,
	`<javascript:alert(1)>`,
	`<ms-msdt:/id%20PCWDiagnostic>`,
	`[x](https://e.example "x&quot; onmouseover=&quot;alert(1)")`,
	"[x]: javascript:alert(1)\n\n[x]",
	"```\" onmouseover=\"alert(1)\nx\n```",
	"<style>*{background:url(https://e.example)}</style>",
	"<form action=https://e.example><input name=q></form>",
	"|<img src=x onerror=alert(1)>|\n|-|\n|<script>|",
	"<!--[if IE]><script>alert(1)</script><![endif]-->",
	"</mark><script>alert(1)</script>",
	"<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
	"https://e.example/\"onmouseover=\"alert(1)",
	"\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
}

// allowed is every tag that a text may come out with: those of CommonMark and its tables, whose links lead to the web, to a mail address
// or within the hub.
var allowed = regexp.MustCompile(`^<(?:/?(?:p|em|strong|code|pre|ul|ol|li|h[1-6]|blockquote|table|thead|tbody|tr|th|td|a)|[bh]r ?/?` +
	`|a href="(?:|https?://[^"<>]*|mailto:[^"<>]*|[/#][^"<>]*)"(?: title="[^"<>]*")?` +
	`|img src="(?:|https?://[^"<>]*|/[^"<>]*)" alt="[^"<>]*"(?: title="[^"<>]*")? ?/?` +
	`|code class="language-[^"<>]*"|ol start="\d+"|t[hd] style="text-align:\w+"|!-- raw HTML omitted --)>$`)

var tag = regexp.MustCompile(`<[^>]*>?`)

// harmless tells what of a text's HTML is not, empty if nothing.
func harmless(s string) string {
	for _, m := range tag.FindAllString(s, -1) {
		if !allowed.MatchString(m) {
			return m
		}
	}
	return ""
}

func TestHTML(t *testing.T) {
	for s, want := range map[string]bool{
		`<p>a</p>`: true, `<p onclick="x">`: false, `<a href="javascript:x">`: false, `<script>`: false, `<img src="x" onerror=x`: false, `<a href="&#106;">`: false,
		`<a href="https://e.example" title="x">`: true, `<a href="https://e.example" onclick="x">`: false, `a < b`: false,
	} {
		if (harmless(s) == "") != want {
			t.Errorf("the test itself: %s", s)
		}
	}

	h := newHub(t, false, nil)
	for i, p := range payloads {
		p, err := json.Marshal("Žodis " + strings.ReplaceAll(p, "\x00", "\ufffd") + " žodis")
		if err != nil {
			t.Fatal(err)
		}
		block, err := json.Marshal(strings.ReplaceAll(payloads[i], "\x00", "\ufffd"))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := json.Marshal(strings.ReplaceAll(strings.ReplaceAll("Žodis "+payloads[i], "\n", " "), "\x00", ""))
		if err != nil {
			t.Fatal(err)
		}
		takeLines(t, h, fmt.Sprintf(`{"type":"GOOD_PRACTICE","slug":"p%02d","originalLanguage":"lt","title":{"lt":%s},"summary":{"lt":%s},"problem":{"lt":%s},"results":[{"statement":{"lt":%s}}],"fundingSources":[{"lt":%s}],"place":%s}`, i, plain, p, block, p, plain, plain))
	}
	api := graph.NewHandler(h, graph.Options{})
	type record struct {
		Slug           string
		Title          text
		Summary        text
		Problem        text
		Results        []struct{ Statement text }
		FundingSources []text
	}
	type data struct{ GoodPractices struct{ Nodes []record } }
	all := ask[data](t, api, `{goodPractices(first:100){nodes{slug title`+textFields+` summary`+textFields+` problem`+textFields+` results{statement`+textFields+`} fundingSources`+textFields+`}}}`, nil).GoodPractices.Nodes
	if len(all) != len(payloads) {
		t.Fatalf("%d records of %d", len(all), len(payloads))
	}
	for _, r := range all {
		for name, x := range map[string]text{"summary": r.Summary, "problem": r.Problem, "results": r.Results[0].Statement} {
			if m := harmless(x.HTML); m != "" {
				t.Errorf("%s, %s: %s\nof %q\nin %s", r.Slug, name, m, x.Value, x.HTML)
			}
		}
		for name, x := range map[string]text{"title": r.Title, "fundingSources": r.FundingSources[0]} {
			if strings.ContainsAny(x.HTML, `<>"'`) || html.UnescapeString(x.HTML) != x.Value {
				t.Errorf("%s, %s: a plain text is escaped, no more: %q became %q", r.Slug, name, x.Value, x.HTML)
			}
		}
	}

	// Highlights are plain texts, escaped but for their marks.
	type search struct {
		Search struct {
			Edges []struct {
				Highlights []struct{ Text, HTML string }
			}
		}
	}
	marks := 0
	for _, e := range ask[search](t, api, `{search(query:"žodis alert script",first:100){edges{highlights{text html}}}}`, nil).Search.Edges {
		for _, hl := range e.Highlights {
			bare := strings.NewReplacer("<mark>", "", "</mark>", "").Replace(hl.HTML)
			if strings.ContainsAny(bare, `<>"'`) || html.UnescapeString(bare) != hl.Text {
				t.Errorf("%q became %q", hl.Text, hl.HTML)
			}
			marks += strings.Count(hl.HTML, "<mark>")
		}
	}
	if marks < len(payloads) {
		t.Errorf("only %d matches are marked", marks)
	}
}

// TestMarkdown: what CommonMark has comes out as HTML.
func TestMarkdown(t *testing.T) {
	h := newHub(t, false, nil)
	takeLines(t, h, `{"type":"STUDY","slug":"a","originalLanguage":"en","title":{"en":"5 < 6 & *so* on"},"abstract":{"en":"One *two* **three**, [four](https://four.example/?a=1&b=2) and https://five.example.\n\n- six\n- seven\n\n|a|b|\n|-|-|\n|1|2|\n\n<eight@mail.example> <tel:9>"}}`)
	type data struct {
		Record struct{ Title, Abstract struct{ HTML string } }
	}
	got := ask[data](t, graph.NewHandler(h, graph.Options{}), `{record(slug:"a"){title{html} ...on Study{abstract{html}}}}`, nil).Record
	if got.Title.HTML != "5 &lt; 6 &amp; *so* on" {
		t.Errorf("title: %s", got.Title.HTML)
	}
	for _, want := range []string{
		"<em>two</em>", "<strong>three</strong>", `<a href="https://four.example/?a=1&amp;b=2">four</a>`, `<a href="https://five.example">https://five.example</a>.`,
		"<ul>\n<li>six</li>\n<li>seven</li>\n</ul>", "<td>2</td>", `<a href="mailto:eight@mail.example">eight@mail.example</a> tel:9`,
	} {
		if !strings.Contains(got.Abstract.HTML, want) {
			t.Errorf("no %s in %s", want, got.Abstract.HTML)
		}
	}
}

// TestFullTexts: read only where they are asked for, in the language asked for.
func TestFullTexts(t *testing.T) {
	h := newHub(t, false, nil)
	long := strings.Repeat("Ilgas tekstas apie kultūrą. ", 20_000)
	takeLines(t, h, fmt.Sprintf(`{"type":"POLICY_DOCUMENT","slug":"law","originalLanguage":"lt","title":{"lt":"Įstatymas"},"text":{"lt":%q,"en":{"value":"A law.","origin":"MACHINE"}}}`, long))
	type data struct {
		Record struct {
			Languages []string
			Text      text
		}
	}
	api := graph.NewHandler(h, graph.Options{})
	const query = `query($in:[Language!]){record(slug:"law"){languages ...on PolicyDocument{text(in:$in){value html language origin outdated}}}}`
	if got := ask[data](t, api, query, nil).Record; got.Text.Value != strings.TrimSpace(long) && got.Text.Value != long || strings.Join(got.Languages, " ") != "lt en" {
		t.Errorf("%d bytes of %d, languages %v", len(got.Text.Value), len(long), got.Languages)
	}
	if got := ask[data](t, api, query, map[string]any{"in": []string{"en"}}).Record.Text; got != (text{"A law.", "<p>A law.</p>\n", "en", "MACHINE", false}) {
		t.Errorf("%+v", got)
	}
}

// TestLongHTML: a text beyond MaxMarkdown is given as plain paragraphs, as escaped as any.
func TestLongHTML(t *testing.T) {
	h := newHub(t, false, nil)
	long := strings.Repeat("> ", graph.MaxMarkdown/2) + "\n\n**a** <script>"
	line, err := json.Marshal(map[string]any{"type": "STUDY", "slug": "a", "originalLanguage": "en", "title": map[string]string{"en": "A"}, "text": map[string]string{"en": long}})
	if err != nil {
		t.Fatal(err)
	}
	takeLines(t, h, string(line))
	type data struct{ Record struct{ Text text } }
	got := ask[data](t, graph.NewHandler(h, graph.Options{}), `{record(slug:"a"){...on Study{text{html}}}}`, nil).Record.Text.HTML
	if !strings.HasPrefix(got, "<p>&gt; &gt; ") || !strings.HasSuffix(got, "<p>**a** &lt;script&gt;</p>\n") {
		t.Errorf("got %.60q … %q", got, got[max(0, len(got)-60):])
	}
}
