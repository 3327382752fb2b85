package relevance

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"versme/formats"
	"versme/hub"
	"versme/search"
	"versme/starter"
	"versme/storage"
)

var update = flag.Bool("update", false, "write testdata/golden.txt")

const golden = "testdata/golden.txt"

// depth is how far down a reader is taken to look.
const depth = 10

// judged is a query, and what is right for it.
type judged struct {
	language hub.Language
	query    string
	right    []string // slugs, the best first
}

func queries(t *testing.T) (all []judged) {
	t.Helper()
	b, err := os.ReadFile("queries.tsv")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for n, line := range strings.Split(strings.TrimRight(string(b), "\n"), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(line, "\t")
		if len(parts) != 3 {
			t.Fatalf("queries.tsv, line %d: %d parts, not 3 with tabs between them", n+1, len(parts))
		}
		l, err := hub.ParseLanguage(parts[0])
		if err != nil {
			t.Fatalf("queries.tsv, line %d: %v", n+1, err)
		}
		q := judged{l, parts[1], strings.Fields(parts[2])}
		if key := parts[0] + "\t" + parts[1]; seen[key] || len(q.right) == 0 || len(q.right) > 4 {
			t.Fatalf("queries.tsv, line %d: said before, or not 1 to 4 right records: %s", n+1, line)
		} else {
			seen[key] = true
		}
		all = append(all, q)
	}
	return all
}

// open opens a hub with the starter collection, the same every time.
func open(t *testing.T) *hub.Hub {
	t.Helper()
	ctx := context.Background()
	store, err := storage.Open(t.TempDir(), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	index, err := search.Open("", search.Options{DatabaseID: store.DatabaseID()})
	if err != nil {
		t.Fatal(err)
	}
	ids := 0
	h := hub.New(store, index, hub.Options{
		Now:   func() time.Time { return time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC) },
		NewID: func() hub.ID { ids++; return hub.ID(fmt.Sprintf("00000000-0000-7000-8000-%012x", ids)) },
	})
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	src, err := formats.NewYAML(starter.Files)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.CatchUp(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Import(ctx, src, hub.ImportOptions{Reject: func(r hub.Rejected) { t.Errorf("%s: %v", r.Place, r.Err) }}); err != nil {
		t.Fatal(err)
	}
	return h
}

// score sums up some queries.
type score struct {
	queries     int
	mrr, recall float64
}

func (s *score) add(ranks []int) {
	s.queries++
	found, first := 0, 0
	for _, r := range ranks {
		if r > 0 {
			found++
		}
		if r > 0 && (first == 0 || r < first) {
			first = r
		}
	}
	if first > 0 {
		s.mrr += 1 / float64(first)
	}
	s.recall += float64(found) / float64(len(ranks))
}

func (s *score) line(name string) string {
	n := float64(max(1, s.queries))
	return fmt.Sprintf("%-4s %7d %7.3f %9.3f\n", name, s.queries, s.mrr/n, s.recall/n)
}

// TestRelevance runs every query as its reader would, and compares where the right records stand with the golden file.
func TestRelevance(t *testing.T) {
	ctx := context.Background()
	h := open(t)
	first := depth
	var details strings.Builder
	total, perLanguage := &score{}, map[hub.Language]*score{}
	var order []hub.Language
	for _, q := range queries(t) {
		for _, slug := range q.right {
			if r, err := h.Record(ctx, slug); err != nil || r == nil {
				t.Errorf("%s: there is no %s in the starter collection (%v)", q.query, slug, err)
			}
		}
		page, err := h.Search(ctx, q.query, nil, []hub.Language{q.language}, nil, hub.PageRequest{First: &first})
		if err != nil {
			t.Fatalf("%s: %v", q.query, err)
		}
		ranks, shown := make([]int, len(q.right)), make([]string, len(q.right))
		for i, slug := range q.right {
			ranks[i] = 1 + slices.IndexFunc(page.Edges, func(e *hub.SearchEdge) bool { return e.Node.AsEntry().Slug == slug })
			if shown[i] = "-"; ranks[i] > 0 {
				shown[i] = strconv.Itoa(ranks[i])
			}
		}
		if perLanguage[q.language] == nil {
			perLanguage[q.language] = &score{}
			order = append(order, q.language)
		}
		total.add(ranks)
		perLanguage[q.language].add(ranks)
		best := "-"
		if i := slices.IndexFunc(page.Edges, func(e *hub.SearchEdge) bool { return slices.Contains(q.right, e.Node.AsEntry().Slug) }); i >= 0 {
			best = strconv.Itoa(i + 1)
		}
		fmt.Fprintf(&details, "%2s  %-11s %-3s %s\n", best, strings.Join(shown, " "), q.language, q.query)
	}

	var b strings.Builder
	b.WriteString("# How well the search finds what it should, written by go test ./internal/relevance -update. Do not edit it: edit queries.tsv.\n")
	b.WriteString("# MRR@10: 1 where a right record comes first, 1/2 where second, and so on, on average. recall@10: the part of the right records that\n")
	b.WriteString("# is among the first ten.\n\n")
	b.WriteString("     queries  MRR@10 recall@10\n")
	for _, l := range order {
		b.WriteString(perLanguage[l].line(string(l)))
	}
	b.WriteString(total.line("all"))
	b.WriteString("\n# Where the first right record stands, where each of them does as queries.tsv lists them, - being nowhere among the first ten.\n")
	b.WriteString(details.String())

	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
		t.Errorf("the ranking has changed (-golden +now); if it is for the better, write it down with -update:\n%s", diff)
	}
	t.Log("\n" + total.line("all"))
}
