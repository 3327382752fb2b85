package graph_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"versme/graph"
	"versme/hub"
)

// connection is a page as every connection of the schema has it.
type connection struct {
	TotalCount int
	PageInfo   struct {
		HasNextPage, HasPreviousPage bool
		StartCursor, EndCursor       *string
	}
	Edges []struct {
		Cursor string
		Node   struct{ Slug string }
	}
	Nodes []struct{ Slug string }
}

func (c connection) slugs() []string {
	all := make([]string, len(c.Edges))
	for i, e := range c.Edges {
		all[i] = e.Node.Slug
	}
	return all
}

const pageFields = `{totalCount pageInfo{hasNextPage hasPreviousPage startCursor endCursor} edges{cursor node{slug}} nodes{slug}}`

// pager asks for pages of one list.
type pager struct {
	tb     testing.TB
	api    http.Handler
	field  string // with %s where arguments go
	header []string
}

func (p pager) query(arguments string) string {
	return "{list:" + fmt.Sprintf(p.field, arguments) + pageFields + "}"
}

// page asks for one and holds what is true of every page.
func (p pager) page(arguments string) connection {
	p.tb.Helper()
	c := ask[struct{ List connection }](p.tb, p.api, p.query(arguments), nil, p.header...).List
	for i, n := range c.Nodes {
		if n.Slug != c.Edges[i].Node.Slug {
			p.tb.Errorf("%s: nodes and edges differ: %v", arguments, c)
		}
	}
	switch n := len(c.Edges); {
	case len(c.Nodes) != n:
		p.tb.Errorf("%s: %d nodes for %d edges", arguments, len(c.Nodes), n)
	case n == 0 && (c.PageInfo.StartCursor != nil || c.PageInfo.EndCursor != nil):
		p.tb.Errorf("%s: cursors of an empty page: %v", arguments, c.PageInfo)
	case n > 0 && (c.PageInfo.StartCursor == nil || *c.PageInfo.StartCursor != c.Edges[0].Cursor || *c.PageInfo.EndCursor != c.Edges[n-1].Cursor):
		p.tb.Errorf("%s: the cursors of the page are not those of its first and last edge", arguments)
	}
	return c
}

// all is the whole list on one page.
func (p pager) all() connection {
	p.tb.Helper()
	c := p.page("first:100")
	if c.PageInfo.HasNextPage || c.PageInfo.HasPreviousPage || len(c.Edges) != c.TotalCount {
		p.tb.Fatalf("%s: %d of %d on one page, %+v", p.field, len(c.Edges), c.TotalCount, c.PageInfo)
	}
	cursors := map[string]bool{}
	for _, e := range c.Edges {
		if cursors[e.Cursor] || e.Cursor == "" {
			p.tb.Errorf("%s: the cursor of %s is another's too", p.field, e.Node.Slug)
		}
		cursors[e.Cursor] = true
	}
	return c
}

func quoted(s string) string { return `"` + s + `"` }

// forward walks with first and after and returns the pages.
func (p pager) forward(size int) (pages [][]string) {
	p.tb.Helper()
	arguments := fmt.Sprintf("first:%d", size)
	for after := ""; ; {
		c := p.page(arguments + after)
		pages = append(pages, c.slugs())
		if c.PageInfo.HasPreviousPage != (after != "") {
			p.tb.Errorf("%s: page %d: hasPreviousPage is %v", p.field, len(pages), c.PageInfo.HasPreviousPage)
		}
		if !c.PageInfo.HasNextPage || len(pages) > 100 {
			return pages
		}
		after = ",after:" + quoted(*c.PageInfo.EndCursor)
	}
}

// backward walks with last and before from the end and returns the pages, the last one first.
func (p pager) backward(size int) (pages [][]string) {
	p.tb.Helper()
	arguments := fmt.Sprintf("last:%d", size)
	for before := ""; ; {
		c := p.page(arguments + before)
		pages = append(pages, c.slugs())
		if c.PageInfo.HasNextPage != (before != "") {
			p.tb.Errorf("%s: page %d from the end: hasNextPage is %v", p.field, len(pages), c.PageInfo.HasNextPage)
		}
		if !c.PageInfo.HasPreviousPage || len(pages) > 100 {
			return pages
		}
		before = ",before:" + quoted(*c.PageInfo.StartCursor)
	}
}

