package search

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"

	"versme/hub"
	"versme/internal/boltfile"
	"versme/search/analysis"
)

// Keys that an index keeps about itself, written in the same batch as records.
var (
	keyPosition = []byte("versme.position") // place in the change log
	keyIdentity = []byte("versme.identity") // what it is an index of, and how
	keyComplete = []byte("versme.complete") // present once it has taken in everything there was
)

// Options of an Index.
type Options struct {
	DatabaseID string       // of the store that it follows; an index of another is rebuilt
	Log        *slog.Logger // hears of failures in the background; nothing is logged without
}

// Index is one directory with a generation of the index in a directory of its own: 1, 2, 3 … A rebuild makes the next one; the newest
// complete one is used, others are removed.
type Index struct {
	dir      string // empty: in memory
	identity string

	mu    sync.RWMutex // held for reading while a generation is used, for writing while it is swapped
	now   *generation  // nil until there is one
	stale string       // why it must be rebuilt
}

var _ hub.Index = (*Index)(nil)

// generation is one Bleve index.
type generation struct {
	number int
	path   string // empty: in memory
	bleve  bleve.Index
	failed chan struct{} // closed when Bleve's background work has ended by a panic: what waits for it would wait for ever

	mu      sync.Mutex
	columns map[uint64]*columns // by segment
}

