package search

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"versme/hub"
)

// damages are what can become of a file.
var damages = map[string]func(b []byte, rnd *rand.Rand) []byte{
	"removed": func([]byte, *rand.Rand) []byte { return nil },
	"emptied": func([]byte, *rand.Rand) []byte { return []byte{} },
	"half":    func(b []byte, _ *rand.Rand) []byte { return b[:len(b)/2] },
	"cut":     func(b []byte, _ *rand.Rand) []byte { return b[:len(b)-1] },
	"noise": func(b []byte, rnd *rand.Rand) []byte {
		for i := range b {
			b[i] = byte(rnd.Uint32())
		}
		return b
	},
	"noise at the end": func(b []byte, rnd *rand.Rand) []byte {
		for i := len(b) * 9 / 10; i < len(b); i++ {
			b[i] = byte(rnd.Uint32())
		}
		return b
	},
	"zeros":     func(b []byte, _ *rand.Rand) []byte { return make([]byte, len(b)) },
	"longer":    func(b []byte, _ *rand.Rand) []byte { return append(b, b...) },
	"text":      func([]byte, *rand.Rand) []byte { return []byte("this is not what was here before\n") },
	"directory": nil, // in place of the file
}

// damageable is an index on the disk, closed, and what it answers.
func damageable(t *testing.T) (dir string, answers func(x *Index) (string, error), records [][]hub.Record) {
	dir = t.TempDir()
	l := &library{x: open(t, dir), records: map[hub.ID]hub.Record{}, rnd: rand.New(rand.NewPCG(1, 1))}
	for b := range 4 {
		var batch []hub.Record
		for n := range 25 {
			batch = append(batch, l.record(b*25+n))
		}
		records = append(records, batch)
	}
	rebuild(t, l.x, records...)
	answers = func(x *Index) (string, error) {
		var b strings.Builder
		for _, r := range []hub.SearchRequest{{}, {Query: "upė"}, {Query: `"the river" -forests`}, {Query: "pie*", Order: "TITLE", Languages: []hub.Language{"en"}}} {
			r.Window.Size = 1000
			if r.Order == "" {
				r.Order = hub.ByRelevance
			}
			res, err := x.Search(context.Background(), r)
			if err != nil {
				return "", err
			}
			for _, h := range res.Hits {
				b.WriteString(string(h.ID))
			}
			for _, f := range hub.FacetFields {
				for _, c := range res.Facet(f) {
					b.WriteString(c.Value)
				}
			}
		}
		return b.String(), nil
	}
	if err := l.x.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, answers, records
}

