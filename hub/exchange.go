package hub

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Item is one thing in an exchange file: a record or a concept.
type Item struct {
	Record  Record
	Concept *Concept
}

// Slug returns the slug of the record or concept.
func (it Item) Slug() string {
	switch {
	case it.Record != nil:
		return it.Record.AsEntry().Slug
	case it.Concept != nil:
		return it.Concept.Slug
	}
	return ""
}

// Validate is Validate or ValidateConcept.
func (it Item) Validate() error {
	if it.Concept != nil {
		return ValidateConcept(it.Concept)
	}
	return Validate(it.Record)
}

const typeConcept = "CONCEPT"

// DecodeItem reads one JSON object of an exchange file. What is wrong is a *Problem that names the field.
func DecodeItem(b []byte) (Item, error) {
	name, err := typeOf(b)
	if err != nil {
		return Item{}, err
	}
	it := Item{}
	var into any
	if name == typeConcept {
		it.Concept = &Concept{}
		into = &conceptJSON{Concept: it.Concept}
	} else {
		if it.Record = NewRecord(RecordType(name)); it.Record == nil {
			return Item{}, invalid("type", "use one of "+names(RecordTypes)+", "+typeConcept, "%s is not known here", Echo(name))
		}
		into = withType(it.Record)
	}
	if err := strictly(b, into); err != nil {
		return Item{}, blame(b, name, err)
	}
	return it, nil
}

// The record types as they stand in an exchange file: with their type in front.
type (
	practiceJSON struct {
		Type RecordType `json:"type"`
		*GoodPractice
	}
	studyJSON struct {
		Type RecordType `json:"type"`
		*Study
	}
	policyJSON struct {
		Type RecordType `json:"type"`
		*PolicyDocument
	}
	organisationJSON struct {
		Type RecordType `json:"type"`
		*Organisation
	}
	projectJSON struct {
		Type RecordType `json:"type"`
		*Project
	}
	collectionJSON struct {
		Type RecordType `json:"type"`
		*Collection
	}
	conceptJSON struct {
		Type string `json:"type"`
		*Concept
	}
)

func withType(r Record) any {
	switch r := r.(type) {
	case *GoodPractice:
		return &practiceJSON{TypeGoodPractice, r}
	case *Study:
		return &studyJSON{TypeStudy, r}
	case *PolicyDocument:
		return &policyJSON{TypePolicyDocument, r}
	case *Organisation:
		return &organisationJSON{TypeOrganisation, r}
	case *Project:
		return &projectJSON{TypeProject, r}
	case *Collection:
		return &collectionJSON{TypeCollection, r}
	}
	panic(fmt.Sprintf("hub: no exchange form for %T", r))
}

// strictly decodes one object, and nothing behind it.
func strictly(b []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return invalid("", "write one object on a line", "something stands behind the object")
	}
	return nil
}

// typeOf reads the type of an object, which is usually its first field.
func typeOf(b []byte) (string, error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	notObject := invalid("", `write one object, {"type": "STUDY", …}`, "this is not a JSON object")
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return "", notObject
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return "", blame(b, "", err)
		}
		if key == "type" {
			v, err := dec.Token()
			if s, ok := v.(string); ok && err == nil {
				return s, nil
			}
			return "", invalid("type", "write it as STUDY", "is not a word")
		}
		var skip json.RawMessage
		if err := dec.Decode(&skip); err != nil {
			return "", blame(b, "", err)
		}
	}
	return "", invalid("type", "add it, such as GOOD_PRACTICE, STUDY or CONCEPT", "is missing")
}

// blame turns an error of encoding/json into a Problem that names the field.
func blame(b []byte, typeName string, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF) {
		at := len(b)
		if syntax != nil {
			at = int(syntax.Offset)
		}
		return invalid("", "check quotes, commas and brackets there", "this is not JSON: %v at byte %d", err, at)
	}
	// Errors come without the whole of their place: the field that fails alone is the one.
	var fields map[string]json.RawMessage
	if json.Unmarshal(b, &fields) == nil && typeName != "" {
		names := make([]string, 0, len(fields))
		for name := range fields {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			if name == "type" {
				continue
			}
			var into any = &conceptJSON{Concept: &Concept{}}
			if r := NewRecord(RecordType(typeName)); r != nil {
				into = withType(r)
			}
			one, _ := json.Marshal(map[string]json.RawMessage{name: fields[name]})
			if err := strictly(one, into); err != nil {
				return blamed(name, typeName, err)
			}
		}
	}
	return blamed("", typeName, err)
}

func blamed(field, typeName string, err error) error {
	var p *Problem
	if errors.As(err, &p) {
		own := *p
		own.Field = strings.Trim(field+"."+p.Field, ".")
		return &own
	}
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		path := strings.Split(mismatch.Field, ".") // led by names of Go's own
		path = path[slices.Index(path, field)+1:]
		return invalid(strings.Trim(field+"."+strings.Join(path, "."), "."), "see the schema for its form", "cannot be a JSON %s", mismatch.Value)
	}
	if inner, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if inner = strings.Trim(inner, `"`); inner == field {
			return invalid(field, "see the schema for the fields of this type", "is not a field of %s", typeName)
		}
		return invalid(field+"."+inner, "see the schema for the fields", "is not known here")
	}
	return invalid(field, "see the schema for its form", "%v", err)
}

// Fields that every record has, in the order of an exchange file: the first before those of its type, the others after.
var (
	leading  = []string{"type", "slug", "originalLanguage", "title", "summary"}
	trailing = []string{"countries", "themes", "sectors", "domains", "keywords", "sources", "licence", "lastVerified", "status",
		"text", "id", "version", "createdAt", "updatedAt"}
)

// EncodeItem writes one JSON object of an exchange file, on one line, in the one order of fields, with all that is needed to
// read it back, and nothing that goes without saying.
func EncodeItem(it Item) ([]byte, error) {
	if it.Concept != nil {
		c := *it.Concept
		return encode(&conceptJSON{typeConcept, &c})
	}
	r := clone(it.Record)
	e := r.AsEntry()
	r.eachText(func(_ TextField, _ int, t *Texts) { *t = t.forExchange(e.OriginalLanguage) })
	if e.Status == StatusPublished {
		e.Status = ""
	}
	e.FullTextLanguages = nil
	b, err := encode(withType(r))
	if err != nil {
		return nil, err
	}
	return reorder(b)
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(trimNewline{&b})
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.Bytes(), err
}

// reorder brings the fields of an object into the order of an exchange file.
func reorder(b []byte) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	values := map[string]json.RawMessage{}
	var own []string
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name := key.(string)
		var v json.RawMessage
		if err := dec.Decode(&v); err != nil {
			return nil, err
		}
		values[name] = v
		if !slices.Contains(leading, name) && !slices.Contains(trailing, name) {
			own = append(own, name)
		}
	}
	out := bytes.NewBuffer(make([]byte, 0, len(b)))
	out.WriteByte('{')
	for _, name := range slices.Concat(leading, own, trailing) {
		if v, ok := values[name]; ok {
			if out.Len() > 1 {
				out.WriteByte(',')
			}
			fmt.Fprintf(out, "%q:", name)
			out.Write(v)
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}
