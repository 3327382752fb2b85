package storage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"versme/hub"
	"versme/internal/hubtest"
	"versme/storage"
)

// The files in a data directory. Operators see their names: in messages, in back-ups.
const (
	fileName   = "versme.db"
	markerName = "versme.id"
)

// open opens the store in dir without waiting for the disk. When the test ends the store is checked, which must find no damage.
func open(t *testing.T, dir string) *storage.DB {
	t.Helper()
	db, err := storage.Open(dir, storage.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, f := range findings(t, db) {
			if f.Fatal {
				t.Errorf("check: %s: %s", f.Where, f.Problem)
			}
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// findings returns what a check finds; nothing of a store that the test has closed.
func findings(t *testing.T, db *storage.DB) (all []hub.Finding) {
	t.Helper()
	err := db.Check(context.WithoutCancel(t.Context()), func(f hub.Finding) { all = append(all, f) })
	if err != nil && !errors.Is(err, hub.ErrUnavailable) {
		t.Error(err)
	}
	return all
}

// fill puts sample records and the vocabulary into a store.
func fill(t *testing.T, db *storage.DB, records []hub.Record) {
	t.Helper()
	_, err := db.Update(t.Context(), func(tx hub.StoreTx) error {
		for _, c := range hubtest.Vocabulary() {
			if err := tx.PutConcept(c, nil); err != nil {
				return err
			}
		}
		for _, r := range records {
			if err := tx.Put(r, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// closedDir returns a directory with a store of sample records that nobody has open.
func closedDir(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	db, err := storage.Open(dir, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	fill(t, db, hubtest.Sample(1, n))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestStore(t *testing.T) {
	hubtest.TestStore(t, func(t *testing.T) hub.Store { return open(t, t.TempDir()) })
}

// A store that is read says the same after it was closed and opened again, the database's id included.
func TestReopen(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	records := hubtest.Sample(21, 60)
	fill(t, db, records)
	id := db.DatabaseID()
	before := picture(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = open(t, dir)
	if db.DatabaseID() != id {
		t.Errorf("the database was %s and is now %s", id, db.DatabaseID())
	}
	if after := picture(t, db); after != before {
		t.Errorf("read again:\n%s\nwant:\n%s", after, before)
	}
}

// picture is all that a store holds, as a text.
func picture(t *testing.T, db *storage.DB) string {
	t.Helper()
	p, err := read(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// read reads all that a store holds, every version included.
func read(ctx context.Context, db *storage.DB) (string, error) {
	var b strings.Builder
	counts, err := db.Counts(ctx)
	if err != nil {
		return "", err
	}
	at, err := db.Position(ctx)
	fmt.Fprintln(&b, counts, at)
	if err != nil {
		return "", err
	}
	concepts, err := db.Concepts(ctx)
	if err != nil {
		return "", err
	}
	line := func(it hub.Item) error {
		text, err := hub.EncodeItem(it)
		fmt.Fprintf(&b, "%s\n", text)
		return err
	}
	for _, c := range concepts {
		if err := line(hub.Item{Concept: c}); err != nil {
			return "", err
		}
	}
	changes, err := db.Changes(ctx, 0, 1<<30)
	if err != nil {
		return "", err
	}
	var ids []hub.ID
	for _, c := range changes {
		fmt.Fprintln(&b, c)
		if !c.Concept {
			ids = append(ids, c.ID)
		}
	}
	records, err := db.Scan(ctx, "", 1<<30, 1<<40)
	if err != nil {
		return "", err
	}
	slugs := make([]string, len(records))
	for i, r := range records {
		slugs[i] = r.AsEntry().Slug
		if err := line(hub.Item{Record: r}); err != nil {
			return "", err
		}
	}
	bySlug, err := db.RecordsBySlug(ctx, slugs)
	if err != nil {
		return "", err
	}
	for i, r := range bySlug {
		if r == nil {
			return "", fmt.Errorf("no record has slug %s", slugs[i])
		}
	}
	for _, id := range ids {
		versions, err := db.Revisions(ctx, id)
		if err != nil {
			return "", err
		}
		for _, v := range versions {
			r, err := db.Revision(ctx, id, v)
			if err != nil {
				return "", err
			}
			if err := line(hub.Item{Record: r}); err != nil {
				return "", err
			}
		}
	}
	return b.String(), nil
}

// A back-up tool that compares files must not see a change where there was none, and a disk that is full or read-only must not be
// written to for reading.
func TestOpeningAnUnchangedFileChangesNoByte(t *testing.T) {
	dir := closedDir(t, 60)
	before := files(t, dir)
	for range 2 {
		db, err := storage.Open(dir, storage.Options{})
		if err != nil {
			t.Fatal(err)
		}
		picture(t, db)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		after := files(t, dir)
		for name := range before {
			if !bytes.Equal(before[name], after[name]) {
				t.Errorf("%s is another file than before", name)
			}
		}
		if len(after) != len(before) {
			t.Errorf("%d files; there were %d", len(after), len(before))
		}
	}
}

func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = b
	}
	return all
}

// refused opens a directory that cannot be opened and returns the sentence that says why. Nothing in it may change.
func refused(t *testing.T, dir string, class hub.Class) string {
	t.Helper()
	before := files(t, dir)
	db, err := storage.Open(dir, storage.Options{Timeout: 50 * time.Millisecond})
	if err == nil {
		_ = db.Close()
		t.Fatal("it opens")
	}
	if hub.ClassOf(err) != class {
		t.Errorf("class %s; want %s: %v", hub.ClassOf(err).Code, class.Code, err)
	}
	after := files(t, dir)
	for name := range before {
		if !bytes.Equal(before[name], after[name]) {
			t.Errorf("%s was changed", name)
		}
	}
	return err.Error()
}

func contains(t *testing.T, sentence string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(sentence, p) {
			t.Errorf("%q does not say %q", sentence, p)
		}
	}
}

// bbolt makes a new database of an empty file. Where a marker says that there was one, that would be a silent loss of everything.
func TestLostFile(t *testing.T) {
	for name, lose := range map[string]func(path string) error{
		"empty":   func(path string) error { return os.Truncate(path, 0) },
		"missing": os.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			dir := closedDir(t, 6)
			path := filepath.Join(dir, fileName)
			if err := lose(path); err != nil {
				t.Fatal(err)
			}
			contains(t, refused(t, dir, hub.ClassInvalid), dir, "missing or empty", "back-up", markerName)

			// The sentence says how to begin anew.
			if err := os.Remove(filepath.Join(dir, markerName)); err != nil {
				t.Fatal(err)
			}
			open(t, dir)
		})
	}
}

// The marker is only a witness: without it the database opens, under its own id, and the marker is there again.
func TestMarkerIsMadeAgain(t *testing.T) {
	dir := closedDir(t, 6)
	marker, err := os.ReadFile(filepath.Join(dir, markerName))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, markerName)); err != nil {
		t.Fatal(err)
	}
	db := open(t, dir)
	again, err := os.ReadFile(filepath.Join(dir, markerName))
	if err != nil || !bytes.Equal(marker, again) || strings.TrimSpace(string(again)) != db.DatabaseID() {
		t.Errorf("marker %q, %v; want %q", again, err, marker)
	}
}

func TestSecondOpener(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	contains(t, refused(t, dir, hub.ClassUnavailable), dir, "in use by another process", fmt.Sprint(os.Getpid()), "--data")
}

// The directory is a file, or stands in one: whoever runs the tests.
func TestDirectoryThatIsAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "data")} {
		_, err := storage.Open(dir, storage.Options{})
		if hub.ClassOf(err) != hub.ClassInvalid {
			t.Fatalf("%v; want an ErrInvalid", err)
		}
		contains(t, err.Error(), dir, "cannot be written to", "--data")
	}
}
