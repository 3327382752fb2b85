package starter_test

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"versme/formats"
	"versme/starter"
)

var update = flag.Bool("update", false, "write the files as WriteYAML does")

// The files are as export writes them, to the byte: whoever exports a hub into this folder sees what was changed and nothing else. With
// -update they are brought to that form.
func TestForm(t *testing.T) {
	files, err := fs.Glob(starter.Files, "*/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(err, len(files))
	}
	for _, name := range files {
		committed, err := fs.ReadFile(starter.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		written := rewritten(t, name, committed)
		if bytes.Equal(committed, written) {
			continue
		}
		if *update {
			if err := os.WriteFile(filepath.FromSlash(name), written, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		was, is := strings.Split(string(committed), "\n"), strings.Split(string(written), "\n")
		at := 0
		for at < min(len(was), len(is)) && was[at] == is[at] {
			at++
		}
		was, is = append(slices.Clone(was[at:]), ""), append(slices.Clone(is[at:]), "")
		t.Errorf("%s:%d is %q and would be written %q (go test ./starter -update)", name, at+1, was[0], is[0])
	}
}

// rewritten reads a file and writes it again.
func rewritten(t *testing.T, name string, content []byte) []byte {
	t.Helper()
	src, err := formats.NewYAML(fstest.MapFS{path.Base(name): {Data: content}})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for {
		row, err := src.Next()
		if errors.Is(err, io.EOF) {
			return b.Bytes()
		}
		if err := errors.Join(err, row.Err); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if b.Len() > 0 {
			b.WriteString("---\n")
		}
		if err := formats.WriteYAML(&b, row.Item); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}
