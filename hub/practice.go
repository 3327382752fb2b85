package hub

import "context"

// GoodPractice is something that was done somewhere, and what came of it.
type GoodPractice struct {
	Entry
	Place              Line             `json:"place,omitempty"`
	OrganisationRefs   []*Participation `json:"organisations,omitempty"`
	Started            Date             `json:"started,omitempty"`
	Ended              Date             `json:"ended,omitempty"`
	ProblemTexts       Texts            `json:"problem,omitempty"`
	ContextTexts       Texts            `json:"context,omitempty"`
	SolutionTexts      Texts            `json:"solution,omitempty"`
	ResourcesTexts     Texts            `json:"resources,omitempty"`
	Budget             *Budget          `json:"budget,omitempty"`
	CostBand           *int             `json:"costBand,omitempty"`
	FundingTexts       []Texts          `json:"fundingSources,omitempty"`
	ResultList         []*Result        `json:"results,omitempty"`
	IndicatorList      []*Indicator     `json:"indicators,omitempty"`
	EvidenceLevel      EvidenceLevel    `json:"evidenceLevel,omitempty"`
	EvidenceTexts      Texts            `json:"evidenceMethod,omitempty"`
	Outcome            Outcome          `json:"outcome,omitempty"`
	DidNotWorkTexts    Texts            `json:"whatDidNotWork,omitempty"`
	SuccessTexts       Texts            `json:"successFactors,omitempty"`
	LessonsTexts       Texts            `json:"lessons,omitempty"`
	TransferTexts      Texts            `json:"transferability,omitempty"`
	PreconditionsTexts Texts            `json:"preconditions,omitempty"`
	TargetGroupSlugs   []string         `json:"targetGroups,omitempty"`
	AdaptedFromSlugs   []string         `json:"adaptedFrom,omitempty"`
	ImplementsSlugs    []string         `json:"implements,omitempty"`
	SupportedBySlugs   []string         `json:"supportedBy,omitempty"`
	ProjectSlug        string           `json:"project,omitempty"`
}

// Budget is what it cost.
type Budget struct {
	Amount   float64 `json:"amount"`
	Currency string  `json:"currency"` // ISO 4217
	Year     Date    `json:"year,omitempty"`
}

// Result is one thing that came of a practice, with the source that says so.
type Result struct {
	StatementTexts Texts   `json:"statement"`
	Source         *Source `json:"source,omitempty"`
	entry          *Entry
}

// Indicator is a figure that was measured.
type Indicator struct {
	NameTexts Texts  `json:"name"`
	Value     string `json:"value"`
	Year      Date   `json:"year,omitempty"`
	entry     *Entry
}

// Participation is an organisation's part in a practice or project.
type Participation struct {
	OrganisationSlug string           `json:"organisation"`
	Role             OrganisationRole `json:"role"`
	record           *Organisation
}

// Organisation returns the organisation that takes part.
func (p *Participation) Organisation() *Organisation { return p.record }

// Type is TypeGoodPractice.
func (*GoodPractice) Type() RecordType { return TypeGoodPractice }

// Problem returns the social problem that it answers.
func (p *GoodPractice) Problem(ctx context.Context, in []Language) *Text {
	return p.markup(ctx, in, p.ProblemTexts)
}

// Context returns the circumstances that it arose in.
func (p *GoodPractice) Context(ctx context.Context, in []Language) *Text {
	return p.markup(ctx, in, p.ContextTexts)
}

// Solution returns what was done.
func (p *GoodPractice) Solution(ctx context.Context, in []Language) *Text {
	return p.markup(ctx, in, p.SolutionTexts)
}

// Resources returns what it takes.
func (p *GoodPractice) Resources(ctx context.Context, in []Language) *Text {
	return p.markup(ctx, in, p.ResourcesTexts)
}

// FundingSources returns who pays.
func (p *GoodPractice) FundingSources(ctx context.Context, in []Language) []*Text {
	return p.list(ctx, in, p.FundingTexts)
}

// EvidenceMethod returns how it was evaluated.
func (p *GoodPractice) EvidenceMethod(ctx context.Context, in []Language) *Text {
	return p.markup(ctx, in, p.EvidenceTexts)
}

// WhatDidNotWork returns weak effects and failures.
func (p *GoodPractice) WhatDidNotWork(ctx context.Context, in []Language) *Text {
	return p.markup(ctx, in, p.DidNotWorkTexts)
}

// SuccessFactors returns what made it work.
func (p *GoodPractice) SuccessFactors(ctx context.Context, in []Language) *Text {
	return p.markup(ctx, in, p.SuccessTexts)
}

// Lessons returns what was learnt.
func (p *GoodPractice) Lessons(ctx context.Context, in []Language) *Text {
	return p.markup(ctx, in, p.LessonsTexts)
}

