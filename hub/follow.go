package hub

import (
	"context"
	"fmt"
	"time"
)

// How much of the store is read at once while the index follows it.
const (
	followRecords = 1000
	followBytes   = 4 << 20 // of full text: what one batch of the index takes without using much memory
)

// CatchUp brings the index level with the store: by replaying the change log, or by a rebuild where the index cannot be
// used. progress, when not nil, hears how many records are done of how many.
func (h *Hub) CatchUp(ctx context.Context, progress func(done, of int)) error {
	h.write.Lock()
	defer h.write.Unlock()
	at, stale, err := h.index.Position(ctx)
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	now, err := h.store.Position(ctx)
	if err != nil {
		return err
	}
	if stale == "" && at > now {
		stale = fmt.Sprintf("it is at change %d, the store only at %d", at, now)
	}
	if stale == "" && at < now {
		started := time.Now()
		n, err := h.replay(ctx, at, h.index.Apply)
		if err != nil {
			return err
		}
		h.log.Info("index caught up", "changes", n, "from", at, "to", now, "took", time.Since(started).Round(time.Millisecond))
	}
	if stale == "" {
		if stale, err = h.miscounted(ctx); err != nil {
			return err
		}
	}
	if stale != "" {
		if err := h.rebuild(ctx, stale, progress); err != nil {
			return err
		}
	}
	h.ready.Store(true)
	return nil
}

// Reindex rebuilds the index from the store, whatever its state.
func (h *Hub) Reindex(ctx context.Context, progress func(done, of int)) error {
	h.write.Lock()
	defer h.write.Unlock()
	if err := h.rebuild(ctx, "asked for", progress); err != nil {
		return err
	}
	h.ready.Store(true)
	return nil
}

// miscounted says so where the index does not hold as many records as the store has to be found.
func (h *Hub) miscounted(ctx context.Context) (string, error) {
	counts, err := h.store.Counts(ctx)
	if err != nil {
		return "", err
	}
	n, err := h.index.Count(ctx)
	if err != nil {
		return "it cannot be counted: " + err.Error(), nil
	}
	if n != counts.Records {
		return fmt.Sprintf("it holds %d records, the store %d", n, counts.Records), nil
	}
	return "", nil
}

type apply func(ctx context.Context, records []Record, gone []ID, upTo Position) error

// replay applies what changed after a place, and returns how many changes that were.
func (h *Hub) replay(ctx context.Context, after Position, apply apply) (n int, err error) {
	for {
		changes, err := h.store.Changes(ctx, after, followRecords)
		if err != nil || len(changes) == 0 {
			return n, err
		}
		n += len(changes)
		upTo := changes[len(changes)-1].Position
		last := map[ID]bool{} // id -> deleted, as the last change of the batch left it
		var ids []ID
		for _, c := range changes {
			if c.Concept {
				continue
			}
			if _, seen := last[c.ID]; !seen {
				ids = append(ids, c.ID)
			}
			last[c.ID] = c.Deleted
		}
		// Records are read as they are now, which may be later than upTo; the changes in between are applied again, to no effect.
		records, err := h.store.Records(ctx, ids)
		if err != nil {
			return n, err
		}
		var batch []Record
		var gone []ID
		size := 0
		for i, r := range records {
			if r == nil {
				gone = append(gone, ids[i])
				continue
			}
			texts, err := h.store.FullTexts(ctx, ids[i:i+1])
			if err != nil {
				return n, err
			}
			r.AsEntry().FullTextTexts = texts[0]
			batch = append(batch, r)
			for _, tr := range texts[0] {
				size += len(tr.Value)
			}
			if size > followBytes {
				// The place stays where it was until the whole batch of changes is in.
				if err := apply(ctx, batch, gone, after); err != nil {
					return n, err
				}
				batch, gone, size = nil, nil, 0
			}
		}
		if err := apply(ctx, batch, gone, upTo); err != nil {
			return n, err
		}
		after = upTo
	}
}

func (h *Hub) rebuild(ctx context.Context, why string, progress func(done, of int)) error {
	counts, err := h.store.Counts(ctx)
	if err != nil {
		return err
	}
	if counts.Records > 0 {
		h.log.Warn("rebuilding the index", "why", why, "records", counts.Records)
	}
	started := time.Now()
	done := 0
	err = h.index.Rebuild(ctx, func(apply func(ctx context.Context, records []Record, gone []ID, upTo Position) error) error {
		done = 0
		start, err := h.store.Position(ctx)
		if err != nil {
			return err
		}
		var after ID
		for {
			records, err := h.store.Scan(ctx, after, followRecords, followBytes)
			if err != nil {
				return err
			}
			if len(records) == 0 {
				break
			}
			after = records[len(records)-1].NodeID()
			// Position 0 until all of it is in: an index that was cut short is rebuilt again.
			if err := apply(ctx, records, nil, 0); err != nil {
				return err
			}
			if done += len(records); progress != nil {
				progress(done, counts.Records)
			}
		}
		if err := apply(ctx, nil, nil, start); err != nil {
			return err
		}
		_, err = h.replay(ctx, start, apply) // what was written meanwhile
		return err
	})
	if err != nil {
		return fmt.Errorf("rebuild the index: %w", err)
	}
	if counts.Records > 0 {
		h.log.Info("index rebuilt", "records", done, "took", time.Since(started).Round(time.Millisecond))
	}
	return nil
}
