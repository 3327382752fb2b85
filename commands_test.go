package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"versme/hub"
	"versme/internal/hubtest"
	"versme/storage"
)

// ran is what a command left behind.
type ran struct {
	Code     int
	Out, Err string
}

// versme runs a command as the shell does: args, with input on standard input.
func versme(t *testing.T, input string, args ...string) ran {
	t.Helper()
	return versmeIn(t.Context(), strings.NewReader(input), args...)
}

func versmeIn(ctx context.Context, in io.Reader, args ...string) ran {
	var out, err logBook
	code := run(ctx, args, streams{in, &out, &err})
	return ran{code, out.String(), err.String()}
}

// logBook keeps what several goroutines write.
type logBook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// must runs a command that ends well and returns what it printed.
func must(t *testing.T, args ...string) string {
	t.Helper()
	r := versme(t, "", args...)
	if r.Code != 0 {
		t.Fatalf("versme %s: exit %d\n%s%s", strings.Join(args, " "), r.Code, r.Out, r.Err)
	}
	return r.Out
}

// fails says so where a command did not end with this code, and all of the words in what it says about it.
func fails(t *testing.T, r ran, code int, words ...string) {
	t.Helper()
	if r.Code != code {
		t.Errorf("exit %d, want %d\n%s%s", r.Code, code, r.Out, r.Err)
	}
	contains(t, r.Err, words...)
}

