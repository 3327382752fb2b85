package hub

import "context"

// PolicyDocument is a law, strategy, programme or recommendation.
type PolicyDocument struct {
	Entry
	DocumentType    DocumentType `json:"documentType,omitempty"`
	IssuedBySlugs   []string     `json:"issuedBy,omitempty"`
	JurisdictionIn  CountryCode  `json:"jurisdiction,omitempty"`
	Number          Line         `json:"number,omitempty"`
	CELEX           Line         `json:"celex,omitempty"`
	ELI             Line         `json:"eli,omitempty"`
	Adopted         Date         `json:"adopted,omitempty"`
	InForce         Date         `json:"inForce,omitempty"`
	Repealed        Date         `json:"repealed,omitempty"`
	Validity        Validity     `json:"validity,omitempty"`
	Period          *Period      `json:"period,omitempty"`
	MainPointsTexts Texts        `json:"mainPoints,omitempty"`
	AmendsSlugs     []string     `json:"amends,omitempty"`
	ImplementsSlugs []string     `json:"implements,omitempty"`
	SucceedsSlugs   []string     `json:"succeeds,omitempty"`
}

// Period is the time that a document covers.
type Period struct {
	From Date `json:"from,omitempty"`
	To   Date `json:"to,omitempty"`
}

// Type is TypePolicyDocument.
func (*PolicyDocument) Type() RecordType { return TypePolicyDocument }

// IssuedBy returns the organisations that issued it.
func (d *PolicyDocument) IssuedBy(ctx context.Context) ([]*Organisation, error) {
	return named[*Organisation](ctx, &d.Entry, "issuedBy", d.IssuedBySlugs)
}

// Jurisdiction returns where it is in force.
func (d *PolicyDocument) Jurisdiction() *Country {
	if d.JurisdictionIn == "" {
		return nil
	}
	return &Country{Code: d.JurisdictionIn}
}

// MainPoints returns what it says, in brief.
func (d *PolicyDocument) MainPoints(ctx context.Context, in []Language) *Text {
	return d.markup(ctx, in, d.MainPointsTexts)
}

// Text returns the full text.
func (d *PolicyDocument) Text(ctx context.Context, in []Language) (*Text, error) {
	return d.fullText(ctx, in)
}

// Amends returns the documents that it changes.
func (d *PolicyDocument) Amends(ctx context.Context) ([]*PolicyDocument, error) {
	return named[*PolicyDocument](ctx, &d.Entry, "amends", d.AmendsSlugs)
}

// AmendedBy returns the documents that change it.
func (d *PolicyDocument) AmendedBy(ctx context.Context, first int) ([]*PolicyDocument, error) {
	return naming[*PolicyDocument](ctx, &d.Entry, first, "amends")
}

// Implements returns the documents that it carries out.
func (d *PolicyDocument) Implements(ctx context.Context) ([]*PolicyDocument, error) {
	return named[*PolicyDocument](ctx, &d.Entry, "implements", d.ImplementsSlugs)
}

// Succeeds returns the documents whose place it took.
func (d *PolicyDocument) Succeeds(ctx context.Context) ([]*PolicyDocument, error) {
	return named[*PolicyDocument](ctx, &d.Entry, "succeeds", d.SucceedsSlugs)
}

// ImplementedBy returns the practices that carry it out.
func (d *PolicyDocument) ImplementedBy(ctx context.Context, first int) ([]*GoodPractice, error) {
	return naming[*GoodPractice](ctx, &d.Entry, first, "implements")
}

func (d *PolicyDocument) eachText(fn func(f TextField, item int, t *Texts)) {
	d.common(fn)
	fn(TextField{"mainPoints", false, ClassBody}, 0, &d.MainPointsTexts)
	fn(TextField{"text", false, ClassBody}, 0, &d.FullTextTexts)
}

func (d *PolicyDocument) references() []Reference {
	all := refs(nil, "issuedBy", d.IssuedBySlugs...)
	all = appendRefs(all, "amends", d.AmendsSlugs)
	all = appendRefs(all, "implements", d.ImplementsSlugs)
	return appendRefs(all, "succeeds", d.SucceedsSlugs)
}
