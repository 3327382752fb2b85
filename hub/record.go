package hub

import (
	"context"
	"encoding/json"
	"slices"
)

// Node is anything with an id of its own.
type Node interface{ NodeID() ID }

// Record is one entry of the hub: a *GoodPractice, *Study, *PolicyDocument, *Organisation, *Project or *Collection.
type Record interface {
	Node
	AsEntry() *Entry
	// Type says which of the six it is.
	Type() RecordType
	// eachText calls fn with every text the record has in many languages, in a fixed order. item is the place in a
	// list, 0 elsewhere. Setting *t changes the record.
	eachText(fn func(f TextField, item int, t *Texts))
	// references returns the slugs of the records that this one names, by field.
	references() []Reference
}

// TextField names a text of a record and says what it is.
type TextField struct {
	Name  string // GraphQL name, such as problem or results
	Plain bool   // plain text; else CommonMark
	Class TextClass
}

// TextClass says how much a text says about its record; the index gives each class a field of its own.
type TextClass uint8

// Classes of text.
const (
	ClassTitle   TextClass = iota // the record's names
	ClassSummary                  // what it is in brief
	ClassBody                     // everything else
)

// Reference is one record named by another.
type Reference struct {
	Field string // GraphQL name of the field that names it
	Slug  string
}

// Entry is what every record has in common.
type Entry struct {
	ID               ID            `json:"id,omitempty"`
	Slug             string        `json:"slug"`
	OriginalLanguage Language      `json:"originalLanguage"`
	TitleTexts       Texts         `json:"title"`
	SummaryTexts     Texts         `json:"summary,omitempty"`
	CountryCodes     []CountryCode `json:"countries,omitempty"`
	ThemeSlugs       []string      `json:"themes,omitempty"`
	SectorSlugs      []string      `json:"sectors,omitempty"`
	DomainSlugs      []string      `json:"domains,omitempty"`
	Keywords         []string      `json:"keywords,omitempty"`
	Sources          []*Source     `json:"sources,omitempty"`
	Licence          Line          `json:"licence,omitempty"`
	LastVerified     Date          `json:"lastVerified,omitempty"`
	Status           RecordStatus  `json:"status,omitempty"`
	Version          int           `json:"version,omitempty"`
	CreatedAt        DateTime      `json:"createdAt,omitzero"`
	UpdatedAt        DateTime      `json:"updatedAt,omitzero"`

	// FullTextTexts is the full text of a study or policy document. A record that was read for a list does not
	// carry it (FullTextLanguages still tells which there are); Text loads it.
	FullTextTexts     Texts      `json:"text,omitempty"`
	FullTextLanguages []Language `json:"textLanguages,omitempty"`

	page *page // what it was loaded with; nil for a record that did not come from a Hub
}

// Source is where a fact comes from.
type Source struct {
	Title    string `json:"title"`
	URL      URL    `json:"url,omitempty"`
	Accessed Date   `json:"accessed,omitempty"`
}

// NodeID returns the record's id.
func (e *Entry) NodeID() ID { return e.ID }

// AsEntry returns e.
func (e *Entry) AsEntry() *Entry { return e }

// Title returns the title for the reader.
func (e *Entry) Title(ctx context.Context, in []Language) *Text {
	return e.TitleTexts.serve(ctx, in, e.OriginalLanguage, true)
}

// Summary returns the summary for the reader, nil where there is none.
func (e *Entry) Summary(ctx context.Context, in []Language) *Text {
	return e.markup(ctx, in, e.SummaryTexts)
}

// markup serves a CommonMark text.
func (e *Entry) markup(ctx context.Context, in []Language, t Texts) *Text {
	return t.serve(ctx, in, e.OriginalLanguage, false)
}

// list serves a list of plain texts.
func (e *Entry) list(ctx context.Context, in []Language, all []Texts) []*Text {
	out := make([]*Text, 0, len(all))
	for _, t := range all {
		if s := t.serve(ctx, in, e.OriginalLanguage, true); s != nil {
			out = append(out, s)
		}
	}
	return out
}

// Languages returns the languages that the record can be read in, original first: those of its summary and full text, or
// where it has neither those of its title. (A title in the original language alone does not make a record readable in it.)
func (e *Entry) Languages() []Language {
	var all []Language
	add := func(l Language) {
		switch {
		case slices.Contains(all, l):
		case l == e.OriginalLanguage:
			all = slices.Insert(all, 0, l)
		default:
			all = append(all, l)
		}
	}
	for _, tr := range e.SummaryTexts {
		add(tr.Language)
	}
	for _, l := range e.FullTextLanguages {
		add(l)
	}
	for _, tr := range e.FullTextTexts {
		add(tr.Language)
	}
	if len(all) == 0 {
		for _, tr := range e.TitleTexts {
			add(tr.Language)
		}
	}
	return all
}

// Countries returns the record's countries.
func (e *Entry) Countries() []*Country { return countries(e.CountryCodes) }

// Themes returns the themes it is filed under.
func (e *Entry) Themes() []*Concept { return e.concepts(e.ThemeSlugs) }

// Sectors returns the sectors that work together in it.
func (e *Entry) Sectors() []*Concept { return e.concepts(e.SectorSlugs) }

// Domains returns its cultural and creative domains.
func (e *Entry) Domains() []*Concept { return e.concepts(e.DomainSlugs) }

// concepts looks slugs up in the vocabulary of the moment the record was read; those it lacks are left out (check reports them).
func (e *Entry) concepts(slugs []string) []*Concept {
	all := make([]*Concept, 0, len(slugs))
	if e.page == nil {
		return all
	}
	for _, s := range slugs {
		if c := e.page.vocabulary.Concept(s); c != nil {
			all = append(all, c)
		}
	}
	return all
}

