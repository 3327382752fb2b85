package hub

import "context"

// Collection is a reading list or learning path: records in an order, each with a note.
type Collection struct {
	Entry
	ItemList []*CollectionItem `json:"items,omitempty"`
}

// CollectionItem is one step of a collection.
type CollectionItem struct {
	RecordSlug string `json:"record"`
	NoteTexts  Texts  `json:"note,omitempty"`
	entry      *Entry
	record     Record
}

// Record returns the record that the step is about.
func (i *CollectionItem) Record() Record { return i.record }

// Note returns what to look for in it.
func (i *CollectionItem) Note(ctx context.Context, in []Language) *Text {
	return i.NoteTexts.serve(ctx, in, i.entry.OriginalLanguage, false)
}

// Type is TypeCollection.
func (*Collection) Type() RecordType { return TypeCollection }

// Items returns the steps in order; steps whose record the hub does not have are left out (check reports them).
func (c *Collection) Items(ctx context.Context) ([]*CollectionItem, error) {
	if c.page == nil {
		return nil, nil
	}
	bySlug, err := c.page.named(ctx, "items")
	if err != nil {
		return nil, err
	}
	items := make([]*CollectionItem, 0, len(c.ItemList))
	for _, i := range c.ItemList {
		if r := bySlug[i.RecordSlug]; r != nil {
			items = append(items, &CollectionItem{RecordSlug: i.RecordSlug, NoteTexts: i.NoteTexts, entry: &c.Entry, record: r})
		}
	}
	return items, nil
}

func (c *Collection) eachText(fn func(f TextField, item int, t *Texts)) {
	c.common(fn)
	for n, i := range c.ItemList {
		fn(TextField{"items", false, ClassBody}, n, &i.NoteTexts)
	}
}

func (c *Collection) references() []Reference {
	var all []Reference
	for _, i := range c.ItemList {
		all = refs(all, "items", i.RecordSlug)
	}
	return all
}
