package graph

import (
	"fmt"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"versme/hub"
)

// Limits of a request. What is beyond them is refused with the code TOO_COMPLEX and a message that names the limit and what was
// counted. The README lists them.
const (
	MaxBody       = 1 << 20 // bytes of a POST body
	MaxURL        = 16 << 10
	MaxTokens     = 2000  // of a document; validation is quadratic in places, and this bounds it
	MaxDepth      = 16    // fields within fields; GraphiQL's introspection needs 14
	MaxAliases    = 50    // fields renamed, in all
	MaxRootFields = 20    // fields of the operation itself
	MaxDirectives = 50    // uses of directives
	MaxOperations = 10    // operations in a document
	MaxCost       = 30000 // fields to resolve, as estimated before anything is
	MaxVariable   = 64 << 10
	MaxErrors     = 10 // errors in an answer; the last says how many more there were
)

// codeTooComplex is the code of everything beyond a limit.
const codeTooComplex = "TOO_COMPLEX"

// guard measures a document before it is validated, with one look at each fragment: gqlgen's complexity limit walks a fragment again
// wherever it is spread, and a document of a kilobyte can spread it 67 million times.
type guard struct {
	schema    *ast.Schema
	variables map[string]any
	fragments map[string]*measured
	named     ast.FragmentDefinitionList

	aliases, directives int
}

// measured is what a selection comes to.
type measured struct {
	cost, depth int
	walking     bool // a fragment that contains itself; validation reports it
}

func tooComplex(limit string, is, most int, hint string) *gqlerror.Error {
	return &gqlerror.Error{
		Message:    fmt.Sprintf("the request has %s %s, more than %d; %s", plural(is), limit, most, hint),
		Extensions: map[string]any{"code": codeTooComplex, "limit": limit, "max": most},
	}
}

func plural(n int) string {
	if n >= overflow {
		return "far too much"
	}
	return strconv.Itoa(n)
}

// overflow is where counting stops.
const overflow = 1 << 40

// parse reads a document of at most MaxTokens tokens.
func parse(query string) (*ast.QueryDocument, *gqlerror.Error) {
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: query}, MaxTokens)
	if err == nil {
		return doc, nil
	}
	ge := gqlerror.WrapIfUnwrapped(err)
	if ge.Message == "exceeded token limit of "+strconv.Itoa(MaxTokens) {
		return nil, tooComplex("tokens", MaxTokens+1, MaxTokens, "ask in several requests")
	}
	ge.Extensions = map[string]any{"code": hub.ClassInvalid.Code}
	return nil, ge
}

// check measures a document.
func check(schema *ast.Schema, doc *ast.QueryDocument, operation string, variables map[string]any) *gqlerror.Error {
	if n := len(doc.Operations); n > MaxOperations {
		return tooComplex("operations", n, MaxOperations, "send fewer at once")
	}
	g := &guard{schema: schema, variables: variables, fragments: map[string]*measured{}, named: doc.Fragments}
	for _, f := range doc.Fragments {
		g.directives += len(f.Directives)
		g.fragment(f.Name)
	}
	for _, op := range doc.Operations {
		g.directives += len(op.Directives)
		root := schema.Query
		if op.Operation != ast.Query || root == nil {
			continue
		}
		if n := len(op.SelectionSet); n > MaxRootFields {
			return tooComplex("root fields", n, MaxRootFields, "send several requests")
		}
		g.defaults(op)
		m := g.selection(op.SelectionSet, root)
		switch {
		case m.depth > MaxDepth:
			return tooComplex("levels of depth", m.depth, MaxDepth, "follow fewer references at once")
		case m.cost > MaxCost && (operation == "" || op.Name == operation):
			return tooComplex("fields to resolve", m.cost, MaxCost, "ask for fewer records (first) or fewer of their lists")
		}
	}
	switch {
	case g.aliases > MaxAliases:
		return tooComplex("aliases", g.aliases, MaxAliases, "send several requests")
	case g.directives > MaxDirectives:
		return tooComplex("directives", g.directives, MaxDirectives, "send several requests")
	}
	return nil
}

// defaults adds the values of variables that are not given.
func (g *guard) defaults(op *ast.OperationDefinition) {
	all := make(map[string]any, len(g.variables))
	for _, v := range op.VariableDefinitions {
		if v.DefaultValue != nil {
			if n, err := strconv.Atoi(v.DefaultValue.Raw); err == nil {
				all[v.Variable] = n
			}
		}
	}
	for k, v := range g.variables {
		all[k] = v
	}
	g.variables = all
	clear(g.fragments) // what they cost depends on variables
}

