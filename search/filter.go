package search

import (
	"cmp"
	"slices"

	"versme/hub"
)

// filterFields are the fields that a filter narrows and a facet counts. A record that fails the filter in one field alone is
// not found, but is counted by the facet of that field: a facet's own choice does not narrow it.
var filterFields = []hub.FacetField{hub.FacetType, hub.FacetCountry, hub.FacetTheme, hub.FacetSector, hub.FacetDomain, hub.FacetTargetGroup,
	hub.FacetLanguage, hub.FacetYear, hub.FacetEvidence, hub.FacetOrganisation}

// columnOf are the columns of the fields that hold values.
var columnOf = map[hub.FacetField]string{hub.FacetType: fieldType, hub.FacetCountry: fieldCountry, hub.FacetTheme: fieldTheme, hub.FacetSector: fieldSector,
	hub.FacetDomain: fieldDomain, hub.FacetTargetGroup: fieldTarget, hub.FacetLanguage: fieldLanguage, hub.FacetOrganisation: fieldOrganisation}

// criteria is a filter, ready for one segment.
type criteria struct {
	tests []test
	plan  *plan // for the years of the query itself: never a facet's own choice
	c     *columns
	now   int
}

// test is the filter of one field.
type test struct {
	field uint8 // place in filterFields
	v     *values
	pass  []bool // by number of the value
	from  int
	to    int
	level uint8
}

// wanted returns the values asked for in each field.
func wanted(r *hub.SearchRequest) map[hub.FacetField][]string {
	w := make(map[hub.FacetField][]string, len(filterFields))
	for _, f := range filterFields {
		w[f] = r.Filter.Values(f)
	}
	if r.Filter.Organisation != nil {
		w[hub.FacetOrganisation] = []string{r.OrgSlug} // as records name it
	}
	return w
}

func criteriaFor(r *hub.SearchRequest, w map[hub.FacetField][]string, p *plan, c *columns) *criteria {
	k := &criteria{plan: p, c: c, now: r.Now}
	for i, f := range filterFields {
		t := test{field: uint8(i)}
		switch f {
		case hub.FacetYear:
			y := r.Filter.Year
			if y == nil || y.From == nil && y.To == nil {
				continue
			}
			t.to = 9999
			if y.From != nil {
				t.from = *y.From
			}
			if y.To != nil {
				t.to = *y.To
			}
		case hub.FacetEvidence:
			if r.Filter.EvidenceAtLeast == nil {
				continue
			}
			t.level = uint8(slices.Index(hub.EvidenceLevels, *r.Filter.EvidenceAtLeast) + 1)
		default:
			if len(w[f]) == 0 {
				continue
			}
			t.v = c.field(columnOf[f], r.Vocabulary)
			t.pass = make([]bool, len(t.v.names))
			for n, name := range t.v.names {
				t.pass[n] = slices.Contains(w[f], name)
			}
		}
		k.tests = append(k.tests, t)
	}
	return k
}

// none is the field that a record fails in when it fails in no field.
const none = 255

// judge tells whether a record passes (none), fails in one field alone (its place in filterFields), or is out.
func (k *criteria) judge(doc uint32) (failed uint8, out bool) {
	ran := func(y Year) bool { return k.ran(doc, y.From, cmp.Or(y.To, 9999)) }
	for _, y := range k.plan.in {
		if !ran(y) {
			return none, true
		}
	}
	if slices.ContainsFunc(k.plan.notIn, ran) {
		return none, true
	}
	failed = none
	for i := range k.tests {
		if !k.passes(&k.tests[i], doc) {
			if failed != none {
				return none, true
			}
			failed = k.tests[i].field
		}
	}
	return failed, false
}

func (k *criteria) passes(t *test, doc uint32) bool {
	switch {
	case t.level > 0:
		return k.c.level[doc] >= t.level
	case t.v != nil:
		return slices.ContainsFunc(t.v.of(doc), func(n uint32) bool { return t.pass[n] })
	}
	return k.ran(doc, t.from, t.to)
}

// ran tells whether a record's years meet a span.
func (k *criteria) ran(doc uint32, from, to int) bool {
	first, last := k.c.years(doc, k.now)
	return first != 0 && first <= to && last >= from
}

// years returns the first and last year of a record; one that still runs does so this year.
func (c *columns) years(doc uint32, now int) (first, last int) {
	first, last = int(c.from[doc]), int(c.to[doc])
	if first != 0 && last == 0 {
		last = max(first, now)
	}
	return first, last
}
