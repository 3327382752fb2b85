package search

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"

	"github.com/blevesearch/bleve/v2/index/scorch"
)

// What can go wrong inside Bleve, and how it is caught: damaged segments (checksums, panics, faults of mapped memory), and failures of its
// background work.

// background hears of errors in Bleve's background work, which it reports to one place for the whole process.
var background = struct {
	sync.Mutex
	log *slog.Logger
}{}

func init() {
	scorch.RegistryAsyncErrorCallbacks["versme"] = func(err error, path string) {
		report("path", path, "error", err)
		if errors.Is(err, scorch.ErrAsyncPanic) {
			failedInBackground(path)
		}
	}
}

// report logs what went wrong where no one is there to return it to.
func report(args ...any) {
	background.Lock()
	defer background.Unlock()
	if background.log != nil {
		background.log.Error("the index failed; run `versme reindex` if it goes on", args...)
	}
}

// protect runs fn with panics, and faults of mapped memory, as errors: damaged segments cause both.
func protect[T any](fn func() (T, error)) (v T, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			report("panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("search: the index is damaged: %v", p)
		}
	}()
	return fn()
}

// watched are the generations in use, by their path: where Bleve reports the failures of its background work to.
var watched = struct {
	sync.Mutex
	generations map[string]*generation
}{generations: map[string]*generation{}}

// brokenName is the name of the file that marks a generation whose background work has failed: it is not opened again.
const brokenName = "broken"

func (g *generation) hasFailed() bool {
	select {
	case <-g.failed:
		return true
	default:
		return false
	}
}

// failedInBackground marks the generation whose store stands at a path.
func failedInBackground(store string) {
	path := filepath.Dir(store)
	if err := os.WriteFile(filepath.Join(path, brokenName), nil, 0o600); err != nil {
		report("error", err)
	}
	watched.Lock()
	defer watched.Unlock()
	if g := watched.generations[path]; g != nil && !g.hasFailed() {
		close(g.failed)
	}
}

// isBroken tells whether a generation has failed before.
func isBroken(path string) bool {
	_, err := os.Stat(filepath.Join(path, brokenName))
	return err == nil
}

var errFailed = errors.New("search: the index has failed in the background; it is made anew at the next start")

// removeDamaged removes the segments whose checksum is wrong, and returns their names. Bleve writes the checksum but never looks at it: on a
// segment with a few wrong bytes it gives wrong answers, or asks for terabytes of memory, which ends the process. A segment that it misses
// it cannot open an index without; one that was only half written when the process was killed it does not miss.
func removeDamaged(generation string) (damaged []string, err error) {
	paths, err := filepath.Glob(filepath.Join(generation, "store", "*.zap"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		ok, err := checksumIsRight(path)
		if err != nil {
			return nil, err
		}
		if !ok {
			damaged = append(damaged, filepath.Base(path))
			if err := os.Remove(path); err != nil {
				return nil, err
			}
		}
	}
	return damaged, nil
}

// checksumIsRight tells whether the last four bytes of a segment are the CRC-32 of all before them.
func checksumIsRight(path string) (ok bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil || info.Size() < 4 {
		return false, err
	}
	sum := crc32.NewIEEE()
	if _, err := io.CopyN(sum, f, info.Size()-4); err != nil {
		return false, err
	}
	want := make([]byte, 4)
	if _, err := io.ReadFull(f, want); err != nil {
		return false, err
	}
	return sum.Sum32() == binary.BigEndian.Uint32(want), nil
}
