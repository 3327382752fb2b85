package graph

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"

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
	MaxQuery      = 64 << 10 // bytes of a document, of which some hundred are kept
	MaxTokens     = 2000     // of a document
	MaxSameName   = 300      // fields of one name in a document: validation compares each with each
	MaxDepth      = 16       // fields within fields; GraphiQL's introspection needs 14
	MaxAliases    = 50       // fields renamed, in all
	MaxRootFields = 20       // fields of the operation itself
	MaxDirectives = 50       // uses of directives
	MaxOperations = 10       // operations in a document
	MaxCost       = 30000    // fields to resolve, as estimated before anything is
	MaxVariable   = 64 << 10 // bytes of a text in the variables
	MaxList       = 1000     // values of a list in the variables
	MaxErrors     = 10       // errors in an answer; the last says how many more there were
)

// codeTooComplex is the code of everything beyond a limit.
const codeTooComplex = "TOO_COMPLEX"

func tooComplex(limit string, is, most int, hint string) *gqlerror.Error {
	return &gqlerror.Error{
		Message:    fmt.Sprintf("the request has %s %s, more than %d; %s", plural(is), limit, most, hint),
		Extensions: map[string]any{"code": codeTooComplex, "limit": limit, "max": most},
	}
}

func plural(n int) string {
	if n >= overflow {
		return "far too many"
	}
	return strconv.Itoa(n)
}

// overflow is where counting stops.
const overflow = 1 << 40

// parse reads a document of at most MaxTokens tokens.
func parse(query string) (*ast.QueryDocument, *gqlerror.Error) {
	if len(query) > MaxQuery {
		return nil, tooComplex("bytes of query", len(query), MaxQuery, "send long texts as variables")
	}
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

// check measures a document before it is validated.
func check(schema *ast.Schema, doc *ast.QueryDocument, operation string, variables map[string]any) *gqlerror.Error {
	if n := len(doc.Operations); n > MaxOperations {
		return tooComplex("operations", n, MaxOperations, "send fewer at once")
	}
	w := written{names: map[string]int{}}
	for _, f := range doc.Fragments {
		w.directives += len(f.Directives)
		w.selection(f.SelectionSet)
	}
	for _, op := range doc.Operations {
		w.directives += len(op.Directives)
		w.selection(op.SelectionSet)
	}
	switch {
	case w.aliases > MaxAliases:
		return tooComplex("aliases", w.aliases, MaxAliases, "send several requests")
	case w.alias > hub.MaxEcho:
		return tooComplex("letters in an alias", w.alias, hub.MaxEcho, "shorten it")
	case w.same > MaxSameName:
		return tooComplex("fields of the same name", w.same, MaxSameName, "write each once, or send several requests")
	case w.directives > MaxDirectives:
		return tooComplex("directives", w.directives, MaxDirectives, "send several requests")
	}
	for _, op := range doc.Operations {
		if op.Operation != ast.Query {
			continue // validation refuses it: there are only queries
		}
		g := &guard{schema: schema, variables: withDefaults(op, variables), fragments: map[string]*measured{}, named: doc.Fragments}
		m := g.selection(op.SelectionSet, schema.Query)
		switch {
		case g.roots > MaxRootFields:
			return tooComplex("root fields", g.roots, MaxRootFields, "send several requests")
		case m.depth > MaxDepth:
			return tooComplex("levels of depth", m.depth, MaxDepth, "follow fewer references at once")
		case m.cost > MaxCost && (operation == "" || op.Name == operation):
			return tooComplex("fields to resolve", m.cost, MaxCost, "ask for fewer records (first) or fewer of their lists")
		}
	}
	return nil
}

// written counts what stands in a document, as it is written: each fragment once.
type written struct {
	aliases, directives int
	alias               int            // the length of the longest
	names               map[string]int // of fields as they are answered, and how often each stands there
	same                int            // the most that one of them stands there
}

func (w *written) selection(set ast.SelectionSet) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			w.directives += len(s.Directives)
			w.names[s.Alias]++
			w.same = max(w.same, w.names[s.Alias])
			if s.Alias != s.Name {
				w.aliases++
				w.alias = max(w.alias, len(s.Alias))
			}
			w.selection(s.SelectionSet)
		case *ast.InlineFragment:
			w.directives += len(s.Directives)
			w.selection(s.SelectionSet)
		case *ast.FragmentSpread:
			w.directives += len(s.Directives)
		}
	}
}

// guard measures an operation, with one look at each fragment: gqlgen's complexity limit walks a fragment again wherever it is spread,
// and a document of a kilobyte can spread it 67 million times.
type guard struct {
	schema    *ast.Schema
	variables map[string]any
	fragments map[string]*measured
	named     ast.FragmentDefinitionList
	roots     int // fields of the operation itself, those in fragments too
}

