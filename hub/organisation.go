package hub

import "context"

// Organisation is a body that takes part. Its name is its title.
type Organisation struct {
	Entry
	OtherNameTexts []Texts          `json:"otherNames,omitempty"`
	Kind           OrganisationKind `json:"kind,omitempty"`
	Place          Line             `json:"place,omitempty"`
	Website        URL              `json:"website,omitempty"`
	ROR            URL              `json:"ror,omitempty"` // https://ror.org/…
	MemberOfSlugs  []string         `json:"memberOf,omitempty"`
	OffersTexts    Texts            `json:"offers,omitempty"`
	LooksForTexts  Texts            `json:"looksFor,omitempty"`
}

// Type is TypeOrganisation.
func (*Organisation) Type() RecordType { return TypeOrganisation }

// OtherNames returns its short and former names.
func (o *Organisation) OtherNames(ctx context.Context, in []Language) []*Text {
	return o.list(ctx, in, o.OtherNameTexts)
}

// Offers returns what it offers to others.
func (o *Organisation) Offers(ctx context.Context, in []Language) *Text {
	return o.markup(ctx, in, o.OffersTexts)
}

// LooksFor returns what it looks for in others.
func (o *Organisation) LooksFor(ctx context.Context, in []Language) *Text {
	return o.markup(ctx, in, o.LooksForTexts)
}

// MemberOf returns the organisations that it is a member of.
func (o *Organisation) MemberOf(ctx context.Context) ([]*Organisation, error) {
	return named[*Organisation](ctx, &o.Entry, "memberOf", o.MemberOfSlugs)
}

// Members returns the organisations that are its members.
func (o *Organisation) Members(ctx context.Context, first int) ([]*Organisation, error) {
	return naming[*Organisation](ctx, &o.Entry, first, "memberOf")
}

// Practices returns the practices that it takes part in.
func (o *Organisation) Practices(ctx context.Context, first int) ([]*GoodPractice, error) {
	return naming[*GoodPractice](ctx, &o.Entry, first, "organisations")
}

// Issued returns the policy documents that it issued.
func (o *Organisation) Issued(ctx context.Context, first int) ([]*PolicyDocument, error) {
	return naming[*PolicyDocument](ctx, &o.Entry, first, "issuedBy")
}

// Projects returns the projects that it owns or takes part in.
func (o *Organisation) Projects(ctx context.Context, first int) ([]*Project, error) {
	return naming[*Project](ctx, &o.Entry, first, "owner", "partners")
}

func (o *Organisation) eachText(fn func(f TextField, item int, t *Texts)) {
	o.common(fn)
	for i := range o.OtherNameTexts {
		fn(TextField{"otherNames", true, ClassTitle}, i, &o.OtherNameTexts[i])
	}
	fn(TextField{"offers", false, ClassBody}, 0, &o.OffersTexts)
	fn(TextField{"looksFor", false, ClassBody}, 0, &o.LooksForTexts)
}

func (o *Organisation) references() []Reference { return refs(nil, "memberOf", o.MemberOfSlugs...) }
