package graph_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"versme/graph"
	"versme/hub"
)

type facet struct {
	Field  string
	Values []facetValue
}

type facetValue struct {
	Value string
	Label string
	Count int
}

var allFields = []string{"TYPE", "COUNTRY", "THEME", "SECTOR", "DOMAIN", "TARGET_GROUP", "LANGUAGE", "YEAR", "EVIDENCE", "ORGANISATION"}

// facets asks for facets, every value of them.
func facets(tb testing.TB, api http.Handler, query string, filter map[string]any, fields ...string) (total int, all map[string][]facetValue) {
	tb.Helper()
	type data struct {
		Search struct {
			TotalCount int
			Facets     []facet
		}
	}
	got := ask[data](tb, api, `query($q:String!,$f:RecordFilter,$fields:[FacetField!]!){
		search(query:$q,filter:$f,first:0){totalCount facets(fields:$fields,first:100){field values{value label count}}}}`,
		map[string]any{"q": query, "f": filter, "fields": append([]string{}, fields...)}).Search
	all = map[string][]facetValue{}
	for i, f := range got.Facets {
		if f.Field != fields[i] {
			tb.Fatalf("asked for %v, got %s as number %d", fields, f.Field, i)
		}
		all[f.Field] = f.Values
	}
	return got.TotalCount, all
}

// choose is a filter with the choice in one field made another.
func choose(filter map[string]any, field, value string) map[string]any {
	f := maps.Clone(filter)
	if f == nil {
		f = map[string]any{}
	}
	names := map[string]string{"TYPE": "types", "COUNTRY": "countries", "THEME": "themes", "SECTOR": "sectors", "DOMAIN": "domains",
		"TARGET_GROUP": "targetGroups", "LANGUAGE": "languages"}
	switch field {
	case "YEAR":
		y, _ := strconv.Atoi(value)
		f["year"] = map[string]any{"from": y, "to": y}
	case "EVIDENCE":
		f["evidenceAtLeast"] = value
	case "ORGANISATION":
		f["organisation"] = value
	default:
		f[names[field]] = []string{value}
	}
	return f
}

// TestFacets: of every value of every field, the count is what choosing that value gives, the field's own choice being replaced by it.
func TestFacets(t *testing.T) {
	api := starterAPI(t)
	for _, test := range []struct {
		query  string
		filter map[string]any
	}{
		{"", nil},
		{"kultūra health", nil},
		{"year:2018..2022", map[string]any{"types": []string{"GOOD_PRACTICE", "STUDY"}}},
		{"", map[string]any{"countries": []string{"DK", "SE"}}},
		{"art", map[string]any{"countries": []string{"GB"}, "themes": []string{"arts-and-health"}, "year": map[string]any{"from": 2015}}},
		{"", map[string]any{"evidenceAtLeast": "EVALUATED", "languages": []string{"lt"}}},
	} {
		total, all := facets(t, api, test.query, test.filter, allFields...)
		for field, values := range all {
			if len(values) == 0 && total > 0 && len(test.filter) < 2 {
				t.Errorf("%q, %v: %s has no values", test.query, test.filter, field)
			}
			if len(values) == 100 {
				t.Errorf("%s has too many values for this test", field)
			}
			for i, v := range values {
				if i > 0 && v.Count > values[i-1].Count {
					t.Errorf("%s: %v is not the most frequent first", field, values)
				}
				if v.Label == "" {
					t.Errorf("%s: %s has no name", field, v.Value)
				}
				if chosen, _ := facets(t, api, test.query, choose(test.filter, field, v.Value)); v.Count != chosen || chosen == 0 {
					t.Errorf("%q, %v: %s %s counts %d, choosing it gives %d", test.query, test.filter, field, v.Value, v.Count, chosen)
				}
			}
		}
	}
}

// TestFacetsOfOthers: the choice in one field narrows all others.
func TestFacetsOfOthers(t *testing.T) {
	api := starterAPI(t)
	_, free := facets(t, api, "", nil, allFields...)
	_, chosen := facets(t, api, "", map[string]any{"countries": []string{"DK"}}, allFields...)
	if diff := gocmp.Diff(free["COUNTRY"], chosen["COUNTRY"]); diff != "" {
		t.Errorf("the choice of a country narrows the countries:\n%s", diff)
	}
	if gocmp.Equal(free["THEME"], chosen["THEME"]) {
		t.Error("the choice of a country does not narrow the themes")
	}
}

