package hub

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Hub is a knowledge hub: a Store and the Index that follows it.
type Hub struct {
	store Store
	index Index
	log   *slog.Logger
	now   func() time.Time
	newID func() ID

	write    sync.Mutex // held while the index is brought forward, so that its position never passes an unapplied change
	ready    atomic.Bool
	searches chan struct{}

	mu         sync.Mutex
	vocabulary *Vocabulary
	vocabAt    Position
	counts     map[string]int // records by concept
	countsAt   Position
	counting   sync.Mutex // held while records are counted: a page of concepts asks a hundred times at once
}

// Options of a Hub; the zero value is ready for use.
type Options struct {
	Log   *slog.Logger     // nothing is logged without
	Now   func() time.Time // time.Now without
	NewID func() ID        // UUIDv7 without
}

// MaxConcurrentSearches is how many searches run at once; more only wait for each other (measured: throughput on two cores is
// the same for 2 and 8 clients, the 99th percentile is 30 times worse).
var MaxConcurrentSearches = 2 * runtime.GOMAXPROCS(0)

// New ties a store and its index together. Call CatchUp before serving.
func New(s Store, x Index, o Options) *Hub {
	h := &Hub{store: s, index: x, log: o.Log, now: o.Now, newID: o.NewID, searches: make(chan struct{}, MaxConcurrentSearches)}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	if h.now == nil {
		h.now = time.Now
	}
	if h.newID == nil {
		h.newID = newUUIDv7
	}
	return h
}

// Store returns the store, for those who read it whole: export, check.
func (h *Hub) Store() Store { return h.store }

// Ready tells whether the index has caught up with the store.
func (h *Hub) Ready() bool { return h.ready.Load() }

// Position returns the place of the last change, which names the state of everything that is served.
func (h *Hub) Position(ctx context.Context) (Position, error) { return h.store.Position(ctx) }

// Version names the state of everything that is served: it changes with every write, and with the year, as what still runs does so in
// another year then.
func (h *Hub) Version(ctx context.Context) (string, error) {
	at, err := h.store.Position(ctx)
	return fmt.Sprintf("%.8s-%d-%d", h.store.DatabaseID(), at, h.now().Year()), err
}

// Node returns the record or concept with this id, nil if there is none.
func (h *Hub) Node(ctx context.Context, id ID) (Node, error) {
	nodes, err := h.Nodes(ctx, []ID{id})
	if err != nil {
		return nil, err
	}
	return nodes[0], nil
}

// MaxNodes is how many nodes are given out at once.
const MaxNodes = 100

// Nodes returns one record or concept for each id, in the order asked, nil where there is none.
func (h *Hub) Nodes(ctx context.Context, ids []ID) ([]Node, error) {
	if len(ids) > MaxNodes {
		return nil, invalid("ids", "ask in several queries", "%d ids are more than %d", len(ids), MaxNodes)
	}
	records, err := h.load(ctx, ids)
	if err != nil {
		return nil, err
	}
	v, err := h.Vocabulary(ctx)
	if err != nil {
		return nil, err
	}
	nodes := make([]Node, len(ids))
	for i, r := range records {
		if r != nil {
			nodes[i] = r
		} else if c := v.byID[ids[i]]; c != nil {
			nodes[i] = c
		}
	}
	return nodes, nil
}

// Record returns the record with this slug, nil if there is none.
func (h *Hub) Record(ctx context.Context, slug string) (Record, error) {
	records, err := h.store.RecordsBySlug(ctx, []string{slug})
	if err != nil {
		return nil, err
	}
	if records, err = h.serve(ctx, records); err != nil {
		return nil, err
	}
	return records[0], nil
}

// Revision returns a record as it was in one version; nil if there is none, or if the record is not shown now.
func (h *Hub) Revision(ctx context.Context, id ID, version int) (Record, error) {
	now, err := h.load(ctx, []ID{id})
	if err != nil || now[0] == nil {
		return nil, err
	}
	r, err := h.store.Revision(ctx, id, version)
	if ClassOf(err) == ClassNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	records, err := h.serve(ctx, []Record{r})
	if err != nil {
		return nil, err
	}
	return records[0], nil
}

