package hub

// RecordFilter narrows what is found. Values within one field are alternatives, fields are joined with AND, and a concept
// includes its narrower ones.
type RecordFilter struct {
	Types           []RecordType
	Countries       []CountryCode
	Themes          []string
	Sectors         []string
	Domains         []string
	TargetGroups    []string
	Languages       []Language
	Year            *YearRange
	EvidenceAtLeast *EvidenceLevel
	Organisation    *ID
}

// YearRange is a span of years, both ends included; an end that is not given is open.
type YearRange struct{ From, To *int }

// MaxFilterValues is how many values one field of a filter may have.
const MaxFilterValues = 100

// validate says what is wrong with a filter that came from outside.
func (f *RecordFilter) validate() error {
	if f == nil {
		return nil
	}
	for name, n := range map[string]int{"types": len(f.Types), "countries": len(f.Countries), "themes": len(f.Themes), "sectors": len(f.Sectors),
		"domains": len(f.Domains), "targetGroups": len(f.TargetGroups), "languages": len(f.Languages)} {
		if n > MaxFilterValues {
			return invalid("filter."+name, "ask in several queries", "%d values are more than the %d that one field takes", n, MaxFilterValues)
		}
	}
	if y := f.Year; y != nil && y.From != nil && y.To != nil && *y.From > *y.To {
		return invalid("filter.year", "swap them", "from %d is after to %d", *y.From, *y.To)
	}
	return nil
}

// Values returns the values that a filter asks for in a field, as facets name them; none in fields that are not a list of values.
func (f *RecordFilter) Values(field FacetField) []string {
	switch field {
	case FacetType:
		return stringsOf(f.Types)
	case FacetCountry:
		return stringsOf(f.Countries)
	case FacetTheme:
		return f.Themes
	case FacetSector:
		return f.Sectors
	case FacetDomain:
		return f.Domains
	case FacetTargetGroup:
		return f.TargetGroups
	case FacetLanguage:
		return stringsOf(f.Languages)
	}
	return nil
}

func stringsOf[S ~string](all []S) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = string(s)
	}
	return out
}

// narrows tells whether a filter chooses among the values of a field.
func (f *RecordFilter) narrows(field FacetField) bool {
	switch {
	case f == nil:
		return false
	case field == FacetYear:
		return f.Year != nil
	case field == FacetEvidence:
		return f.EvidenceAtLeast != nil
	case field == FacetOrganisation:
		return f.Organisation != nil
	}
	return len(f.Values(field)) > 0
}
