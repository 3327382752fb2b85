package hub_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"versme/hub"
)

// A write succeeds once the store has it. An index that fails then costs only time: it is logged, the hub says that it is not ready, and
// catching up heals it.
func TestIndexFailsAfterTheStoreCommitted(t *testing.T) {
	p := open(t)
	p.must(t, `{"type":"STUDY","slug":"a","originalLanguage":"lt","title":{"lt":"pirmas"}}`)
	if !p.Ready() {
		t.Fatal("not ready")
	}
	p.index.Fail("Apply", errors.New("no space left on device"))
	sum, rejected := p.take(t, `{"type":"STUDY","slug":"b","originalLanguage":"lt","title":{"lt":"antras"}}`)
	if sum.Added != 1 || len(rejected) != 0 {
		t.Errorf("%+v, %v", sum, rejected)
	}
	if p.Ready() {
		t.Error("ready although the index lacks a record")
	}
	if log := p.log.String(); !strings.Contains(log, "no space left on device") || !strings.Contains(log, "level=ERROR") {
		t.Errorf("the log says %q", log)
	}
	if p.record(t, "b") == nil {
		t.Error("the record cannot be read")
	}
	equal(t, "found", p.found(t, "antras"), []string{})

	// It goes on failing: catching up says so.
	if err := p.CatchUp(t.Context(), nil); err == nil || p.Ready() {
		t.Errorf("caught up with an index that fails: %v", err)
	}
	p.index.Fail("Apply", nil)

	// A write in between does not hide what is missing.
	p.must(t, `{"type":"STUDY","slug":"c","originalLanguage":"lt","title":{"lt":"trečias"}}`)
	level(t, p)
	equal(t, "found", p.found(t, "antras"), []string{"b"})
	equal(t, "found", p.found(t, "trečias"), []string{"c"})
}

// Another index over the same store, an index that has too few records, one that is ahead of its store: each is made anew, and says so.
func TestCatchUpRebuilds(t *testing.T) {
	t.Run("a new index", func(t *testing.T) {
		dir := t.TempDir()
		p := openIn(t, dir)
		if err := p.CatchUp(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		p.must(t, sampleLines(t, 4, 60)...)
		want := p.found(t, "")
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		p = openIn(t, dir)
		var last, of int
		if err := p.CatchUp(t.Context(), func(done, all int) { last, of = done, all }); err != nil {
			t.Fatal(err)
		}
		equal(t, "found", p.found(t, ""), want)
		if last != 60 || of != len(want) { // drafts are read too
			t.Errorf("progress ended at %d of %d", last, of)
		}
		if log := p.log.String(); !strings.Contains(log, "rebuilding the index") || !strings.Contains(log, "there is none yet") {
			t.Errorf("the log says %q", log)
		}
	})
	t.Run("an index that lacks records", func(t *testing.T) {
		p := open(t)
		p.must(t, sampleLines(t, 5, 30)...)
		want := p.found(t, "")
		records, err := p.Store().Find(t.Context(), hub.Lookup{})
		if err != nil {
			t.Fatal(err)
		}
		at, err := p.Position(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := p.index.Apply(t.Context(), nil, records[:3], at); err != nil { // as a damaged segment would
			t.Fatal(err)
		}
		said := ""
		if _, err := p.Check(t.Context(), func(f hub.Finding) { said += f.Where + ": " + f.Problem + "\n" }); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(said, "index: it holds ") {
			t.Errorf("check says %q", said)
		}
		level(t, p)
		equal(t, "found", p.found(t, ""), want)
	})
	t.Run("an index that is ahead", func(t *testing.T) {
		p := open(t)
		p.must(t, sampleLines(t, 6, 30)...)
		want := p.found(t, "")
		if err := p.index.Apply(t.Context(), nil, nil, 100_000); err != nil {
			t.Fatal(err)
		}
		level(t, p)
		equal(t, "found", p.found(t, ""), want)
		if log := p.log.String(); !strings.Contains(log, "it is at change 100000") {
			t.Errorf("the log says %q", log)
		}
	})
	t.Run("an index that cannot be counted", func(t *testing.T) {
		p := open(t)
		p.must(t, sampleLines(t, 6, 30)...)
		p.index.Fail("Count", errors.New("a segment is damaged"))
		if err := p.CatchUp(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		equal(t, "rebuilds", p.index.Calls("Rebuild"), 2) // the first when it was new
		p.index.Fail("Count", nil)
		level(t, p)
	})
}

// An index that lags is brought level by what has changed alone: records that came, changed, became drafts or had long texts.
func TestCatchUpReplays(t *testing.T) {
	p := open(t)
	p.must(t, sampleLines(t, 7, 30)...)
	p.index.Fail("Apply", errors.New("failed on purpose"))
	long := strings.Repeat("ilgas tekstas ", 200_000) // two of them are more than one batch
	var all []string
	for i := range 5 {
		all = append(all, fmt.Sprintf(`{"type":"STUDY","slug":"long-%d","originalLanguage":"lt","title":{"lt":"ilgas"},"text":{"lt":"%s ypatingas%d"}}`, i, long, i))
	}
	all = append(all,
		`{"type":"STUDY","slug":"draft","originalLanguage":"lt","title":{"lt":"juodraštis"},"status":"DRAFT"}`,
		`{"type":"CONCEPT","slug":"new-theme","scheme":"THEME","label":{"lt":"nauja tema"}}`)
	p.must(t, all...)
	p.must(t, `{"type":"STUDY","slug":"long-1","originalLanguage":"lt","title":{"lt":"trumpas"}}`)
	p.index.Fail("Apply", nil)
	rebuilds := p.index.Calls("Rebuild")
	level(t, p)
	equal(t, "rebuilds", p.index.Calls("Rebuild"), rebuilds)
	if log := p.log.String(); !strings.Contains(log, "index caught up") {
		t.Errorf("the log says %q", log)
	}
	equal(t, "found", p.found(t, "ypatingas4"), []string{"long-4"})
	equal(t, "found", p.found(t, "ypatingas1"), []string{})
	equal(t, "found", p.found(t, "juodraštis"), []string{})
}

func TestReindex(t *testing.T) {
	p := open(t)
	p.must(t, sampleLines(t, 8, 30)...)
	want := p.found(t, "")
	if err := p.Reindex(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	equal(t, "found", p.found(t, ""), want)
	level(t, p)

	// A rebuild that fails leaves the index that there was.
	p.index.Fail("Rebuild", errors.New("failed on purpose"))
	if err := p.Reindex(t.Context(), nil); err == nil {
		t.Error("no error")
	}
	equal(t, "found after a rebuild that failed", p.found(t, ""), want)
}
