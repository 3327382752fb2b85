package hub_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"versme/hub"
	"versme/internal/hubtest"
)

// sampleLines are records and concepts as lines of a file.
func sampleLines(t *testing.T, seed uint64, n int) []string {
	t.Helper()
	var all []string
	add := func(it hub.Item) {
		b, err := hub.EncodeItem(it)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(b))
	}
	for _, c := range hubtest.Vocabulary() {
		add(hub.Item{Concept: c})
	}
	for _, r := range hubtest.Sample(seed, n) {
		add(hub.Item{Record: r})
	}
	return all
}

// exported is all that a hub writes out, a line an item.
func (p *parts) exported(t *testing.T) []string {
	t.Helper()
	var all []string
	err := p.Export(t.Context(), hub.Lookup{}, true, func(it hub.Item) error {
		b, err := hub.EncodeItem(it)
		all = append(all, string(b))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestImportTwiceChangesNothing(t *testing.T) {
	p := open(t)
	all := sampleLines(t, 1, 60)
	sum, rejected := p.take(t, all...)
	equal(t, "rejected", len(rejected), 0)
	equal(t, "first", sum, hub.Summary{Added: len(all), Bytes: bytesOf(all)})
	at, err := p.Position(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before := p.exported(t)

	slices.Reverse(all) // in any order
	sum, _ = p.take(t, all...)
	equal(t, "again", sum, hub.Summary{Unchanged: len(all), Bytes: bytesOf(all)})
	again, err := p.Position(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "position", again, at)
	equal(t, "contents", p.exported(t), before)

	// What it wrote out itself is no change either, nor is it to another hub, which then holds the same.
	sum, _ = p.take(t, before...)
	equal(t, "its own export", sum, hub.Summary{Unchanged: len(before), Bytes: bytesOf(before)})
	other := open(t)
	other.must(t, before...)
	equal(t, "contents of the other hub", other.exported(t), before)
}

func bytesOf(all []string) (n int64) {
	for _, s := range all {
		n += int64(len(s))
	}
	return n
}

// A translation may say which original it was made from although the original is not there; that is kept.
func TestExportKeepsWhatATranslationWasMadeFrom(t *testing.T) {
	p := open(t)
	p.must(t, `{"type":"STUDY","slug":"a","originalLanguage":"de","title":{"lt":{"value":"a","translationOf":"0123456789abcdef"}}}`)
	before := p.exported(t)
	sum, _ := p.take(t, before...)
	equal(t, "its own export", sum.Unchanged, 1)
	other := open(t)
	other.must(t, before...)
	equal(t, "contents of the other hub", other.exported(t), before)
}

func TestImportGivesWhatIsMissing(t *testing.T) {
	p := open(t)
	line := `{"type":"STUDY","originalLanguage":"lt","title":{"lt":"Ąžuolų šventė"}`
	p.must(t, line+`}`)
	e := p.record(t, "azuolu-svente").AsEntry()
	if e.ID == "" || e.Version != 1 || e.CreatedAt.IsZero() || e.CreatedAt != e.UpdatedAt || e.Status != hub.StatusPublished {
		t.Errorf("%+v", e)
	}
	p.must(t, line+`,"publisher":"X"}`)
	next := p.record(t, "azuolu-svente").AsEntry()
	if next.ID != e.ID || next.Version != 2 || next.CreatedAt != e.CreatedAt || !next.UpdatedAt.After(e.UpdatedAt.Time) {
		t.Errorf("a change of\n%+v\nis\n%+v", e, next)
	}
	// A file that says less than the hub knows takes nothing away that the hub keeps itself.
	p.must(t, `{"type":"STUDY","slug":"azuolu-svente","originalLanguage":"lt","title":{"lt":"Kita"},"version":1,"createdAt":"1999-01-01T00:00:00Z","id":"01900000-0000-7000-8000-000000000000"}`)
	last := p.record(t, "azuolu-svente").AsEntry()
	if last.ID != e.ID || last.Version != 3 || last.CreatedAt != e.CreatedAt {
		t.Errorf("%+v", last)
	}
	equal(t, "publisher", p.record(t, "azuolu-svente").(*hub.Study).Publisher, hub.Line(""))
}

// A row that is wrong is reported by place, field and reason; the others go in.
func TestImportReportsWrongRows(t *testing.T) {
	p := open(t)
	sum, rejected := p.take(t,
		`{"type":"STUDY","slug":"a","originalLanguage":"lt","title":{"lt":"a"}}`,
		`{"type":"STUDY","slug":"b"`,
		`{"type":"STUDY","slug":"c","originalLanguage":"lt","title":{"lt":"c"},"published":"2024-13"}`,
		`{"type":"STUDY","slug":"d","originalLanguage":"lt","doi":"x"}`,
		`{"type":"CONCEPT","slug":"e"}`,
		`{"type":"GOOD_PRACTICE","slug":"f","originalLanguage":"lt","title":{"lt":"f"},"results":[null]}`,
		`{"type":"STUDY","slug":"g","originalLanguage":"lt","title":{"lt":"g"}}`,
	)
	equal(t, "added", sum.Added, 2)
	equal(t, "rejected", sum.Rejected, 5)
	var said []string
	for _, r := range rejected {
		if !errors.Is(r.Err, hub.ErrInvalid) {
			t.Errorf("%s: %v is not an ErrInvalid", r.Place, r.Err)
		}
		said = append(said, r.Place+" "+r.Slug+": "+r.Err.Error())
	}
	for i, want := range []string{
		`line 2 : this is not JSON`,
		`line 3 : published: "2024-13" is not a date; write it as`,
		`line 4 d: title: is missing; add it, as {"lt": "…"} | doi: "x" is not a DOI`,
		`line 5 e: label: is missing`,
		`line 6 f: results[0]: is null; remove it`,
	} {
		if i < len(said) && !strings.HasPrefix(said[i], want) {
			t.Errorf("%q; want %q", said[i], want)
		}
	}
	if p.record(t, "a") == nil || p.record(t, "g") == nil || p.record(t, "d") != nil {
		t.Error("the others did not go in, or one that was rejected did")
	}
}

func TestImportConflicts(t *testing.T) {
	p := open(t)
	const id, concept = "01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002"
	p.must(t,
		`{"type":"STUDY","slug":"a","originalLanguage":"lt","title":{"lt":"a"},"id":"`+id+`"}`,
		`{"type":"CONCEPT","slug":"c","scheme":"THEME","label":{"lt":"c"},"id":"`+concept+`"}`)
	_, rejected := p.take(t,
		`{"type":"PROJECT","slug":"a","originalLanguage":"lt","title":{"lt":"a"}}`,
		`{"type":"STUDY","slug":"b","originalLanguage":"lt","title":{"lt":"b"},"id":"`+id+`"}`,
		`{"type":"STUDY","slug":"b","originalLanguage":"lt","title":{"lt":"b"},"id":"`+concept+`"}`,
		`{"type":"CONCEPT","slug":"b","scheme":"THEME","label":{"lt":"b"},"id":"`+id+`"}`,
		`{"type":"STUDY","slug":"b","originalLanguage":"lt","title":{"lt":"b"},"id":"7"}`,
		`{"type":"STUDY","slug":"b","originalLanguage":"lt","title":{"lt":"b"},"id":"01900000-0000-7000-8000-00000000000G"}`,
	)
	var classes []string
	for _, r := range rejected {
		classes = append(classes, r.Place+" "+r.Slug+" "+hub.ClassOf(r.Err).Code)
	}
	equal(t, "rejected", classes, []string{"line 1 a CONFLICT", "line 2 b CONFLICT", "line 3 b CONFLICT", "line 4 b CONFLICT", "line 5 b INVALID", "line 6 b INVALID"})
	if s := rejected[1].Err.Error(); !strings.Contains(s, id+" belongs to a, not to b") {
		t.Error(s)
	}
	// A slug may be a record's and a concept's.
	p.must(t, `{"type":"CONCEPT","slug":"a","scheme":"THEME","label":{"lt":"a"}}`)
}

// The same slug twice in one import is a slip of whoever made the file, not two versions: the second is rejected, with the place of the first.
// The very same row twice is no harm.
func TestImportTheSameSlugTwice(t *testing.T) {
	p := open(t)
	first := `{"type":"STUDY","slug":"a","originalLanguage":"lt","title":{"lt":"pirmas"}}`
	sum, rejected := p.take(t, first, `{"type":"STUDY","slug":"a","originalLanguage":"lt","title":{"lt":"antras"}}`, first)
	equal(t, "summary", []int{sum.Added, sum.Rejected, sum.Unchanged}, []int{1, 1, 1})
	if len(rejected) != 1 || !strings.Contains(rejected[0].Err.Error(), "line 1 has slug a too") || hub.ClassOf(rejected[0].Err) != hub.ClassConflict {
		t.Errorf("%v", rejected)
	}
	equal(t, "found by the first", p.found(t, "pirmas"), []string{"a"})

	// In the next import it is another version.
	p.must(t, `{"type":"STUDY","slug":"a","originalLanguage":"lt","title":{"lt":"antras"}}`)
	equal(t, "found by the last", p.found(t, "antras"), []string{"a"})
	equal(t, "found by the first", p.found(t, "pirmas"), []string{})
	was, err := p.Revision(t.Context(), p.record(t, "a").NodeID(), 1)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "the first version", was.AsEntry().TitleTexts[0].Value, "pirmas")
}

// What Progress has counted is durable and can be found.
func TestImportProgress(t *testing.T) {
	p := open(t)
	var all []string
	for i := range 2500 { // more than a batch
		all = append(all, fmt.Sprintf(`{"type":"STUDY","slug":"s-%d","originalLanguage":"lt","title":{"lt":"tyrimas nr%d"}}`, i, i))
	}
	reports := 0
	sum, err := p.Import(t.Context(), lines(all...), hub.ImportOptions{Progress: func(s hub.Summary) {
		reports++
		last := s.Added - 1
		equal(t, "found", p.found(t, fmt.Sprint("nr", last)), []string{fmt.Sprint("s-", last)})
		if p.record(t, fmt.Sprint("s-", last)) == nil {
			t.Errorf("s-%d is not there", last)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "added", sum.Added, len(all))
	if reports < 2 {
		t.Errorf("%d reports", reports)
	}
}

// blocked are rows whose source says nothing more, as a terminal that nobody types at.
type blocked struct {
	rows
	waits chan struct{}
	until chan struct{}
}

func (b *blocked) Next() (hub.Row, error) {
	if row, err := b.rows.Next(); err == nil {
		return row, nil
	}
	close(b.waits)
	<-b.until
	return hub.Row{}, io.EOF
}

// An import that is stopped ends although its source does not, and the index never passes what it has not taken in: the next import, or
// the next start, makes up for it.
func TestImportStops(t *testing.T) {
	p := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	src := &blocked{rows: *lines(sampleLines(t, 2, 30)...), waits: make(chan struct{}), until: make(chan struct{})}
	defer close(src.until)
	go func() {
		<-src.waits
		cancel()
	}()
	if _, err := p.Import(ctx, src, hub.ImportOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v; want context.Canceled", err)
	}
	level(t, p)
}

// level brings the index level and tells where it is not.
func level(t *testing.T, p *parts) {
	t.Helper()
	if err := p.CatchUp(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if !p.Ready() {
		t.Error("the hub is not ready after it has caught up")
	}
	_, err := p.Check(t.Context(), func(f hub.Finding) {
		if f.Fatal || f.Where == "index" {
			t.Errorf("check: %s: %s", f.Where, f.Problem)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Stopped at any moment, an import leaves what Progress counted, and an index that is brought level by what comes next.
func TestImportStopsAnywhere(t *testing.T) {
	var all []string
	for i := range 3000 {
		all = append(all, fmt.Sprintf(`{"type":"STUDY","slug":"s-%d","originalLanguage":"lt","title":{"lt":"tyrimas nr%d"}}`, i, i))
	}
	p := open(t)
	for stop := range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		counted := 0
		_, err := p.Import(ctx, lines(all...), hub.ImportOptions{Progress: func(s hub.Summary) {
			if counted = s.Added + s.Unchanged; counted > stop*1000 {
				cancel()
			}
		}})
		cancel()
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		for _, i := range []int{0, counted - 1} {
			if p.record(t, fmt.Sprint("s-", i)) == nil {
				t.Errorf("s-%d was counted and is not there", i)
			}
		}
		// A write that comes before the index is level must not hide what it lacks.
		p.must(t, fmt.Sprintf(`{"type":"STUDY","slug":"after-%d","originalLanguage":"lt","title":{"lt":"po"}}`, stop))
		level(t, p)
	}
}

// A source that fails ends the import with its error; what came before is kept.
func TestImportSourceFails(t *testing.T) {
	p := open(t)
	failure := errors.New("the disk is gone")
	src := &failing{*lines(sampleLines(t, 3, 12)...), failure}
	if _, err := p.Import(t.Context(), src, hub.ImportOptions{}); !errors.Is(err, failure) {
		t.Errorf("%v; want %v", err, failure)
	}
	level(t, p)
}

type failing struct {
	rows
	err error
}

func (f *failing) Next() (hub.Row, error) {
	row, err := f.rows.Next()
	if err != nil {
		err = f.err
	}
	return row, err
}
