package hub

import "context"

// Project is work with a beginning, an end and an owner.
type Project struct {
	Entry
	OwnerSlug           string           `json:"owner,omitempty"`
	PartnerRefs         []*Participation `json:"partners,omitempty"`
	Started             Date             `json:"started,omitempty"`
	Ended               Date             `json:"ended,omitempty"`
	ProblemTexts        Texts            `json:"problem,omitempty"`
	GoalTexts           Texts            `json:"goal,omitempty"`
	MilestoneList       []*Milestone     `json:"milestones,omitempty"`
	ResultTexts         Texts            `json:"result,omitempty"`
	RelatedProjectSlugs []string         `json:"relatedProjects,omitempty"`
}

// Milestone is something a project did, and when.
type Milestone struct {
	Date      Date  `json:"date,omitempty"`
	WhatTexts Texts `json:"text"`
	entry     *Entry
}

// Text returns what was done.
func (m *Milestone) Text(ctx context.Context, in []Language) *Text {
	return m.WhatTexts.serve(ctx, in, m.entry.OriginalLanguage, true)
}

// Type is TypeProject.
func (*Project) Type() RecordType { return TypeProject }

// Owner returns the organisation that answers for it.
func (p *Project) Owner(ctx context.Context) (*Organisation, error) {
	return one(named[*Organisation](ctx, &p.Entry, "owner", []string{p.OwnerSlug}))
}

// Partners returns who else takes part.
func (p *Project) Partners(ctx context.Context) ([]*Participation, error) {
	return p.participations(ctx, "partners", p.PartnerRefs)
}

// Problem returns the problem that it takes on.
func (p *Project) Problem(ctx context.Context, in []Language) *Text {
	return p.markup(ctx, in, p.ProblemTexts)
}

// Goal returns what it is to reach.
func (p *Project) Goal(ctx context.Context, in []Language) *Text {
	return p.markup(ctx, in, p.GoalTexts)
}

// Milestones returns its milestones.
func (p *Project) Milestones() []*Milestone {
	all := make([]*Milestone, len(p.MilestoneList))
	for i, m := range p.MilestoneList {
		all[i] = &Milestone{m.Date, m.WhatTexts, &p.Entry}
	}
	return all
}

// Result returns what came of it.
func (p *Project) Result(ctx context.Context, in []Language) *Text {
	return p.markup(ctx, in, p.ResultTexts)
}

// RelatedProjects returns the projects that it names as related.
func (p *Project) RelatedProjects(ctx context.Context) ([]*Project, error) {
	return named[*Project](ctx, &p.Entry, "relatedProjects", p.RelatedProjectSlugs)
}

// Practices returns the practices that belong to it.
func (p *Project) Practices(ctx context.Context, first int) ([]*GoodPractice, error) {
	return naming[*GoodPractice](ctx, &p.Entry, first, "project")
}

func (p *Project) eachText(fn func(f TextField, item int, t *Texts)) {
	p.common(fn)
	fn(TextField{"problem", false, ClassBody}, 0, &p.ProblemTexts)
	fn(TextField{"goal", false, ClassBody}, 0, &p.GoalTexts)
	for i, m := range p.MilestoneList {
		fn(TextField{"milestones", true, ClassBody}, i, &m.WhatTexts)
	}
	fn(TextField{"result", false, ClassBody}, 0, &p.ResultTexts)
}

func (p *Project) references() []Reference {
	all := refs(nil, "owner", p.OwnerSlug)
	all = participants(all, "partners", p.PartnerRefs)
	return appendRefs(all, "relatedProjects", p.RelatedProjectSlugs)
}
