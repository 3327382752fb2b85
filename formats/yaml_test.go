package formats_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"versme/formats"
	"versme/hub"
	"versme/internal/hubtest"
)

// folder is a folder of files by name.
func folder(files map[string]string) fs.FS {
	f := fstest.MapFS{}
	for name, content := range files {
		f[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return f
}

func yamlRows(t *testing.T, files map[string]string) []string {
	t.Helper()
	src, err := formats.NewYAML(folder(files))
	if err != nil {
		t.Fatal(err)
	}
	return take(t, src)
}

// one reads one YAML file of one record or concept.
func one(t *testing.T, content string) (hub.Item, error) {
	t.Helper()
	src, err := formats.NewYAML(folder(map[string]string{"a.yaml": content}))
	if err != nil {
		t.Fatal(err)
	}
	row, err := src.Next()
	if err != nil {
		t.Fatal(err)
	}
	return row.Item, row.Err
}

const yamlStudy = "type: STUDY\nslug: a\noriginalLanguage: lt\ntitle:\n  lt: ė\n"

// A folder is read with the folders in it, in order; a file may hold several records; what is not YAML by its name is passed over.
func TestYAMLFolder(t *testing.T) {
	slug := func(s string) string { return strings.Replace(yamlStudy, "slug: a", "slug: "+s, 1) }
	equal(t, "rows", yamlRows(t, map[string]string{
		"b/c.yaml":  slug("c"),
		"a.yml":     slug("a1") + "---\n" + slug("a2") + "---\n" + slug("a3"),
		"README.md": "not YAML: [",
		"d.yaml":    "",
		"e.yaml":    "# nothing but a comment\n",
	}), []string{"a.yml a1", "a.yml, part 2 a2", "a.yml, part 3 a3", "b/c.yaml c"})
	equal(t, "nothing", yamlRows(t, map[string]string{"a.txt": ""}), []string(nil))
}

// What YAML takes for something else than it says is read as what people mean: Norway is no false, a year no number.
func TestYAMLAmbiguous(t *testing.T) {
	for name, test := range map[string]struct {
		fields string
		get    func(s *hub.Study) any
		want   any
	}{
		"Norway":               {"countries: [NO, LT]", func(s *hub.Study) any { return s.CountryCodes }, []hub.CountryCode{"NO", "LT"}},
		"norway":               {"countries:\n  - no\n", func(s *hub.Study) any { return s.CountryCodes }, []hub.CountryCode{"NO"}},
		"Norwegian":            {"summary: {no: norsk}", func(s *hub.Study) any { return s.SummaryTexts }, hub.Texts{{Language: "nb", Value: "norsk"}}},
		"a text that is no":    {"summary: {en: no, lt: 'ne'}", func(s *hub.Study) any { return s.SummaryTexts }, hub.Texts{{Language: "en", Value: "no"}, {Language: "lt", Value: "ne"}}},
		"a year, quoted":       {"published: \"2018\"", func(s *hub.Study) any { return s.Published }, hub.Date("2018")},
		"a year, not quoted":   {"published: 2018", func(s *hub.Study) any { return s.Published }, hub.Date("2018")},
		"a month, not quoted":  {"published: 2018-05", func(s *hub.Study) any { return s.Published }, hub.Date("2018-05")},
		"a date, not quoted":   {"published: 2018-05-06", func(s *hub.Study) any { return s.Published }, hub.Date("2018-05-06")},
		"a moment, not quoted": {"createdAt: 2018-05-06T07:08:09Z", func(s *hub.Study) any { return s.CreatedAt.Format("2006-01-02T15:04:05Z07:00") }, "2018-05-06T07:08:09Z"},
		"a keyword like a year": {"keywords: [\"2018\", 'yes', \"1e3\", \"0x1F\", \"~\"]", func(s *hub.Study) any { return s.Keywords },
			[]string{"2018", "yes", "1e3", "0x1F", "~"}},
		"numbers not quoted": {"keywords: [2018, 1e3, 0x1F, 1_000, 12:30, true]\ntitle: {lt: 2050}", func(s *hub.Study) any { return append(s.Keywords, s.TitleTexts[0].Value) },
			[]string{"2018", "1e3", "0x1F", "1_000", "12:30", "true", "2050"}},
		"yes":      {"peerReviewed: true", func(s *hub.Study) any { return *s.PeerReviewed }, true},
		"null":     {"publisher: ~\ndoi: null\nisbn:", func(s *hub.Study) any { return s.Publisher + s.DOI + s.ISBN }, hub.Line("")},
		"a number": {"version: 3", func(s *hub.Study) any { return s.Version }, 3},
		"a text over lines": {"summary:\n  en: |-\n    First.\n\n    Second: <b> & \"c\".\n  lt: >-\n    Viena\n    eilutė.\n",
			func(s *hub.Study) any { return s.SummaryTexts }, hub.Texts{{Language: "en", Value: "First.\n\nSecond: <b> & \"c\"."}, {Language: "lt", Value: "Viena eilutė."}}},
	} {
		content := yamlStudy
		if strings.Contains(test.fields, "title:") {
			content = strings.TrimSuffix(yamlStudy, "title:\n  lt: ė\n")
		}
		it, err := one(t, content+test.fields+"\n")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		equal(t, name, test.get(it.Record.(*hub.Study)), test.want)
	}
}

// Fields that are numbers, or true or false, are told from texts by their names; here is the list of them, out of the records themselves.
func TestYAMLFieldsThatAreNotText(t *testing.T) {
	var walk func(typ reflect.Type, field string)
	seen := map[reflect.Type]bool{}
	walk = func(typ reflect.Type, field string) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice:
			walk(typ.Elem(), field)
		case reflect.Struct:
			if seen[typ] || typ == reflect.TypeFor[hub.DateTime]() || typ == reflect.TypeFor[hub.Translation]() {
				return
			}
			seen[typ] = true
			for f := range typ.Fields() {
				if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); f.IsExported() {
					walk(f.Type, name)
				}
			}
		case reflect.String:
		default:
			value := "1"
			if typ.Kind() == reflect.Bool {
				value = "true"
			}
			if got := formats.FieldToJSON(t, field, value); got != value {
				t.Errorf("%s: %s is read as %s", field, value, got)
			}
		}
	}
	for _, typ := range hub.RecordTypes {
		walk(reflect.TypeOf(hub.NewRecord(typ)), "")
	}
}

