package storage_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"versme/hub"
	"versme/internal/hubtest"
	"versme/storage"
)

// edit changes the closed database of a directory behind the store's back.
func edit(t *testing.T, dir string, fn func(tx *bbolt.Tx) error) {
	t.Helper()
	b, err := bbolt.Open(filepath.Join(dir, fileName), 0o600, &bbolt.Options{FreelistType: bbolt.FreelistMapType})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Update(fn); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

// A file that is cut off, wherever, is refused with a sentence, and is left as it is.
func TestCutOffFile(t *testing.T) {
	dir := closedDir(t, 200)
	path := filepath.Join(dir, fileName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// What bbolt has made room for behind the last page in use may be missing: no page goes with it.
	used := 0
	edit(t, dir, func(tx *bbolt.Tx) error { used = int(tx.Size()); return nil })
	sizes := []int{1, 100, 4095, 4096, 4097, 8192, 12288, 16384, used - 1}
	for n := 1; n < 16; n++ {
		sizes = append(sizes, used*n/16)
	}
	for _, size := range sizes {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			if err := os.WriteFile(path, whole[:size], 0o600); err != nil {
				t.Fatal(err)
			}
			contains(t, refused(t, dir, hub.ClassInternal), path, fmt.Sprintf("%d bytes", size), "back-up")
		})
	}
}

// Files that never were a hub's are refused with a sentence, and are left as they are.
func TestForeignFile(t *testing.T) {
	noise := make([]byte, 1<<16)
	for i, rnd := 0, rand.New(rand.NewPCG(1, 2)); i < len(noise); i++ {
		noise[i] = byte(rnd.Uint32())
	}
	for name, content := range map[string][]byte{
		"text":   []byte(strings.Repeat("This is a text file.\n", 1000)),
		"zeros":  make([]byte, 1<<16),
		"noise":  noise,
		"letter": []byte("x"),
		"sqlite": append([]byte("SQLite format 3\x00"), make([]byte, 8192)...),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, fileName)
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			contains(t, refused(t, dir, hub.ClassInternal), path, fmt.Sprintf("%d bytes", len(content)), "back-up")
		})
	}
	t.Run("database of another program", func(t *testing.T) {
		dir := t.TempDir()
		edit(t, dir, func(tx *bbolt.Tx) error {
			_, err := tx.CreateBucket([]byte("tickets"))
			return err
		})
		contains(t, refused(t, dir, hub.ClassInvalid), "another program", "--data")
	})
}

func TestNewerFormat(t *testing.T) {
	dir := closedDir(t, 6)
	edit(t, dir, func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte{0, 0, 0, 0, 0, 0, 0, storage.Format + 1})
	})
	contains(t, refused(t, dir, hub.ClassInvalid), fmt.Sprint("format ", storage.Format+1), fmt.Sprint("up to ", storage.Format), "newer versme")
}

// A flipped bit in a value is found by check, and is never served: reading says so instead.
func TestFlippedBitInAValue(t *testing.T) {
	for _, bucket := range []string{"records", "texts", "concepts", "revisions", "changes"} {
		for _, place := range []string{"first", "middle", "last"} {
			t.Run(bucket+" "+place, func(t *testing.T) {
				dir := t.TempDir()
				db, err := storage.Open(dir, storage.Options{NoSync: true})
				if err != nil {
					t.Fatal(err)
				}
				records := hubtest.Sample(22, 12)
				fill(t, db, records)
				again(t, db, records[1]) // a second version
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
				edit(t, dir, func(tx *bbolt.Tx) error {
					b := tx.Bucket([]byte(bucket))
					k, v := b.Cursor().First()
					v = bytes.Clone(v)
					at := map[string]int{"first": 0, "middle": len(v) / 2, "last": len(v) - 1}[place]
					v[at] ^= 0x10
					return b.Put(bytes.Clone(k), v)
				})
				db, err = storage.Open(dir, storage.Options{NoSync: true})
				if err != nil {
					t.Fatal(err)
				}
				defer db.Close()
				fatal := 0
				for _, f := range findings(t, db) {
					if f.Fatal {
						fatal++
					}
				}
				if fatal == 0 {
					t.Error("check finds nothing")
				}
				_, err = read(t.Context(), db)
				if err == nil {
					t.Fatal("it is read as if nothing were wrong")
				}
				if hub.ClassOf(err) != hub.ClassInternal {
					t.Errorf("class %s of %v", hub.ClassOf(err).Code, err)
				}
				contains(t, err.Error(), "damaged", "versme check", "back-up")
			})
		}
	}
}