// Open opens the index in a directory, made if it is not there; in memory where dir is empty. Whatever is wrong with what it finds is
// no error: Position then says why the index must be rebuilt. The directory must be this process's alone; the store's lock sees to that.
func Open(dir string, o Options) (*Index, error) {
	x := &Index{dir: dir, identity: fmt.Sprintf("%s mapping %s analysis %s", o.DatabaseID, mappingVersion, analysis.Version), stale: "there is none yet"}
	background.Lock()
	background.log = o.Log
	background.Unlock()
	if dir == "" {
		return x, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	numbers, err := x.numbers()
	if err != nil {
		return nil, err
	}
	for _, n := range slices.Backward(numbers) {
		if x.now == nil {
			x.now, x.stale = x.openGeneration(n)
			if x.now != nil {
				continue
			}
		}
		if err := os.RemoveAll(x.path(n)); err != nil {
			return nil, fmt.Errorf("search: remove an index that is not used: %w", err)
		}
	}
	return x, nil
}

// numbers returns the generations there are, ascending.
func (x *Index) numbers() ([]int, error) {
	entries, err := os.ReadDir(x.dir)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	var all []int
	for _, e := range entries {
		if n, err := strconv.Atoi(e.Name()); err == nil && e.Name() == strconv.Itoa(n) {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return all, nil
}

func (x *Index) path(n int) string { return filepath.Join(x.dir, strconv.Itoa(n)) }

// openGeneration opens a generation. It returns nil and why where it cannot be used at all, and the generation and why where it
// answers but must be rebuilt.
func (x *Index) openGeneration(n int) (g *generation, stale string) {
	if isBroken(x.path(n)) {
		return nil, "it has failed in the background"
	}
	damaged, err := removeDamaged(x.path(n))
	if err != nil {
		return nil, "it cannot be read: " + err.Error()
	}
	// Bleve reads its root in goroutines of its own: over one that is damaged it ends the process, or waits for ever.
	if err := boltfile.Sound(filepath.Join(x.path(n), "store", "root.bolt")); err != nil {
		return nil, "it cannot be read: " + err.Error()
	}
	b, err := protect(func() (bleve.Index, error) { return bleve.OpenUsing(x.path(n), copied(config)) })
	if err != nil && len(damaged) > 0 {
		return nil, fmt.Sprintf("it is damaged: %s", damaged)
	}
	if err != nil {
		return nil, "it cannot be opened: " + err.Error()
	}
	g = newGenerationOf(n, x.path(n), b)
	identity, err := protect(func() (string, error) {
		complete, err := b.GetInternal(keyComplete)
		if err == nil && len(complete) == 0 {
			err = errors.New("it was not finished")
		}
		if err != nil {
			return "", err
		}
		identity, err := b.GetInternal(keyIdentity)
		if err != nil {
			return "", err
		}
		// Reading every dictionary of the columns shows much of what can be wrong with a segment.
		return string(identity), g.read(func(*view) error { return nil })
	})
	if err != nil {
		return nil, errors.Join(err, g.close()).Error()
	}
	if identity != x.identity {
		return g, fmt.Sprintf("it is of %q, not of %q", identity, x.identity)
	}
	return g, ""
}

func (g *generation) close() error {
	watched.Lock()
	delete(watched.generations, g.path)
	watched.Unlock()
	if g.hasFailed() {
		return nil // closing waits for what does not end; the process lets go of it
	}
	_, err := protect(func() (int, error) { return 0, g.bleve.Close() })
	return err
}

// config is what Bleve is told when it opens an index. Without bolt_timeout it waits for ever for an index in use; without the callback
// errors of its background work are lost.
var config = map[string]any{
	"bolt_timeout":           "2s",
	"asyncErrorCallbackName": "versme",
	"numSnapshotsToKeep":     1,
}

func newGenerationOf(number int, path string, b bleve.Index) *generation {
	g := &generation{number: number, path: path, bleve: b, failed: make(chan struct{}), columns: map[uint64]*columns{}}
	if path != "" {
		watched.Lock()
		watched.generations[path] = g
		watched.Unlock()
		if isBroken(path) { // between being opened and being watched
			close(g.failed)
		}
	}
	return g
}

// newGeneration makes an empty one.
func (x *Index) newGeneration() (*generation, error) {
	n := 1
	if x.dir != "" {
		numbers, err := x.numbers()
		if err != nil {
			return nil, err
		}
		if len(numbers) > 0 {
			n = numbers[len(numbers)-1] + 1
		}
	}
	path := ""
	if x.dir != "" {
		path = x.path(n)
	}
	b, err := bleve.NewUsing(path, staticMapping(), scorch.Name, scorch.Name, copied(config))
	if err != nil {
		return nil, fmt.Errorf("search: make an index: %w", err)
	}
	if path != "" { // Bleve does not sync what it cannot be opened without
		if err := errors.Join(syncPath(filepath.Join(path, "index_meta.json")), syncPath(path), syncPath(x.dir)); err != nil {
			return nil, errors.Join(fmt.Errorf("search: make an index: %w", err), b.Close())
		}
	}
	if err := b.SetInternal(keyIdentity, []byte(x.identity)); err != nil {
		return nil, errors.Join(fmt.Errorf("search: make an index: %w", err), b.Close())
	}
	return newGenerationOf(n, path, b), nil
}

// staticMapping indexes nothing by itself: documentOf says what is indexed.
func staticMapping() mapping.IndexMapping {
	m := bleve.NewIndexMapping()
	m.DefaultMapping = bleve.NewDocumentStaticMapping()
	m.StoreDynamic, m.IndexDynamic, m.DocValuesDynamic = false, false, false
	return m
}

func copied(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// use runs fn with the present generation.
func (x *Index) use(fn func(*generation) error) error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.now == nil {
		return fmt.Errorf("%w: the index is being built; try again in a moment", hub.ErrUnavailable)
	}
	_, err := protect(func() (int, error) { return 0, fn(x.now) })
	return err
}

// Position returns the place in the change log that the index has reached, and why it must be rebuilt, if it must.
func (x *Index) Position(context.Context) (at hub.Position, stale string, err error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.now == nil {
		return 0, x.stale, nil
	}
	if x.now.hasFailed() {
		return 0, "it has failed in the background", nil
	}
	b, err := protect(func() ([]byte, error) { return x.now.bleve.GetInternal(keyPosition) })
	if err != nil {
		return 0, "its position cannot be read: " + err.Error(), nil
	}
	if len(b) == 8 {
		at = hub.Position(binary.BigEndian.Uint64(b))
	}
	return at, x.stale, nil
}

// Count returns how many records the index holds.
func (x *Index) Count(context.Context) (n int, err error) {
	err = x.use(func(g *generation) error {
		count, err := g.bleve.DocCount()
		n = int(count)
		return err
	})
	return n, err
}

// Apply brings records in or up to date and records the place reached.
func (x *Index) Apply(ctx context.Context, records []hub.Record, gone []hub.ID, upTo hub.Position) error {
	return x.use(func(g *generation) error { return g.apply(ctx, records, gone, upTo) })
}

// batchBytes is how much text goes into one batch of Bleve: memory grows with it, and below it time does.
const batchBytes = 4 << 20

func (g *generation) apply(ctx context.Context, records []hub.Record, gone []hub.ID, upTo hub.Position) error {
	batch := g.bleve.NewBatch()
	size := 0
	for _, r := range records {
		if !hub.Findable(r) {
			batch.Delete(string(r.NodeID()))
			continue
		}
		d, n := documentOf(r)
		if err := batch.IndexAdvanced(d); err != nil {
			return fmt.Errorf("search: %s: %w", r.AsEntry().Slug, err)
		}
		if size += n; size > batchBytes {
			if err := g.commit(ctx, batch); err != nil {
				return err
			}
			batch, size = g.bleve.NewBatch(), 0
		}
	}
	for _, id := range gone {
		batch.Delete(string(id))
	}
	if upTo > 0 {
		batch.SetInternal(keyPosition, binary.BigEndian.AppendUint64(nil, uint64(upTo)))
	}
	return g.commit(ctx, batch)
}

func (g *generation) commit(ctx context.Context, batch *bleve.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if batch.Size() == 0 {
		return nil
	}
	done := make(chan error, 1)
	go func() {
		_, err := protect(func() (int, error) { return 0, g.bleve.Batch(batch) })
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-g.failed:
		return errFailed
	}
}

// Rebuild makes the next generation and swaps it in when fill is done.
func (x *Index) Rebuild(_ context.Context, fill func(func(context.Context, []hub.Record, []hub.ID, hub.Position) error) error) (err error) {
	g, err := x.newGeneration()
	if err != nil {
		return err
	}
	give := g // what is closed and removed in the end: the old one, or the new one if fill fails or panics
	defer func() {
		if give != nil {
			err = errors.Join(err, give.close(), x.remove(give.number))
		}
	}()
	err = fill(func(ctx context.Context, records []hub.Record, gone []hub.ID, upTo hub.Position) error {
		_, err := protect(func() (int, error) { return 0, g.apply(ctx, records, gone, upTo) })
		return err
	})
	if err == nil {
		err = g.bleve.SetInternal(keyComplete, []byte{1})
	}
	if err != nil {
		return err
	}
	x.mu.Lock()
	give, x.now, x.stale = x.now, g, ""
	x.mu.Unlock()
	return nil
}

func (x *Index) remove(n int) error {
	if x.dir == "" {
		return nil
	}
	return os.RemoveAll(x.path(n))
}

// Close closes the index.
func (x *Index) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.now == nil {
		return nil
	}
	err := x.now.close()
	x.now, x.stale = nil, "it is closed"
	return err
}

// read runs fn with the index as it is now.
func (g *generation) read(fn func(*view) error) (err error) {
	adv, err := g.bleve.Advanced()
	if err != nil {
		return err
	}
	reader, err := adv.Reader()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	snapshot, ok := reader.(*scorch.IndexSnapshot)
	if !ok {
		return fmt.Errorf("search: Bleve gave a %T, not a scorch snapshot", reader)
	}
	cols, err := g.columnsOf(snapshot)
	if err != nil {
		return err
	}
	return fn(newView(snapshot.Segments(), cols))
}

// columnsOf returns the columns of each segment, read where they are not known yet; those of segments that are gone are dropped.
func (g *generation) columnsOf(snapshot *scorch.IndexSnapshot) ([]*columns, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := make([]*columns, len(snapshot.Segments()))
	kept := make(map[uint64]*columns, len(all))
	for i, s := range snapshot.Segments() {
		c := g.columns[s.Id()]
		if c == nil {
			var err error
			if c, err = readColumns(s.Segment()); err != nil {
				return nil, err
			}
		}
		all[i], kept[s.Id()] = c, c
	}
	g.columns = kept
	return all, nil
}

// planned runs fn with the index as it is now and the plan of a query for it.
func (x *Index) planned(query string, fn func(*view, *plan) error) error {
	q, err := Parse(query)
	if err != nil {
		return err
	}
	return x.use(func(g *generation) error {
		return g.read(func(v *view) error {
			p, err := planFor(v, q)
			if err != nil {
				return err
			}
			return fn(v, p)
		})
	})
}

// Search finds records.
func (x *Index) Search(ctx context.Context, r hub.SearchRequest) (res *hub.SearchResult, err error) {
	err = x.planned(r.Query, func(v *view, p *plan) (err error) {
		res, err = collect(ctx, v, p, r)
		return err
	})
	return res, err
}

// Highlights returns the best places of each record.
func (x *Index) Highlights(ctx context.Context, query string, records []hub.Record, in []hub.Language, read func([]hub.Excerpt) ([]string, error)) (all [][]*hub.Highlight, err error) {
	err = x.planned(query, func(v *view, p *plan) (err error) {
		all, err = highlights(ctx, v, p, records, in, read)
		return err
	})
	return all, err
}

// Size returns how much the index takes on the disk, in bytes.
func (x *Index) Size() (size int64) {
	if x.dir == "" {
		return 0
	}
	_ = filepath.WalkDir(x.dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if info, err := d.Info(); err == nil {
				size += info.Size()
			}
		}
		return nil
	})
	return size
}
