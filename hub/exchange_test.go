package hub_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"versme/hub"
	"versme/internal/hubtest"
)

// contentOf ignores what a record is tied to while it is served.
var contentOf = cmpopts.IgnoreUnexported(hub.Entry{}, hub.Concept{}, hub.Result{}, hub.Indicator{}, hub.Participation{}, hub.Milestone{}, hub.CollectionItem{})

// What is written is read back whole, and written again the same to the byte: a back-up by export loses nothing.
func TestExchangeRoundTrip(t *testing.T) {
	items := hubtest.Full()
	for _, r := range hubtest.Sample(1, 60) {
		items = append(items, hub.Item{Record: r})
	}
	for _, c := range hubtest.Vocabulary() {
		items = append(items, hub.Item{Concept: c})
	}
	for _, it := range items {
		first, err := hub.EncodeItem(it)
		if err != nil {
			t.Fatal(err)
		}
		again, err := hub.DecodeItem(first)
		if err != nil {
			t.Fatalf("%s: %v", it.Slug(), err)
		}
		if again.Record != nil && again.Record.AsEntry().Status == "" {
			again.Record.AsEntry().Status = hub.StatusPublished // which goes without saying
		}
		second, err := hub.EncodeItem(again)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, second) {
			t.Errorf("%s: written first\n%s\nthen\n%s", it.Slug(), first, second)
		}
		if bytes.ContainsAny(first, "\n\r") {
			t.Errorf("%s takes more than one line", it.Slug())
		}
		if err := it.Validate(); err != nil {
			t.Errorf("%s is not valid: %v", it.Slug(), err)
		}
		want := it
		if it.Record != nil { // origins that go without saying are left out
			want.Record = plain(t, it.Record)
			again.Record = plain(t, again.Record)
		}
		equalItems(t, it.Slug(), again, want)
	}
}

// plain returns a record whose texts say their origin only where it does not go without saying.
func plain(t *testing.T, r hub.Record) hub.Record {
	t.Helper()
	original := r.AsEntry().OriginalLanguage
	v := reflect.ValueOf(r)
	walk(v, "", func(_ string, v reflect.Value) {
		if texts, ok := v.Interface().(hub.Texts); ok {
			for i := range texts {
				if o := texts[i].Origin; o == hub.OriginHuman && texts[i].Language != original || o == hub.OriginOriginal && texts[i].Language == original {
					texts[i].Origin = ""
				}
			}
		}
	})
	return r
}

func equalItems(t *testing.T, what string, got, want hub.Item) {
	t.Helper()
	if d := cmp.Diff(want, got, contentOf); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// walk calls fn with every exported field under v, and the elements of every list. The path names fields and leaves out places in lists.
func walk(v reflect.Value, path string, fn func(path string, v reflect.Value)) {
	fn(path, v)
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			walk(v.Elem(), path, fn)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), path+"[]", fn)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				name := path + "." + f.Name
				if f.Anonymous {
					name = path
				}
				walk(v.Field(i), name, fn)
			}
		}
	}
}

// fieldsOf lists every exported field that a value of the type can have.
func fieldsOf(t reflect.Type, path string, all map[string]bool) {
	all[path] = true
	switch t.Kind() {
	case reflect.Pointer:
		fieldsOf(t.Elem(), path, all)
	case reflect.Slice:
		fieldsOf(t.Elem(), path+"[]", all)
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() {
				name := path + "." + f.Name
				if f.Anonymous {
					name = path
				}
				fieldsOf(f.Type, name, all)
			}
		}
	}
}

// The sample that the round trip is tried with has every field. Who adds a field to a record and not to hubtest.Full is told so here.
func TestSampleSetsEveryField(t *testing.T) {
	for _, it := range hubtest.Full() {
		var v reflect.Value
		if it.Record != nil {
			v = reflect.ValueOf(it.Record).Elem()
		} else {
			v = reflect.ValueOf(it.Concept).Elem()
		}
		missing := map[string]bool{}
		fieldsOf(v.Type(), "", missing)
		walk(v, "", func(path string, v reflect.Value) {
			if !v.IsZero() {
				delete(missing, path)
			}
		})
		for path := range missing {
			if path == ".FullTextLanguages" || strings.HasPrefix(path, ".FullTextLanguages[") { // the store's own
				continue
			}
			if typ := v.Type().Name(); strings.HasPrefix(path, ".FullTextTexts") && typ != "Study" && typ != "PolicyDocument" {
				continue // only those two have one
			}
			if strings.Contains(path, ".Time") { // inside of time.Time
				continue
			}
			t.Errorf("%s%s is not set by hubtest.Full", v.Type().Name(), path)
		}
	}
}