// TestFacetsFirst: first cuts each field by itself, and says nothing of the rest.
func TestFacetsFirst(t *testing.T) {
	api := starterAPI(t)
	_, all := facets(t, api, "", nil, "THEME", "COUNTRY")
	type data struct{ Search struct{ Facets []facet } }
	for first, want := range map[string]int{"first:0": 0, "first:3": 3, "": 10} {
		arguments := "fields:[THEME,COUNTRY]"
		if first != "" {
			arguments += "," + first
		}
		got := ask[data](t, api, `{search(query:""){facets(`+arguments+`){field values{value label count}}}}`, nil).Search.Facets
		for _, f := range got {
			if diff := gocmp.Diff(all[f.Field][:want], f.Values); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", first, f.Field, diff)
			}
		}
	}
}

// TestFacetsOfNothing: fields without values are there, empty.
func TestFacetsOfNothing(t *testing.T) {
	api := starterAPI(t)
	for _, filter := range []map[string]any{nil, {"organisation": "no such organisation"}, {"countries": []string{"MT"}, "themes": []string{"no-such-theme"}}} {
		query := "qqqqqqqq"
		if filter != nil {
			query = ""
		}
		total, all := facets(t, api, query, filter, allFields...)
		if total != 0 || len(all) != len(allFields) {
			t.Errorf("%v: %d found, %d fields", filter, total, len(all))
		}
		for field, values := range all {
			if len(values) != 0 {
				t.Errorf("%v: %s: %v", filter, field, values)
			}
		}
	}
}

// TestLabels: values are named in the reader's languages.
func TestLabels(t *testing.T) {
	api := starterAPI(t)
	eno := ask[struct{ Record struct{ ID string } }](t, api, `{record(slug:"english-national-opera"){id}}`, nil).Record.ID
	for _, test := range []struct{ field, value, lt, en, nb string }{
		{"TYPE", "GOOD_PRACTICE", "geroji praktika", "good practice", "good practice"},
		{"COUNTRY", "NO", "Norvegija", "Norway", "Norge"},
		{"LANGUAGE", "lt", "lietuvių", "Lithuanian", "litauisk"},
		{"YEAR", "2019", "2019", "2019", "2019"},
		{"EVIDENCE", "CONTROLLED", "patikrinta su kontroline grupe", "controlled", "controlled"},
		{"THEME", "arts-and-health", "", "", ""},
		{"ORGANISATION", eno, "", "", ""},
	} {
		for language, want := range map[string]string{"lt": test.lt, "en": test.en, "nb": test.nb} {
			type data struct{ Search struct{ Facets []facet } }
			for name, query := range map[string]string{
				"in of the search": `{search(query:"",in:["` + language + `"]){facets(fields:[` + test.field + `],first:100){field values{value label count}}}}`,
				"in of the label":  `{search(query:"",in:["fr"]){facets(fields:[` + test.field + `],first:100){field values{value label(in:["` + language + `"]) count}}}}`,
				"Accept-Language":  `{search(query:""){facets(fields:[` + test.field + `],first:100){field values{value label count}}}}`,
			} {
				header := []string{"Accept-Language", "fr"}
				if name == "Accept-Language" {
					header[1] = language
				}
				values := ask[data](t, api, query, nil, header...).Search.Facets[0].Values
				i := slices.IndexFunc(values, func(v facetValue) bool { return v.Value == test.value })
				if i < 0 {
					t.Fatalf("%s has no %s: %v", test.field, test.value, values)
				}
				got := values[i].Label
				switch {
				case test.field == "THEME" && language == "nb", test.field == "ORGANISATION" && language == "nb":
					// not in Norwegian: the original
				case test.field == "THEME":
					if l := ask[struct{ Concepts struct{ Nodes []conceptNode } }](t, api, `{concepts(scheme:THEME,first:100){nodes{slug label(in:["`+language+`"]){value}}}}`, nil).Concepts.Nodes; !slices.Contains(l, conceptNode{test.value, conceptLabel{got}}) {
						t.Errorf("%s, %s: %s", name, language, got)
					}
				case test.field == "ORGANISATION":
					if l := ask[struct {
						Record struct{ Title conceptLabel }
					}](t, api, `{record(slug:"english-national-opera"){title(in:["`+language+`"]){value}}}`, nil).Record.Title.Value; l != got {
						t.Errorf("%s, %s: %s, want %s", name, language, got, l)
					}
				case got != want:
					t.Errorf("%s, %s: %s %s is %q, want %q", name, language, test.field, test.value, got, want)
				}
			}
		}
	}
}