func contains(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%q is not in:\n%s", w, text)
		}
	}
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// file writes a file into a directory of its own and returns its path.
func file(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// lines are the records and concepts of a test as JSON Lines: of every type, with every field.
func lines(t *testing.T, items ...hub.Item) string {
	t.Helper()
	var b strings.Builder
	for _, it := range items {
		line, err := hub.EncodeItem(it)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.String()
}

// sample is a collection that has everything that a record can have.
func sample(t *testing.T) (text string, n int) {
	t.Helper()
	var items []hub.Item
	for _, c := range hubtest.Vocabulary() {
		items = append(items, hub.Item{Concept: c})
	}
	items = append(items, hubtest.Full()...)
	for _, r := range hubtest.Sample(31, 60) {
		items = append(items, hub.Item{Record: r})
	}
	return lines(t, items...), len(items)
}

const (
	choir = `{"type":"STUDY","slug":"choir","originalLanguage":"en","title":{"en":"A choir for quokkas"}}` + "\n"
	dance = `{"type":"STUDY","slug":"dance","originalLanguage":"en","title":{"en":"Dance for wombats"}}` + "\n"
)

// exported returns everything that a data directory holds, as it is exported.
func exported(t *testing.T, data string, flags ...string) string {
	t.Helper()
	return must(t, append([]string{"export", "--data", data}, flags...)...)
}

func TestVersion(t *testing.T) {
	equal(t, "output", must(t, "version"), fmt.Sprintf("versme %s, data format %d\n", buildVersion(), storage.Format))
}

func TestHelp(t *testing.T) {
	contains(t, must(t, "--help"), "serve", "import", "export", "reindex", "check", "analyze", "version", "--data", "VERSME_DATA")
	for command, words := range map[string][]string{
		"serve":   {"--addr", "--[no-]starter", "--base-url", "--cors-origin", "--cors-credentials", "--[no-]playground", "VERSME_ADDR"},
		"import":  {"--acknowledge", "VERSME_ACKNOWLEDGE", "<from>"},
		"export":  {"--type", "--country", "--concept", "--organisation", "--year", "--since", "VERSME_YEAR"},
		"reindex": {"index"},
		"check":   {"checksums"},
		"analyze": {"--language", "VERSME_LANGUAGE"},
	} {
		contains(t, must(t, command, "--help"), words...)
	}
}

// Command lines that make no sense end with 2, files and folders that are not there with 3, and say what to do.
// TestNoHubThere: a mistyped --data makes no new hub, where there is nothing to do with an empty one.
func TestNoHubThere(t *testing.T) {
	for _, command := range []string{"export", "check", "reindex"} {
		missing := filepath.Join(t.TempDir(), "missing")
		fails(t, versme(t, "", command, "--data", missing), 3, "there is no hub in "+missing, "--data")
		if _, err := os.Stat(missing); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s made %s: %v", command, missing, err)
		}
	}
}

func TestBadCommandLines(t *testing.T) {
	data := t.TempDir()
	versme(t, choir, "import", "--data", data, "-")
	missing := filepath.Join(t.TempDir(), "missing")
	notGzip := file(t, "broken.jsonl.gz", []byte{0x1f, 0x8b, 1, 2, 3})
	halfGzip := file(t, "half.jsonl.gz", zipped(t, choir)[:40])
	badGzip := zipped(t, choir)
	badGzip[30] ^= 0xff
	fails(t, versme(t, "\x1f\x8b\x01", "import", "--data", data, "-"), 2, "gzip")
	for _, test := range []struct {
		args  string
		code  int
		words []string
	}{
		{"frobnicate", 2, []string{"frobnicate", "versme --help"}},
		{"--frobnicate", 2, []string{"--frobnicate", "versme --help"}},
		{"import", 2, []string{"from", "versme --help"}},
		{"import --log=loud x", 2, []string{"--log", "debug"}},
		{"import " + missing, 3, []string{missing, "check the path"}},
		{"import " + notGzip, 2, []string{notGzip, "gzip"}},
		{"import " + halfGzip, 2, []string{"after line 0", "gzip", "cut off"}},
		{"import " + file(t, "bad.jsonl.gz", badGzip), 2, []string{"gzip", "damaged"}},
		{"export --type NOVEL", 2, []string{"NOVEL", "STUDY"}},
		{"export --country Norway", 2, []string{"Norway"}},
		{"export --year soon", 2, []string{"--year"}},
		{"export --since yesterday", 2, []string{"yesterday"}},
		{"export --type STUDY --year 2020", 2, []string{"one condition"}},
		{"export " + missing + "/x/y.jsonl", 3, []string{missing, "check the path"}},
		{"analyze --language !", 2, []string{"--language"}},
		{"serve --base-url nonsense", 2, []string{"--base-url"}},
		{"serve --cors-origin example.org", 2, []string{"--cors-origin", "https://example.org"}},
		{"serve --cors-origin https://example.org/path", 2, []string{"--cors-origin", "path"}},
		{"serve --cors-origin * --cors-credentials", 2, []string{"--cors-credentials", "exact list"}},
		{"serve --cors-credentials", 2, []string{"--cors-credentials", "exact list"}},
		{"serve --addr 127.0.0.1", 2, []string{"127.0.0.1", "--addr"}},
		{"serve --addr 127.0.0.1:99999", 2, []string{"99999", "--addr"}},
	} {
		t.Run(test.args, func(t *testing.T) {
			fails(t, versme(t, "", append(strings.Fields(test.args), "--data", data)...), test.code, test.words...)
		})
	}
}

func TestImport(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "folder")
	for name, text := range map[string]string{
		"studies/choir.yaml":  "type: STUDY\nslug: choir\noriginalLanguage: en\ntitle:\n  en: A choir for quokkas\n",
		"studies/deep/d.yml":  "type: STUDY\nslug: dance\noriginalLanguage: en\ntitle:\n  en: Dance for wombats\n",
		"studies/readme.text": "not a record",
	} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct{ from, input string }{
		"file":              {file(t, "a.jsonl", []byte(choir+dance)), ""},
		"file without name": {file(t, "a", []byte("\ufeff"+choir+"\n"+strings.TrimSpace(dance))), ""},
		"compressed":        {file(t, "a.jsonl.gz", zipped(t, choir+dance)), ""},
		"stream":            {"-", choir + dance},
		"compressed stream": {"-", string(zipped(t, choir+dance))},
		"folder":            {folder, ""},
	} {
		t.Run(name, func(t *testing.T) {
			data := t.TempDir()
			for _, want := range []string{"2 added, 0 changed, 0 unchanged, 0 rejected\n", "0 added, 0 changed, 2 unchanged, 0 rejected\n"} {
				equal(t, "import", versme(t, test.input, "import", "--data", data, test.from), ran{Out: want})
			}
			equal(t, "change", versme(t, strings.ReplaceAll(choir, "quokkas", "numbats")+dance, "import", "--data", data, "-"),
				ran{Out: "0 added, 1 changed, 1 unchanged, 0 rejected\n"})
			contains(t, exported(t, data), "A choir for numbats", "Dance for wombats")
			equal(t, "check", must(t, "check", "--data", data), "2 records and 0 concepts checked: 0 damaged, 0 notes\n")
		})
	}
	t.Run("nothing", func(t *testing.T) {
		equal(t, "import", versme(t, "", "import", "--data", t.TempDir(), "-"), ran{Out: "0 added, 0 changed, 0 unchanged, 0 rejected\n"})
	})
}