// walk holds that a list is the same whole, page by page, and from its end where it has one.
func (p pager) walk(hasEnd bool) connection {
	p.tb.Helper()
	whole := p.all()
	want := whole.slugs()
	for _, size := range []int{3, max(1, len(want))} {
		pages := p.forward(size)
		if diff := cmp.Diff(want, slices.Concat(pages...), cmpopts.EquateEmpty()); diff != "" {
			p.tb.Errorf("%s: forward by %d (-whole +walked):\n%s", p.field, size, diff)
		}
		if !hasEnd {
			continue
		}
		back := p.backward(size)
		slices.Reverse(back)
		if diff := cmp.Diff(want, slices.Concat(back...), cmpopts.EquateEmpty()); diff != "" {
			p.tb.Errorf("%s: backward by %d (-whole +walked):\n%s", p.field, size, diff)
		}
	}
	return whole
}

var recordOrders = []string{"", "TITLE", "NEWEST", "OLDEST", "RECENTLY_UPDATED"}

func TestConnections(t *testing.T) {
	api := starterAPI(t)
	for _, header := range [][]string{nil, {"Accept-Language", "lt, sv;q=0.5"}} {
		for _, order := range recordOrders {
			argument := ""
			if order != "" {
				argument = "orderBy:" + order + ","
			}
			pager{t, api, "goodPractices(" + argument + "%s)", header}.walk(true)
			pager{t, api, `search(query:"",filter:{types:[GOOD_PRACTICE,STUDY,POLICY_DOCUMENT,PROJECT]},` + argument + "%s)", header}.walk(false)
			pager{t, api, `search(query:"menas kultūra art",filter:{countries:["DK","SE","FI","LT"]},` + argument + "%s)", header}.walk(false)
		}
	}
	for _, field := range []string{
		"studies(%s)", "policyDocuments(%s)", "organisations(%s)", "projects(%s)", "collections(%s)",
		`goodPractices(filter:{countries:["SE","DK"]},%s)`, `goodPractices(filter:{countries:["MT"]},%s)`, `goodPractices(filter:{types:[STUDY]},%s)`,
		`goodPractices(filter:{types:[STUDY,GOOD_PRACTICE]},orderBy:NEWEST,%s)`, `organisations(filter:{organisation:"none"},%s)`,
	} {
		pager{t, api, field, nil}.walk(true)
	}
	for _, scheme := range []string{"THEME", "SECTOR", "DOMAIN", "TARGET_GROUP", "EXTERNAL"} {
		c := pager{t, api, "concepts(scheme:" + scheme + ",%s)", nil}.walk(false)
		if !slices.IsSorted(c.slugs()) {
			t.Errorf("%s is not by slug: %v", scheme, c.slugs())
		}
	}
}

// TestAllConcepts: without a scheme there are those of all schemes, by slug.
func TestAllConcepts(t *testing.T) {
	p := pager{t, starterAPI(t), "concepts(%s)", nil}
	var slugs []string
	for _, page := range p.forward(40) {
		slugs = append(slugs, page...)
	}
	if total := p.page("first:1").TotalCount; len(slugs) != total || total < 100 || !slices.IsSorted(slugs) || len(slices.Compact(slices.Clone(slugs))) != total {
		t.Errorf("%d of %d: %v", len(slugs), total, slugs)
	}
}

