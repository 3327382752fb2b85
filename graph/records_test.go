package graph_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"versme/graph"
)

// everything selects all fields of a type, and of what they lead to, so many levels deep.
func everything(s *ast.Schema, def *ast.Definition, levels int) string {
	var b strings.Builder
	b.WriteString("{__typename")
	for _, f := range def.Fields {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		of := s.Types[f.Type.Name()]
		switch {
		case of.IsLeafType():
			b.WriteString(" " + f.Name)
		case levels > 1:
			arguments := ""
			if f.Arguments.ForName("first") != nil {
				arguments = "(first:3)"
			}
			b.WriteString(" " + f.Name + arguments + everything(s, of, levels-1))
		}
	}
	b.WriteString("}")
	return b.String()
}

// TestEveryField asks every record of the starter collection for every field of its type.
func TestEveryField(t *testing.T) {
	s := readSchema(t, "../schema.graphqls")
	api := starterAPI(t)
	for field, name := range map[string]string{
		"goodPractices": "GoodPractice", "studies": "Study", "policyDocuments": "PolicyDocument", "organisations": "Organisation",
		"projects": "Project", "collections": "Collection", "concepts": "Concept",
	} {
		asked := 0
		for after := ""; ; {
			selection := everything(s, s.Types[name], 3)
			a := try(t, api, `query($after:String){`+field+`(first:1,after:$after){totalCount pageInfo{hasNextPage endCursor} nodes`+selection+`}}`, map[string]any{"after": after})
			if a.Status != ok || len(a.Errors) > 0 {
				t.Fatalf("%s: %.500s", name, a.Body)
			}
			var data map[string]struct {
				TotalCount int
				PageInfo   struct {
					HasNextPage bool
					EndCursor   string
				}
				Nodes []map[string]any
			}
			if err := json.Unmarshal(a.Data, &data); err != nil {
				t.Fatal(err)
			}
			list := data[field]
			asked += len(list.Nodes)
			for _, n := range list.Nodes {
				if n["__typename"] != name || len(n) < 10 {
					t.Errorf("%s: %v", name, n)
				}
			}
			if after = list.PageInfo.EndCursor; !list.PageInfo.HasNextPage {
				if asked != list.TotalCount || asked == 0 {
					t.Errorf("%s: %d of %d", name, asked, list.TotalCount)
				}
				break
			}
		}
	}
}

