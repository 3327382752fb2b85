package formats_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"versme/formats"
	"versme/hub"
	"versme/internal/hubtest"
)

// take reads all rows and writes each as its place, slug and error.
func take(t *testing.T, src hub.Rows) (all []string) {
	t.Helper()
	for {
		row, err := src.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			return append(all, "end: "+err.Error())
		}
		s := row.Place + " " + row.Item.Slug()
		if row.Err != nil {
			if !errors.Is(row.Err, hub.ErrInvalid) {
				t.Errorf("%s: %v is not an ErrInvalid", row.Place, row.Err)
			}
			s += ": " + row.Err.Error()
		}
		all = append(all, s)
	}
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func zipped(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, s); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func study(slug string) string {
	return `{"type":"STUDY","slug":"` + slug + `","originalLanguage":"lt","title":{"lt":"ė"}}`
}

// A file is read whatever program wrote it: with or without gzip, a byte order mark, carriage returns, blank lines, or an end of the last line.
func TestJSONLines(t *testing.T) {
	for name, test := range map[string]struct {
		in   string
		want []string
	}{
		"nothing":              {"", nil},
		"blank lines only":     {"\n\n  \r\n\t\n", nil},
		"one line":             {study("a") + "\n", []string{"line 1 a"}},
		"no end of line":       {study("a") + "\n" + study("b"), []string{"line 1 a", "line 2 b"}},
		"blank lines":          {"\n" + study("a") + "\n\n \n" + study("b") + "\n\n", []string{"line 2 a", "line 5 b"}},
		"CRLF":                 {study("a") + "\r\n" + study("b") + "\r\n", []string{"line 1 a", "line 2 b"}},
		"BOM":                  {"\ufeff" + study("a") + "\n" + study("b"), []string{"line 1 a", "line 2 b"}},
		"BOM alone":            {"\ufeff", nil},
		"BOM and a blank line": {"\ufeff\r\n" + study("a"), []string{"line 2 a"}},
		"a line that is wrong": {study("a") + "\n{\"type\":\"STUDY\",\n" + study("b") + "\n", []string{"line 1 a", "line 2 : this is not JSON: unexpected EOF at byte 17; check quotes, commas and brackets there", "line 3 b"}},
		"a record over lines":  {"{\n\"type\":\"STUDY\"}\n", []string{"line 1 : ", "line 2 : "}},
	} {
		for _, zip := range []bool{false, true} {
			in := test.in
			if zip {
				in = zipped(t, in)
			}
			src, err := formats.NewJSONLines(strings.NewReader(in))
			if err != nil {
				t.Errorf("%s, zipped %t: %v", name, zip, err)
				continue
			}
			got := take(t, src)
			if len(got) == len(test.want) {
				for i, w := range test.want {
					if strings.HasSuffix(w, ": ") && strings.HasPrefix(got[i], w) { // the words do not matter
						got[i] = w
					}
				}
			}
			equal(t, fmt.Sprintf("%s, zipped %t", name, zip), got, test.want)
		}
	}
}

// A file compressed in parts, as cat a.gz b.gz makes it, is read to its end.
func TestJSONLinesOfSeveralGzipFiles(t *testing.T) {
	src, err := formats.NewJSONLines(strings.NewReader(zipped(t, study("a")+"\n") + zipped(t, study("b")+"\n")))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "rows", take(t, src), []string{"line 1 a", "line 2 b"})
}

// A file that was cut off on its way is not taken for whole: what came of it is read, then the reading fails.
func TestJSONLinesOfDamagedGzip(t *testing.T) {
	whole := zipped(t, strings.Repeat(study("a")+"\n", 1000))
	for name, in := range map[string]string{
		"cut off": whole[:len(whole)/2], "without its sum": whole[:len(whole)-4],
		"changed": whole[:len(whole)-5] + "x" + whole[len(whole)-4:],
	} {
		src, err := formats.NewJSONLines(strings.NewReader(in))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for err == nil {
			_, err = src.Next()
		}
		if errors.Is(err, io.EOF) || !errors.Is(err, hub.ErrInvalid) || !strings.Contains(err.Error(), "after line ") {
			t.Errorf("%s: %v; want an ErrInvalid that says after which line", name, err)
		}
	}
	if _, err := formats.NewJSONLines(strings.NewReader("\x1f\x8bnot gzip at all")); !errors.Is(err, hub.ErrInvalid) {
		t.Errorf("no gzip: %v", err)
	}
}