// Transferability returns what another place would need.
func (p *GoodPractice) Transferability(ctx context.Context, in []Language) *Text {
	return p.markup(ctx, in, p.TransferTexts)
}

// Preconditions returns what must be there first.
func (p *GoodPractice) Preconditions(ctx context.Context, in []Language) *Text {
	return p.markup(ctx, in, p.PreconditionsTexts)
}

// Results returns what came of it.
func (p *GoodPractice) Results() []*Result {
	all := make([]*Result, len(p.ResultList))
	for i, r := range p.ResultList {
		all[i] = &Result{r.StatementTexts, r.Source, &p.Entry}
	}
	return all
}

// Statement returns the result in the reader's language.
func (r *Result) Statement(ctx context.Context, in []Language) *Text {
	return r.StatementTexts.serve(ctx, in, r.entry.OriginalLanguage, false)
}

// Indicators returns the figures that were measured.
func (p *GoodPractice) Indicators() []*Indicator {
	all := make([]*Indicator, len(p.IndicatorList))
	for n, i := range p.IndicatorList {
		all[n] = &Indicator{i.NameTexts, i.Value, i.Year, &p.Entry}
	}
	return all
}

// Name returns what was measured.
func (i *Indicator) Name(ctx context.Context, in []Language) *Text {
	return i.NameTexts.serve(ctx, in, i.entry.OriginalLanguage, true)
}

// TargetGroups returns whom it is for.
func (p *GoodPractice) TargetGroups() []*Concept { return p.concepts(p.TargetGroupSlugs) }

// Organisations returns who takes part; organisations that the hub does not have are left out (check reports them).
func (p *GoodPractice) Organisations(ctx context.Context) ([]*Participation, error) {
	return p.participations(ctx, "organisations", p.OrganisationRefs)
}

// AdaptedFrom returns the practices that it was adapted from.
func (p *GoodPractice) AdaptedFrom(ctx context.Context) ([]*GoodPractice, error) {
	return named[*GoodPractice](ctx, &p.Entry, "adaptedFrom", p.AdaptedFromSlugs)
}

// AdaptedBy returns the practices that were adapted from it.
func (p *GoodPractice) AdaptedBy(ctx context.Context, first int) ([]*GoodPractice, error) {
	return naming[*GoodPractice](ctx, &p.Entry, first, "adaptedFrom")
}

// Implements returns the policy documents that it carries out.
func (p *GoodPractice) Implements(ctx context.Context) ([]*PolicyDocument, error) {
	return named[*PolicyDocument](ctx, &p.Entry, "implements", p.ImplementsSlugs)
}

// SupportedBy returns the studies that evaluated it.
func (p *GoodPractice) SupportedBy(ctx context.Context) ([]*Study, error) {
	return named[*Study](ctx, &p.Entry, "supportedBy", p.SupportedBySlugs)
}

// Project returns the project that it belongs to.
func (p *GoodPractice) Project(ctx context.Context) (*Project, error) {
	return one(named[*Project](ctx, &p.Entry, "project", []string{p.ProjectSlug}))
}

func (p *GoodPractice) eachText(fn func(f TextField, item int, t *Texts)) {
	p.common(fn)
	body := func(name string, t *Texts) { fn(TextField{name, false, ClassBody}, 0, t) }
	body("problem", &p.ProblemTexts)
	body("context", &p.ContextTexts)
	body("solution", &p.SolutionTexts)
	body("resources", &p.ResourcesTexts)
	for i := range p.FundingTexts {
		fn(TextField{"fundingSources", true, ClassBody}, i, &p.FundingTexts[i])
	}
	for i, r := range p.ResultList {
		fn(TextField{"results", false, ClassBody}, i, &r.StatementTexts)
	}
	for i, n := range p.IndicatorList {
		fn(TextField{"indicators", true, ClassBody}, i, &n.NameTexts)
	}
	body("evidenceMethod", &p.EvidenceTexts)
	body("whatDidNotWork", &p.DidNotWorkTexts)
	body("successFactors", &p.SuccessTexts)
	body("lessons", &p.LessonsTexts)
	body("transferability", &p.TransferTexts)
	body("preconditions", &p.PreconditionsTexts)
}

func (p *GoodPractice) references() []Reference {
	all := participants(nil, "organisations", p.OrganisationRefs)
	all = appendRefs(all, "adaptedFrom", p.AdaptedFromSlugs)
	all = appendRefs(all, "implements", p.ImplementsSlugs)
	all = appendRefs(all, "supportedBy", p.SupportedBySlugs)
	return refs(all, "project", p.ProjectSlug)
}

func participants(all []Reference, field string, ps []*Participation) []Reference {
	for _, o := range ps {
		all = refs(all, field, o.OrganisationSlug)
	}
	return all
}