// again writes a record once more, as its next version.
func again(t *testing.T, db *storage.DB, r hub.Record) {
	t.Helper()
	_, err := db.Update(t.Context(), func(tx hub.StoreTx) error {
		old, err := tx.Record(r.AsEntry().Slug)
		if err != nil {
			return err
		}
		next, err := tx.Record(r.AsEntry().Slug)
		if err != nil {
			return err
		}
		next.AsEntry().Version++
		return tx.Put(next, old)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// One byte of the file is changed, anywhere behind the two pages that begin it (each is the other's spare, with a checksum of bbolt's own).
// Then either opening refuses, or check reports damage, or nothing is different: never a panic, and never another answer.
func TestOneByteChanged(t *testing.T) {
	n := 150
	if testing.Short() {
		n = 30
	}
	source := t.TempDir()
	db, err := storage.Open(source, storage.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	records := hubtest.Sample(23, 42)
	fill(t, db, records)
	for _, r := range records[:20] {
		again(t, db, r)
	}
	want := picture(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	used := 0
	edit(t, source, func(tx *bbolt.Tx) error { used = int(tx.Size()); return nil })
	whole, err := os.ReadFile(filepath.Join(source, fileName))
	if err != nil {
		t.Fatal(err)
	}
	whole = whole[:used] // what bbolt has made room for says nothing
	seed := hubtest.Seed(t, 24)
	rnd := rand.New(rand.NewPCG(seed, seed))
	noticed := 0
	dir := t.TempDir()
	for range n {
		at := 2*os.Getpagesize() + rnd.IntN(len(whole)-2*os.Getpagesize())
		flip := byte(1 + rnd.IntN(255))
		b := bytes.Clone(whole)
		b[at] ^= flip
		if err := os.WriteFile(filepath.Join(dir, fileName), b, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := storage.Open(dir, storage.Options{NoSync: true})
		if err != nil {
			noticed++
			continue
		}
		fatal := false
		if err := db.Check(t.Context(), func(f hub.Finding) { fatal = fatal || f.Fatal }); err != nil {
			t.Errorf("byte %d changed by %#x: check fails: %v", at, flip, err)
		}
		got, err := read(t.Context(), db)
		switch {
		case fatal:
			noticed++
		case err != nil:
			t.Errorf("byte %d changed by %#x: check finds nothing, reading fails: %v", at, flip, err)
		case got != want:
			t.Errorf("byte %d changed by %#x: check finds nothing, and what is read is different", at, flip)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d of %d noticed; the others stood in free pages", noticed, n)
}

// Each of the two pages that begin the file is the other's spare. With one of them damaged the store opens as the last write, or the last
// but one, has left it, and check says which it may be: after a power cut that is how it ought to be, so it is no damage that a back-up
// would mend.
func TestOneOfTheFirstPages(t *testing.T) {
	dir := t.TempDir()
	db, err := storage.Open(dir, storage.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	records := hubtest.Sample(27, 12)
	fill(t, db, records)
	before := picture(t, db)
	again(t, db, records[0])
	after := picture(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, fileName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for page := range 2 {
		b := bytes.Clone(whole)
		b[page*os.Getpagesize()+64] ^= 1
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := storage.Open(dir, storage.Options{NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, f := range findings(t, db) {
			if f.Where == fileName {
				said += f.Problem
			}
			if f.Fatal {
				t.Errorf("check: %s: %s", f.Where, f.Problem)
			}
		}
		contains(t, said, "one of the two pages", "last write may be lost")
		seen[picture(t, db)] = true

		// The next two writes make both anew.
		again(t, db, records[1])
		again(t, db, records[1])
		for _, f := range findings(t, db) {
			if f.Where == fileName {
				t.Errorf("check, after two writes: %s", f.Problem)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 2 || !seen[before] || !seen[after] {
		t.Error("the store was opened as neither the last write nor the last but one has left it")
	}
}