func files(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			path, err = filepath.Rel(dir, path)
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestDamage breaks each file of an index in every way. Opening it neither fails nor panics; it says that it must be rebuilt or answers as
// before; and a rebuild heals it.
func TestDamage(t *testing.T) {
	dir, answers, records := damageable(t)
	x := open(t, dir)
	want, err := answers(x)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	all := files(t, dir)
	kinds := map[string]bool{}
	for _, file := range all {
		kinds[filepath.Ext(file)] = true
	}
	if !kinds[".json"] || !kinds[".bolt"] || !kinds[".zap"] {
		t.Fatalf("an index is made of other files than this test knows: %v", all)
	}
	seen := map[string]bool{}
	for _, file := range all {
		if kind := filepath.Ext(file); kind == ".zap" && seen[kind] {
			continue // one of several
		} else {
			seen[kind] = true
		}
		for name, damage := range damages {
			t.Run(filepath.Ext(file)[1:]+" "+name, func(t *testing.T) {
				copied := t.TempDir()
				if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(copied, file)
				b, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				err = os.Remove(path)
				if damage == nil {
					err = errors.Join(err, os.Mkdir(path, 0o700))
				} else if now := damage(bytes.Clone(b), rand.New(rand.NewPCG(1, 2))); now != nil {
					err = errors.Join(err, os.WriteFile(path, now, 0o600))
				}
				if err != nil {
					t.Fatal(err)
				}
				checkHeals(t, copied, answers, want, records)
			})
		}
	}
	t.Run("all files emptied", func(t *testing.T) {
		copied := t.TempDir()
		for _, file := range all {
			if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(copied, file)), 0o700), os.WriteFile(filepath.Join(copied, file), nil, 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		checkHeals(t, copied, answers, want, records)
	})
	t.Run("directory emptied", func(t *testing.T) {
		copied := t.TempDir()
		if err := os.Mkdir(filepath.Join(copied, "1"), 0o700); err != nil {
			t.Fatal(err)
		}
		checkHeals(t, copied, answers, want, records)
	})
}

// TestNoise puts noise at a random place of a random file.
func TestNoise(t *testing.T) {
	dir, answers, records := damageable(t)
	x := open(t, dir)
	want, err := answers(x)
	if err := errors.Join(err, x.Close()); err != nil {
		t.Fatal(err)
	}
	all := files(t, dir)
	for seed := range uint64(25) {
		func() {
			defer printSeed(t, seed)
			rnd := rand.New(rand.NewPCG(seed, 8))
			copied := t.TempDir()
			if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(copied, all[rnd.IntN(len(all))])
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			at := rnd.IntN(len(b))
			for i := at; i < min(len(b), at+[]int{1, 4, 64, 4096}[rnd.IntN(4)]); i++ {
				b[i] = byte(rnd.Uint32())
			}
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			checkHeals(t, copied, answers, want, records)
		}()
	}
}

// TestHalfWrittenSegment: a segment that was being written when the process was killed is no damage.
func TestHalfWrittenSegment(t *testing.T) {
	dir, answers, _ := damageable(t)
	if err := os.WriteFile(filepath.Join(dir, "1", "store", "0000000000ff.zap"), []byte("the first bytes of a segment"), 0o600); err != nil {
		t.Fatal(err)
	}
	x := open(t, dir)
	if _, stale, _ := x.Position(t.Context()); stale != "" {
		t.Errorf("stale: %s", stale)
	}
	if _, err := answers(x); err != nil {
		t.Error(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
}

func checkHeals(t *testing.T, dir string, answers func(*Index) (string, error), want string, records [][]hub.Record) {
	t.Helper()
	x := open(t, dir)
	defer func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}()
	_, stale, err := x.Position(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if stale == "" {
		if got, err := answers(x); err != nil || got != want {
			t.Errorf("does not say that it is stale, and answers otherwise than before (%v)", err)
		}
	}
	rebuild(t, x, records...)
	check := func(when string) {
		t.Helper()
		at, stale, err := x.Position(t.Context())
		if err != nil || stale != "" || at != hub.Position(len(records)) {
			t.Errorf("%s: at %d, stale %q, %v", when, at, stale, err)
		}
		if got, err := answers(x); err != nil || got != want {
			t.Errorf("%s: answers otherwise than before (%v)", when, err)
		}
		if n, err := x.numbers(); err != nil || len(n) != 1 {
			t.Errorf("%s: generations %v, %v", when, n, err)
		}
	}
	check("rebuilt")
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	x = open(t, dir)
	check("opened again")
}

// TestOtherIdentity: the index of another database, or made in another way, goes on answering, but says that it must be rebuilt.
func TestOtherIdentity(t *testing.T) {
	dir, answers, records := damageable(t)
	x, err := Open(dir, Options{DatabaseID: "another"})
	if err != nil {
		t.Fatal(err)
	}
	at, stale, err := x.Position(t.Context())
	if err != nil || stale == "" || at == 0 {
		t.Errorf("at %d, stale %q, %v", at, stale, err)
	}
	want, err := answers(x)
	if err != nil || want == "" {
		t.Errorf("it no longer answers: %v", err)
	}
	rebuild(t, x, records...)
	if _, stale, _ := x.Position(t.Context()); stale != "" {
		t.Errorf("rebuilt, but stale: %s", stale)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if x, err = Open(dir, Options{DatabaseID: "another"}); err != nil {
		t.Fatal(err)
	}
	if got, err := answers(x); err != nil || got != want {
		t.Errorf("answers otherwise than before: %v", err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestLeftovers: what a rebuild that was cut short left behind is removed, and the index before it stays.
func TestLeftovers(t *testing.T) {
	dir, answers, records := damageable(t)
	x := open(t, dir)
	want, err := answers(x)
	if err != nil {
		t.Fatal(err)
	}
	// A copy of the directory in the middle of a rebuild is what a process leaves that is killed there.
	cut := t.TempDir()
	err = x.Rebuild(t.Context(), func(apply func(context.Context, []hub.Record, []hub.ID, hub.Position) error) error {
		if err := apply(t.Context(), records[0], nil, 9); err != nil {
			return err
		}
		return os.CopyFS(cut, os.DirFS(dir))
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := x.numbers(); err != nil || !slices.Equal(n, []int{2}) {
		t.Errorf("after a rebuild: generations %v, %v", n, err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"3", "17"} {
		if err := os.Mkdir(filepath.Join(cut, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(cut, "README"), []byte("not ours"), 0o600); err != nil {
		t.Fatal(err)
	}
	x = open(t, cut)
	if n, err := x.numbers(); err != nil || !slices.Equal(n, []int{1}) {
		t.Errorf("opened: generations %v, %v", n, err)
	}
	if at, stale, _ := x.Position(t.Context()); stale != "" || at != hub.Position(len(records)) {
		t.Errorf("at %d, stale %q", at, stale)
	}
	if got, err := answers(x); err != nil || got != want {
		t.Errorf("answers otherwise than before: %v", err)
	}
	if _, err := os.Stat(filepath.Join(cut, "README")); err != nil {
		t.Errorf("what is no generation was touched: %v", err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}

	// The first rebuild of all, cut short.
	first := t.TempDir()
	if err := os.CopyFS(first, os.DirFS(cut)); err != nil {
		t.Fatal(err)
	}
	x = open(t, first)
	if err := x.now.bleve.DeleteInternal(keyComplete); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	checkHeals(t, first, answers, want, records)
}

// TestPanicsInRebuild: what fill does wrong is not the index's damage, and leaves nothing behind.
func TestPanicsInRebuild(t *testing.T) {
	x := open(t, t.TempDir())
	func() {
		defer func() {
			if recover() == nil {
				t.Error("a panic of fill was lost")
			}
		}()
		_ = x.Rebuild(t.Context(), func(func(context.Context, []hub.Record, []hub.ID, hub.Position) error) error {
			panic("a bug of the hub")
		})
	}()
	if n, err := x.numbers(); err != nil || len(n) > 0 {
		t.Errorf("generations %v, %v", n, err)
	}
	rebuild(t, x, []hub.Record{practice(1, "a", "b")})
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestSize(t *testing.T) {
	dir, _, _ := damageable(t)
	x := open(t, dir)
	if x.Size() < 10_000 || open(t, "").Size() != 0 {
		t.Errorf("%d bytes", x.Size())
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
}