// The fields of an exchange file, whatever its type, are those of the schema: a name that stands in one and not in the other is a slip.
func TestExchangeFieldsAreTheSchemas(t *testing.T) {
	schema := schemaFields(t)
	extra := []string{"type", "text"} // the type is __typename there; a file of a practice may say text for solution
	for _, it := range hubtest.Full() {
		b, err := hub.EncodeItem(it)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(b, &fields); err != nil {
			t.Fatal(err)
		}
		name := "Concept"
		if it.Record != nil {
			name = reflect.TypeOf(it.Record).Elem().Name()
		}
		for field := range fields {
			if !slices.Contains(schema[name], field) && !slices.Contains(extra, field) {
				t.Errorf("%s.%s stands in files and not in the schema", name, field)
			}
		}
	}
}

// schemaFields reads the fields of each type from the schema.
func schemaFields(t *testing.T) map[string][]string {
	t.Helper()
	b, err := os.ReadFile("../schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	name := ""
	for line := range strings.Lines(string(b)) {
		switch {
		case strings.HasPrefix(line, "type ") || strings.HasPrefix(line, "enum "):
			name = strings.Fields(line)[1]
		case strings.HasPrefix(line, "}"):
			name = ""
		case name != "" && strings.HasPrefix(line, "  ") && !strings.HasPrefix(strings.TrimSpace(line), `"`):
			field := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" (:\n", r) })
			if len(field) > 0 {
				all[name] = append(all[name], field[0])
			}
		}
	}
	return all
}

// What is wrong in a file is said with the name of its field, and with the next step.
func TestDecodeItemErrors(t *testing.T) {
	study := func(fields string) string { return `{"type":"STUDY","slug":"a",` + fields + `}` }
	for _, test := range []struct{ in, field, says string }{
		{``, "", "not a JSON object"},
		{`[]`, "", "not a JSON object"},
		{`"STUDY"`, "", "not a JSON object"},
		{`null`, "", "not a JSON object"},
		{`{}`, "type", "is missing"},
		{`{"slug":"a"}`, "type", "is missing"},
		{`{"type":5}`, "type", "is not a word"},
		{`{"type":"BOOK"}`, "type", `"BOOK" is not known here; use one of GOOD_PRACTICE, STUDY, POLICY_DOCUMENT, ORGANISATION, PROJECT, COLLECTION, CONCEPT`},
		{`{"type":"STUDY","slug":"a"`, "", "not JSON"},
		{`{"type":"STUDY","slug":a}`, "", "not JSON"},
		{`{"type":"STUDY","slug":"a"} {"type":"STUDY","slug":"b"}`, "", "one object"},
		{`{"type":"STUDY","slug":"a"} x`, "", "one object"},
		{study(`"colour":"red"`), "colour", "is not a field of STUDY"},
		{study(`"solution":{"lt":"a"}`), "solution", "is not a field of STUDY"},
		{study(`"slug":5`), "slug", "JSON number"},
		{study(`"title":"a"`), "title", "map of languages"},
		{study(`"title":{"lt":5}`), "title.lt", "not a string"},
		{study(`"title":{"xx":"a"}`), "title", `"xx" is not a language tag`},
		{study(`"title":{"lt":"a","LT":"b"}`), "title", "there twice"},
		{study(`"originalLanguage":"xx"`), "originalLanguage", `"xx" is not a language tag`},
		{study(`"countries":["XX"]`), "countries", `"XX" is not a country code`},
		{study(`"countries":"LT"`), "countries", "JSON string"},
		{study(`"published":"2024-13"`), "published", `"2024-13" is not a date`},
		{study(`"published":true`), "published", ""},
		{study(`"kind":"ESSAY"`), "kind", `"ESSAY" is not known here; use one of SYSTEMATIC_REVIEW`},
		{study(`"status":"published"`), "status", "DRAFT, IN_REVIEW, PUBLISHED, RETIRED"},
		{study(`"sources":[{"title":"a","url":"example.org"}]`), "sources", `"example.org" is not a web address`},
		{study(`"sources":[{"name":"a"}]`), "sources.name", "not known here"},
		{study(`"sources":{}`), "sources", "JSON object"},
		{study(`"version":"1"`), "version", "JSON string"},
		{study(`"version":1.5`), "version", ""},
		{study(`"createdAt":"yesterday"`), "createdAt", ""},
		{study(`"authors":["A"]`), "authors", "JSON string"},
		{study(`"peerReviewed":"yes"`), "peerReviewed", "JSON string"},
		{`{"type":"CONCEPT","slug":"a","scheme":"COLOUR"}`, "scheme", `"COLOUR" is not known here; use one of THEME`},
		{`{"type":"CONCEPT","slug":"a","altLabels":{"lt":"a"}}`, "altLabels.lt", "a list of texts"},
		{`{"type":"CONCEPT","slug":"a","altLabels":["a"]}`, "altLabels", "lists by language"},
		{`{"type":"CONCEPT","slug":"a","title":{"lt":"a"}}`, "title", "is not a field of CONCEPT"},
		{`{"type":"GOOD_PRACTICE","slug":"a","organisations":[{"organisation":"a","role":"BOSS"}]}`, "organisations", `"BOSS" is not known here`},
		{`{"type":"GOOD_PRACTICE","slug":"a","budget":{"amount":"much"}}`, "budget.amount", "JSON string"},
		{`{"type":"GOOD_PRACTICE","slug":"` + strings.Repeat("ė", 500) + `","outcome":"` + strings.Repeat("x", 5000) + `"}`, "outcome", strings.Repeat("x", hub.MaxEcho) + `"…`},
	} {
		it, err := hub.DecodeItem([]byte(test.in))
		if err == nil {
			t.Errorf("%.80s is read as %+v", test.in, it)
			continue
		}
		p := problem(t, err)
		if p.Field != test.field || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%.80s\n  is said to be wrong at %q: %v\n  want %q: %s", test.in, p.Field, err, test.field, test.says)
		}
		if p.Hint == "" {
			t.Errorf("%.80s: %v: no next step", test.in, err)
		}
		if len(err.Error()) > 1000 {
			t.Errorf("%.80s: an error of %d bytes", test.in, len(err.Error()))
		}
	}
}

