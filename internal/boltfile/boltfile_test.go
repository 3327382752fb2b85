package boltfile_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"versme/internal/boltfile"
	"versme/internal/hubtest"
)

// makeFile writes a file with branch and leaf pages, overflowing values, buckets in buckets and free pages, and returns its path and how many
// of its bytes are in use.
func makeFile(t *testing.T) (path string, used int64) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "file.db")
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	for round := range 3 {
		err := db.Update(func(tx *bbolt.Tx) error {
			for i := range 20 {
				b, err := tx.CreateBucketIfNotExists(fmt.Appendf(nil, "bucket %d", i))
				if err != nil {
					return err
				}
				if b, err = b.CreateBucketIfNotExists([]byte("inner")); err != nil {
					return err
				}
				for n := range 10 * i {
					if err := b.Put(fmt.Appendf(nil, "key %d", n), bytes.Repeat([]byte{byte(round)}, 30*n)); err != nil {
						return err
					}
				}
			}
			used = tx.Size()
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.View(func(tx *bbolt.Tx) error { used = tx.Size(); return nil }); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path, used
}

// What bbolt has written is sound, also a file that has just begun.
func TestSound(t *testing.T) {
	path, _ := makeFile(t)
	if err := boltfile.Sound(path); err != nil {
		t.Error(err)
	}
	empty := filepath.Join(t.TempDir(), "new.db")
	db, err := bbolt.Open(empty, 0o600, &bbolt.Options{NoFreelistSync: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := boltfile.Sound(empty); err != nil {
		t.Error(err)
	}
}

// A file that lacks any page, even one that is free, is cut off; what bbolt has made room for behind them may be missing.
func TestCutOff(t *testing.T) {
	path, used := makeFile(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int64{0, 100, 4096, 8192, used / 2, used - 1, used, int64(len(whole))} {
		if err := os.WriteFile(path, whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := boltfile.Sound(path); (err == nil) != (size >= used) {
			t.Errorf("%d of %d bytes: %v", size, used, err)
		}
	}
	if want := boltfile.CutOff(path); want != 0 {
		t.Errorf("the whole file lacks bytes: it ought to have %d", want)
	}
}

// Whatever stands in a file, looking at it ends without a panic.
func TestNoise(t *testing.T) {
	path, used := makeFile(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	seed := hubtest.Seed(t, 1)
	rnd := rand.New(rand.NewPCG(seed, seed))
	noticed := 0
	for range 200 {
		b := bytes.Clone(whole)
		for range 1 + rnd.IntN(8) {
			page := rnd.IntN(int(used) / os.Getpagesize())
			b[page*os.Getpagesize()+rnd.IntN(64)] = byte(rnd.Uint32()) // heads and first elements
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if boltfile.Sound(path) != nil {
			noticed++
		}
	}
	if noticed < 50 {
		t.Errorf("%d of 200 noticed", noticed)
	}
}
