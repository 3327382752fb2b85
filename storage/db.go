package storage

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/klauspost/compress/zstd"
	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"versme/hub"
	"versme/internal/boltfile"
)

// Format is the number of the format that this program writes. A file of an older one is migrated by migrations; a newer one
// is refused.
const Format = 1

// Files in the data directory.
const (
	fileName   = "versme.db"
	markerName = "versme.id" // holds the database's id: where it stands, an empty or missing versme.db is a loss, not a beginning
	lockName   = "versme.pid"
)

// growBytes is by how much the file grows when it is full. bbolt's 16 MB would make a small hub large.
const growBytes = 1 << 20

// Options of a DB; the zero value is ready for use.
type Options struct {
	Timeout  time.Duration // to wait for another process to let go; 2 s without
	NoSync   bool          // for tests and benchmarks: a power cut loses data
	Existing bool          // refuse a directory that holds no database, rather than make one: hub.ErrNotFound
}

// DB is a store in one file.
type DB struct {
	bolt *bbolt.DB
	dir  string
	id   string
	enc  *zstd.Encoder
	dec  *zstd.Decoder
	mu   sync.Mutex // one Update at a time, so that enc has one user

	state atomic.Pointer[state] // as the last committed transaction left it
}

var _ hub.Store = (*DB)(nil)

// Open opens the store in a directory, and makes both if they are not there. Errors are hub.ErrUnavailable where another process
// holds it, hub.ErrInvalid where the directory cannot be used, else internal.
func Open(dir string, o Options) (*DB, error) {
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Second
	}
	path := filepath.Join(dir, fileName)
	fresh, err := isFresh(dir, path)
	if err != nil {
		return nil, err
	}
	if fresh && o.Existing {
		return nil, fmt.Errorf("%w: there is no hub in %s; name the directory that holds one with --data", hub.ErrNotFound, dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unusable(dir, err)
	}
	if had := boltfile.CutOff(path); had > 0 { // bbolt panics over such a file, and keeps its lock
		return nil, explain(dir, path, fmt.Errorf("%w: it is cut off, it had %d bytes", berrors.ErrInvalid, had))
	}
	b, err := openBolt(path, &bbolt.Options{
		Timeout:      o.Timeout,
		FreelistType: bbolt.FreelistMapType,
		NoSync:       o.NoSync,
	})
	if err != nil {
		return nil, explain(dir, path, err)
	}
	b.AllocSize = growBytes
	db := &DB{bolt: b, dir: dir}
	if err := db.init(fresh); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	// Best effort: only the sentence that another process prints depends on it.
	_ = os.WriteFile(filepath.Join(dir, lockName), fmt.Appendf(nil, "%d\n", os.Getpid()), 0o600)
	return db, nil
}

// isFresh tells whether the directory has never held a database, and refuses one that has lost it.
func isFresh(dir, path string) (bool, error) {
	_, errMarker := os.Stat(filepath.Join(dir, markerName))
	info, err := os.Stat(path)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return false, unusable(dir, err)
	case err == nil && info.Size() > 0:
		return false, nil
	case errMarker == nil:
		return false, fmt.Errorf("%s held a hub, but %s is missing or empty: %w; restore a back-up, or remove %s to begin anew",
			dir, fileName, hub.ErrInvalid, markerName)
	}
	return true, nil
}

// openBolt is bbolt.Open with its panics (a truncated file) as errors.
func openBolt(path string, o *bbolt.Options) (b *bbolt.DB, err error) {
	err = guarded(func() (err error) {
		b, err = bbolt.Open(path, 0o600, o)
		return err
	})
	return b, err
}

// guarded runs fn with panics, and faults of mapped memory, as errors: pages that make no sense, or are not there, cause both.
func guarded(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("storage: %w: a page cannot be read (%v); run `versme check`, and restore a back-up", berrors.ErrInvalid, p)
		}
	}()
	return fn()
}

func explain(dir, path string, err error) error {
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		who := "another process"
		if pid, _ := os.ReadFile(filepath.Join(dir, lockName)); len(pid) > 0 {
			who += " (" + strings.TrimSpace(string(pid)) + ")"
		}
		return fmt.Errorf("%w: %s is in use by %s; stop it, or name another directory with --data", hub.ErrUnavailable, dir, who)
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		size := int64(0)
		if info, err := os.Stat(path); err == nil {
			size = info.Size()
		}
		return fmt.Errorf("%s (%d bytes) is not a database that can be read: %w; restore a back-up", path, size, err)
	}
	return unusable(dir, err)
}

func unusable(dir string, err error) error {
	var reason error = err
	var path *fs.PathError
	if errors.As(err, &path) {
		reason = path.Err
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.ENOTDIR) {
		return fmt.Errorf("%w: %s cannot be written to (%w); make it writable, or name another directory with --data", hub.ErrInvalid, dir, reason)
	}
	return fmt.Errorf("storage: open %s: %w", dir, err)
}