// What is wrong is said with its place: the line where the form is wrong, the field where the content is. The other files are read.
func TestYAMLErrors(t *testing.T) {
	deep := strings.Repeat("[", 40) + strings.Repeat("]", 40)
	for name, test := range map[string]struct {
		content string
		says    []string
	}{
		"no YAML":           {"type: STUDY\nslug: [a\n", []string{"not YAML", "line "}},
		"a tab":             {"type: STUDY\ntitle:\n\tlt: a\n", []string{"not YAML", "line 3"}},
		"an alias":          {yamlStudy + "keywords: &k [a]\nsectors: *k\n", []string{"line 7", "aliases are not read here"}},
		"a merge":           {"base: &b {lt: a}\ntype: STUDY\nslug: a\ntitle:\n  <<: *b\n", []string{"line 5", "aliases are not read here"}},
		"nested too deep":   {yamlStudy + "keywords: " + deep + "\n", []string{"line 6", "nested too deep"}},
		"a list":            {"- a\n- b\n", []string{"not a JSON object"}},
		"a word":            {"STUDY\n", []string{"not a JSON object"}},
		"no type":           {"slug: a\n", []string{"type: is missing"}},
		"an unknown field":  {yamlStudy + "colour: red\n", []string{"colour: is not a field of STUDY"}},
		"a wrong date":      {yamlStudy + "published: 2018-13\n", []string{"published: ", "is not a date"}},
		"a field twice":     {yamlStudy + "slug: b\n", []string{"slug", "twice"}},
		"a language twice":  {"type: STUDY\nslug: a\noriginalLanguage: lt\ntitle: {lt: a, LT: b}\n", []string{"title", "twice"}},
		"a text and a list": {"type: STUDY\nslug: a\ntitle: [a]\n", []string{"title", "map of languages"}},
		"binary":            {"\x00\x01\x02", []string{"not YAML"}},
		"not UTF-8":         {"type: STUDY\nslug: \xff\n", []string{"not YAML"}},
	} {
		rows := yamlRows(t, map[string]string{"bad.yaml": test.content, "good.yaml": yamlStudy})
		if len(rows) != 2 || !strings.HasPrefix(rows[0], "bad.yaml ") || rows[1] != "good.yaml a" {
			t.Errorf("%s: %q", name, rows)
			continue
		}
		for _, says := range test.says {
			if !strings.Contains(rows[0], says) {
				t.Errorf("%s: %q does not say %q", name, rows[0], says)
			}
		}
	}
}