// URL returns the address of the record's page on this hub.
func (e *Entry) URL(ctx context.Context) URL { return URL(BaseURLFrom(ctx) + "/records/" + e.Slug) }

// fullText serves the full text, from the store where the record does not carry it.
func (e *Entry) fullText(ctx context.Context, in []Language) (*Text, error) {
	if len(e.FullTextTexts) > 0 || len(e.FullTextLanguages) == 0 || e.page == nil {
		return e.markup(ctx, in, e.FullTextTexts), nil
	}
	all, err := e.page.fullTexts(ctx, e.ID)
	if err != nil {
		return nil, err
	}
	return e.markup(ctx, in, all), nil
}

// common calls fn with the texts that every record has.
func (e *Entry) common(fn func(f TextField, item int, t *Texts)) {
	fn(TextField{"title", true, ClassTitle}, 0, &e.TitleTexts)
	fn(TextField{"summary", false, ClassSummary}, 0, &e.SummaryTexts)
}

// TextAt is one translation of one text of a record.
type TextAt struct {
	Field TextField
	Item  int
	Translation
}

// TextsOf returns every translation of every text the record carries, in a fixed order.
func TextsOf(r Record) []TextAt {
	var all []TextAt
	r.eachText(func(f TextField, item int, t *Texts) {
		for _, tr := range *t {
			all = append(all, TextAt{f, item, tr})
		}
	})
	return all
}

// TextOf returns one translation of one text, nil where the record does not carry it.
func TextOf(r Record, field string, item int, l Language) (found *Translation) {
	r.eachText(func(f TextField, i int, t *Texts) {
		if f.Name == field && i == item {
			found = t.Get(l)
		}
	})
	return found
}

// ReferencesOf returns the records that r names, by field.
func ReferencesOf(r Record) []Reference { return r.references() }

// ConceptSlugsOf returns the concepts that r is filed under, by field.
func ConceptSlugsOf(r Record) []Reference {
	e := r.AsEntry()
	refs := refs(nil, "themes", e.ThemeSlugs...)
	refs = appendRefs(refs, "sectors", e.SectorSlugs)
	refs = appendRefs(refs, "domains", e.DomainSlugs)
	if p, ok := r.(*GoodPractice); ok {
		refs = appendRefs(refs, "targetGroups", p.TargetGroupSlugs)
	}
	return refs
}

// OrganisationSlugsOf returns the organisations that take part in r in any role.
func OrganisationSlugsOf(r Record) []string {
	var all []string
	for _, ref := range r.references() {
		switch ref.Field {
		case "organisations", "issuedBy", "owner", "partners", "memberOf":
			if !slices.Contains(all, ref.Slug) {
				all = append(all, ref.Slug)
			}
		}
	}
	return all
}

// Years returns the years that a filter by year finds the record under: for a practice or project every year it ran (to is
// 0 while it runs), for a study the year it was published, for a policy document that it was adopted. Both are 0 where nothing is known.
func Years(r Record) (from, to int) {
	switch r := r.(type) {
	case *GoodPractice:
		return span(r.Started, r.Ended)
	case *Project:
		return span(r.Started, r.Ended)
	case *Study:
		return r.Published.Year(), r.Published.Year()
	case *PolicyDocument:
		return r.Adopted.Year(), r.Adopted.Year()
	}
	return 0, 0
}

func span(started, ended Date) (from, to int) {
	if started == "" { // an end alone says that it ran in that year
		return ended.Year(), ended.Year()
	}
	return started.Year(), ended.Year()
}

// DateOf returns the date that newest and oldest sort by: when it started, was published or adopted. It may be empty.
func DateOf(r Record) Date {
	switch r := r.(type) {
	case *GoodPractice:
		return r.Started
	case *Project:
		return r.Started
	case *Study:
		return r.Published
	case *PolicyDocument:
		return r.Adopted
	}
	return ""
}

// EvidenceOf returns how strong the evidence is, for a good practice; empty elsewhere.
func EvidenceOf(r Record) EvidenceLevel {
	if p, ok := r.(*GoodPractice); ok {
		return p.EvidenceLevel
	}
	return ""
}

// NewRecord returns an empty record of the type, nil if there is no such type.
func NewRecord(t RecordType) Record {
	switch t {
	case TypeGoodPractice:
		return &GoodPractice{}
	case TypeStudy:
		return &Study{}
	case TypePolicyDocument:
		return &PolicyDocument{}
	case TypeOrganisation:
		return &Organisation{}
	case TypeProject:
		return &Project{}
	case TypeCollection:
		return &Collection{}
	}
	return nil
}

// clone returns a deep copy of r, without its page.
func clone(r Record) Record {
	b, err := json.Marshal(r)
	if err != nil {
		panic("hub: a record does not encode: " + err.Error())
	}
	c := NewRecord(r.Type())
	if err := json.Unmarshal(b, c); err != nil {
		panic("hub: a record does not decode: " + err.Error())
	}
	return c
}

// refs appends the non-empty slugs as references of one field.
func refs(all []Reference, field string, slugs ...string) []Reference {
	return appendRefs(all, field, slugs)
}

func appendRefs(all []Reference, field string, slugs []string) []Reference {
	for _, s := range slugs {
		if s != "" {
			all = append(all, Reference{field, s})
		}
	}
	return all
}

// ReferenceType returns the type of record that a reference must lead to; empty where any will do.
func ReferenceType(field string) RecordType {
	switch field {
	case "organisations", "partners", "owner", "issuedBy", "memberOf":
		return TypeOrganisation
	case "adaptedFrom":
		return TypeGoodPractice
	case "supportedBy":
		return TypeStudy
	case "implements", "amends", "succeeds":
		return TypePolicyDocument
	case "project", "relatedProjects":
		return TypeProject
	}
	return ""
}