func (db *DB) init(fresh bool) error {
	var err error
	if db.enc, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBetterCompression), zstd.WithEncoderConcurrency(1)); err != nil {
		return err
	}
	if db.dec, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(1<<30)); err != nil {
		return err
	}
	ready := false
	look := func(tx *bbolt.Tx) error {
		if meta := tx.Bucket(bucketMeta); meta != nil {
			ready, db.id = number(meta.Get(metaFormat)) == Format, string(meta.Get(metaID))
		}
		return nil
	}
	if err = db.view(context.Background(), look); err != nil {
		return err
	}
	if !ready { // a transaction that writes leaves its mark in the file even where it changes nothing
		if err = db.bolt.Update(func(tx *bbolt.Tx) error { return db.prepare(tx, fresh) }); err != nil {
			return err
		}
		if err = db.view(context.Background(), look); err != nil {
			return err
		}
	}
	err = db.view(context.Background(), func(tx *bbolt.Tx) error {
		db.state.Store(readState(tx))
		return nil
	})
	if err != nil {
		return err
	}
	return writeMarker(filepath.Join(db.dir, markerName), db.id)
}

// prepare makes a new database, or brings one of an older format to the present one.
func (db *DB) prepare(tx *bbolt.Tx, fresh bool) error {
	meta := tx.Bucket(bucketMeta)
	if meta != nil {
		return migrate(tx, number(meta.Get(metaFormat)))
	}
	if k, _ := tx.Cursor().First(); !fresh && k != nil {
		return fmt.Errorf("%w: %s is a database of another program; name another directory with --data", hub.ErrInvalid, db.bolt.Path())
	}
	for _, name := range allBuckets {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	meta = tx.Bucket(bucketMeta)
	if err := meta.Put(metaFormat, u64(Format)); err != nil {
		return err
	}
	return meta.Put(metaID, []byte(uuid.NewString()))
}

// writeMarker leaves the database's id beside it, durably, once.
func writeMarker(path, id string) error {
	if old, err := os.ReadFile(path); err == nil && strings.TrimSpace(string(old)) == id {
		return nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(id + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// migrations take a file from the format of their place to the next one: migrations[0] makes 1 into 2.
var migrations []func(*bbolt.Tx) error

// migrate brings a file to the present format, all steps in the one transaction that opens it.
func migrate(tx *bbolt.Tx, format uint64) error {
	if format > Format || format < 1 {
		return fmt.Errorf("%w: this data is of format %d, this program knows up to %d; use a newer versme", hub.ErrInvalid, format, Format)
	}
	for ; format < Format; format++ {
		if err := migrations[format-1](tx); err != nil {
			return fmt.Errorf("storage: migrate from format %d: %w", format, err)
		}
	}
	meta := tx.Bucket(bucketMeta)
	if bytes.Equal(meta.Get(metaFormat), u64(Format)) {
		return nil
	}
	return meta.Put(metaFormat, u64(Format))
}

// Close lets go of the file.
func (db *DB) Close() error {
	_ = os.Remove(filepath.Join(db.dir, lockName))
	db.state.Store(nil)
	err := errors.Join(db.bolt.Close(), db.enc.Close()) // bbolt waits for those who still read
	db.dec.Close()
	return err
}

// DatabaseID names this database.
func (db *DB) DatabaseID() string { return db.id }

// Size returns how large the file is, in bytes.
func (db *DB) Size() int64 {
	info, err := os.Stat(db.bolt.Path())
	if err != nil {
		return 0
	}
	return info.Size()
}

// view runs fn in one read transaction.
func (db *DB) view(ctx context.Context, fn func(*bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := guarded(func() error { return db.bolt.View(fn) })
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return errClosed
	}
	return err
}

func number(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

// state is what is asked for with every request. It is kept in memory, as nobody else writes to the file, so that a page of a list costs
// one read transaction: that of its records.
type state struct {
	position, vocabulary hub.Position
	counts               hub.Counts
}

// readState reads the state of a transaction.
func readState(tx *bbolt.Tx) *state {
	meta := tx.Bucket(bucketMeta)
	return &state{
		position:   position(tx),
		vocabulary: hub.Position(number(meta.Get(metaVocabulary))),
		counts:     hub.Counts{Records: int(number(meta.Get(metaRecords))), Concepts: int(number(meta.Get(metaConcepts)))},
	}
}

// current returns the state; ErrUnavailable once the store is closed.
func (db *DB) current(ctx context.Context) (state, error) {
	s := db.state.Load()
	if s == nil {
		return state{}, errClosed
	}
	return *s, ctx.Err()
}

var errClosed = fmt.Errorf("%w: the hub is shutting down", hub.ErrUnavailable)

// Position returns the place of the last committed change.
func (db *DB) Position(ctx context.Context) (hub.Position, error) {
	s, err := db.current(ctx)
	return s.position, err
}

func position(tx *bbolt.Tx) hub.Position {
	k, _ := tx.Bucket(bucketChanges).Cursor().Last()
	return hub.Position(number(k))
}

// VocabularyPosition returns the place of the last change to a concept.
func (db *DB) VocabularyPosition(ctx context.Context) (hub.Position, error) {
	s, err := db.current(ctx)
	return s.vocabulary, err
}

// Counts returns how many records can be found and how many concepts there are.
func (db *DB) Counts(ctx context.Context) (hub.Counts, error) {
	s, err := db.current(ctx)
	return s.counts, err
}

// EverHeld tells whether a record or concept was ever written.
func (db *DB) EverHeld(ctx context.Context) (held bool, err error) {
	err = db.view(ctx, func(tx *bbolt.Tx) error {
		held = tx.Bucket(bucketMeta).Get(metaEverHeld) != nil
		return nil
	})
	return held, err
}