// A file that is small and says very much ("billion laughs") costs nothing.
func TestYAMLBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 9), ","))
	}
	if _, err := one(t, b.String()); !errors.Is(err, hub.ErrInvalid) {
		t.Errorf("%v", err)
	}
}

func TestYAMLTooLarge(t *testing.T) {
	rows := yamlRows(t, map[string]string{"a.yaml": "# " + strings.Repeat("x", formats.MaxYAML), "b.yaml": yamlStudy})
	if len(rows) != 2 || !strings.Contains(rows[0], fmt.Sprintf("more than %d", formats.MaxYAML)) || rows[1] != "b.yaml a" {
		t.Errorf("%.200q", rows)
	}
}

// roundTrip writes an item and reads it back.
func roundTrip(t *testing.T, it hub.Item) (file string) {
	t.Helper()
	var b bytes.Buffer
	if err := formats.WriteYAML(&b, it); err != nil {
		t.Fatal(err)
	}
	got, err := one(t, b.String())
	if err != nil {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	if g, w := encoded(t, got), encoded(t, it); g != w {
		t.Fatalf("read back\n%s\nwant\n%s\nfrom\n%s", g, w, b.String())
	}
	return b.String()
}

func TestYAMLRoundTrip(t *testing.T) {
	for _, it := range hubtest.Full() {
		roundTrip(t, it)
	}
	for _, r := range hubtest.Sample(1, 60) {
		roundTrip(t, hub.Item{Record: r})
	}
}

// Texts that YAML finds hard are written so that they are read back the same.
func TestYAMLHardTexts(t *testing.T) {
	long := strings.Repeat("žodis ", 40)
	for _, text := range []string{
		"no", "NO", "yes", "on", "true", "null", "~", "2018", "2018-05", "2018-05-06", "1e3", "0x1F", "0o17", "1_000", "12:30:45", ".5", "-", "+1", ".inf", "NaN",
		"- a", "a: b", "a #b", "#a", "'a'", "\"a\"", "[a]", "{a}", "*a", "&a", "!a", "|", ">", "%a", "@a", "`a`", "? a", ": a", ", a", "---", "...", "=", "<<",
		"a\nb", "a\n\nb", "a\n\n\n  b\n", "a\n- b\n  - c", "a\n    code\nb", "a \nb", "a\t\nb", "a\n\tb", long, long + "\n", long + "\n  " + long, "# a\n" + long, "a\n---\nb", "a\n...\nb",
		"a\u00a0b", "a\u2028b", "a\u0085b", "a\ufeffb", "\u00ad", "a\u200bb\nc", "emoji 🎭\n🎭", "\u202ea\nb",
		"trailing space ", " leading", "\n leading line", "tab\there", `back\slash`, `quote "' both`, long + ": " + long, long + " #" + long,
	} {
		it := hub.Item{Record: &hub.Study{Entry: hub.Entry{Slug: "a", OriginalLanguage: "lt", TitleTexts: hub.Texts{{Language: "lt", Value: text}},
			Status: hub.StatusPublished, Keywords: []string{text}}, FindingsTexts: hub.Texts{{Language: "lt", Value: text}, {Language: "en", Value: text, Origin: hub.OriginMachine}}}}
		if file := roundTrip(t, it); singleQuoted.MatchString(file) {
			t.Errorf("one kind of quotes is enough:\n%s", file)
		}
	}
}

var singleQuoted = regexp.MustCompile(`(?m)^ *(- |\w+: )'`)

// Texts are written so that people can read and edit them, and so that no other reader takes them for something else.
func TestYAMLForm(t *testing.T) {
	it := hub.Item{Record: &hub.Study{
		Entry: hub.Entry{Slug: "a", OriginalLanguage: "nb", CountryCodes: []hub.CountryCode{"NO"}, Keywords: []string{"on", "menas"},
			TitleTexts:   hub.Texts{{Language: "nb", Value: "Kultur: for alle"}, {Language: "lt", Value: "Kultūra"}},
			SummaryTexts: hub.Texts{{Language: "nb", Value: "Et.\n\nTo."}, {Language: "lt", Value: strings.Repeat("ilga eilutė ", 10) + "ir galas"}}},
		Published: "2018", Authors: []*hub.Author{{Name: "Ąžuolas", ORCID: "0000-0002-1825-0097"}}, PeerReviewed: new(true),
	}}
	equal(t, "the file", roundTrip(t, it), `type: STUDY
slug: a
originalLanguage: nb
title:
  nb: "Kultur: for alle"
  lt: Kultūra
summary:
  nb: |-
    Et.

    To.
  lt: |-
    ilga eilutė ilga eilutė ilga eilutė ilga eilutė ilga eilutė ilga eilutė ilga eilutė ilga eilutė ilga eilutė ilga eilutė ir galas
authors:
  - name: Ąžuolas
    orcid: "0000-0002-1825-0097"
published: "2018"
peerReviewed: true
countries:
  - "NO"
keywords:
  - "on"
  - menas
`)
}

// Whatever stands in a file, reading it ends, without a panic; what is valid is written in a form that is read back the same.
func FuzzYAML(f *testing.F) {
	f.Add([]byte(yamlStudy))
	f.Add([]byte(yamlStudy + "---\n" + yamlStudy))
	f.Add([]byte("a: &a [*a]\n"))
	f.Add([]byte("type: CONCEPT\nslug: a\nscheme: THEME\nlabel: {lt: no, 1: 2}\naltLabels: {lt: [a, ~]}\n"))
	for _, it := range hubtest.Full() {
		var b bytes.Buffer
		if err := formats.WriteYAML(&b, it); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		src, err := formats.NewYAML(fstest.MapFS{"a.yaml": &fstest.MapFile{Data: in}})
		if err != nil {
			t.Fatal(err)
		}
		for {
			row, err := src.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if row.Err != nil {
				if !errors.Is(row.Err, hub.ErrInvalid) {
					t.Fatal(row.Err)
				}
				continue
			}
			if row.Item.Validate() == nil {
				roundTrip(t, row.Item)
			}
		}
	})
}

// Any text that a record can hold is written so that it is read back the same.
func FuzzYAMLText(f *testing.F) {
	f.Add("Pirma.\n\n- antra\n    kodas\n", "no")
	f.Add("a\u2028b \n\tc", "a: b #c")
	f.Add("\n  a\n b\n\n", "- ?")
	f.Fuzz(func(t *testing.T, markup, plain string) {
		it := hub.Item{Record: &hub.Study{
			Entry:         hub.Entry{Slug: "a", OriginalLanguage: "lt", TitleTexts: hub.Texts{{Language: "lt", Value: "x" + plain}}, Keywords: []string{plain, "x" + plain}},
			FindingsTexts: hub.Texts{{Language: "lt", Value: markup}, {Language: "en", Value: "x" + markup + "\n" + plain, Origin: hub.OriginMachine}},
		}}
		if it.Validate() == nil {
			roundTrip(t, it)
		}
	})
}