func (g *guard) selection(set ast.SelectionSet, parent *ast.Definition) measured {
	sum := measured{}
	add := func(m measured) {
		sum.cost = min(overflow, sum.cost+m.cost)
		sum.depth = max(sum.depth, m.depth)
	}
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			g.directives += len(s.Directives)
			if s.Alias != "" && s.Alias != s.Name {
				g.aliases++
			}
			add(g.field(s, parent))
		case *ast.InlineFragment:
			g.directives += len(s.Directives)
			of := parent
			if s.TypeCondition != "" {
				of = g.schema.Types[s.TypeCondition]
			}
			add(g.selection(s.SelectionSet, of))
		case *ast.FragmentSpread:
			g.directives += len(s.Directives)
			add(*g.fragment(s.Name))
		}
	}
	return sum
}

// fragment measures a fragment once.
func (g *guard) fragment(name string) *measured {
	if m := g.fragments[name]; m != nil {
		if m.walking {
			return &measured{}
		}
		return m
	}
	m := &measured{walking: true}
	g.fragments[name] = m
	if f := g.named.ForName(name); f != nil {
		*m = g.selection(f.SelectionSet, g.schema.Types[f.TypeCondition])
	}
	m.walking = false
	return m
}

// What fields cost beyond 1 for themselves and what they hold.
var costs = map[string]int{
	"Query.search": 50, "Query.evidenceMap": 50, "Query.goodPractices": 20, "Query.studies": 20, "Query.policyDocuments": 20, "Query.organisations": 20,
	"Query.projects": 20, "Query.collections": 20, "SearchConnection.facets": 20, "SearchEdge.highlights": 2, "Study.text": 50, "PolicyDocument.text": 50,
	"Text.html": 3, "Concept.recordCount": 1,
}

// usual is how long a list is taken to be that no argument bounds.
const usual = 5

// field measures a field: one for itself, and what it holds as often as it holds it.
func (g *guard) field(f *ast.Field, parent *ast.Definition) measured {
	inner := func(of string) measured { return g.selection(f.SelectionSet, g.schema.Types[of]) }
	if parent == nil {
		m := inner("")
		return measured{cost: m.cost + 1, depth: m.depth + 1}
	}
	def := parent.Fields.ForName(f.Name)
	if def == nil { // __typename, introspection, or a field that validation will refuse
		m := inner(map[string]string{"__schema": "__Schema", "__type": "__Type"}[f.Name])
		return measured{cost: m.cost + 1, depth: m.depth + 1}
	}
	times := 1
	isList := def.Type.Elem != nil
	bounded := false
	for _, name := range []string{"first", "last"} {
		arg := def.Arguments.ForName(name)
		if arg == nil {
			continue
		}
		bounded = true
		if n, ok := g.number(f.Arguments.ForName(name)); ok {
			times = max(times, n)
		} else if arg.DefaultValue != nil {
			if n, err := strconv.Atoi(arg.DefaultValue.Raw); err == nil {
				times = max(times, n)
			}
		} else if name == "first" && f.Arguments.ForName("last") == nil {
			times = max(times, hub.DefaultPage)
		}
	}
	switch {
	case f.Name == "nodes" && parent == g.schema.Query:
		times = g.length(f.Arguments.ForName("ids"))
	case isList && !bounded && (f.Name == "edges" || f.Name == "nodes"):
		times = 1 // the connection has counted them
	case isList && !bounded && parent.Name[0] != '_':
		times = usual
	}
	if f.Name == "facets" { // first values of each field
		times = min(overflow, times*g.length(f.Arguments.ForName("fields")))
	}
	m := inner(def.Type.Name())
	cost := m.cost
	if times > 1 && cost > 0 {
		cost = int(min(float64(overflow), float64(cost)*float64(times)))
	}
	return measured{cost: min(overflow, 1+costs[parent.Name+"."+f.Name]+cost), depth: m.depth + 1}
}

// number reads an argument that is a number or a variable with one.
func (g *guard) number(a *ast.Argument) (int, bool) {
	if a == nil || a.Value == nil {
		return 0, false
	}
	switch a.Value.Kind {
	case ast.IntValue:
		n, err := strconv.Atoi(a.Value.Raw)
		if err != nil {
			n = overflow // a number of a million digits
		}
		return min(max(n, 0), overflow), true
	case ast.Variable:
		switch v := g.variables[a.Value.Raw].(type) {
		case int:
			return min(max(v, 0), overflow), true
		case float64:
			return int(min(max(v, 0), overflow)), true
		case interface{ Int64() (int64, error) }: // json.Number
			n, err := v.Int64()
			if err != nil {
				return overflow, true
			}
			return int(min(max(n, 0), overflow)), true
		}
	}
	return 0, false
}

// length reads how long an argument that is a list is.
func (g *guard) length(a *ast.Argument) int {
	if a == nil || a.Value == nil {
		return 1
	}
	if a.Value.Kind == ast.Variable {
		if v, ok := g.variables[a.Value.Raw].([]any); ok {
			return len(v)
		}
		return 1
	}
	return max(1, len(a.Value.Children))
}