// Decoding never panics, nor does validating what was decoded; what is valid is written in a form that is read back the same.
func FuzzDecodeItem(f *testing.F) {
	for _, it := range hubtest.Full() {
		b, err := hub.EncodeItem(it)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, s := range []string{
		`{}`, `{"type":"STUDY"}`, `{"type":"STUDY","slug":"a","title":{"lt":"a"},"originalLanguage":"lt","text":{"lt":"a"}}`,
		`{"type":"COLLECTION","slug":"a","title":{"lt":"a"},"originalLanguage":"lt","items":[null]}`,
		`{"type":"GOOD_PRACTICE","title":{"lt":"a"},"originalLanguage":"lt","text":{"lt":"a"},"results":[{"statement":{"lt":"a"},"source":null}],"organisations":[null]}`,
		`{"type":"PROJECT","title":{"lt":"a"},"originalLanguage":"lt","milestones":[null],"partners":[null]}`,
		`{"type":"CONCEPT","label":{"en":"a"},"scheme":"THEME","altLabels":{"lt":[]}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		it, err := hub.DecodeItem(b)
		if err != nil || it.Validate() != nil {
			return
		}
		first, err := hub.EncodeItem(it)
		if err != nil {
			t.Fatal(err)
		}
		again, err := hub.DecodeItem(first)
		if err != nil {
			t.Fatalf("%s: %v", first, err)
		}
		if err := again.Validate(); err != nil {
			t.Fatalf("%s was valid and is not: %v", first, err)
		}
		second, err := hub.EncodeItem(again)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, second) {
			t.Fatalf("written first\n%s\nthen\n%s", first, second)
		}
	})
}

// A null in a list is refused with its place: nothing behind it could be served.
func TestNullInAList(t *testing.T) {
	for field, typ := range map[string]hub.RecordType{
		"sources": hub.TypeStudy, "authors": hub.TypeStudy, "organisations": hub.TypeGoodPractice, "results": hub.TypeGoodPractice,
		"indicators": hub.TypeGoodPractice, "partners": hub.TypeProject, "milestones": hub.TypeProject, "items": hub.TypeCollection,
	} {
		it, err := hub.DecodeItem(fmt.Appendf(nil, `{"type":%q,"slug":"a","originalLanguage":"lt","title":{"lt":"a"},%q:[null]}`, typ, field))
		if err == nil {
			err = it.Validate()
		}
		if err == nil {
			t.Errorf("%s: [null] is valid", field)
		} else if p := problem(t, err); !strings.HasPrefix(p.Field, field+"[0]") {
			t.Errorf("%s: [null] is said to be wrong at %q: %v", field, p.Field, err)
		}
	}
}