// load returns one record for each id, ready to be served; nil where there is none.
func (h *Hub) load(ctx context.Context, ids []ID) ([]Record, error) {
	records, err := h.store.Records(ctx, ids)
	if err != nil {
		return nil, err
	}
	return h.serve(ctx, records)
}

// serve makes records from the store ready to be shown to anyone: a page of their own, without drafts.
func (h *Hub) serve(ctx context.Context, records []Record) ([]Record, error) {
	v, err := h.Vocabulary(ctx)
	if err != nil {
		return nil, err
	}
	newPage(h, v, records)
	return records, nil
}

// Visible tells whether a record is shown to anyone who knows its slug: drafts are not, retired records are.
func Visible(r Record) bool {
	s := r.AsEntry().Status
	return s == StatusPublished || s == "RETIRED"
}

// Findable tells whether a record is in lists and searches.
func Findable(r Record) bool { return r.AsEntry().Status == StatusPublished }

// Vocabulary returns all concepts as they are now.
func (h *Hub) Vocabulary(ctx context.Context) (*Vocabulary, error) {
	at, err := h.store.VocabularyPosition(ctx)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.vocabulary != nil && h.vocabAt == at {
		return h.vocabulary, nil
	}
	all, err := h.store.Concepts(ctx)
	if err != nil {
		return nil, err
	}
	v := NewVocabulary(all)
	v.counts = h.recordCount
	h.vocabulary, h.vocabAt = v, at
	h.counts = nil
	return v, nil
}

// Concepts returns a page of the concepts of a scheme, of all schemes without one, by slug.
func (h *Hub) Concepts(ctx context.Context, scheme *ConceptScheme, p PageRequest) (*ConceptConnection, error) {
	const order = "SLUG"
	w, err := p.window(order)
	if err != nil {
		return nil, err
	}
	v, err := h.Vocabulary(ctx)
	if err != nil {
		return nil, err
	}
	var all []*Concept
	for _, c := range v.all {
		if scheme == nil || c.Scheme == *scheme {
			all = append(all, c)
		}
	}
	bySlug := func(c *Concept, slug string) int { return strings.Compare(c.Slug, slug) }
	slices.SortFunc(all, func(a, b *Concept) int { return bySlug(a, b.Slug) })
	start := 0
	if w.After != nil {
		at, found := slices.BinarySearchFunc(all, string(w.After.Key), bySlug)
		if start = at; found {
			start++
		}
	}
	end := min(start+w.Size, len(all))
	page := all[start:end]
	cursors := make([]string, len(page))
	for i, c := range page {
		cursors[i] = Cursor{Order: order, Key: []byte(c.Slug), ID: c.ID}.String()
	}
	return connect(page, cursors, len(all), end < len(all), start > 0), nil
}

// recordCount returns how many records are filed under a concept or a narrower one.
func (h *Hub) recordCount(ctx context.Context, c *Concept) (int, error) {
	h.counting.Lock()
	defer h.counting.Unlock()
	at, err := h.store.Position(ctx)
	if err != nil {
		return 0, err
	}
	h.mu.Lock()
	counts := h.counts
	if h.countsAt != at {
		counts = nil
	}
	h.mu.Unlock()
	if counts == nil {
		counts = map[string]int{}
		found, err := h.find(ctx, SearchRequest{Order: SearchOrder(OrderNewest), Vocabulary: c.vocabulary})
		if err != nil {
			return 0, err
		}
		for _, f := range []FacetField{FacetTheme, FacetSector, FacetDomain, FacetTargetGroup} {
			for _, n := range found.Facet(f) {
				counts[n.Value] = n.Count
			}
		}
		h.mu.Lock()
		h.counts, h.countsAt = counts, at
		h.mu.Unlock()
	}
	return counts[c.Slug], nil
}

// Health reads from the store, for those who ask whether the hub is alive.
func (h *Hub) Health(ctx context.Context) error {
	_, err := h.store.EverHeld(ctx)
	return err
}

// Close closes the index and the store.
func (h *Hub) Close() error {
	h.ready.Store(false)
	return errors.Join(h.index.Close(), h.store.Close())
}