// TestBetween holds a page between two places, by the Relay specification's algorithm over the whole list.
func TestBetween(t *testing.T) {
	p := pager{t, starterAPI(t), "goodPractices(orderBy:OLDEST,%s)", nil}
	whole := p.all()
	slugs := whole.slugs()
	n := len(slugs)
	for _, a := range []int{-1, 0, 4, n - 1} { // after which edge; -1 none
		for _, b := range []int{n, n - 1, 9, 5, 4, 0} { // before which; n none
			for _, size := range []int{0, 3, 100} {
				for _, backward := range []bool{false, true} {
					arguments := fmt.Sprintf("first:%d", size)
					if backward {
						arguments = fmt.Sprintf("last:%d", size)
					}
					if a >= 0 {
						arguments += ",after:" + quoted(whole.Edges[a].Cursor)
					}
					if b < n {
						arguments += ",before:" + quoted(whole.Edges[b].Cursor)
					}
					want := slugs[a+1 : max(a+1, b)]
					cut := len(want) > size
					if cut && backward {
						want = want[len(want)-size:]
					} else if cut {
						want = want[:size]
					}
					c := p.page(arguments)
					if diff := cmp.Diff(want, c.slugs()); diff != "" {
						t.Errorf("after %d, before %d, %d, backward %v:\n%s", a, b, size, backward, diff)
					}
					if c.TotalCount != n {
						t.Errorf("after %d, before %d: totalCount %d", a, b, c.TotalCount)
					}
					if b > a && (c.PageInfo.HasPreviousPage != (a >= 0 || cut && backward) || c.PageInfo.HasNextPage != (b < n || cut && !backward)) {
						t.Errorf("after %d, before %d, %d, backward %v: %+v", a, b, size, backward, c.PageInfo)
					}
				}
			}
		}
	}
}

func TestPageSizes(t *testing.T) {
	api := starterAPI(t)
	for _, test := range []struct {
		field     string
		arguments string
		edges     int // -1: refused
	}{
		{"organisations(%s)", "orderBy:TITLE", 20},
		{"organisations(%s)", "first:0", 0},
		{"organisations(%s)", "last:0", 0},
		{"organisations(%s)", "first:1", 1},
		{"organisations(%s)", "first:null", 20},
		{"organisations(%s)", "first:null,after:null,last:null,before:null", 20},
		{"organisations(%s)", `first:2,after:""`, 2},
		{"organisations(%s)", `last:2,before:""`, 2},
		{"organisations(%s)", "first:101", -1},
		{"organisations(%s)", "first:-1", -1},
		{"organisations(%s)", "last:101", -1},
		{"organisations(%s)", "last:-1", -1},
		{"organisations(%s)", "first:1,last:1", -1},
		{`search(query:"",%s)`, "orderBy:TITLE", 20},
		{`search(query:"",%s)`, "first:0", 0},
		{`search(query:"",%s)`, "first:null", 20},
		{`search(query:"",%s)`, "orderBy:null", 20},
		{`search(query:"",%s)`, "first:101", -1},
		{`search(query:"",%s)`, "first:-1", -1},
		{"concepts(%s)", "scheme:null", 20},
		{"concepts(%s)", "first:0", 0},
		{"concepts(%s)", "first:100", 100},
		{"concepts(%s)", "first:101", -1},
		{"concepts(%s)", "first:-1", -1},
	} {
		p := pager{t, api, test.field, nil}
		if test.edges < 0 {
			if a := try(t, api, p.query(test.arguments), nil); a.code() != "INVALID" || string(a.Data) != "null" {
				t.Errorf("%s: %s", p.query(test.arguments), a.Body)
			}
			continue
		}
		if got := len(p.page(test.arguments).Edges); got != test.edges {
			t.Errorf("%s: %d edges, want %d", p.query(test.arguments), got, test.edges)
		}
	}
}