// TestBothWays: what one record names knows it from the other side.
func TestBothWays(t *testing.T) {
	api := starterAPI(t)
	links := func(list, selection string, paths ...string) map[string][]string {
		t.Helper()
		found := map[string][]string{}
		for after := "null"; ; {
			a := ask[map[string]struct {
				PageInfo struct {
					HasNextPage bool
					EndCursor   *string
				}
				Nodes []map[string]json.RawMessage
			}](t, api, fmt.Sprintf("{%s(first:50,after:%s){pageInfo{hasNextPage endCursor} nodes{slug %s}}}", list, after, selection), nil)[list]
			for _, n := range a.Nodes {
				var slug string
				if err := json.Unmarshal(n["slug"], &slug); err != nil {
					t.Fatal(err)
				}
				for _, p := range paths {
					name, inner, _ := strings.Cut(p, ".")
					if to := slugsIn(t, n[name], inner); len(to) > 0 {
						found[slug] = append(found[slug], to...)
					}
				}
			}
			if !a.PageInfo.HasNextPage {
				break
			}
			after = quoted(*a.PageInfo.EndCursor)
		}
		return found
	}
	for _, test := range []struct {
		name     string
		to, from map[string][]string
	}{
		{"supportedBy", links("goodPractices", "supportedBy{slug}", "supportedBy"), links("studies", "supports(first:50){slug}", "supports")},
		{"implements", links("goodPractices", "implements{slug}", "implements"), links("policyDocuments", "implementedBy(first:50){slug}", "implementedBy")},
		{"adaptedFrom", links("goodPractices", "adaptedFrom{slug}", "adaptedFrom"), links("goodPractices", "adaptedBy(first:50){slug}", "adaptedBy")},
		{"amends", links("policyDocuments", "amends{slug}", "amends"), links("policyDocuments", "amendedBy(first:50){slug}", "amendedBy")},
		{"organisations", links("goodPractices", "organisations{organisation{slug}}", "organisations.organisation"), links("organisations", "practices(first:50){slug}", "practices")},
		{"issuedBy", links("policyDocuments", "issuedBy{slug}", "issuedBy"), links("organisations", "issued(first:50){slug}", "issued")},
		{"owner and partners", links("projects", "owner{slug} partners{organisation{slug}}", "owner", "partners.organisation"), links("organisations", "projects(first:50){slug}", "projects")},
		{"memberOf", links("organisations", "memberOf{slug}", "memberOf"), links("organisations", "members(first:50){slug}", "members")},
		{"project", links("goodPractices", "project{slug}", "project"), links("projects", "practices(first:50){slug}", "practices")},
		{"broader", links("concepts", "broader{slug}", "broader"), links("concepts", "narrower{slug}", "narrower")},
	} {
		turned := map[string][]string{}
		for from, all := range test.to {
			for _, to := range all {
				if !slices.Contains(turned[to], from) {
					turned[to] = append(turned[to], from)
				}
			}
		}
		sort := func(m map[string][]string) map[string][]string {
			for _, all := range m {
				slices.Sort(all)
			}
			return m
		}
		if diff := cmp.Diff(sort(turned), sort(test.from)); diff != "" {
			t.Errorf("%s (-turned round +from the other side):\n%s", test.name, diff)
		}
	}
}

// slugsIn reads the slugs of an object, a list of objects, or objects in one of their fields.
func slugsIn(t *testing.T, raw json.RawMessage, inner string) (all []string) {
	t.Helper()
	if string(raw) == "null" {
		return nil
	}
	if raw[0] != '[' {
		raw = json.RawMessage("[" + string(raw) + "]")
	}
	var objects []map[string]json.RawMessage
	if err := json.Unmarshal(raw, &objects); err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		if inner != "" {
			all = append(all, slugsIn(t, o[inner], "")...)
			continue
		}
		var slug string
		if err := json.Unmarshal(o["slug"], &slug); err != nil {
			t.Fatal(err)
		}
		all = append(all, slug)
	}
	return all
}

