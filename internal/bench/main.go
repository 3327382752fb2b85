// Bench measures a hub on a large collection as its users meet it: import, start, memory, and searches over HTTP, and beside them, in
// the same run, the floors that nothing built on the same parts can pass: Bleve alone, bbolt alone, a plain JSON handler.
//
//	go run ./internal/bench records.jsonl.gz
//
// docs/benchmarks.md holds what it printed. It builds the program it measures, and needs Linux for memory figures.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	selective := flag.String("selective", "muziejų", "a word that few records have")
	common := flag.String("common", "respublikos", "the commonest word")
	requests := flag.Int("n", 300, "requests of each kind")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: bench [flags] RECORDS.jsonl.gz")
		os.Exit(2)
	}
	if err := bench(flag.Arg(0), *selective, *common, *requests); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(records, selective, common string, n int) error {
	dir, err := os.MkdirTemp("", "versme-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "versme")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w: %s", err, out)
	}
	text, lines, err := textOf(records)
	if err != nil {
		return err
	}
	fmt.Printf("collection: %d records, %.1f MB of text\n", lines, mb(text))

	data := filepath.Join(dir, "data")
	imp := exec.Command(binary, "import", "--data", data, "--log", "error", records)
	started := time.Now()
	if out, err := imp.CombinedOutput(); err != nil {
		return fmt.Errorf("import: %w: %s", err, out)
	}
	took := time.Since(started)
	fmt.Printf("import: %.1f s, %.1f MB of text/s, %.0f records/s, peak memory %.0f MB\n", took.Seconds(), mb(text)/took.Seconds(),
		float64(lines)/took.Seconds(), float64(imp.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)/1e3)
	size, err := sizeOf(data)
	if err != nil {
		return err
	}
	fmt.Printf("data directory: %.1f MB, %.2f of the text\n", mb(size), float64(size)/float64(text))

	if err := serving(binary, data, selective, common, n); err != nil {
		return err
	}
	if err := plainHandler(n); err != nil {
		return err
	}
	for _, pkg := range []string{"./storage", "./search"} {
		fmt.Printf("\nfloors and parts, %s:\n", pkg)
		floors := exec.Command("go", "test", "-run", "^$", "-bench", "Floor", "-benchtime", "1x", pkg)
		absolute, err := filepath.Abs(records)
		if err != nil {
			return err
		}
		floors.Env = append(os.Environ(), "VERSME_BENCH_RECORDS="+absolute)
		out, err := floors.CombinedOutput()
		for line := range strings.Lines(string(out)) {
			if strings.HasPrefix(line, "Benchmark") {
				fmt.Print("  ", line)
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w: %s", pkg, err, out)
		}
	}
	return nil
}

// serving starts the hub and measures it over HTTP.
func serving(binary, data, selective, common string, n int) error {
	addr, err := freeAddress()
	if err != nil {
		return err
	}
	server := exec.Command(binary, "serve", "--data", data, "--addr", addr, "--log", "error")
	started := time.Now()
	if err := server.Start(); err != nil {
		return err
	}
	defer func() { _ = server.Process.Kill() }() // where something failed below
	for {
		resp, err := http.Get("http://" + addr + "/readyz")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Since(started) > time.Minute {
			return fmt.Errorf("the hub was not ready within a minute: %w", err)
		}
		time.Sleep(time.Millisecond)
	}
	fmt.Printf("start: ready in %.0f ms\n", time.Since(started).Seconds()*1e3)
	fmt.Printf("memory at rest: %s\n", anonymous(server.Process.Pid))

	const full = `query($q: String!) { search(query: $q, first: 20) { totalCount
		edges { score node { slug title { value } countries { code } } highlights { field html } }
		facets(fields: [TYPE, COUNTRY, YEAR, LANGUAGE, THEME]) { field values { value count } } } }`
	const list = `query($q: String!) { policyDocuments(first: 20, orderBy: NEWEST) { totalCount edges { cursor node { slug title { value } adopted number
		countries { code } languages updatedAt } } pageInfo { endCursor } } record(slug: $q) { id } }`
	for _, q := range []struct{ name, query, word string }{
		{"hello, { __typename }", `{ __typename }`, ""},
		{"list of 20", list, "none"},
		{"search, 20 hits, highlights, 5 facets, selective word " + selective, full, selective},
		{"the same, commonest word " + common, full, common},
		{"the same, two words", full, selective + " " + common},
		{"the same, a phrase", full, `"` + selective + ` ` + common + `"`},
		{"the same, no words", full, ""},
	} {
		l, err := measure("http://"+addr+"/graphql", q.query, q.word, n)
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		fmt.Printf("HTTP: %-70s %s\n", q.name, l)
	}
	fmt.Printf("memory after %d requests: %s\n", 7*n, anonymous(server.Process.Pid))
	if err := server.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	return server.Wait()
}

// measure sends n requests one after another over one connection.
func measure(url, query, word string, n int) (latencies, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": map[string]any{"q": word}})
	if err != nil {
		return latencies{}, err
	}
	var l latencies
	for range n {
		started := time.Now()
		resp, err := http.Post(url, "application/json", bytes.NewReader(body))
		if err != nil {
			return l, err
		}
		answer, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			return l, err
		}
		l.all = append(l.all, time.Since(started))
		l.bytes = len(answer)
		if bytes.HasPrefix(answer, []byte(`{"errors"`)) {
			return l, fmt.Errorf("%s", answer)
		}
	}
	return l, nil
}

type latencies struct {
	all   []time.Duration
	bytes int
}

func (l latencies) String() string {
	slices.Sort(l.all)
	at := func(q float64) float64 { return l.all[int(float64(len(l.all)-1)*q)].Seconds() * 1e3 }
	return fmt.Sprintf("p50 %6.2f ms   p99 %6.2f ms   %d bytes", at(.5), at(.99), l.bytes)
}

// plainHandler is the floor of HTTP and JSON: a list of 20 records from memory.
func plainHandler(n int) error {
	type record struct {
		Slug, Title, Adopted string
		Countries            []string
	}
	var records []record
	for i := range 20 {
		records = append(records, record{fmt.Sprintf("lt-law-xiii-%d", i), strings.Repeat("Lietuvos Respublikos įstatymas ", 4), "2017-04-25", []string{"LT"}})
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = json.NewEncoder(w).Encode(records)
	})}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	l, err := measure("http://"+listener.Addr().String(), "", "", n)
	if err != nil {
		return err
	}
	fmt.Printf("HTTP: %-70s %s\n", "floor: a plain JSON handler, list of 20", l)
	return nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// anonymous returns how much memory of its own a process holds; what it has mapped of its files is the system's to take back.
func anonymous(pid int) string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return "not known on this system"
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			return strings.TrimSpace(rest) + " anonymous"
		}
	}
	return "not known on this system"
}

func sizeOf(dir string) (size int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		size += info.Size()
		return err
	})
	return size, err
}

// textOf returns how many bytes of titles and full texts a collection has.
func textOf(path string) (size int64, lines int, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			return 0, 0, err
		}
	}
	s := bufio.NewScanner(in)
	s.Buffer(nil, 64<<20)
	for s.Scan() {
		var r struct{ Title, Text map[string]string }
		if err := json.Unmarshal(s.Bytes(), &r); err != nil {
			return 0, 0, err
		}
		for _, t := range r.Text {
			size += int64(len(t))
		}
		for _, t := range r.Title {
			size += int64(len(t))
		}
		lines++
	}
	return size, lines, s.Err()
}

func mb(n int64) float64 { return float64(n) / 1e6 }
