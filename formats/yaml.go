package formats

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"versme/hub"
)

// MaxYAML is the largest YAML file that is read, in bytes.
const MaxYAML = 32 << 20

// YAML reads a folder of YAML files, the folders in it included. A file holds one record or concept, or several divided by ---.
type YAML struct {
	dir   fs.FS
	files []string
	docs  *yaml.Decoder
	file  string
	n     int
	size  int
}

// NewYAML reads a folder.
func NewYAML(dir fs.FS) (*YAML, error) {
	y := &YAML{dir: dir}
	err := fs.WalkDir(dir, ".", func(p string, d fs.DirEntry, err error) error {
		if ext := path.Ext(p); err == nil && !d.IsDir() && (ext == ".yaml" || ext == ".yml") {
			y.files = append(y.files, p)
		}
		return err
	})
	return y, err
}

// Next returns the next record or concept; io.EOF after the last file.
func (y *YAML) Next() (hub.Row, error) {
	for {
		if y.docs == nil {
			if len(y.files) == 0 {
				return hub.Row{}, io.EOF
			}
			y.file, y.files, y.n = y.files[0], y.files[1:], 0
			if info, err := fs.Stat(y.dir, y.file); err == nil && info.Size() > MaxYAML {
				return hub.Row{Place: y.file, Err: &hub.Problem{Problem: fmt.Sprintf("the file has %d bytes, more than %d", info.Size(), MaxYAML), Hint: "split it"}}, nil
			}
			b, err := fs.ReadFile(y.dir, y.file)
			if err != nil {
				return hub.Row{}, err
			}
			y.size = len(b)
			y.docs = yaml.NewDecoder(bytes.NewReader(b))
		}
		row := hub.Row{Place: y.file, Bytes: y.size}
		y.size = 0
		if y.n++; y.n > 1 {
			row.Place = fmt.Sprintf("%s, part %d", y.file, y.n)
		}
		var doc yaml.Node
		switch err := y.docs.Decode(&doc); {
		case errors.Is(err, io.EOF):
			y.docs = nil
			continue
		case err != nil:
			y.docs = nil // what stands behind a fault of form cannot be told apart
			row.Err = &hub.Problem{Problem: "this is not YAML: " + strings.TrimPrefix(err.Error(), "yaml: "), Hint: "check indentation and quotes there"}
			return row, nil
		}
		row.Item, row.Err = decodeYAML(&doc)
		return row, nil
	}
}

func decodeYAML(doc *yaml.Node) (hub.Item, error) {
	b, err := toJSON(doc, "", 0)
	if err != nil {
		return hub.Item{}, err
	}
	return hub.DecodeItem(b)
}

// maxNesting is how deep a YAML file may nest; records need six levels.
const maxNesting = 32

// notText are the fields that are numbers or true or false; in every other, what YAML takes for one of those is the text as it stands, so
// that nobody has to quote a year.
var notText = map[string]bool{"amount": true, "costBand": true, "peerReviewed": true, "version": true}

