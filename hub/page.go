package hub

import (
	"context"
	"strconv"
	"strings"
	"sync"
)

// page is the records that were loaded together. What one of them refers to is loaded for all of them at once, so a list of
// twenty costs one read for each field that is followed, however the query is shaped. (gqlgen's batch resolvers do this only
// where the records are the direct elements of a list: under edges { node { … } } they resolve one by one.)
type page struct {
	hub        *Hub
	vocabulary *Vocabulary
	records    []Record

	mu    sync.Mutex
	loads map[string]*load
}

// load is one thing loaded for a page, once.
type load struct {
	once  sync.Once
	value any
	err   error
}

// newPage ties records to a page of their own. Records that are not to be shown become nil.
func newPage(h *Hub, v *Vocabulary, records []Record) *page {
	p := &page{hub: h, vocabulary: v, loads: map[string]*load{}}
	for i, r := range records {
		if r != nil && !Visible(r) {
			records[i] = nil
		} else if r != nil {
			p.records = append(p.records, r)
			r.AsEntry().page = p
		}
	}
	return p
}

func loadOnce[T any](p *page, key string, fn func() (T, error)) (T, error) {
	p.mu.Lock()
	l := p.loads[key]
	if l == nil {
		l = &load{}
		p.loads[key] = l
	}
	p.mu.Unlock()
	l.once.Do(func() { l.value, l.err = fn() })
	if l.err != nil {
		var none T
		return none, l.err
	}
	return l.value.(T), nil
}

// named returns the records that those of the page name in one field, by slug.
func (p *page) named(ctx context.Context, field string) (map[string]Record, error) {
	return loadOnce(p, "named "+field, func() (map[string]Record, error) {
		bySlug := map[string]Record{}
		var slugs []string
		for _, r := range p.records {
			for _, ref := range r.references() {
				if _, seen := bySlug[ref.Slug]; ref.Field == field && !seen {
					bySlug[ref.Slug] = nil
					slugs = append(slugs, ref.Slug)
				}
			}
		}
		records, err := p.hub.store.RecordsBySlug(ctx, slugs)
		if err != nil {
			return nil, err
		}
		newPage(p.hub, p.vocabulary, records)
		for i, r := range records {
			bySlug[slugs[i]] = r
		}
		return bySlug, nil
	})
}

// naming returns the records of a type that name those of the page in one of the fields, by the slug that they name.
func (p *page) naming(ctx context.Context, t RecordType, first int, fields []string) (map[string][]Record, error) {
	key := "naming " + string(t) + " " + strings.Join(fields, " ") + " " + strconv.Itoa(first)
	return loadOnce(p, key, func() (map[string][]Record, error) {
		slugs := make([]string, len(p.records))
		for i, r := range p.records {
			slugs[i] = r.AsEntry().Slug
		}
		ids, err := p.hub.store.Referrers(ctx, slugs, t, fields, first)
		if err != nil {
			return nil, err
		}
		var all []ID
		for _, some := range ids {
			all = append(all, some...)
		}
		records, err := p.hub.store.Records(ctx, all)
		if err != nil {
			return nil, err
		}
		newPage(p.hub, p.vocabulary, records)
		bySlug := make(map[string][]Record, len(slugs))
		n := 0
		for i, some := range ids {
			for range some {
				if records[n] != nil {
					bySlug[slugs[i]] = append(bySlug[slugs[i]], records[n])
				}
				n++
			}
		}
		return bySlug, nil
	})
}

// fullTexts returns the full texts of one record of the page.
func (p *page) fullTexts(ctx context.Context, id ID) (Texts, error) {
	all, err := loadOnce(p, "texts", func() (map[ID]Texts, error) {
		ids := make([]ID, len(p.records))
		for i, r := range p.records {
			ids[i] = r.NodeID()
		}
		texts, err := p.hub.store.FullTexts(ctx, ids)
		if err != nil {
			return nil, err
		}
		byID := make(map[ID]Texts, len(ids))
		for i, t := range texts {
			byID[ids[i]] = t
		}
		return byID, nil
	})
	return all[id], err
}

// named returns the records of type R that e names in a field, in the order it names them; those that the hub does not have,
// and those of another type, are left out (check reports them).
func named[R Record](ctx context.Context, e *Entry, field string, slugs []string) ([]R, error) {
	all := make([]R, 0, len(slugs))
	if e.page == nil || len(slugs) == 0 {
		return all, nil
	}
	bySlug, err := e.page.named(ctx, field)
	if err != nil {
		return nil, err
	}
	for _, s := range slugs {
		if r, ok := bySlug[s].(R); ok {
			all = append(all, r)
		}
	}
	return all, nil
}

// naming returns up to first records of type R that name e in one of the fields, oldest entry first.
func naming[R Record](ctx context.Context, e *Entry, first int, fields ...string) ([]R, error) {
	if first < 0 || first > MaxPage {
		return nil, invalid("first", "search with a filter to go through all of them", "%d is not between 0 and %d", first, MaxPage)
	}
	all := make([]R, 0, 4)
	if e.page == nil || first == 0 {
		return all, nil
	}
	var r R
	bySlug, err := e.page.naming(ctx, r.Type(), first, fields)
	if err != nil {
		return nil, err
	}
	for _, r := range bySlug[e.Slug] {
		if own, ok := r.(R); ok {
			all = append(all, own)
		}
	}
	return all, nil
}

func one[R Record](all []R, err error) (R, error) {
	var none R
	if err != nil || len(all) == 0 {
		return none, err
	}
	return all[0], nil
}

// participations returns copies of ps with their organisations, without those that the hub does not have.
func (e *Entry) participations(ctx context.Context, field string, ps []*Participation) ([]*Participation, error) {
	all := make([]*Participation, 0, len(ps))
	if e.page == nil || len(ps) == 0 {
		return all, nil
	}
	bySlug, err := e.page.named(ctx, field)
	if err != nil {
		return nil, err
	}
	for _, p := range ps {
		if o, ok := bySlug[p.OrganisationSlug].(*Organisation); ok {
			all = append(all, &Participation{p.OrganisationSlug, p.Role, o})
		}
	}
	return all, nil
}

type baseURLKey struct{}

// WithBaseURL says under which address this hub is reached, without a slash at its end.
func WithBaseURL(ctx context.Context, base string) context.Context {
	return context.WithValue(ctx, baseURLKey{}, base)
}

// BaseURLFrom returns what WithBaseURL said.
func BaseURLFrom(ctx context.Context) string {
	s, _ := ctx.Value(baseURLKey{}).(string)
	return s
}