// What is wrong is reported with its line, slug, field and reason, one line each; the others go in.
func TestImportReportsWrongRows(t *testing.T) {
	data := t.TempDir()
	r := versme(t, choir+
		"this is not JSON\n"+
		`{"type":"STUDY","slug":"soon","originalLanguage":"en","title":{"en":"Soon"},"published":"soon"}`+"\n"+
		"\n"+
		`{"type":"STUDY","slug":"odd","originalLanguage":"en","title":{"en":"Odd"},"colour":"red"}`+"\n"+
		`{"type":"NOVEL","slug":"novel"}`+"\n"+
		`{"type":"STUDY","slug":"untitled","originalLanguage":"en"}`+"\n"+
		strings.ReplaceAll(choir, "quokkas", "numbats")+
		dance, "import", "--data", data, "--acknowledge", "-")
	fails(t, r, 2, "6 records were not taken in")
	equal(t, "output", r.Out, "done 8\n2 added, 0 changed, 0 unchanged, 6 rejected\n")
	reports := strings.Split(strings.TrimSpace(r.Err), "\n")
	for i, words := range [][]string{
		{"line 2: ", "not a JSON object"},
		{"line 3", "published", "soon"},
		{"line 5", "colour", "is not a field of STUDY"},
		{"line 6", "type", "NOVEL", "STUDY"},
		{"line 7 (untitled): ", "title"},
		{"line 8 (choir): ", "line 1 has slug choir too"},
		{"versme: ", "correct them"},
	} {
		if i >= len(reports) {
			t.Fatalf("%d reports:\n%s", len(reports), r.Err)
		}
		contains(t, reports[i], words...)
	}
	equal(t, "reports", len(reports), 7)
	contains(t, exported(t, data), "quokkas", "wombats")
}

// Each line done N comes once the first N rows are in the store and the index.
func TestAcknowledge(t *testing.T) {
	var input strings.Builder
	for i := range 2500 {
		fmt.Fprintf(&input, `{"type":"STUDY","slug":"s-%d","originalLanguage":"en","title":{"en":"Study %d"}}`+"\n", i, i)
	}
	r := versme(t, input.String(), "import", "--data", t.TempDir(), "--acknowledge", "-")
	equal(t, "import", r, ran{Out: "done 1000\ndone 2000\ndone 2500\n2500 added, 0 changed, 0 unchanged, 0 rejected\n"})
}