// TestCursors: a cursor of another list in the same order is a place in this one too; any other is refused.
func TestCursors(t *testing.T) {
	api := starterAPI(t)
	cursorOf := func(field string) string {
		return *pager{t, api, field, nil}.page("first:1").PageInfo.StartCursor
	}
	byTitle := cursorOf("goodPractices(orderBy:TITLE,%s)")
	decoded, err := base64.RawURLEncoding.DecodeString(byTitle)
	if err != nil {
		t.Fatal(err)
	}
	for name, cursor := range map[string]string{
		"of another order":        cursorOf("goodPractices(orderBy:NEWEST,%s)"),
		"of a search":             cursorOf(`search(query:"menas",%s)`),
		"of concepts":             cursorOf("concepts(%s)"),
		"garbage":                 "garbage",
		"not base64":              "ž!",
		"a number":                "20",
		"with padding":            byTitle + "=",
		"with a blank":            byTitle + " ",
		"cut short":               byTitle[:8],
		"empty inside":            base64.RawURLEncoding.EncodeToString([]byte{0}),
		"in another base64":       base64.StdEncoding.EncodeToString(decoded) + "==",
		"longer than any":         strings.Repeat("A", 20_000),
		"with a length too long":  base64.RawURLEncoding.EncodeToString(append([]byte{255}, decoded[1:]...)),
		"with another order name": base64.RawURLEncoding.EncodeToString(append([]byte("\x05TITLX"), decoded[6:]...)),
		"with a score of NaN":     base64.RawURLEncoding.EncodeToString(append([]byte("\x05TITLE\x7f\xf8\x00\x00\x00\x00\x00\x01"), decoded[14:]...)),
	} {
		for _, side := range []string{"after", "before"} {
			a := try(t, api, `query($c:String){goodPractices(orderBy:TITLE,first:1,`+side+`:$c){totalCount}}`, map[string]any{"c": cursor})
			if a.code() != "INVALID" || a.Errors[0].Extensions["field"] != side {
				t.Errorf("a cursor %s as %s: %s", name, side, a.Body)
			}
		}
	}
	// One of another list, in the same order.
	other := cursorOf("studies(orderBy:TITLE,%s)")
	if got := (pager{t, api, "goodPractices(orderBy:TITLE,%s)", nil}).page("first:100,after:" + quoted(other)); got.TotalCount != 20 || len(got.Edges) == 0 {
		t.Errorf("behind a study: %d of %d", len(got.Edges), got.TotalCount)
	}
}

func study(slug, titles, more string) string {
	return fmt.Sprintf(`{"type":"STUDY","slug":%q,"originalLanguage":"lt","title":{%s}%s}`, slug, titles, more)
}

func lt(title string) string { return fmt.Sprintf(`"lt":%q`, title) }

// TestCursorsSurviveWrites: records come, go and change on other pages, and a walk sees every record that was there all the time once.
func TestCursorsSurviveWrites(t *testing.T) {
	for _, order := range recordOrders[1:4] {
		t.Run(order, func(t *testing.T) {
			h := newHub(t, false, nil)
			for i := range 9 {
				takeLines(t, h, study(fmt.Sprintf("s%d", i), lt(fmt.Sprintf("Tyrimas %d", i)), fmt.Sprintf(`,"published":"20%02d"`, 10+i)))
			}
			p := pager{t, graph.NewHandler(h, graph.Options{}), "studies(orderBy:" + order + ",%s)", nil}
			want := p.all().slugs()
			first := p.page("first:3")
			middle := p.page("first:3,after:" + quoted(*first.PageInfo.EndCursor))
			last := *middle.PageInfo.EndCursor
			start := *middle.PageInfo.StartCursor

			takeLines(t, h,
				study("new-first", lt("Aaa"), `,"published":"2001"`), study("new-last", lt("Žžž"), `,"published":"2031"`),
				study("s4", lt("Tyrimas 4"), `,"published":"2014","publisher":"Someone"`))
			if got := p.page("first:3,after:" + quoted(*first.PageInfo.EndCursor)); !slices.Equal(got.slugs(), middle.slugs()) {
				t.Errorf("the page in the middle was %v, is %v", middle.slugs(), got.slugs())
			}
			for _, gone := range []string{want[3], want[5]} { // the records that the cursors are of
				takeLines(t, h, study(gone, lt("Tyrimas "+gone[1:]), `,"status":"RETIRED"`))
			}
			behind := p.page("first:3,after:" + quoted(last)).slugs()
			before := p.page("last:3,before:" + quoted(start)).slugs()
			if !slices.Equal(behind, want[6:]) || !slices.Equal(before, want[:3]) {
				t.Errorf("of %v: behind %v, before %v", want, behind, before)
			}
			if got := p.page("first:3,after:" + quoted(*first.PageInfo.EndCursor)).slugs(); got[0] != want[4] || got[1] != want[6] {
				t.Errorf("the page in the middle, without two: %v of %v", got, want)
			}
		})
	}
}

