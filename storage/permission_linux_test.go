package storage_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"versme/hub"
	"versme/storage"
)

// asNobody runs fn with the rights of a user who owns nothing here, also where root runs the tests: root may write everywhere.
func asNobody(t *testing.T, fn func()) {
	t.Helper()
	if os.Getuid() != 0 {
		fn()
		return
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with the goroutine, and its rights with it
		err := syscall.Setfsuid(65534)
		if err == nil {
			fn()
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Skip("the rights of another user cannot be taken: ", err)
	}
}

func TestDirectoryThatCannotBeWrittenTo(t *testing.T) {
	t.Run("empty", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.Chmod(dir, 0o555); err != nil {
			t.Fatal(err)
		}
		unwritable(t, dir)
	})
	t.Run("with a store in it", func(t *testing.T) {
		dir := closedDir(t, 6)
		if err := errors.Join(os.Chmod(dir, 0o555), os.Chmod(filepath.Join(dir, fileName), 0o444)); err != nil {
			t.Fatal(err)
		}
		unwritable(t, dir)
	})
	t.Run("not there", func(t *testing.T) {
		parent := t.TempDir()
		if err := os.Chmod(parent, 0o555); err != nil {
			t.Fatal(err)
		}
		unwritable(t, filepath.Join(parent, "data"))
	})
}

func unwritable(t *testing.T, dir string) {
	t.Helper()
	var err error
	asNobody(t, func() {
		var db *storage.DB
		if db, err = storage.Open(dir, storage.Options{}); err == nil {
			err = errors.Join(errors.New("it opens"), db.Close())
		}
	})
	if hub.ClassOf(err) != hub.ClassInvalid {
		t.Fatalf("%v; want an ErrInvalid", err)
	}
	contains(t, err.Error(), dir, "cannot be written to", "permission denied", "--data")
}
