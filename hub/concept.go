package hub

import (
	"context"
	"slices"
	"strings"
)

// Concept is a term of a vocabulary (SKOS): what records are filed under.
type Concept struct {
	ID              ID            `json:"id,omitempty"`
	Slug            string        `json:"slug"`
	Scheme          ConceptScheme `json:"scheme"`
	LabelTexts      Texts         `json:"label"`
	AltLabelLists   AltLabels     `json:"altLabels,omitempty"`
	DefinitionTexts Texts         `json:"definition,omitempty"`
	BroaderSlugs    []string      `json:"broader,omitempty"`
	RelatedSlugs    []string      `json:"related,omitempty"`
	ExactMatch      []URL         `json:"exactMatch,omitempty"`
	URI             URL           `json:"uri,omitempty"`

	vocabulary *Vocabulary
	narrower   []*Concept
}

// NodeID returns the concept's id.
func (c *Concept) NodeID() ID { return c.ID }

// original is the language that labels fall back to: a vocabulary has no original, English is the common ground.
const original Language = "en"

// Label returns the term for the reader.
func (c *Concept) Label(ctx context.Context, in []Language) *Text {
	return c.LabelTexts.serve(ctx, in, c.originalLanguage(), true)
}

func (c *Concept) originalLanguage() Language {
	if c.LabelTexts.Get(original) == nil && len(c.LabelTexts) > 0 {
		return c.LabelTexts[0].Language
	}
	return original
}

// AltLabels returns other words for it, all of one language: that of in which has any and comes first, else English.
func (c *Concept) AltLabels(ctx context.Context, in []Language) []*Text {
	for _, l := range append(slices.Clone(prefer(ctx, in)), original) {
		for _, alt := range c.AltLabelLists {
			if alt.Language.base() == l.base() {
				all := make([]*Text, len(alt.Labels))
				for i, label := range alt.Labels {
					all[i] = &Text{Value: label, Language: alt.Language, Origin: (&Translation{Language: alt.Language}).origin(c.originalLanguage()), Plain: true}
				}
				return all
			}
		}
	}
	return []*Text{}
}

// Definition says what the term means.
func (c *Concept) Definition(ctx context.Context, in []Language) *Text {
	return c.DefinitionTexts.serve(ctx, in, c.originalLanguage(), true)
}

// Broader returns the concepts just above it.
func (c *Concept) Broader() []*Concept { return c.vocabulary.concepts(c.BroaderSlugs) }

// Narrower returns the concepts just below it, by slug.
func (c *Concept) Narrower() []*Concept { return c.narrower }

// Related returns concepts it has to do with.
func (c *Concept) Related() []*Concept { return c.vocabulary.concepts(c.RelatedSlugs) }

// RecordCount returns how many records a filter by this concept lets through: those filed under it or a narrower one.
func (c *Concept) RecordCount(ctx context.Context) (int, error) {
	return c.vocabulary.counts(ctx, c)
}

// AltLabels are other words for a concept, by language.
type AltLabels []AltLabelList

// AltLabelList are the other words of one language.
type AltLabelList struct {
	Language Language
	Labels   []string
}

// Vocabulary is all concepts as they were at one moment. It does not change: a write makes another.
type Vocabulary struct {
	all      []*Concept // by scheme, then slug
	bySlug   map[string]*Concept
	byID     map[ID]*Concept
	ancestor map[string][]string // slug -> itself and everything broader
	counts   func(context.Context, *Concept) (int, error)
}

// NewVocabulary links the concepts with each other. Broader concepts that are missing are left out; a circle is cut.
func NewVocabulary(concepts []*Concept) *Vocabulary {
	v := &Vocabulary{
		bySlug:   make(map[string]*Concept, len(concepts)),
		byID:     make(map[ID]*Concept, len(concepts)),
		ancestor: make(map[string][]string, len(concepts)),
		counts:   func(context.Context, *Concept) (int, error) { return 0, nil },
	}
	for _, c := range concepts {
		own := *c
		own.vocabulary, own.narrower = v, []*Concept{}
		v.all = append(v.all, &own)
		v.bySlug[own.Slug], v.byID[own.ID] = &own, &own
	}
	slices.SortFunc(v.all, func(a, b *Concept) int {
		if d := slices.Index(ConceptSchemes, a.Scheme) - slices.Index(ConceptSchemes, b.Scheme); d != 0 {
			return d
		}
		return strings.Compare(a.Slug, b.Slug)
	})
	for _, c := range v.all {
		for _, b := range v.concepts(c.BroaderSlugs) {
			b.narrower = append(b.narrower, c)
		}
		v.climb(c, c.Slug)
	}
	return v
}

// climb adds c and everything broader to the ancestors of slug.
func (v *Vocabulary) climb(c *Concept, slug string) {
	if slices.Contains(v.ancestor[slug], c.Slug) {
		return
	}
	v.ancestor[slug] = append(v.ancestor[slug], c.Slug)
	for _, b := range v.concepts(c.BroaderSlugs) {
		v.climb(b, slug)
	}
}

// Concept returns the concept with this slug, or nil.
func (v *Vocabulary) Concept(slug string) *Concept {
	if v == nil {
		return nil
	}
	return v.bySlug[slug]
}

// All returns every concept, by scheme, then slug.
func (v *Vocabulary) All() []*Concept { return v.all }

// Ancestors returns slug and the slugs of everything broader; slug alone where the vocabulary lacks it.
func (v *Vocabulary) Ancestors(slug string) []string {
	if v != nil {
		if a := v.ancestor[slug]; a != nil {
			return a
		}
	}
	return []string{slug}
}

func (v *Vocabulary) concepts(slugs []string) []*Concept {
	all := make([]*Concept, 0, len(slugs))
	for _, s := range slugs {
		if c := v.bySlug[s]; c != nil {
			all = append(all, c)
		}
	}
	return all
}