// An error of the reader is passed on, with the place.
func TestJSONLinesReaderFails(t *testing.T) {
	failure := errors.New("the network is gone")
	src, err := formats.NewJSONLines(io.MultiReader(strings.NewReader(study("a")+"\n"+study("b")+"\n"), &failing{failure}))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "rows", take(t, src), []string{"line 1 a", "line 2 b", "end: after line 2: the network is gone"})
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

// spaces are n of them, without taking memory.
type spaces struct{ n int }

func (s *spaces) Read(b []byte) (int, error) {
	if s.n == 0 {
		return 0, io.EOF
	}
	n := min(len(b), s.n)
	for i := range b[:n] {
		b[i] = ' '
	}
	s.n -= n
	return n, nil
}

// A line over the limit is rejected without being kept in memory, and reading goes on behind it.
func TestJSONLinesTooLong(t *testing.T) {
	in := func(n int) io.Reader {
		return io.MultiReader(strings.NewReader(study("a")+"\n"), &spaces{n}, strings.NewReader("\n"+study("b")+"\n"))
	}
	src, err := formats.NewJSONLines(in(formats.MaxLine))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "one byte too many", take(t, src), []string{"line 1 a",
		fmt.Sprintf("line 2 : the line has %d bytes, more than %d; split the record", formats.MaxLine+1, formats.MaxLine), "line 3 b"})
	if src, err = formats.NewJSONLines(in(formats.MaxLine - 1)); err != nil {
		t.Fatal(err)
	}
	equal(t, "as long as may be", take(t, src), []string{"line 1 a", "line 3 b"})
}

// How much of the input each row took adds up to all of it but blank lines, for those who show how far an import has come.
func TestJSONLinesBytes(t *testing.T) {
	in := study("a") + "\r\n" + study("b") + "\n"
	src, err := formats.NewJSONLines(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for {
		row, err := src.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		n += row.Bytes
	}
	equal(t, "bytes", n, len(in))
}

// What is written is read back the same.
func TestJSONLinesRoundTrip(t *testing.T) {
	items := hubtest.Full()
	for _, r := range hubtest.Sample(1, 60) {
		items = append(items, hub.Item{Record: r})
	}
	var b bytes.Buffer
	for _, it := range items {
		if err := formats.WriteJSONLine(&b, it); err != nil {
			t.Fatal(err)
		}
	}
	src, err := formats.NewJSONLines(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range items {
		row, err := src.Next()
		if err != nil || row.Err != nil {
			t.Fatal(err, row.Err)
		}
		equal(t, want.Slug(), encoded(t, row.Item), encoded(t, want))
	}
}

func encoded(t *testing.T, it hub.Item) string {
	t.Helper()
	if it.Record != nil && it.Record.AsEntry().Status == "" {
		it.Record.AsEntry().Status = hub.StatusPublished
	}
	b, err := hub.EncodeItem(it)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Whatever the bytes, reading ends, without a panic; rows that can be read are counted by lines.
func FuzzJSONLines(f *testing.F) {
	f.Add([]byte(study("a") + "\n" + study("b")))
	f.Add([]byte("\ufeff\r\n{}\n[\n\x00"))
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"))
	f.Fuzz(func(t *testing.T, in []byte) {
		src, err := formats.NewJSONLines(bytes.NewReader(in))
		if err != nil {
			return
		}
		for rows := 0; ; rows++ {
			row, err := src.Next()
			if err != nil {
				return
			}
			if row.Err != nil && !errors.Is(row.Err, hub.ErrInvalid) || row.Err == nil && row.Item.Record == nil && row.Item.Concept == nil {
				t.Fatalf("%s: %+v, %v", row.Place, row.Item, row.Err)
			}
			if row.Bytes < 1 || !strings.HasPrefix(row.Place, "line ") {
				t.Fatalf("%+v", row)
			}
		}
	})
}
