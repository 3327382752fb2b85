package hub

import (
	"context"
	"fmt"
)

// Export calls fn with what the store holds: concepts first, then records with their full texts, by id. With all it is everything, else
// the records that a lookup holds, without concepts.
func (h *Hub) Export(ctx context.Context, l Lookup, all bool, fn func(Item) error) error {
	if all {
		v, err := h.Vocabulary(ctx)
		if err != nil {
			return err
		}
		for _, c := range v.All() {
			if err := fn(Item{Concept: c}); err != nil {
				return err
			}
		}
		var after ID
		for {
			records, err := h.store.Scan(ctx, after, followRecords, followBytes)
			if err != nil || len(records) == 0 {
				return err
			}
			for _, r := range records {
				if err := fn(Item{Record: r}); err != nil {
					return err
				}
			}
			after = records[len(records)-1].NodeID()
		}
	}
	ids, err := h.store.Find(ctx, l)
	if err != nil {
		return err
	}
	for _, id := range ids {
		r, err := h.whole(ctx, []ID{id}, nil)
		if err != nil {
			return err
		}
		if r != nil {
			if err := fn(Item{Record: r}); err != nil {
				return err
			}
		}
	}
	return nil
}

// WholeRecord returns a record that is shown to anyone, with its full texts. ErrNotFound.
func (h *Hub) WholeRecord(ctx context.Context, slug string) (Record, error) {
	r, err := h.whole(ctx, nil, []string{slug})
	if err != nil {
		return nil, err
	}
	if r == nil || !Visible(r) {
		return nil, fmt.Errorf("%w: no record has slug %s", ErrNotFound, Echo(slug))
	}
	return r, nil
}

// whole reads one record with its full texts, by id or slug; nil where there is none.
func (h *Hub) whole(ctx context.Context, ids []ID, slugs []string) (Record, error) {
	records, err := h.store.Records(ctx, ids)
	if len(slugs) > 0 {
		records, err = h.store.RecordsBySlug(ctx, slugs)
	}
	if err != nil || records[0] == nil {
		return nil, err
	}
	r := records[0]
	texts, err := h.store.FullTexts(ctx, []ID{r.NodeID()})
	if err != nil {
		return nil, err
	}
	r.AsEntry().FullTextTexts, r.AsEntry().FullTextLanguages = texts[0], nil
	return r, nil
}

// Check verifies the store, and the index against it, and reports all that is wrong.
func (h *Hub) Check(ctx context.Context, report func(Finding)) (Counts, error) {
	if err := h.store.Check(ctx, report); err != nil {
		return Counts{}, err
	}
	counts, err := h.store.Counts(ctx)
	if err != nil {
		return counts, err
	}
	wrong := func(format string, args ...any) {
		report(Finding{Where: "index", Problem: fmt.Sprintf(format, args...), Fatal: false})
	}
	at, stale, err := h.index.Position(ctx)
	if err != nil {
		return counts, err
	}
	now, err := h.store.Position(ctx)
	if err != nil {
		return counts, err
	}
	switch {
	case stale != "" && now > 0:
		wrong("%s; the next start makes it anew", stale)
	case stale == "" && at != now:
		wrong("it is at change %d, the store at %d; the next start brings it level", at, now)
	case stale == "":
		if why, err := h.miscounted(ctx); err != nil {
			return counts, err
		} else if why != "" {
			wrong("%s; the next start makes it anew", why)
		}
	}
	return counts, nil
}
