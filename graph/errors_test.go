package graph_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"versme/graph"
	"versme/hub"
)

// faultyStore answers as the store does until fault says otherwise: by an error, or a panic of its own.
type faultyStore struct {
	hub.Store
	fault func(method string) error
}

func (s *faultyStore) wrap(store hub.Store, index hub.Index) (hub.Store, hub.Index) {
	s.Store = store
	return s, index
}

func (s *faultyStore) fails(method string) error {
	if s.fault == nil {
		return nil
	}
	return s.fault(method)
}

func (s *faultyStore) Records(ctx context.Context, ids []hub.ID) ([]hub.Record, error) {
	if err := s.fails("Records"); err != nil {
		return nil, err
	}
	return s.Store.Records(ctx, ids)
}

func (s *faultyStore) RecordsBySlug(ctx context.Context, slugs []string) ([]hub.Record, error) {
	if err := s.fails("RecordsBySlug"); err != nil {
		return nil, err
	}
	return s.Store.RecordsBySlug(ctx, slugs)
}

func (s *faultyStore) Position(ctx context.Context) (hub.Position, error) {
	if err := s.fails("Position"); err != nil {
		return 0, err
	}
	return s.Store.Position(ctx)
}

// faulty is a hub with two studies, a store that can be made to fail, and a log.
func faulty(t *testing.T) (api http.Handler, store *faultyStore, log *bytes.Buffer) {
	t.Helper()
	log = &bytes.Buffer{}
	store = &faultyStore{}
	h := newHub(t, false, store.wrap)
	takeLines(t, h,
		`{"type":"STUDY","slug":"a-study","originalLanguage":"en","title":{"en":"A study"}}`,
		`{"type":"GOOD_PRACTICE","slug":"a-practice","originalLanguage":"en","title":{"en":"A practice"},"summary":{"en":"S"},"supportedBy":["a-study"]}`)
	return graph.NewHandler(h, graph.Options{Log: slog.New(slog.NewTextHandler(log, nil))}), store, log
}

var referenceForm = regexp.MustCompile(`^internal error, reference ([0-9a-f]{8}); tell the operator, whose log has it$`)

// TestInternalErrors: a fault shows a reference that the log has too, and nothing else of itself.
func TestInternalErrors(t *testing.T) {
	const secret = "open /srv/secret/hub.db"
	for name, fault := range map[string]func(string) error{
		"an error": func(string) error { return errors.New(secret) },
		"a panic":  func(string) error { panic(secret) },
		"a fault of the runtime": func(method string) error {
			return []error{}[len(method)]
		},
	} {
		t.Run(name, func(t *testing.T) {
			api, store, log := faulty(t)
			for _, query := range []string{
				`{record(slug:"a-study"){slug}}`,
				`{goodPractices{nodes{slug}}}`,
				`{search(query:"study"){totalCount}}`,
			} {
				log.Reset()
				store.fault = fault
				a := try(t, api, query, nil)
				store.fault = nil
				if a.Status != ok || a.code() != "INTERNAL" || a.Data == nil {
					t.Fatalf("%s: %d %s", query, a.Status, a.Body)
				}
				m := referenceForm.FindStringSubmatch(a.Errors[0].Message)
				if m == nil || len(a.Errors) != 1 || len(a.Errors[0].Path) != 1 {
					t.Fatalf("%s: %s", query, a.Body)
				}
				if strings.Contains(string(a.Body), "secret") || strings.Contains(string(a.Body), "index out of range") || strings.Contains(string(a.Body), ".go") {
					t.Errorf("%s: details are shown: %s", query, a.Body)
				}
				if !strings.Contains(log.String(), "reference="+m[1]) || !strings.Contains(log.String(), "path="+fmt.Sprint(a.Errors[0].Path[0])) {
					t.Errorf("%s: the log does not have reference %s: %s", query, m[1], log)
				}
				if name != "a fault of the runtime" && !strings.Contains(log.String(), secret) {
					t.Errorf("%s: the log does not say what happened: %s", query, log)
				}
			}

			// A fault in one field leaves the others.
			store.fault = func(method string) error {
				if method == "RecordsBySlug" {
					return fault(method)
				}
				return nil
			}
			a := try(t, api, `{studies{totalCount} goodPractices{nodes{slug}} record(slug:"a-study"){slug}}`, nil)
			store.fault = nil
			if a.code() != "INTERNAL" || string(a.Data) != `{"studies":{"totalCount":1},"goodPractices":{"nodes":[{"slug":"a-practice"}]},"record":null}` {
				t.Errorf("beside others: %s", a.Body)
			}

			// By GET the state of the hub is read first.
			if name == "an error" {
				log.Reset()
				store.fault = fault
				a := serve(t, api, get("query={__typename}")())
				store.fault = nil
				if a.Status != http.StatusInternalServerError || a.Data != nil || a.code() != "INTERNAL" || strings.Contains(string(a.Body), "secret") {
					t.Errorf("by GET: %d %s", a.Status, a.Body)
				}
				if m := referenceForm.FindStringSubmatch(a.Errors[0].Message); m == nil || !strings.Contains(log.String(), m[1]) {
					t.Errorf("by GET: %s, log: %s", a.Body, log)
				}
			}

			// And afterwards all is well.
			if a := try(t, api, `{record(slug:"a-study"){slug}}`, nil); a.code() != "" {
				t.Errorf("afterwards: %s", a.Body)
			}
		})
	}
}