// An import that is interrupted keeps what it has reported, leaves nothing damaged and an index that is level, and says so.
func TestImportInterrupted(t *testing.T) {
	data := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	in, feed := io.Pipe()
	acknowledged := make(chan string, 100)
	out := writerFunc(func(p []byte) (int, error) {
		acknowledged <- string(p)
		return len(p), nil
	})
	var log logBook
	ended := make(chan int, 1)
	go func() {
		code := run(ctx, []string{"import", "--data", data, "--acknowledge", "-"}, streams{in, out, &log})
		_ = in.Close()
		ended <- code
	}()
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		for i := 0; ; i++ {
			if _, err := fmt.Fprintf(feed, `{"type":"STUDY","slug":"s-%d","originalLanguage":"en","title":{"en":"Study %d"}}`+"\n", i, i); err != nil {
				return
			}
		}
	}()
	first := <-acknowledged
	stop()
	if code := <-ended; code != 130 {
		t.Errorf("exit %d, want 130", code)
	}
	<-fed
	equal(t, "first", first, "done 1000\n")
	contains(t, log.String(), "versme: stopped; what was reported as done is kept")
	if strings.Contains(log.String(), "ERROR") {
		t.Errorf("being stopped is an error:\n%s", log.String())
	}
	contains(t, must(t, "check", "--data", data), "0 damaged, 0 notes")
	kept := exported(t, data)
	for i := range 1000 {
		if slug := fmt.Sprintf(`"slug":"s-%d"`, i); !strings.Contains(kept, slug) {
			t.Fatalf("%s was reported as done and is not there", slug)
		}
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// A back-up by export is whole: what is exported, imported elsewhere and exported again is the same to the byte, with ids, versions and
// dates.
func TestExportIsLossless(t *testing.T) {
	data := t.TempDir()
	text, n := sample(t)
	if r := versme(t, text, "import", "--data", data, "-"); r.Code != 0 {
		t.Fatal(r)
	}
	// A second version, which has a date of its own.
	if r := versme(t, choir, "import", "--data", data, "-"); r.Code != 0 {
		t.Fatal(r)
	}
	if r := versme(t, strings.ReplaceAll(choir, "quokkas", "numbats"), "import", "--data", data, "-"); r.Code != 0 {
		t.Fatal(r)
	}
	n++
	whole := exported(t, data)
	equal(t, "lines", strings.Count(whole, "\n"), n)
	contains(t, whole, `"version":2`, `"version":3`, `"id":"`, `"createdAt":"`, `"updatedAt":"`)

	// again imports what was exported into a new hub and returns what that exports.
	again := func(t *testing.T, from string, n int) string {
		t.Helper()
		data := t.TempDir()
		equal(t, "import", must(t, "import", "--data", data, from), fmt.Sprintf("%d added, 0 changed, 0 unchanged, 0 rejected\n", n))
		return exported(t, data)
	}
	for name, to := range map[string]string{"file": "all.jsonl", "compressed file": "all.jsonl.gz", "folder of YAML": "all/"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), to)
			if strings.HasSuffix(to, "/") {
				path += "/"
			}
			r := versme(t, "", "export", "--data", data, path)
			equal(t, "export", r, ran{Err: fmt.Sprintf("%d records and concepts exported\n", n)})
			if got := again(t, path, n); got != whole {
				t.Errorf("the second export differs (-first +second):\n%s", cmp.Diff(strings.Split(whole, "\n"), strings.Split(got, "\n")))
			}
			left, err := filepath.Glob(filepath.Join(filepath.Dir(strings.TrimSuffix(path, "/")), "*"))
			if err != nil || len(left) != 1 {
				t.Errorf("beside what was exported there is %v, %v", left, err)
			}
			// Over what is already there.
			if r := versme(t, "", "export", "--data", data, path); r.Code != 0 {
				t.Errorf("export over an export: %v", r)
			}
		})
	}
	t.Run("into the same hub", func(t *testing.T) {
		equal(t, "import", versme(t, whole, "import", "--data", data, "-"), ran{Out: fmt.Sprintf("0 added, 0 changed, %d unchanged, 0 rejected\n", n)})
		equal(t, "export", exported(t, data), whole)
	})

	// Some of the records: those lines of the whole that the condition lets through, in the same order.
	for _, test := range []struct {
		flags []string
		holds func(r hub.Record) bool
	}{
		{[]string{"--type", "STUDY"}, func(r hub.Record) bool { return r.Type() == hub.TypeStudy }},
		{[]string{"--country", "NO"}, func(r hub.Record) bool { return slices.Contains(r.AsEntry().CountryCodes, "NO") }},
		{[]string{"--concept", "arts-and-health"}, func(r hub.Record) bool { return slices.Contains(r.AsEntry().ThemeSlugs, "arts-and-health") }},
		{[]string{"--organisation", "full-organisation"}, nil},
		{[]string{"--year", "2020"}, nil},
		{[]string{"--since", "2026-02-01T00:00:00Z"}, nil},
	} {
		t.Run(strings.Join(test.flags, " "), func(t *testing.T) {
			some := exported(t, data, test.flags...)
			var want []string
			if test.holds != nil {
				for line := range strings.Lines(whole) {
					it, err := hub.DecodeItem([]byte(line))
					if err != nil {
						t.Fatal(err)
					}
					if it.Record != nil && test.holds(it.Record) {
						want = append(want, line)
					}
				}
				equal(t, "lines", slices.Collect(strings.Lines(some)), want)
			}
			n := strings.Count(some, "\n")
			if n == 0 || n >= strings.Count(whole, "\n") {
				t.Fatalf("%d lines of %d", n, strings.Count(whole, "\n"))
			}
			for line := range strings.Lines(some) {
				if !strings.Contains(whole, line) {
					t.Errorf("not as in the whole: %s", line)
				}
			}
			equal(t, "second export", again(t, file(t, "some.jsonl", []byte(some)), n), some)
		})
	}
}

