package hub

import "context"

// Study is research about what culture does.
type Study struct {
	Entry
	Kind                 StudyKind     `json:"kind,omitempty"`
	Authors              []*Author     `json:"authors,omitempty"`
	Published            Date          `json:"published,omitempty"`
	Publisher            Line          `json:"publisher,omitempty"`
	Container            Line          `json:"container,omitempty"` // journal, book or series
	DOI                  Line          `json:"doi,omitempty"`
	ISBN                 Line          `json:"isbn,omitempty"`
	AbstractTexts        Texts         `json:"abstract,omitempty"`
	FindingsTexts        Texts         `json:"findings,omitempty"`
	MethodTexts          Texts         `json:"method,omitempty"`
	SampleTexts          Texts         `json:"sample,omitempty"`
	CountriesStudiedList []CountryCode `json:"countriesStudied,omitempty"`
	PeerReviewed         *bool         `json:"peerReviewed,omitempty"`
}

// Author is a person or body that wrote a study.
type Author struct {
	Name  string `json:"name"`
	ORCID Line   `json:"orcid,omitempty"` // 0000-0002-1825-0097
}

// Type is TypeStudy.
func (*Study) Type() RecordType { return TypeStudy }

// Abstract returns the study's own summary.
func (s *Study) Abstract(ctx context.Context, in []Language) *Text {
	return s.markup(ctx, in, s.AbstractTexts)
}

// Findings returns what was found.
func (s *Study) Findings(ctx context.Context, in []Language) *Text {
	return s.markup(ctx, in, s.FindingsTexts)
}

// Method returns how it was found.
func (s *Study) Method(ctx context.Context, in []Language) *Text {
	return s.markup(ctx, in, s.MethodTexts)
}

// Sample returns whom or what was studied.
func (s *Study) Sample(ctx context.Context, in []Language) *Text {
	return s.markup(ctx, in, s.SampleTexts)
}

// Text returns the full text.
func (s *Study) Text(ctx context.Context, in []Language) (*Text, error) { return s.fullText(ctx, in) }

// CountriesStudied returns where the people studied live.
func (s *Study) CountriesStudied() []*Country { return countries(s.CountriesStudiedList) }

// Supports returns the practices that it evaluated.
func (s *Study) Supports(ctx context.Context, first int) ([]*GoodPractice, error) {
	return naming[*GoodPractice](ctx, &s.Entry, first, "supportedBy")
}

func (s *Study) eachText(fn func(f TextField, item int, t *Texts)) {
	s.common(fn)
	fn(TextField{"abstract", false, ClassSummary}, 0, &s.AbstractTexts)
	fn(TextField{"findings", false, ClassBody}, 0, &s.FindingsTexts)
	fn(TextField{"method", false, ClassBody}, 0, &s.MethodTexts)
	fn(TextField{"sample", false, ClassBody}, 0, &s.SampleTexts)
	fn(TextField{"text", false, ClassBody}, 0, &s.FullTextTexts)
}

func (s *Study) references() []Reference { return nil }
