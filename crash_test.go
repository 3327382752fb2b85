package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"versme/hub"
	"versme/internal/hubtest"
)

// build builds the program and returns its path.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "versme")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// openLevel opens the hub in a data directory as the commands do and brings its index level. log has what they would log.
func openLevel(t *testing.T, data string) (h *hub.Hub, log *logBook) {
	t.Helper()
	log = &logBook{}
	env := &environment{ctx: t.Context(), data: data, log: slog.New(slog.NewTextHandler(log, nil))}
	h, err := env.open(false)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.CatchUp(t.Context(), nil); err != nil {
		t.Fatal(errors.Join(err, h.Close()))
	}
	return h, log
}

func closeHub(t *testing.T, h *hub.Hub) {
	t.Helper()
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
}

// findings returns all that check reports about a hub.
func findings(t *testing.T, h *hub.Hub) (all []string) {
	t.Helper()
	if _, err := h.Check(t.Context(), func(f hub.Finding) { all = append(all, f.Where+": "+f.Problem) }); err != nil {
		t.Fatal(err)
	}
	return all
}

// find returns the slugs of the first records that a search finds.
func find(t *testing.T, h *hub.Hub, words string) []string {
	t.Helper()
	c, err := h.Search(t.Context(), words, nil, nil, nil, hub.PageRequest{First: new(hub.MaxPage)})
	if err != nil {
		t.Fatal(err)
	}
	slugs := []string{}
	for _, r := range c.Nodes() {
		slugs = append(slugs, r.AsEntry().Slug)
	}
	return slugs
}

// killed is a collection whose import is killed again and again. Each round gives every record another text.
type killed struct {
	binary, data string
	rnd          *rand.Rand
	level        bool  // its index has been level once: from then on replaying changes is enough
	least        []int // by record: the last round whose text is known to be kept, 0 if none is
	tried        []int // by record: the last round that may have written it
}

// killedRecords is how many records are imported each round: more than the time until the kill is enough for, as a rule.
const killedRecords = 20_000

// word is in one text of one record only.
func word(record, round int) string { return fmt.Sprintf("w%05dr%03d", record, round) }