// TestFaultWhileFollowing: what a page follows is loaded for all its records at once; that it fails is told once for each, or less.
func TestFaultWhileFollowing(t *testing.T) {
	for name, fault := range map[string]func(string) error{
		"an error": func(string) error { return errors.New("secret") },
		"a panic":  func(string) error { panic("secret") },
	} {
		t.Run(name, func(t *testing.T) {
			api, store, _ := faulty(t)
			store.fault = func(method string) error {
				if method == "RecordsBySlug" {
					return fault(method)
				}
				return nil
			}
			a := try(t, api, `{goodPractices{nodes{slug supportedBy{slug} again:supportedBy{slug}}}}`, nil)
			if a.Status != ok || a.code() != "INTERNAL" || strings.Contains(string(a.Body), "secret") || strings.Contains(string(a.Body), "interface conversion") {
				t.Errorf("%d %s", a.Status, a.Body)
			}
			for _, e := range a.Errors {
				if !referenceForm.MatchString(e.Message) {
					t.Errorf("%v", e)
				}
			}
		})
	}
}

// TestClasses: one table takes an error to a code.
func TestClasses(t *testing.T) {
	api, store, log := faulty(t)
	for _, test := range []struct {
		err     error
		code    string
		message string
	}{
		{&hub.Problem{Field: "title.lt", Problem: "is too long", Hint: "shorten it"}, "INVALID", "title.lt: is too long; shorten it"},
		{fmt.Errorf("line 3: %w", &hub.Problem{Problem: "is too long"}), "INVALID", "is too long"},
		{fmt.Errorf("%w: no such study", hub.ErrNotFound), "NOT_FOUND", "not found: no such study"},
		{fmt.Errorf("%w: slug is taken", hub.ErrConflict), "CONFLICT", "conflict: slug is taken"},
		{fmt.Errorf("%w: being restored", hub.ErrUnavailable), "UNAVAILABLE", "unavailable: being restored"},
		{fmt.Errorf("read: %w", context.DeadlineExceeded), "UNAVAILABLE", "this took longer than 10s and was stopped; ask for less"},
		{fmt.Errorf("read: %w", context.Canceled), "UNAVAILABLE", "the request was given up"},
	} {
		store.fault = func(string) error { return test.err }
		a := try(t, api, `{record(slug:"a-study"){slug}}`, nil)
		store.fault = nil
		if a.Status != ok || len(a.Errors) != 1 || a.code() != test.code || a.Errors[0].Message != test.message {
			t.Errorf("%v: %s", test.err, a.Body)
		}
		if len(a.Errors) > 0 && fmt.Sprint(a.Errors[0].Path) != "[record]" {
			t.Errorf("%v: path %v", test.err, a.Errors[0].Path)
		}
	}
	if log.Len() > 0 {
		t.Errorf("what is no fault of the hub is logged: %s", log)
	}
}