// measured is what a selection comes to.
type measured struct {
	cost    int  // fields to resolve
	items   int  // of a connection's fields: those to resolve for each item on the page
	depth   int  // fields within fields
	walking bool // a fragment that contains itself; validation reports it
}

// withDefaults adds the numbers that variables have by default.
func withDefaults(op *ast.OperationDefinition, variables map[string]any) map[string]any {
	all := make(map[string]any, len(variables))
	for _, v := range op.VariableDefinitions {
		if v.DefaultValue != nil && v.DefaultValue.Kind == ast.IntValue {
			all[v.Variable] = json.Number(v.DefaultValue.Raw)
		}
	}
	maps.Copy(all, variables)
	return all
}

func (g *guard) selection(set ast.SelectionSet, parent *ast.Definition) measured {
	sum := measured{}
	add := func(m measured) {
		sum.cost = min(overflow, sum.cost+m.cost)
		sum.items = min(overflow, sum.items+m.items)
		sum.depth = max(sum.depth, m.depth)
	}
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if parent == g.schema.Query {
				g.roots++
			}
			add(g.field(s, parent))
		case *ast.InlineFragment:
			of := parent
			if s.TypeCondition != "" {
				of = g.schema.Types[s.TypeCondition]
			}
			add(g.selection(s.SelectionSet, of))
		case *ast.FragmentSpread:
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
	"Query.projects": 20, "Query.collections": 20, "SearchConnection.facets": 20, "SearchEdge.highlights": 2, "Study.text": 250, "PolicyDocument.text": 250,
	"Text.html": 3, "Concept.recordCount": 1,
}

// How long lists are taken to be that no argument bounds.
const usual = 5

var longer = map[string]int{"EvidenceMap.rows": 20, "EvidenceMap.columns": 20, "EvidenceMap.cells": 200, "__Schema.types": 8}

// field measures a field: one for itself, and what it holds as often as it holds it.
func (g *guard) field(f *ast.Field, parent *ast.Definition) measured {
	var def *ast.FieldDefinition
	if parent != nil {
		def = parent.Fields.ForName(f.Name)
	}
	if def == nil { // __typename, or a field that validation will refuse
		m := g.selection(f.SelectionSet, nil)
		return measured{cost: m.cost + 1, depth: m.depth + 1}
	}
	name := parent.Name + "." + f.Name
	of := g.schema.Types[def.Type.Name()]
	m := g.selection(f.SelectionSet, of)
	m.depth++
	page, paged := g.page(f, def)
	switch {
	case isConnection(parent) && (f.Name == "edges" || f.Name == "nodes"):
		return measured{items: min(overflow, 1+m.cost), depth: m.depth}
	case of != nil && isConnection(of):
		m.cost += times(page, m.items)
	case name == "SearchConnection.facets": // so many values of each field
		m.cost = times(page*g.length(f.Arguments.ForName("fields")), m.cost)
	case name == "Facet.values": // facets has counted them
	case name == "Query.nodes":
		m.cost = times(g.length(f.Arguments.ForName("ids")), m.cost)
	case paged:
		m.cost = times(page, m.cost)
	case def.Type.Elem != nil:
		m.cost = times(cmp.Or(longer[name], usual), m.cost)
	}
	return measured{cost: min(overflow, 1+costs[name]+m.cost), depth: m.depth}
}

func isConnection(d *ast.Definition) bool { return strings.HasSuffix(d.Name, "Connection") }

func times(n, cost int) int { return int(min(overflow, float64(n)*float64(cost))) }

// page returns how many items first and last ask a field for; ok tells whether it has such an argument.
func (g *guard) page(f *ast.Field, def *ast.FieldDefinition) (n int, ok bool) {
	for _, name := range []string{"first", "last"} {
		arg := def.Arguments.ForName(name)
		if arg == nil {
			continue
		}
		ok = true
		if given, is := g.number(f.Arguments.ForName(name)); is {
			n = max(n, given)
		} else if arg.DefaultValue != nil {
			byDefault, _ := strconv.Atoi(arg.DefaultValue.Raw)
			n = max(n, byDefault)
		} else if name == "first" && f.Arguments.ForName("last") == nil {
			n = max(n, hub.DefaultPage)
		}
	}
	return n, ok
}

// number reads an argument that is a number or a variable with one.
func (g *guard) number(a *ast.Argument) (int, bool) {
	if a == nil || a.Value == nil {
		return 0, false
	}
	switch a.Value.Kind {
	case ast.IntValue:
		return count(a.Value.Raw)
	case ast.Variable:
		switch v := g.variables[a.Value.Raw].(type) {
		case json.Number:
			return count(v.String())
		case string: // gqlgen reads numbers in quotes too
			return count(v)
		}
	}
	return 0, false
}

func count(digits string) (int, bool) {
	n, err := strconv.Atoi(digits)
	if errors.Is(err, strconv.ErrRange) {
		return overflow, true
	}
	return min(max(n, 0), overflow), err == nil
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
