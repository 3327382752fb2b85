package hub

import (
	"io"
	"slices"
	"strings"
)

// The enums of the schema. Each is a string with the schema's own names, so that files, answers and the
// database all say the same word.
type (
	RecordType       string
	RecordStatus     string
	TextOrigin       string
	ConceptScheme    string
	EvidenceLevel    string
	Outcome          string
	OrganisationRole string
	OrganisationKind string
	StudyKind        string
	DocumentType     string
	Validity         string
	RecordOrder      string
	SearchOrder      string
	FacetField       string
)

// Values that the code itself speaks of.
const (
	TypeGoodPractice   RecordType = "GOOD_PRACTICE"
	TypeStudy          RecordType = "STUDY"
	TypePolicyDocument RecordType = "POLICY_DOCUMENT"
	TypeOrganisation   RecordType = "ORGANISATION"
	TypeProject        RecordType = "PROJECT"
	TypeCollection     RecordType = "COLLECTION"

	StatusPublished RecordStatus = "PUBLISHED"

	OriginOriginal TextOrigin = "ORIGINAL"
	OriginHuman    TextOrigin = "HUMAN"
	OriginMachine  TextOrigin = "MACHINE"

	SchemeTheme       ConceptScheme = "THEME"
	SchemeSector      ConceptScheme = "SECTOR"
	SchemeDomain      ConceptScheme = "DOMAIN"
	SchemeTargetGroup ConceptScheme = "TARGET_GROUP"
	SchemeExternal    ConceptScheme = "EXTERNAL"

	OrderTitle           RecordOrder = "TITLE"
	OrderNewest          RecordOrder = "NEWEST"
	OrderOldest          RecordOrder = "OLDEST"
	OrderRecentlyUpdated RecordOrder = "RECENTLY_UPDATED"

	ByRelevance SearchOrder = "RELEVANCE"

	FacetType         FacetField = "TYPE"
	FacetCountry      FacetField = "COUNTRY"
	FacetTheme        FacetField = "THEME"
	FacetSector       FacetField = "SECTOR"
	FacetDomain       FacetField = "DOMAIN"
	FacetTargetGroup  FacetField = "TARGET_GROUP"
	FacetLanguage     FacetField = "LANGUAGE"
	FacetYear         FacetField = "YEAR"
	FacetEvidence     FacetField = "EVIDENCE"
	FacetOrganisation FacetField = "ORGANISATION"
)

// The values of each enum, in the schema's order. A test compares them with the schema.
var (
	RecordTypes       = []RecordType{TypeGoodPractice, TypeStudy, TypePolicyDocument, TypeOrganisation, TypeProject, TypeCollection}
	RecordStatuses    = []RecordStatus{"DRAFT", "IN_REVIEW", StatusPublished, "RETIRED"}
	TextOrigins       = []TextOrigin{OriginOriginal, OriginHuman, OriginMachine}
	ConceptSchemes    = []ConceptScheme{SchemeTheme, SchemeSector, SchemeDomain, SchemeTargetGroup, SchemeExternal}
	EvidenceLevels    = []EvidenceLevel{"DESCRIBED", "MONITORED", "EVALUATED", "CONTROLLED", "REPLICATED"} // weakest first
	Outcomes          = []Outcome{"WORKED", "MIXED", "FAILED"}
	OrganisationRoles = []OrganisationRole{"LEAD", "PARTNER", "FUNDER", "EVALUATOR", "SUPPORTER"}
	OrganisationKinds = []OrganisationKind{"PUBLIC_AUTHORITY", "MUNICIPALITY", "CULTURAL_INSTITUTION", "NGO", "COMPANY", "FOUNDATION",
		"UNIVERSITY", "RESEARCH_INSTITUTE", "HEALTH_INSTITUTION", "EDUCATION_INSTITUTION", "INTERNATIONAL_ORGANISATION", "NETWORK", "CLUSTER", "OTHER"}
	StudyKinds = []StudyKind{"SYSTEMATIC_REVIEW", "SCOPING_REVIEW", "LITERATURE_REVIEW", "RANDOMISED_TRIAL", "CONTROLLED_STUDY", "COHORT_STUDY",
		"BEFORE_AFTER_STUDY", "EVALUATION", "CASE_STUDY", "SURVEY", "POLICY_REVIEW", "EXPERT_REPORT", "RESEARCH_REPORT", "BOOK", "THESIS", "ARTICLE", "OTHER"}
	DocumentTypes = []DocumentType{"LAW", "REGULATION", "STRATEGY", "PROGRAMME", "ACTION_PLAN", "WORK_PLAN", "COUNCIL_CONCLUSIONS", "RECOMMENDATION",
		"CONVENTION", "DECLARATION", "GUIDELINES", "AGREEMENT", "WHITE_PAPER", "OTHER"}
	Validities   = []Validity{"DRAFT", "IN_FORCE", "EXPIRED", "REPEALED"}
	RecordOrders = []RecordOrder{OrderTitle, OrderNewest, OrderOldest, OrderRecentlyUpdated}
	SearchOrders = []SearchOrder{ByRelevance, "TITLE", "NEWEST", "OLDEST", "RECENTLY_UPDATED"}
	FacetFields  = []FacetField{FacetType, FacetCountry, FacetTheme, FacetSector, FacetDomain, FacetTargetGroup, FacetLanguage, FacetYear, FacetEvidence, FacetOrganisation}
)