// toJSON writes the value of a field as JSON in the order of its keys. Aliases are refused: nothing here needs them, and they can make a
// small file very large.
func toJSON(n *yaml.Node, field string, depth int) (json.RawMessage, error) {
	wrong := func(problem, hint string) error {
		return &hub.Problem{Problem: fmt.Sprintf("line %d: %s", n.Line, problem), Hint: hint}
	}
	if depth > maxNesting {
		return nil, wrong("this is nested too deep", "see the schema for the form of a record")
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return toJSON(n.Content[0], field, depth)
	case yaml.MappingNode:
		var b bytes.Buffer
		b.WriteByte('{')
		seen := map[string]bool{}
		for i := 0; i < len(n.Content); i += 2 {
			if i > 0 {
				b.WriteByte(',')
			}
			name := n.Content[i].Value
			if seen[name] {
				return nil, &hub.Problem{Field: name, Problem: fmt.Sprintf("line %d: is there twice", n.Content[i].Line), Hint: "keep one of them"}
			}
			seen[name] = true
			v, err := toJSON(n.Content[i+1], name, depth+1)
			if err != nil {
				return nil, err
			}
			key, err := jsonString(name)
			if err != nil {
				return nil, err
			}
			b.Write(key)
			b.WriteByte(':')
			b.Write(v)
		}
		b.WriteByte('}')
		return b.Bytes(), nil
	case yaml.SequenceNode:
		var b bytes.Buffer
		b.WriteByte('[')
		for i, c := range n.Content {
			if i > 0 {
				b.WriteByte(',')
			}
			v, err := toJSON(c, field, depth+1)
			if err != nil {
				return nil, err
			}
			b.Write(v)
		}
		b.WriteByte(']')
		return b.Bytes(), nil
	case yaml.ScalarNode:
		switch tag := n.ShortTag(); {
		case tag == "!!null":
			return json.RawMessage("null"), nil
		case notText[field] && tag == "!!bool":
			return json.RawMessage(strings.ToLower(n.Value)), nil
		case notText[field] && (tag == "!!int" || tag == "!!float") && json.Valid([]byte(n.Value)):
			return json.RawMessage(n.Value), nil
		}
		return jsonString(n.Value)
	}
	return nil, wrong("aliases are not read here", "write the value out")
}

// jsonString writes a string without escaping what only HTML would need.
func jsonString(s string) (json.RawMessage, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// WriteYAML writes one record or concept: the fields in the order of the exchange format, texts of more than a line, or longer than
// one, as blocks.
func WriteYAML(w io.Writer, it hub.Item) error {
	b, err := hub.EncodeItem(it)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	n, err := fromJSON(dec)
	if err != nil {
		return err
	}
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	return errors.Join(enc.Encode(n), enc.Close())
}

// lineLength is the longest text that stands on the line of its key.
const lineLength = 80

// fromJSON reads the next value as a node, keeping the order of keys.
func fromJSON(dec *json.Decoder) (*yaml.Node, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch tok := tok.(type) {
	case json.Delim:
		n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		if tok == '[' {
			n = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		}
		for dec.More() {
			v, err := fromJSON(dec)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, v)
		}
		_, err := dec.Token()
		return n, err
	case string:
		n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: tok}
		switch {
		case strings.Contains(tok, "\n") || utf8.RuneCountInString(tok) > lineLength && strings.Contains(tok, " "):
			n.Style = yaml.LiteralStyle
		case ambiguous.MatchString(tok) || indicating.MatchString(tok):
			n.Style = yaml.DoubleQuotedStyle
		}
		return n, nil
	case json.Number:
		tag := "!!int"
		if strings.ContainsAny(tok.String(), ".eE") {
			tag = "!!float"
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: tok.String()}, nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(tok)}, nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
}

// ambiguous are strings that some YAML reader takes for something else: numbers, dates, and Norway.
var ambiguous = regexp.MustCompile(`(?i)^([-+.\d][-+.\d_:eE]*|y|n|yes|no|on|off|true|false|null|~)$`)

// indicating are strings that would be part of the form if they stood without quotes.
var indicating = regexp.MustCompile("^[-?:]( |$)|^[,\\[\\]{}#&*!|>'\"%@` ]|:( |$)| #| $|[\u0085\u2028\u2029]")

// Folder returns the folder that a record or concept is kept in.
func Folder(it hub.Item) string {
	if it.Concept != nil {
		return "vocabulary"
	}
	return folders[it.Record.Type()]
}

var folders = map[hub.RecordType]string{
	hub.TypeGoodPractice: "practices", hub.TypeStudy: "studies", hub.TypePolicyDocument: "policies",
	hub.TypeOrganisation: "organisations", hub.TypeProject: "projects", hub.TypeCollection: "collections",
}