// TestProblems: what is wrong with a request is said with the field that it is wrong in, and what to do.
func TestProblems(t *testing.T) {
	api := starterAPI(t)
	for _, test := range []struct {
		query     string
		variables map[string]any
		field     string // extensions.field
		message   string // part of it
	}{
		{`{goodPractices(first:101){totalCount}}`, nil, "first", "101 is not between 0 and 100"},
		{`{goodPractices(last:-1){totalCount}}`, nil, "last", "-1 is not between 0 and 100"},
		{`{goodPractices(first:1,last:1){totalCount}}`, nil, "last", "cannot be given together"},
		{`{goodPractices(after:"x"){totalCount}}`, nil, "after", `"x" is not a cursor`},
		{`{goodPractices(before:"?"){totalCount}}`, nil, "before", `"?" is not a cursor`},
		{`{goodPractices(filter:{year:{from:2020,to:2010}}){totalCount}}`, nil, "filter.year", "from 2020 is after to 2010"},
		{`{search(query:""){facets(fields:[TYPE],first:101){field}}}`, nil, "first", "101 is not between 0 and 100"},
		{`{search(query:""){facets(fields:[TYPE],first:-1){field}}}`, nil, "first", "-1 is not between 0 and 100"},
		{`{search(query:""){facets(fields:[TYPE,TYPE,TYPE,TYPE,TYPE,TYPE,TYPE,TYPE,TYPE,TYPE,TYPE]){field}}}`, nil, "fields", "11 fields"},
		{`{goodPractices{nodes{adaptedBy(first:101){slug}}}}`, nil, "first", "101 is not between 0 and 100"},
		{`{goodPractices(filter:{countries:["XX"]}){totalCount}}`, nil, "", `"XX" is not a country code`},
		{`query($c:CountryCode!){goodPractices(filter:{countries:[$c]}){totalCount}}`, map[string]any{"c": "Lietuva"}, "", `"Lietuva" is not a country code`},
		{`{goodPractices(filter:{languages:["lietuvių"]}){totalCount}}`, nil, "", `"lietuvių" is not a language tag`},
		{`{search(query:"",in:["???"]){totalCount}}`, nil, "", `"???" is not a language tag`},
		{`query($q:String!){search(query:$q){totalCount}}`, map[string]any{"q": strings.Repeat("ąžuolas ", 300)}, "query", "2400 characters are more than the 2000"},
		{`query($q:String!){search(query:$q){totalCount}}`, map[string]any{"q": strings.Repeat("ąž ", 101)}, "query", "101 words are more than the 100"},
	} {
		a := try(t, api, test.query, test.variables)
		if a.code() != "INVALID" || len(a.Errors) < 1 || !strings.Contains(a.Errors[0].Message, test.message) {
			t.Errorf("%s: %s", test.query, a.Body)
			continue
		}
		if got, _ := a.Errors[0].Extensions["field"].(string); got != test.field {
			t.Errorf("%s: field %q, want %q: %s", test.query, got, test.field, a.Body)
		}
		if !strings.Contains(a.Errors[0].Message, "; ") {
			t.Errorf("%s: it does not say what to do: %s", test.query, a.Errors[0].Message)
		}
	}
}

// TestValidationSaysWhere: the parser's and validator's own errors carry a code and a place.
func TestValidationSaysWhere(t *testing.T) {
	api := starterAPI(t)
	for query, message := range map[string]string{
		`{`:                                     "Expected Name",
		`{search{totalCount}}`:                  `argument "query" of type "String!" is required`,
		`{serch(query:""){totalCount}}`:         `Did you mean "search"?`,
		`{concepts(scheme:THEMES){totalCount}}`: `Did you mean the enum value "THEME"?`,
		`{search(query:"")}`:                    "must have a selection",
	} {
		a := try(t, api, query, nil)
		if a.Status != badRequest || a.code() != "INVALID" || !strings.Contains(a.Errors[0].Message, message) || !strings.Contains(string(a.Body), `"locations":[{"line":1`) {
			t.Errorf("%s: %s", query, a.Body)
		}
		if strings.Contains(string(a.Body), "GRAPHQL_") || strings.Contains(a.Errors[0].Message, "input:") {
			t.Errorf("%s: gqlgen shows through: %s", query, a.Body)
		}
	}
}

func TestErrorsAreCapped(t *testing.T) {
	a := try(t, starterAPI(t), "{"+repeated(15, " nothing%d")+"}", nil)
	if n := len(a.Errors); n != 10 || a.Errors[n-1].Message != "and 6 more errors" || a.Errors[n-1].code() != "INVALID" {
		t.Errorf("%s", a.Body)
	}
}