// An export that cannot be finished leaves what had the name before.
func TestExportKeepsWhatWasThere(t *testing.T) {
	data, out := t.TempDir(), file(t, "backup.jsonl", []byte("yesterday's\n"))
	if r := versme(t, choir+dance, "import", "--data", data, "-"); r.Code != 0 {
		t.Fatal(r)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if r := versmeIn(ctx, nil, "export", "--data", data, out); r.Code != 130 {
		t.Errorf("%+v", r)
	}
	equal(t, "file", read(t, out), "yesterday's\n")
	left, err := os.ReadDir(filepath.Dir(out))
	if err != nil || len(left) != 1 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// An export that meets a damaged record fails, and leaves no file that looks whole.
func TestExportOfDamage(t *testing.T) {
	data, dir := t.TempDir(), t.TempDir()
	if r := versme(t, choir+dance, "import", "--data", data, "-"); r.Code != 0 {
		t.Fatal(r)
	}
	flip(t, filepath.Join(data, "versme.db"), "wombats")
	for _, name := range []string{"backup.jsonl", "backup.jsonl.gz"} {
		fails(t, versme(t, "", "export", "--data", data, filepath.Join(dir, name)), 1, "damaged on the disk", "back-up")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestCheck(t *testing.T) {
	t.Run("clean", func(t *testing.T) {
		data := t.TempDir()
		must(t, "import", "--data", data, "starter")
		contains(t, must(t, "check", "--data", data), " records and ", " concepts checked: 0 damaged, 0 notes\n")
	})
	t.Run("empty", func(t *testing.T) {
		data := t.TempDir()
		versme(t, "", "import", "--data", data, "-")
		equal(t, "check", must(t, "check", "--data", data), "0 records and 0 concepts checked: 0 damaged, 0 notes\n")
	})
	t.Run("dangling reference", func(t *testing.T) {
		data := t.TempDir()
		r := versme(t, `{"type":"STUDY","slug":"choir","originalLanguage":"en","title":{"en":"A choir"},"themes":["nowhere"]}`, "import", "--data", data, "-")
		equal(t, "import", r, ran{Out: "1 added, 0 changed, 0 unchanged, 0 rejected\n"})
		r = versme(t, "", "check", "--data", data)
		fails(t, r, 4, "some references lead nowhere")
		equal(t, "output", r.Out, "note: choir: themes: no concept has slug nowhere\n1 records and 0 concepts checked: 0 damaged, 1 notes\n")
	})
	t.Run("damaged value", func(t *testing.T) {
		data := t.TempDir()
		if r := versme(t, `{"type":"CONCEPT","slug":"art","scheme":"THEME","label":{"en":"quokka"}}`+"\n"+choir, "import", "--data", data, "-"); r.Code != 0 {
			t.Fatal(r)
		}
		flip(t, filepath.Join(data, "versme.db"), "quokka")
		r := versme(t, "", "check", "--data", data)
		fails(t, r, 1, "the data is damaged", "back-up")
		contains(t, r.Out, "DAMAGE: concept art: ", "is damaged on the disk")
	})
	t.Run("no database any more", func(t *testing.T) {
		data := t.TempDir()
		if r := versme(t, choir, "import", "--data", data, "-"); r.Code != 0 {
			t.Fatal(r)
		}
		if err := os.Truncate(filepath.Join(data, "versme.db"), 0); err != nil {
			t.Fatal(err)
		}
		for _, command := range []string{"check", "export", "reindex", "serve"} {
			fails(t, versme(t, "", command, "--data", data), 2, data, "versme.db is missing or empty", "back-up")
		}
	})
}

// flip turns one bit of each place in a file where a word stands.
func flip(t *testing.T, path, word string) {
	t.Helper()
	b := []byte(read(t, path))
	n := 0
	for rest := b; ; n++ {
		i := bytes.Index(rest, []byte(word))
		if i < 0 {
			break
		}
		rest[i] ^= 1
		rest = rest[i+1:]
	}
	if n == 0 {
		t.Fatalf("%s is not in %s", word, path)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestReindex(t *testing.T) {
	data := t.TempDir()
	must(t, "import", "--data", data, "starter")
	before := exported(t, data)
	r := versme(t, "", "reindex", "--data", data)
	if r.Code != 0 || r.Out != "" {
		t.Errorf("%+v", r)
	}
	equal(t, "log", messages(t, r.Err), []string{"rebuilding the index", "index rebuilt"})
	contains(t, must(t, "check", "--data", data), "0 damaged, 0 notes")
	equal(t, "export", exported(t, data), before)
	equal(t, "log off", versme(t, "", "reindex", "--data", data, "--log", "error"), ran{})
}

// messages returns what was logged, which is JSON where standard error is no terminal.
func messages(t *testing.T, log string) []string {
	t.Helper()
	var all []string
	for line := range strings.Lines(log) {
		var entry struct{ Msg string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		all = append(all, entry.Msg)
	}
	return all
}

func TestAnalyze(t *testing.T) {
	r := versme(t, "libraries\nlibrary\nthe\n\nDancing\n", "analyze", "--language", "en")
	if r.Code != 0 || r.Err != "" {
		t.Fatalf("%+v", r)
	}
	terms := map[string]string{}
	for line := range strings.Lines(r.Out) {
		word, term, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok {
			t.Errorf("%q is not word, tab, term", line)
		}
		terms[word] = term
	}
	if terms["libraries"] != terms["library"] || terms["library"] == "" {
		t.Errorf("libraries and library have different terms: %v", terms)
	}
	if _, ok := terms["the"]; ok {
		t.Errorf("a stop word has a term: %v", terms)
	}
	if a, b := versme(t, "bibliotekos\n", "analyze"), versme(t, "bibliotekos\n", "analyze", "--language", "lt"); a != b || a.Code != 0 || a.Out == "" {
		t.Errorf("without a language it is not Lithuanian: %+v, %+v", a, b)
	}
}

// A data directory that another program holds is left alone, and said to be.
func TestDataInUse(t *testing.T) {
	data := t.TempDir()
	db, err := storage.Open(data, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	from := file(t, "a.jsonl", []byte(choir))
	t.Run("commands", func(t *testing.T) { // which wait a while for it, all at once
		for _, args := range [][]string{{"import", from}, {"export"}, {"check"}, {"reindex"}, {"serve", "--addr", "127.0.0.1:0"}} {
			t.Run(args[0], func(t *testing.T) {
				t.Parallel()
				r := versme(t, "", append(args, "--data", data)...)
				fails(t, r, 5, fmt.Sprintf("%s is in use by another process (%d); stop it, or name another directory with --data", data, os.Getpid()))
				equal(t, "output", r.Out, "")
			})
		}
	})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	equal(t, "afterwards", must(t, "import", "--data", data, from), "1 added, 0 changed, 0 unchanged, 0 rejected\n")
}

// Each flag has its twin in the environment; the flag wins.
func TestEnvironment(t *testing.T) {
	data, other := t.TempDir(), t.TempDir()
	t.Setenv("VERSME_DATA", data)
	t.Setenv("VERSME_ACKNOWLEDGE", "true")
	equal(t, "import", versme(t, choir, "import", "-"), ran{Out: "done 1\n1 added, 0 changed, 0 unchanged, 0 rejected\n"})
	equal(t, "import elsewhere", versme(t, choir+dance, "import", "--data", other, "--acknowledge=false", "-"), ran{Out: "2 added, 0 changed, 0 unchanged, 0 rejected\n"})
	contains(t, must(t, "check"), "1 records")
	contains(t, must(t, "check", "--data", other), "2 records")

	t.Setenv("VERSME_TYPE", "PROJECT")
	equal(t, "export", versme(t, "", "export"), ran{Err: "0 records and concepts exported\n"})
	t.Setenv("VERSME_LANGUAGE", "en")
	equal(t, "analyze", versme(t, "libraries\n", "analyze"), versme(t, "libraries\n", "analyze", "--language", "en"))
	t.Setenv("VERSME_LOG", "error")
	equal(t, "reindex", versme(t, "", "reindex"), ran{})
	t.Setenv("VERSME_LOG", "loud")
	fails(t, versme(t, "", "reindex"), 2, "loud", "debug")
	t.Setenv("VERSME_LOG", "info")
	t.Setenv("VERSME_CORS_CREDENTIALS", "true")
	fails(t, versme(t, "", "serve"), 2, "--cors-credentials")
	t.Setenv("VERSME_CORS_ORIGIN", "https://example.org,example.com")
	fails(t, versme(t, "", "serve"), 2, "--cors-origin", `"example.com"`)
}