// oneOf reads an enum's value. The error is an ErrInvalid that lists what is allowed.
func oneOf[E ~string](v any, all []E) (E, error) {
	s, err := asString(v, "enum value")
	if err != nil {
		return "", err
	}
	if e := E(s); slices.Contains(all, e) {
		return e, nil
	}
	return "", invalid("", "use one of "+names(all), "%s is not known here", Echo(s))
}

func names[E ~string](all []E) string {
	s := make([]string, len(all))
	for i, e := range all {
		s[i] = string(e)
	}
	return strings.Join(s, ", ")
}

// enumText is what every enum needs to be read from a file.
func enumText[E ~string](e *E, b []byte, all []E) (err error) {
	*e, err = oneOf(string(b), all)
	return err
}

func enumGQL[E ~string](e *E, v any, all []E) (err error) {
	*e, err = oneOf(v, all)
	return err
}

func enumOut[E ~string](e E, w io.Writer) {
	if e == "" {
		_, _ = io.WriteString(w, "null")
		return
	}
	writeString(w, string(e))
}

// Every enum is read and written the same way; Go has no way to say so once for named types.

func (e RecordType) MarshalGQL(w io.Writer)        { enumOut(e, w) }
func (e *RecordType) UnmarshalGQL(v any) error     { return enumGQL(e, v, RecordTypes) }
func (e *RecordType) UnmarshalText(b []byte) error { return enumText(e, b, RecordTypes) }

func (e RecordStatus) MarshalGQL(w io.Writer)        { enumOut(e, w) }
func (e *RecordStatus) UnmarshalGQL(v any) error     { return enumGQL(e, v, RecordStatuses) }
func (e *RecordStatus) UnmarshalText(b []byte) error { return enumText(e, b, RecordStatuses) }

func (e TextOrigin) MarshalGQL(w io.Writer)        { enumOut(e, w) }
func (e *TextOrigin) UnmarshalGQL(v any) error     { return enumGQL(e, v, TextOrigins) }
func (e *TextOrigin) UnmarshalText(b []byte) error { return enumText(e, b, TextOrigins) }

func (e ConceptScheme) MarshalGQL(w io.Writer)        { enumOut(e, w) }
func (e *ConceptScheme) UnmarshalGQL(v any) error     { return enumGQL(e, v, ConceptSchemes) }
func (e *ConceptScheme) UnmarshalText(b []byte) error { return enumText(e, b, ConceptSchemes) }

func (e EvidenceLevel) MarshalGQL(w io.Writer)        { enumOut(e, w) }
func (e *EvidenceLevel) UnmarshalGQL(v any) error     { return enumGQL(e, v, EvidenceLevels) }
func (e *EvidenceLevel) UnmarshalText(b []byte) error { return enumText(e, b, EvidenceLevels) }

func (e Outcome) MarshalGQL(w io.Writer)        { enumOut(e, w) }
func (e *Outcome) UnmarshalGQL(v any) error     { return enumGQL(e, v, Outcomes) }
func (e *Outcome) UnmarshalText(b []byte) error { return enumText(e, b, Outcomes) }

func (e OrganisationRole) MarshalGQL(w io.Writer)        { enumOut(e, w) }
func (e *OrganisationRole) UnmarshalGQL(v any) error     { return enumGQL(e, v, OrganisationRoles) }
func (e *OrganisationRole) UnmarshalText(b []byte) error { return enumText(e, b, OrganisationRoles) }

func (e OrganisationKind) MarshalGQL(w io.Writer)        { enumOut(e, w) }
func (e *OrganisationKind) UnmarshalGQL(v any) error     { return enumGQL(e, v, OrganisationKinds) }
func (e *OrganisationKind) UnmarshalText(b []byte) error { return enumText(e, b, OrganisationKinds) }

func (e StudyKind) MarshalGQL(w io.Writer)        { enumOut(e, w) }
func (e *StudyKind) UnmarshalGQL(v any) error     { return enumGQL(e, v, StudyKinds) }
func (e *StudyKind) UnmarshalText(b []byte) error { return enumText(e, b, StudyKinds) }

func (e DocumentType) MarshalGQL(w io.Writer)        { enumOut(e, w) }
func (e *DocumentType) UnmarshalGQL(v any) error     { return enumGQL(e, v, DocumentTypes) }
func (e *DocumentType) UnmarshalText(b []byte) error { return enumText(e, b, DocumentTypes) }

func (e Validity) MarshalGQL(w io.Writer)        { enumOut(e, w) }
func (e *Validity) UnmarshalGQL(v any) error     { return enumGQL(e, v, Validities) }
func (e *Validity) UnmarshalText(b []byte) error { return enumText(e, b, Validities) }

func (e RecordOrder) MarshalGQL(w io.Writer)        { enumOut(e, w) }
func (e *RecordOrder) UnmarshalGQL(v any) error     { return enumGQL(e, v, RecordOrders) }
func (e *RecordOrder) UnmarshalText(b []byte) error { return enumText(e, b, RecordOrders) }

func (e SearchOrder) MarshalGQL(w io.Writer)        { enumOut(e, w) }
func (e *SearchOrder) UnmarshalGQL(v any) error     { return enumGQL(e, v, SearchOrders) }
func (e *SearchOrder) UnmarshalText(b []byte) error { return enumText(e, b, SearchOrders) }

func (e FacetField) MarshalGQL(w io.Writer)        { enumOut(e, w) }
func (e *FacetField) UnmarshalGQL(v any) error     { return enumGQL(e, v, FacetFields) }
func (e *FacetField) UnmarshalText(b []byte) error { return enumText(e, b, FacetFields) }