// TestOrders holds what each order means.
func TestOrders(t *testing.T) {
	h := newHub(t, false, nil)
	titles := []string{"Cukrus", "Čarlis", "Cirkas", "Dailė", "Ivanas", "Įkvėpimas", "Yla", "Jonas", "Sodas", "Šokis", "Zylė", "Žemė", "čia", "ąžuolas", "Adata", "„Zebras“", "2050"}
	for i, title := range titles {
		published := ""
		if i < 6 {
			published = fmt.Sprintf(`,"published":%q`, []string{"2020", "2021-03", "2021-03-09", "1999", "2021", "2020-12-31"}[i])
		}
		takeLines(t, h, study(fmt.Sprintf("s%02d", i), lt(title), published))
	}
	api := graph.NewHandler(h, graph.Options{})
	titlesBy := func(order string, header ...string) []string {
		t.Helper()
		type list struct {
			Studies struct {
				Nodes []struct{ Title struct{ Value string } }
			}
		}
		var all []string
		for _, n := range ask[list](t, api, "{studies(first:100,orderBy:"+order+"){nodes{title{value}}}}", nil, header...).Studies.Nodes {
			all = append(all, n.Title.Value)
		}
		return all
	}
	// Lithuanian: č after all of c, š after s, ž after z; ą with a; į and y with i.
	want := []string{"„Zebras“", "2050", "Adata", "ąžuolas", "Cirkas", "Cukrus", "Čarlis", "čia", "Dailė", "Įkvėpimas", "Yla", "Ivanas", "Jonas", "Sodas", "Šokis", "Zylė", "Žemė"}
	if diff := cmp.Diff(want, titlesBy("TITLE", "Accept-Language", "lt")); diff != "" {
		t.Errorf("TITLE in Lithuanian (-want +got):\n%s", diff)
	}
	dated := func(all []string) []string { return all[:6] }
	if diff := cmp.Diff([]string{"Dailė", "Cukrus", "Įkvėpimas", "Ivanas", "Čarlis", "Cirkas"}, dated(titlesBy("OLDEST"))); diff != "" {
		t.Errorf("OLDEST (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Cirkas", "Čarlis", "Ivanas", "Įkvėpimas", "Cukrus", "Dailė"}, dated(titlesBy("NEWEST"))); diff != "" {
		t.Errorf("NEWEST (-want +got):\n%s", diff)
	}
	for _, order := range []string{"OLDEST", "NEWEST"} { // without a date: last, both ways
		got := slices.Sorted(slices.Values(titlesBy(order)[6:]))
		if diff := cmp.Diff(slices.Sorted(slices.Values(titles[6:])), got); diff != "" {
			t.Errorf("%s without a date (-want +got):\n%s", order, diff)
		}
	}
}

func TestRecentlyUpdated(t *testing.T) {
	h := newHub(t, false, nil)
	takeLines(t, h,
		study("a", lt("A"), `,"updatedAt":"2020-01-01T00:00:00Z"`),
		study("b", lt("B"), `,"updatedAt":"2022-01-01T00:00:00Z"`),
		study("c", lt("C"), `,"updatedAt":"2021-01-01T00:00:00.5Z"`))
	p := pager{t, graph.NewHandler(h, graph.Options{}), "studies(orderBy:RECENTLY_UPDATED,%s)", nil}
	if got := p.all().slugs(); !slices.Equal(got, []string{"b", "c", "a"}) {
		t.Errorf("%v", got)
	}
	takeLines(t, h, study("a", lt("A, again"), ""))
	if got := p.walk(true).slugs(); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("after a change: %v", got)
	}
}

// TestTitleOrderFollowsTheReader: the titles that are served are those that are sorted.
func TestTitleOrderFollowsTheReader(t *testing.T) {
	h := newHub(t, false, nil)
	takeLines(t, h,
		study("a", `"lt":"Zebras","en":"Apple"`, ""),
		study("b", `"lt":"Ąsotis","en":"Mango"`, ""),
		study("c", `"lt":"Mėnuo"`, ""))
	api := graph.NewHandler(h, graph.Options{})
	for language, want := range map[hub.Language][]string{"lt": {"b", "c", "a"}, "en": {"a", "b", "c"}, "de": {"b", "c", "a"}} {
		if got := (pager{t, api, "studies(%s)", []string{"Accept-Language", string(language)}}).walk(true).slugs(); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", language, got, want)
		}
		if got := (pager{t, api, `search(query:"",orderBy:TITLE,in:["` + string(language) + `"],%s)`, nil}).walk(false).slugs(); !slices.Equal(got, want) {
			t.Errorf("search in %s: %v, want %v", language, got, want)
		}
	}
}