func TestNodes(t *testing.T) {
	h := starterHub(t)
	api := starterAPI(t)
	eno := string(id(t, h, "eno-breathe"))
	concept := ask[struct {
		Concepts struct{ Nodes []struct{ ID string } }
	}](t, api, `{concepts(scheme:THEME,first:1){nodes{id}}}`, nil).Concepts.Nodes[0].ID
	type node struct {
		Typename string `json:"__typename"`
		ID       string
		Slug     string
	}
	const fields = `{__typename id ...on Record{slug} ...on Concept{slug}}`
	for id, want := range map[string]*node{
		eno:                                    {"GoodPractice", eno, "eno-breathe"},
		concept:                                {"Concept", concept, "access-to-culture"},
		"no-id":                                nil,
		"":                                     nil,
		strings.ToUpper(eno) + "x":             nil,
		"00000000-0000-7000-8000-ffffffffffff": nil,
	} {
		got := ask[struct{ Node *node }](t, api, `query($id:ID!){node(id:$id)`+fields+`}`, map[string]any{"id": id}).Node
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
	all := ask[struct{ Nodes []*node }](t, api, `query($ids:[ID!]!){nodes(ids:$ids)`+fields+`}`, map[string]any{"ids": []string{concept, "no-id", eno, eno}}).Nodes
	if len(all) != 4 || all[0].ID != concept || all[1] != nil || all[2].ID != eno || all[3].ID != eno {
		t.Errorf("%v", all)
	}
	if got := ask[struct{ Record *node }](t, api, `{record(slug:"no-such-record"){__typename id slug}}`, nil).Record; got != nil {
		t.Errorf("%v", got)
	}
}

// TestStatuses: what is not published is not shown; what is retired answers at its address, and is in no list.
func TestStatuses(t *testing.T) {
	h := newHub(t, false, nil)
	for _, status := range []string{"DRAFT", "IN_REVIEW", "PUBLISHED", "RETIRED"} {
		slug := strings.ToLower(strings.ReplaceAll(status, "_", "-"))
		takeLines(t, h,
			study(slug, lt("Tyrimas "+slug), `,"status":"`+status+`","countries":["LT"]`),
			`{"type":"GOOD_PRACTICE","slug":"p-`+slug+`","originalLanguage":"lt","title":{"lt":"Praktika"},"summary":{"lt":"S"},"status":"`+status+`","supportedBy":["draft","in-review","published","retired","nothing"]}`)
	}
	api := graph.NewHandler(h, graph.Options{})
	for slug, shown := range map[string]bool{"draft": false, "in-review": false, "published": true, "retired": true} {
		type found struct {
			Record   *struct{ Slug, Status string }
			Node     *struct{ ID string }
			Revision *struct{ Slug string }
		}
		records, err := h.Store().RecordsBySlug(t.Context(), []string{slug})
		if err != nil {
			t.Fatal(err)
		}
		got := ask[found](t, api, `query($slug:String!,$id:ID!){record(slug:$slug){slug status} node(id:$id){id} revision(id:$id,version:1){slug}}`, map[string]any{"slug": slug, "id": string(records[0].NodeID())})
		if (got.Record != nil) != shown || (got.Node != nil) != shown || (got.Revision != nil) != shown {
			t.Errorf("%s: %+v", slug, got)
		}
	}
	if got := (pager{t, api, "studies(%s)", nil}).all().slugs(); !slices.Equal(got, []string{"published"}) {
		t.Errorf("listed: %v", got)
	}
	for _, query := range []string{"tyrimas", "", "draft", "-nothing"} {
		got := (pager{t, api, `search(query:"` + query + `",filter:{types:[STUDY]},%s)`, nil}).all().slugs()
		if query == "draft" && len(got) != 0 || query != "draft" && !slices.Equal(got, []string{"published"}) {
			t.Errorf("%q found: %v", query, got)
		}
	}
	if total, all := facets(t, api, "", nil, "COUNTRY", "TYPE"); total != 2 || len(all["COUNTRY"]) != 1 || all["COUNTRY"][0].Count != 1 {
		t.Errorf("counted: %d, %v", total, all)
	}
	followed := string(try(t, api, `{goodPractices{nodes{supportedBy{slug}}} published:record(slug:"published"){...on Study{supports{slug}}}}`, nil).Data)
	if followed != `{"goodPractices":{"nodes":[{"supportedBy":[{"slug":"published"},{"slug":"retired"}]}]},"published":{"supports":[{"slug":"p-published"},{"slug":"p-retired"}]}}` {
		t.Errorf("followed: %s", followed)
	}
}

func TestRevisions(t *testing.T) {
	h := newHub(t, false, nil)
	for _, title := range []string{"Pirmas", "Antras", "Trečias"} {
		takeLines(t, h, study("a", lt(title), `,"text":{"lt":"Tekstas `+title+`"}`))
	}
	api := graph.NewHandler(h, graph.Options{})
	a := string(id(t, h, "a"))
	for version, want := range map[int]string{
		0: `{"revision":null}`, -1: `{"revision":null}`, 4: `{"revision":null}`,
		1: `{"revision":{"version":1,"title":{"value":"Pirmas"},"text":{"value":"Tekstas Pirmas"}}}`,
		2: `{"revision":{"version":2,"title":{"value":"Antras"},"text":{"value":"Tekstas Antras"}}}`,
		3: `{"revision":{"version":3,"title":{"value":"Trečias"},"text":{"value":"Tekstas Trečias"}}}`,
	} {
		got := try(t, api, `query($id:ID!,$v:Int!){revision(id:$id,version:$v){version title{value} ...on Study{text{value}}}}`, map[string]any{"id": a, "v": version})
		if string(got.Data) != want {
			t.Errorf("%d: %s", version, got.Body)
		}
	}
	if got := try(t, api, `{revision(id:"none",version:1){version}}`, nil); string(got.Data) != `{"revision":null}` || got.code() != "" {
		t.Errorf("of nothing: %s", got.Body)
	}
}

// TestFilters holds each field of a filter against what an export says of each record.
func TestFilters(t *testing.T) {
	h := starterHub(t)
	api := starterAPI(t)
	records := export(t, h)
	count := func(passes func(exported) bool) (n int) {
		for _, x := range records {
			if passes(x) {
				n++
			}
		}
		return n
	}
	has := func(field string, any ...string) func(exported) bool {
		return func(x exported) bool {
			return slices.ContainsFunc(x.values[field], func(v string) bool { return slices.Contains(any, v) })
		}
	}
	both := func(a, b func(exported) bool) func(exported) bool {
		return func(x exported) bool { return a(x) && b(x) }
	}
	years := func(from, to int) func(exported) bool {
		return func(x exported) bool {
			return slices.ContainsFunc(x.values["YEAR"], func(y string) bool { return y >= fmt.Sprint(from) && y <= fmt.Sprint(to) })
		}
	}
	eno := string(id(t, h, "english-national-opera"))
	for _, test := range []struct {
		filter map[string]any
		passes func(exported) bool
	}{
		{map[string]any{}, func(exported) bool { return true }},
		{map[string]any{"types": []string{}, "countries": []string{}}, func(exported) bool { return true }},
		{map[string]any{"types": []string{"STUDY", "PROJECT"}}, has("TYPE", "STUDY", "PROJECT")},
		{map[string]any{"types": "STUDY"}, has("TYPE", "STUDY")},
		{map[string]any{"countries": []string{"no", "DK"}}, has("COUNTRY", "NO", "DK")},
		{map[string]any{"countries": []string{"NO"}, "types": []string{"GOOD_PRACTICE"}}, both(has("COUNTRY", "NO"), has("TYPE", "GOOD_PRACTICE"))},
		{map[string]any{"themes": []string{"arts-and-health"}}, has("THEME", "arts-and-health")},
		{map[string]any{"themes": []string{"arts-and-health", "social-innovation"}, "countries": []string{"GB"}}, both(has("THEME", "arts-and-health", "social-innovation"), has("COUNTRY", "GB"))},
		{map[string]any{"themes": []string{"no-such-theme"}}, func(exported) bool { return false }},
		{map[string]any{"languages": []string{"LT"}}, has("LANGUAGE", "lt")},
		{map[string]any{"languages": []string{"no"}}, has("LANGUAGE", "nb")},
		{map[string]any{"year": map[string]any{"from": 2015, "to": 2016}}, years(2015, 2016)},
		{map[string]any{"year": map[string]any{"from": 2020}}, years(2020, 9999)},
		{map[string]any{"year": map[string]any{"to": 2005}}, years(1000, 2005)},
		{map[string]any{"year": map[string]any{}}, func(exported) bool { return true }},
		{map[string]any{"evidenceAtLeast": "CONTROLLED"}, has("EVIDENCE", "CONTROLLED")},
		{map[string]any{"evidenceAtLeast": "DESCRIBED"}, has("EVIDENCE", "DESCRIBED")},
		{map[string]any{"organisation": eno}, has("ORGANISATION", eno)},
		{map[string]any{"organisation": string(id(t, h, "eno-breathe"))}, func(exported) bool { return false }}, // which is none
	} {
		want := count(test.passes)
		if total, _ := facets(t, api, "", test.filter); total != want {
			t.Errorf("%v lets %d through, want %d", test.filter, total, want)
		}
	}
}
