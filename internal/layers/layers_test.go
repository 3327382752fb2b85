// Package layers holds the import rule of the house as a test.
package layers

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// allowed says which of our own packages each package may import, beside those below itself. What is not listed here may not exist: a new
// package needs a line, and a reason that a newcomer would accept.
var allowed = map[string][]string{
	"":                   {"formats", "graph", "hub", "search", "search/analysis", "starter", "storage", "web/playground"}, // server.go sees everyone
	"hub":                {},
	"storage":            {"hub", "internal/boltfile"},
	"search":             {"hub", "internal/boltfile", "search/analysis"},
	"search/analysis":    {},
	"graph":              {"hub"},
	"web/playground":     {},
	"formats":            {"hub"},
	"starter":            {},
	"internal/bench":     {},
	"internal/boltfile":  {}, // the store keeps its records in such a file, and the index its root
	"internal/hubtest":   {"hub"},
	"internal/layers":    {},
	"internal/relevance": {},
}

// keepers are the only packages that may import a module, with everything below them.
var keepers = map[string]string{
	"go.etcd.io/bbolt":                   "storage",
	"github.com/blevesearch/":            "search",
	"github.com/99designs/gqlgen":        "graph",
	"github.com/vektah/gqlparser":        "graph",
	"github.com/alecthomas/kong":         "",
	"github.com/yuin/goldmark":           "graph",
	"go.yaml.in/yaml/v3":                 "formats",
	"github.com/rs/cors":                 "",
	"github.com/RoaringBitmap/":          "search",
	"github.com/klauspost/compress/zstd": "storage",
}

type pkg struct {
	ImportPath string
	Imports    []string
}

// packages lists every package of the module. Test files are not counted: a test may set up what it tests.
func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = root(t)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestImports(t *testing.T) {
	all := packages(t)
	if len(all) < len(allowed)-2 { // a package of tests alone has no files to list
		t.Fatalf("go list found %d packages", len(all))
	}
	for _, p := range all {
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, "versme"), "/")
		may, known := allowed[name]
		if !known {
			t.Errorf("package %q is not in the house: add it to allowed, with a reason", name)
			continue
		}
		for _, i := range p.Imports {
			if own, is := strings.CutPrefix(i, "versme/"); is && !slices.Contains(may, own) {
				t.Errorf("%s imports %s; it may import %v", name, own, may)
			}
			for module, keeper := range keepers {
				if strings.HasPrefix(i, module) && name != keeper && !strings.HasPrefix(name, keeper+"/") {
					t.Errorf("%s imports %s, which only %q may", name, i, keeper)
				}
			}
			if name == "hub" && strings.Contains(i, ".") && !strings.HasPrefix(i, "golang.org/x/text/") {
				t.Errorf("hub imports %s; it may import the standard library and golang.org/x/text alone", i)
			}
		}
	}
}

// TestNoMappingLayer fails on the day that a type or field of the schema has no twin in package hub.
func TestNoMappingLayer(t *testing.T) {
	graph := filepath.Join(root(t), "graph")
	if _, err := os.Stat(filepath.Join(graph, "models_gen.go")); !errors.Is(err, os.ErrNotExist) {
		t.Error("graph/models_gen.go exists: a type of the schema has no twin in package hub")
	}
	files, err := filepath.Glob(filepath.Join(graph, "*.resolvers.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d resolver files, %v", len(files), err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), "not implemented") {
			t.Errorf("%s has a resolver that is not implemented: a field of the schema has no twin in package hub", f)
		}
	}
}
