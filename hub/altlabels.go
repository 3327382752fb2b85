package hub

import (
	"bytes"
	"encoding/json"
)

// UnmarshalJSON reads {"lt": ["…", "…"]}, keeping the order of languages.
func (a *AltLabels) UnmarshalJSON(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		if tok == nil && err == nil {
			return nil
		}
		return invalid("", `write {"lt": ["…"]}`, "other labels are written as lists by language")
	}
	var all AltLabels
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		l, err := ParseLanguage(key.(string))
		if err != nil {
			return err
		}
		list := AltLabelList{Language: l}
		if err := dec.Decode(&list.Labels); err != nil {
			return invalid(string(l), `write a list, ["…", "…"]`, "other labels of one language are a list of texts")
		}
		all = append(all, list)
	}
	*a = all
	return nil
}

// MarshalJSON writes what UnmarshalJSON reads.
func (a AltLabels) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, list := range a {
		if i > 0 {
			b.WriteByte(',')
		}
		writeString(&b, string(list.Language))
		b.WriteString(":[")
		for n, label := range list.Labels {
			if n > 0 {
				b.WriteByte(',')
			}
			writeString(&b, label)
		}
		b.WriteByte(']')
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