type conceptLabel struct{ Value string }

type conceptNode struct {
	Slug  string
	Label conceptLabel
}

// TestRecordCount: a concept's count is what a filter by it lets through.
func TestRecordCount(t *testing.T) {
	api := starterAPI(t)
	type data struct {
		Concepts struct {
			Nodes []struct {
				Slug        string
				RecordCount int
			}
		}
	}
	for scheme, field := range map[string]string{"THEME": "THEME", "SECTOR": "SECTOR", "DOMAIN": "DOMAIN", "TARGET_GROUP": "TARGET_GROUP"} {
		nodes := ask[data](t, api, "{concepts(scheme:"+scheme+",first:100){nodes{slug recordCount}}}", nil).Concepts.Nodes
		if len(nodes) < 10 {
			t.Errorf("%s: %d concepts", scheme, len(nodes))
		}
		counted := 0
		for _, c := range nodes {
			total, _ := facets(t, api, "", choose(nil, field, c.Slug))
			if c.RecordCount != total {
				t.Errorf("%s: recordCount %d, a filter gives %d", c.Slug, c.RecordCount, total)
			}
			counted += total
		}
		if counted == 0 {
			t.Errorf("%s: nothing is filed under it", scheme)
		}
	}
}

// TestRecordCountFollowsWrites: and one search counts for all concepts of a page, however many ask at once.
func TestRecordCountFollowsWrites(t *testing.T) {
	h := newHub(t, false, nil)
	api := graph.NewHandler(h, graph.Options{})
	takeLines(t, h,
		`{"type":"CONCEPT","scheme":"THEME","slug":"wide","label":{"en":"Wide"}}`,
		`{"type":"CONCEPT","scheme":"THEME","slug":"narrow","label":{"en":"Narrow"},"broader":["wide"]}`)
	count := func() string {
		return string(try(t, api, `{concepts{nodes{slug recordCount narrower{recordCount}}}}`, nil).Data)
	}
	if got := count(); got != `{"concepts":{"nodes":[{"slug":"narrow","recordCount":0,"narrower":[]},{"slug":"wide","recordCount":0,"narrower":[{"recordCount":0}]}]}}` {
		t.Errorf("before: %s", got)
	}
	takeLines(t, h, study("a", lt("A"), `,"themes":["narrow"]`), study("b", lt("B"), `,"themes":["wide"]`), study("c", lt("C"), `,"themes":["wide"],"status":"DRAFT"`))
	if got := count(); got != `{"concepts":{"nodes":[{"slug":"narrow","recordCount":1,"narrower":[]},{"slug":"wide","recordCount":2,"narrower":[{"recordCount":1}]}]}}` {
		t.Errorf("after: %s", got)
	}
	takeLines(t, h, `{"type":"CONCEPT","scheme":"THEME","slug":"narrow","label":{"en":"Narrow"}}`)
	if got := count(); got != `{"concepts":{"nodes":[{"slug":"narrow","recordCount":1,"narrower":[]},{"slug":"wide","recordCount":1,"narrower":[]}]}}` {
		t.Errorf("apart: %s", got)
	}
}

// exported is a record as an export has it, with what it may be counted under: its own concepts and all that are broader, and so on.
type exported struct {
	values   map[string][]string
	evidence int
}

