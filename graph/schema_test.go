package graph_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"

	"versme/graph"
	"versme/web/playground"
)

func readSchema(t *testing.T, file string) *ast.Schema {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := gqlparser.LoadSchema(&ast.Source{Name: file, Input: string(b)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestDescriptions: whoever reads the schema in the playground is told what each thing means.
func TestDescriptions(t *testing.T) {
	s := readSchema(t, "../schema.graphqls")
	described := func(name, description string) {
		t.Helper()
		first, _ := utf8.DecodeRuneInString(description)
		switch {
		case description == "":
			t.Errorf("%s has no description", name)
		case !unicode.IsUpper(first) || !strings.ContainsAny(description[len(description)-1:], ".:"):
			t.Errorf("%s: not a sentence: %q", name, description)
		}
	}
	n := 0
	for _, def := range s.Types {
		if def.BuiltIn {
			continue
		}
		n++
		described(def.Name, def.Description)
		for _, f := range def.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			described(def.Name+"."+f.Name, f.Description)
			for _, a := range f.Arguments {
				described(def.Name+"."+f.Name+"("+a.Name+")", a.Description)
			}
		}
		for _, v := range def.EnumValues {
			described(def.Name+"."+v.Name, v.Description)
		}
	}
	if n < 50 {
		t.Errorf("only %d types", n)
	}
}

// TestContract: what clients were promised is there, under the same name and with the same type. What is added asks nothing of them.
func TestContract(t *testing.T) {
	b, err := os.ReadFile("testdata/contract.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	promised, err := parser.ParseSchema(&ast.Source{Name: "contract.graphqls", Input: string(b)})
	if err != nil {
		t.Fatal(err)
	}
	s := readSchema(t, "../schema.graphqls")
	for _, want := range promised.Definitions {
		got := s.Types[want.Name]
		if got == nil || got.Kind != want.Kind {
			t.Errorf("%s %s is gone", want.Kind, want.Name)
			continue
		}
		for _, i := range want.Interfaces {
			if !slices.Contains(got.Interfaces, i) {
				t.Errorf("%s is no %s any more", want.Name, i)
			}
		}
		for _, v := range want.EnumValues {
			if got.EnumValues.ForName(v.Name) == nil {
				t.Errorf("%s.%s is gone", want.Name, v.Name)
			}
		}
		if want.Name == "EvidenceLevel" && len(got.EnumValues) != len(want.EnumValues) {
			t.Errorf("the levels of evidence are a scale, and it has changed")
		}
		for _, f := range want.Fields {
			name := want.Name + "." + f.Name
			is := got.Fields.ForName(f.Name)
			if is == nil {
				t.Errorf("%s is gone", name)
				continue
			}
			if is.Type.String() != f.Type.String() || defaultOf(is.DefaultValue) != defaultOf(f.DefaultValue) {
				t.Errorf("%s is a %s %s, was promised as a %s %s", name, is.Type, defaultOf(is.DefaultValue), f.Type, defaultOf(f.DefaultValue))
			}
			for _, a := range f.Arguments {
				switch own := is.Arguments.ForName(a.Name); {
				case own == nil:
					t.Errorf("%s(%s) is gone", name, a.Name)
				case own.Type.String() != a.Type.String() || defaultOf(own.DefaultValue) != defaultOf(a.DefaultValue):
					t.Errorf("%s(%s) is a %s %s, was promised as a %s %s", name, a.Name, own.Type, defaultOf(own.DefaultValue), a.Type, defaultOf(a.DefaultValue))
				}
			}
			for _, a := range is.Arguments {
				if f.Arguments.ForName(a.Name) == nil && a.Type.NonNull && a.DefaultValue == nil {
					t.Errorf("%s(%s) is new, and required", name, a.Name)
				}
			}
		}
		if got.Kind == ast.InputObject {
			for _, f := range got.Fields {
				if want.Fields.ForName(f.Name) == nil && f.Type.NonNull && f.DefaultValue == nil {
					t.Errorf("%s.%s is new, and required", got.Name, f.Name)
				}
			}
		}
	}
}

func defaultOf(v *ast.Value) string {
	if v == nil {
		return ""
	}
	return "= " + v.String()
}

// TestServedSchema: the generated code is of the schema as it stands in the file.
func TestServedSchema(t *testing.T) {
	print := func(s *ast.Schema) string {
		var b bytes.Buffer
		formatter.NewFormatter(&b).FormatSchema(s)
		return b.String()
	}
	served := graph.NewExecutableSchema(graph.Config{Resolvers: &graph.Resolver{}}).Schema()
	if diff := cmp.Diff(print(readSchema(t, "../schema.graphqls")), print(served)); diff != "" {
		t.Errorf("run go generate ./... (-file +generated):\n%s", diff)
	}
	if _, has := served.Directives["defer"]; has {
		t.Error("@defer is offered")
	}
}

// TestIntrospection: tools that read the schema get all of it, in one request.
func TestIntrospection(t *testing.T) {
	type data struct {
		Schema struct {
			QueryType  struct{ Name string }
			Types      []struct{ Name string }
			Directives []struct{ Name string }
		} `json:"__schema"`
	}
	api := starterAPI(t)
	got := ask[data](t, api, `{__schema{queryType{name} types{name} directives{name}}}`, nil).Schema
	names := map[string]bool{}
	for _, d := range got.Types {
		names[d.Name] = true
	}
	for name := range readSchema(t, "../schema.graphqls").Types {
		if !names[name] {
			t.Errorf("%s is not told of", name)
		}
	}
	for _, d := range got.Directives {
		if d.Name == "defer" {
			t.Error("@defer is offered")
		}
	}

	whole, err := os.ReadFile("testdata/introspection.graphql")
	if err != nil {
		t.Fatal(err)
	}
	if a := try(t, api, string(whole), nil); a.code() != "" || len(a.Data) < 50_000 {
		t.Errorf("%d bytes: %.300s", len(a.Data), a.Body)
	}
}

// TestPlaygroundExamples: each worked query runs, and finds something in the collection that a new hub starts with.
func TestPlaygroundExamples(t *testing.T) {
	api := starterAPI(t)
	examples := playground.Examples()
	if len(examples) < 6 {
		t.Fatalf("%d examples", len(examples))
	}
	for _, example := range examples {
		variables := example.Variables
		if variables == "" {
			variables = "null"
		}
		for _, language := range []string{"", "lt"} {
			a := serve(t, api, post(`{"query":`+quote(t, example.Query)+`,"variables":`+variables+`}`, "Accept-Language", language))
			if a.Status != ok || len(a.Errors) > 0 {
				t.Errorf("%s: %d %s", example.Name, a.Status, a.Body)
			}
			// An empty list or a null is what a reader would stumble over; the walk has some, and is looked at by hand.
			for _, nothing := range []string{`"totalCount":0`, `"edges":[]`, `"nodes":[]`, `"values":[]`, `"cells":[]`, `"record":null`, `"supportedBy":[]`, `"organisations":[]`, `"results":[]`} {
				if bytes.Contains(a.Data, []byte(nothing)) {
					t.Errorf("%s: %s", example.Name, nothing)
				}
			}
		}
	}
}

func quote(t *testing.T, s string) string {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