// round imports all records in some order and kills the import after a while. It returns how many rows were acknowledged.
func (k *killed) round(t *testing.T, round int) (acknowledged int, after time.Duration) {
	t.Helper()
	first := k.rnd.IntN(killedRecords)
	record := func(row int) int { return (first + row) % killedRecords }
	var input bytes.Buffer
	for row := range killedRecords {
		n := record(row)
		fmt.Fprintf(&input, `{"type":"STUDY","slug":"r-%d","originalLanguage":"en","title":{"en":"Record %[1]d: %s"}}`+"\n", n, word(n, round))
	}
	cmd := exec.CommandContext(t.Context(), k.binary, "import", "--data", k.data, "--acknowledge", file(t, "rows.jsonl", input.Bytes()))
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	after = time.Duration(20+k.rnd.IntN(581)) * time.Millisecond
	if _, err := os.Stat(filepath.Join(k.data, "index")); err != nil { // the first moments of a new hub are the most delicate
		after = time.Duration(20+k.rnd.IntN(101)) * time.Millisecond
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	kill.Stop()
	if exit := (*exec.ExitError)(nil); err != nil && !(errors.As(err, &exit) && exit.ExitCode() == -1) {
		t.Fatalf("import ended before it was killed: %v\n%s", err, &log)
	}
	for line := range strings.Lines(out.String()) {
		if n := 0; strings.HasSuffix(line, "\n") {
			if _, err := fmt.Sscanf(line, "done %d\n", &n); err == nil {
				acknowledged = n
			}
		}
	}
	for row := range killedRecords {
		n := record(row)
		k.tried[n] = round
		if row < acknowledged {
			k.least[n] = round
		}
	}
	return acknowledged, after
}

// verify opens what the kills have left and says what is lost.
func (k *killed) verify(t *testing.T) {
	t.Helper()
	h, log := openLevel(t, k.data)
	defer closeHub(t, h)
	defer func() {
		if t.Failed() {
			t.Logf("log of the start:\n%s", log)
		}
	}()
	if k.level && strings.Contains(log.String(), "rebuilding the index") {
		t.Error("the index had to be made anew")
	}
	k.level = true
	var kept []int
	seen := make([]int, killedRecords) // by record: the round of its text
	err := h.Export(t.Context(), hub.Lookup{}, true, func(it hub.Item) error {
		n, err := strconv.Atoi(strings.TrimPrefix(it.Slug(), "r-"))
		if err != nil {
			return err
		}
		kept = append(kept, n)
		title := it.Record.AsEntry().TitleTexts[0].Value
		seen[n], err = strconv.Atoi(title[strings.LastIndexByte(title, 'r')+1:])
		if want := fmt.Sprintf("Record %d: %s", n, word(n, seen[n])); title != want {
			err = fmt.Errorf("record %d is %q, not %q: %w", n, title, want, err)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for n, round := range seen {
		if round < k.least[n] || round > k.tried[n] {
			t.Fatalf("record %d has the text of round %d; that of round %d was acknowledged, %d the last", n, round, k.least[n], k.tried[n])
		}
		k.least[n], k.tried[n] = round, round // what was seen once stays
	}
	for _, f := range findings(t, h) {
		t.Errorf("check: %s", f)
	}
	all := find(t, h, "")
	if want := min(len(kept), hub.MaxPage); len(all) != want {
		t.Errorf("a search for everything finds %d records on its first page, not %d", len(all), want)
	}
	for range min(len(kept), 20) {
		n := kept[k.rnd.IntN(len(kept))]
		equal(t, fmt.Sprintf("found by the word of record %d", n), find(t, h, word(n, k.least[n])), []string{fmt.Sprintf("r-%d", n)})
		equal(t, fmt.Sprintf("found by a former word of record %d", n), find(t, h, word(n, k.least[n]-1)), []string{})
	}
	counts, err := h.Store().Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "records counted", counts.Records, len(kept))
	if t.Failed() {
		t.FailNow()
	}
}

// kill -9 at any moment of an import loses nothing that was acknowledged: it is in the store, whole, and is found after the next start.
// That the index holds as many records as the store is part of what check verifies.
func TestKill(t *testing.T) {
	rnd := rand.New(rand.NewPCG(hubtest.Seed(t, 41), 1))
	binary := build(t)
	rounds := 50
	if testing.Short() {
		rounds = 5
	}
	var k *killed
	inTime, total := 0, 0
	for round := 1; round <= rounds; round++ {
		if round%5 == 1 { // a new hub now and then
			k = &killed{binary, t.TempDir(), rnd, false, make([]int, killedRecords), make([]int, killedRecords)}
		}
		n, after := k.round(t, round)
		if total += n; n < killedRecords {
			inTime++
		}
		if rnd.IntN(4) == 0 && round%5 != 0 && round != rounds {
			t.Logf("round %d: killed after %v, %d rows acknowledged; the next import has to begin with what this one has left", round, after, n)
			continue
		}
		k.verify(t)
		t.Logf("round %d: killed after %v, %d rows acknowledged", round, after, n)
	}
	t.Logf("%d of %d imports were killed before their end; %d rows were acknowledged", inTime, rounds, total)
}

// kill -9 while the index is made anew: the next start makes it once more, and leaves nothing behind.
func TestKillWhileReindexing(t *testing.T) {
	rnd := rand.New(rand.NewPCG(hubtest.Seed(t, 42), 1))
	binary, data := build(t), t.TempDir()
	k := &killed{binary, data, rnd, false, make([]int, killedRecords), make([]int, killedRecords)}
	var input strings.Builder
	const records = 3000
	for n := range records {
		fmt.Fprintf(&input, `{"type":"STUDY","slug":"r-%d","originalLanguage":"en","title":{"en":"Record %[1]d: %s"}}`+"\n", n, word(n, 1))
		k.least[n], k.tried[n] = 1, 1
	}
	if r := versme(t, input.String(), "import", "--data", data, "-"); r.Code != 0 {
		t.Fatal(r)
	}
	rounds := 5
	if testing.Short() {
		rounds = 2
	}
	for range rounds {
		cmd := exec.CommandContext(t.Context(), binary, "reindex", "--data", data)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(time.Duration(20+rnd.IntN(200))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		kill.Stop()
		k.level = false
		k.verify(t)
		generations, err := os.ReadDir(filepath.Join(data, "index"))
		if err != nil || len(generations) != 1 {
			t.Fatalf("the index has %d generations, %v", len(generations), err)
		}
	}
}

// An index that is damaged, missing or another's is noticed by check and made anew by the next start, which then finds what was found
// before.
func TestIndexDamage(t *testing.T) {
	whole := t.TempDir()
	must(t, "import", "--data", whole, "starter")
	searches := []string{"", "kultūra pagal receptą", "museum*", `"older people"`, "dans"}
	answers := func(h *hub.Hub) (all [][]string) {
		for _, words := range searches {
			all = append(all, find(t, h, words))
		}
		return all
	}
	h, _ := openLevel(t, whole)
	before := answers(h)
	closeHub(t, h)
	for i, found := range before {
		if len(found) == 0 {
			t.Fatalf("%q finds nothing", searches[i])
		}
	}
	other := t.TempDir()
	must(t, "import", "--data", other, "starter")

	// each changes all files of one kind, of which there must be one.
	each := func(suffix string, change func(b []byte) []byte) func(t *testing.T, index string) {
		return func(t *testing.T, index string) {
			t.Helper()
			n := 0
			err := filepath.WalkDir(index, func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() || !strings.HasSuffix(path, suffix) {
					return err
				}
				n++
				b, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				return os.WriteFile(path, change(b), 0o600)
			})
			if err != nil || n == 0 {
				t.Fatalf("%d files %s, %v", n, suffix, err)
			}
		}
	}
	noise := func(b []byte) []byte {
		rnd := rand.New(rand.NewPCG(43, 1))
		for i := range b {
			b[i] = byte(rnd.Uint32())
		}
		return b
	}
	emptied := func([]byte) []byte { return nil }
	remove := func(t *testing.T, index string) {
		t.Helper()
		if err := os.RemoveAll(index); err != nil {
			t.Fatal(err)
		}
	}
	for name, damage := range map[string]func(t *testing.T, index string){
		"index removed": remove,
		"index emptied": func(t *testing.T, index string) {
			t.Helper()
			remove(t, index)
			if err := os.Mkdir(index, 0o700); err != nil {
				t.Fatal(err)
			}
		},
		"segments cut to half":       each(".zap", func(b []byte) []byte { return b[:len(b)/2] }),
		"segments emptied":           each(".zap", emptied),
		"segments of noise":          each(".zap", noise),
		"root.bolt of noise":         each("root.bolt", noise),
		"root.bolt cut to two pages": each("root.bolt", func(b []byte) []byte { return b[:2*4096] }),
		"root.bolt emptied":          each("root.bolt", emptied),
		"index_meta.json emptied":    each("index_meta.json", emptied),
		"index_meta.json of noise":   each("index_meta.json", noise),
		"an index of another database": func(t *testing.T, index string) {
			t.Helper()
			remove(t, index)
			if err := os.CopyFS(index, os.DirFS(filepath.Join(other, "index"))); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			damaged := func() string {
				data := filepath.Join(t.TempDir(), "data")
				if err := os.CopyFS(data, os.DirFS(whole)); err != nil {
					t.Fatal(err)
				}
				damage(t, filepath.Join(data, "index"))
				return data
			}
			data := damaged()
			r := versme(t, "", "check", "--data", data)
			fails(t, r, 4, "the index is not level with the store; run versme reindex")
			contains(t, r.Out, "note: index: ", "; the next start makes it anew", "0 damaged, 1 notes")

			// After a check, which may have put away what it could not read, and without one.
			for _, data := range []string{data, damaged()} {
				h, log := openLevel(t, data)
				contains(t, log.String(), "rebuilding the index", "index rebuilt")
				equal(t, "found", answers(h), before)
				closeHub(t, h)
				contains(t, must(t, "check", "--data", data), "0 damaged, 0 notes")
			}

			s := serve(t, damaged())
			contains(t, s.log.String(), `"msg":"rebuilding the index","why":"`)
			for i, words := range searches {
				equal(t, "served for "+words, s.found(t, words), before[i])
			}
			s.stop(t)

			r = versme(t, "", "reindex", "--data", damaged())
			equal(t, "reindex", r.Code, 0)
		})
	}
}