// export reads the whole hub, and works out by itself what stands under which value.
func export(t *testing.T, h *hub.Hub) (records []exported) {
	t.Helper()
	ctx := context.Background()
	broader := map[string][]string{}
	id := map[string]string{}
	var items []hub.Item
	if err := h.Export(ctx, hub.Lookup{}, true, func(it hub.Item) error {
		if it.Concept != nil {
			broader[it.Concept.Slug] = it.Concept.BroaderSlugs
			return nil
		}
		items = append(items, it)
		id[it.Slug()] = string(it.Record.NodeID())
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, it := range items {
		b, err := hub.EncodeItem(it)
		if err != nil {
			t.Fatal(err)
		}
		var r struct {
			Type, Started, Ended, Published, Adopted, EvidenceLevel, Owner string
			Countries, Themes, Sectors, Domains, TargetGroups              []string
			IssuedBy, MemberOf                                             []string
			Organisations, Partners                                        []struct{ Organisation string }
		}
		if err := json.Unmarshal(b, &r); err != nil {
			t.Fatal(err)
		}
		x := exported{values: map[string][]string{"TYPE": {r.Type}, "COUNTRY": r.Countries}}
		for field, slugs := range map[string][]string{"THEME": r.Themes, "SECTOR": r.Sectors, "DOMAIN": r.Domains, "TARGET_GROUP": r.TargetGroups} {
			var up func(slug string)
			up = func(slug string) {
				if !slices.Contains(x.values[field], slug) {
					x.values[field] = append(x.values[field], slug)
					for _, b := range broader[slug] {
						up(b)
					}
				}
			}
			for _, s := range slugs {
				up(s)
			}
		}
		for _, l := range it.Record.AsEntry().Languages() {
			x.values["LANGUAGE"] = append(x.values["LANGUAGE"], string(l))
		}
		year := func(date string) int { y, _ := strconv.Atoi(date[:min(4, len(date))]); return y }
		from, to := year(cmp.Or(r.Started, r.Published, r.Adopted, r.Ended)), year(cmp.Or(r.Published, r.Adopted, r.Ended))
		if from != 0 && to == 0 {
			to = now.Year()
		}
		for y := from; from != 0 && y <= to; y++ {
			x.values["YEAR"] = append(x.values["YEAR"], strconv.Itoa(y))
		}
		levels := []string{"DESCRIBED", "MONITORED", "EVALUATED", "CONTROLLED", "REPLICATED"}
		x.evidence = slices.Index(levels, r.EvidenceLevel) + 1
		x.values["EVIDENCE"] = levels[:x.evidence]
		organisations := slices.Concat(r.IssuedBy, r.MemberOf)
		if r.Owner != "" {
			organisations = append(organisations, r.Owner)
		}
		for _, p := range slices.Concat(r.Organisations, r.Partners) {
			organisations = append(organisations, p.Organisation)
		}
		slices.Sort(organisations)
		for _, slug := range slices.Compact(organisations) {
			if id[slug] != "" {
				x.values["ORGANISATION"] = append(x.values["ORGANISATION"], id[slug])
			}
		}
		records = append(records, x)
	}
	return records
}

type evidenceMap struct {
	Rows, Columns []facetValue
	Cells         []cell
}

type cell struct {
	Row, Column string
	Count       int
	Strongest   *string
}

// TestEvidenceMap counts again what the map says, from an export.
func TestEvidenceMap(t *testing.T) {
	api := starterAPI(t)
	records := export(t, starterHub(t))
	if len(records) < 100 {
		t.Fatalf("%d records", len(records))
	}
	levels := []string{"DESCRIBED", "MONITORED", "EVALUATED", "CONTROLLED", "REPLICATED"}
	for _, filter := range []map[string]any{
		nil,
		{"types": []string{"GOOD_PRACTICE"}},
		{"countries": []string{"GB", "DK"}},
		{"themes": []string{"arts-and-health"}, "evidenceAtLeast": "EVALUATED"},
		{"organisation": "no such organisation"},
	} {
		passes := func(x exported) bool {
			for name, field := range map[string]string{"types": "TYPE", "countries": "COUNTRY", "themes": "THEME"} {
				if wanted, is := filter[name].([]string); is && !slices.ContainsFunc(x.values[field], func(v string) bool { return slices.Contains(wanted, v) }) {
					return false
				}
			}
			if least, is := filter["evidenceAtLeast"].(string); is && x.evidence < slices.Index(levels, least)+1 {
				return false
			}
			return filter["organisation"] == nil
		}
		for i, rows := range allFields {
			for _, columns := range allFields[i:] {
				counts, strongest := map[[2]string]int{}, map[[2]string]int{}
				inRow, inColumn := map[string]int{}, map[string]int{}
				for _, x := range records {
					if !passes(x) || len(x.values[rows]) == 0 || len(x.values[columns]) == 0 {
						continue
					}
					for _, r := range x.values[rows] {
						for _, c := range x.values[columns] {
							counts[[2]string{r, c}]++
							strongest[[2]string{r, c}] = max(strongest[[2]string{r, c}], x.evidence)
						}
					}
				}
				for _, x := range records { // a side counts all that the filter lets through, those without a value on the other side too
					if !passes(x) {
						continue
					}
					for _, r := range x.values[rows] {
						inRow[r]++
					}
					for _, c := range x.values[columns] {
						inColumn[c]++
					}
				}
				a := try(t, api, `query($r:FacetField!,$c:FacetField!,$f:RecordFilter){evidenceMap(rows:$r,columns:$c,filter:$f){
					rows{value label count} columns{value label count} cells{row column count strongest}}}`, map[string]any{"r": rows, "c": columns, "f": filter})
				var data struct{ EvidenceMap evidenceMap }
				if err := json.Unmarshal(a.Data, &data); err != nil || a.code() != "" {
					t.Fatalf("%s", a.Body)
				}
				name := fmt.Sprintf("%v: %s by %s", filter, rows, columns)
				m := data.EvidenceMap
				if len(m.Cells) != len(counts) {
					t.Errorf("%s: %d cells, want %d", name, len(m.Cells), len(counts))
				}
				onSide := map[string]map[string]bool{"row": {}, "column": {}}
				for side, values := range map[string][]facetValue{"row": m.Rows, "column": m.Columns} {
					want := inRow
					if side == "column" {
						want = inColumn
					}
					for _, v := range values {
						onSide[side][v.Value] = true
						if v.Count != want[v.Value] || v.Label == "" {
							t.Errorf("%s: %s %v, want %d", name, side, v, want[v.Value])
						}
					}
				}
				for _, c := range m.Cells {
					key := [2]string{c.Row, c.Column}
					level := ""
					if strongest[key] > 0 {
						level = levels[strongest[key]-1]
					}
					if got := c.Strongest; c.Count != counts[key] || (got == nil) != (level == "") || got != nil && *got != level {
						t.Errorf("%s: %+v, want %d %s", name, c, counts[key], level)
					}
					if !onSide["row"][c.Row] || !onSide["column"][c.Column] {
						t.Errorf("%s: a cell is of no row or column: %+v", name, c)
					}
					delete(counts, key)
				}
				if len(counts) > 0 {
					t.Errorf("%s: missing: %v", name, counts)
				}
			}
		}
	}
}

// TestEvidenceMapIsBounded: each side has its 100 most frequent values, and no cell is of another.
func TestEvidenceMapIsBounded(t *testing.T) {
	store := &countingStore{}
	h := newHub(t, false, store.wrap)
	lines := make([]string, 0, 260)
	for i := range 130 {
		lines = append(lines, fmt.Sprintf(`{"type":"ORGANISATION","slug":"o%03d","originalLanguage":"en","title":{"en":"Organisation %d"}}`, i, i))
		lines = append(lines, fmt.Sprintf(`{"type":"GOOD_PRACTICE","slug":"p%03d","originalLanguage":"en","title":{"en":"Practice %d"},"summary":{"en":"S"},"countries":["LT"],"organisations":[{"organisation":"o%03d","role":"LEAD"},{"organisation":"o000","role":"PARTNER"}]}`, i, i, i))
	}
	takeLines(t, h, lines...)
	api := graph.NewHandler(h, graph.Options{})
	store.reset()
	m := ask[struct{ EvidenceMap evidenceMap }](t, api, `{evidenceMap(rows:ORGANISATION,columns:COUNTRY){rows{value} columns{value} cells{row column}}}`, nil).EvidenceMap
	if len(m.Rows) != 100 || len(m.Cells) != 100 || len(m.Columns) != 1 {
		t.Errorf("%d rows, %d columns, %d cells", len(m.Rows), len(m.Columns), len(m.Cells))
	}
	for _, c := range m.Cells {
		if !slices.ContainsFunc(m.Rows, func(v facetValue) bool { return v.Value == c.Row }) {
			t.Errorf("a cell is of no row: %v", c)
		}
	}
	if reads := store.reset(); reads["RecordsBySlug"] > 2 {
		t.Errorf("reads: %v", reads)
	}
}
