package starter_test

import (
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"testing"

	"versme/formats"
	"versme/hub"
	"versme/starter"
)

// collection reads everything, by the file that it stands in.
func collection(t *testing.T) (records map[string]hub.Record, concepts map[string]*hub.Concept) {
	t.Helper()
	src, err := formats.NewYAML(starter.Files)
	if err != nil {
		t.Fatal(err)
	}
	records, concepts = map[string]hub.Record{}, map[string]*hub.Concept{}
	for {
		row, err := src.Next()
		if errors.Is(err, io.EOF) {
			return records, concepts
		}
		if err := errors.Join(err, row.Err); err != nil {
			t.Fatalf("%s: %v", row.Place, err)
		}
		if err := row.Item.Validate(); err != nil {
			t.Errorf("%s: %v", row.Place, err)
		}
		file, _, _ := strings.Cut(row.Place, ",")
		if folder := formats.Folder(row.Item); path.Dir(file) != folder {
			t.Errorf("%s stands in %s and belongs into %s", row.Item.Slug(), file, folder)
		}
		if row.Item.Concept != nil {
			concepts[row.Item.Concept.Slug] = row.Item.Concept
			continue
		}
		if slug := row.Item.Slug(); path.Base(file) != slug+".yaml" {
			t.Errorf("%s holds %s", file, slug)
		}
		records[file] = row.Item.Record
	}
}

// Every file can be read, is valid, stands in the folder of its type under its own slug, and there are as many as promised.
func TestFiles(t *testing.T) {
	records, concepts := collection(t)
	count := map[hub.RecordType]int{}
	for _, r := range records {
		count[r.Type()]++
	}
	for typ, least := range map[hub.RecordType]int{hub.TypeGoodPractice: 20, hub.TypeStudy: 8, hub.TypePolicyDocument: 8, hub.TypeOrganisation: 1, hub.TypeProject: 1, hub.TypeCollection: 1} {
		if count[typ] < least {
			t.Errorf("%d of type %s; want %d at least", count[typ], typ, least)
		}
	}
	for _, scheme := range []hub.ConceptScheme{hub.SchemeTheme, hub.SchemeSector, hub.SchemeDomain, hub.SchemeTargetGroup} {
		found := false
		for _, c := range concepts {
			found = found || c.Scheme == scheme
		}
		if !found {
			t.Errorf("the vocabulary has nothing of scheme %s", scheme)
		}
	}
}

// What a record names is there and of the right type; what it is filed under is in the vocabulary, in the scheme of that field.
func TestNothingLeadsNowhere(t *testing.T) {
	records, concepts := collection(t)
	types := map[string]hub.RecordType{}
	for _, r := range records {
		types[r.AsEntry().Slug] = r.Type()
	}
	schemes := map[string]hub.ConceptScheme{"themes": hub.SchemeTheme, "sectors": hub.SchemeSector, "domains": hub.SchemeDomain, "targetGroups": hub.SchemeTargetGroup}
	for file, r := range records {
		for _, ref := range hub.ReferencesOf(r) {
			if typ, want := types[ref.Slug], hub.ReferenceType(ref.Field); typ == "" || want != "" && typ != want {
				t.Errorf("%s: %s: %s is %q", file, ref.Field, ref.Slug, typ)
			}
		}
		for _, ref := range hub.ConceptSlugsOf(r) {
			if c := concepts[ref.Slug]; c == nil {
				t.Errorf("%s: %s: no concept %s", file, ref.Field, ref.Slug)
			} else if c.Scheme != schemes[ref.Field] {
				t.Errorf("%s: %s: %s is a %s", file, ref.Field, ref.Slug, c.Scheme)
			}
		}
	}
	for _, c := range concepts {
		for _, slug := range slices.Concat(c.BroaderSlugs, c.RelatedSlugs) {
			if concepts[slug] == nil {
				t.Errorf("concept %s: no concept %s", c.Slug, slug)
			}
		}
		for _, slug := range c.BroaderSlugs {
			if b := concepts[slug]; b != nil && b.Scheme != c.Scheme {
				t.Errorf("concept %s of scheme %s is under %s of scheme %s", c.Slug, c.Scheme, slug, b.Scheme)
			}
		}
	}
}

// The collection can be read whole in Lithuanian and in English: a text that is in one of them is in the other.
func TestBothLanguages(t *testing.T) {
	records, concepts := collection(t)
	both := func(where string, texts hub.Texts) {
		t.Helper()
		if (texts.Get("lt") == nil) != (texts.Get("en") == nil) {
			t.Errorf("%s is in one of lt and en only", where)
		}
	}
	for file, r := range records {
		texts := map[string]hub.Texts{}
		for _, at := range hub.TextsOf(r) {
			name := fmt.Sprintf("%s: %s[%d]", file, at.Field.Name, at.Item)
			texts[name] = append(texts[name], at.Translation)
		}
		for name, all := range texts {
			both(name, all)
		}
		e := r.AsEntry()
		if e.TitleTexts.Get("lt") == nil || e.SummaryTexts.Get("lt") == nil {
			t.Errorf("%s has no title or no summary in lt and en", file)
		}
	}
	for _, c := range concepts {
		if c.LabelTexts.Get("lt") == nil || c.LabelTexts.Get("en") == nil {
			t.Errorf("concept %s has no label in lt or none in en", c.Slug)
		}
		both("the definition of "+c.Slug, c.DefinitionTexts)
	}
}

// A summary says what it is about in 40 to 80 words: enough for a list, and no more.
func TestSummaries(t *testing.T) {
	records, _ := collection(t)
	for file, r := range records {
		switch r.Type() {
		case hub.TypeGoodPractice, hub.TypeStudy, hub.TypePolicyDocument:
			for _, tr := range r.AsEntry().SummaryTexts {
				if n := len(strings.Fields(tr.Value)); n < 40 || n > 80 {
					t.Errorf("%s: the summary in %s has %d words", file, tr.Language, n)
				}
			}
		}
	}
}

// Nothing is said without a source, and sources and results say where to look.
func TestSources(t *testing.T) {
	records, _ := collection(t)
	for file, r := range records {
		e := r.AsEntry()
		if len(e.Sources) == 0 && r.Type() != hub.TypeCollection { // which says nothing but what to read
			t.Errorf("%s has no source", file)
		}
		for _, s := range e.Sources {
			if s.URL == "" {
				t.Errorf("%s: source %q has no address", file, s.Title)
			}
		}
		if p, ok := r.(*hub.GoodPractice); ok {
			for i, result := range p.ResultList {
				if result.Source == nil {
					t.Errorf("%s: result %d has no source", file, i)
				}
			}
			if len(p.CountryCodes) == 0 || len(p.ThemeSlugs) == 0 || len(p.SectorSlugs) == 0 || p.EvidenceLevel == "" {
				t.Errorf("%s lacks countries, themes, sectors or how strong its evidence is: no filter finds it", file)
			}
		}
		if e.ID != "" || e.Version != 0 || !e.CreatedAt.IsZero() || e.Status != hub.StatusPublished {
			t.Errorf("%s says what each hub gives itself, or is not published", file)
		}
	}
}
