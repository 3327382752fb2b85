package hub

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
)

// Translation is a text in one language.
type Translation struct {
	Language Language
	Value    string
	Origin   TextOrigin // empty: original in the record's original language, else human
	Of       string     // fingerprint of the original that it was made from; empty on the original
}

// Texts is one text in every language that it has, at most once in each.
type Texts []Translation

// Text is a text as served: one translation, chosen for a reader.
type Text struct {
	Value    string
	Language Language
	Origin   TextOrigin
	Outdated bool // the original has changed since this translation was made
	Plain    bool // plain text; else CommonMark
}

// Get returns the translation in exactly this language, or nil.
func (t Texts) Get(l Language) *Translation {
	for i := range t {
		if t[i].Language == l {
			return &t[i]
		}
	}
	return nil
}

// In chooses the translation for a reader: the first of in that there is (the same language of another
// region will do), then the original, then any. It is nil where there is no text at all.
func (t Texts) In(in []Language, original Language) *Translation {
	if len(t) == 0 {
		return nil
	}
	for _, l := range in {
		if tr := t.Get(l); tr != nil {
			return tr
		}
		for i := range t {
			if t[i].Language.base() == l.base() {
				return &t[i]
			}
		}
	}
	if tr := t.Get(original); tr != nil {
		return tr
	}
	return &t[0]
}

// serve is In for display.
func (t Texts) serve(ctx context.Context, in []Language, original Language, plain bool) *Text {
	tr := t.In(prefer(ctx, in), original)
	if tr == nil {
		return nil
	}
	return &Text{Value: tr.Value, Language: tr.Language, Origin: tr.origin(original), Outdated: t.outdated(tr, original), Plain: plain}
}

func (tr *Translation) origin(original Language) TextOrigin {
	switch {
	case tr.Origin != "":
		return tr.Origin
	case tr.Language == original:
		return OriginOriginal
	}
	return OriginHuman
}

// outdated is computed, never remembered: a translation is outdated when the original is no longer the one it was made from.
func (t Texts) outdated(tr *Translation, original Language) bool {
	o := t.Get(original)
	return o != nil && o != tr && tr.Of != "" && tr.Of != fingerprint(o.Value)
}

// fingerprint is the first 8 bytes of the text's SHA-256, in hexadecimal.
func fingerprint(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}

// revise says of every translation which original it was made from. A translation that stands in old word for word
// keeps what was said there, so that changing the original alone makes it outdated; any other was made just now.
func (t Texts) revise(old Texts, original Language) {
	o := t.Get(original)
	if o == nil {
		return
	}
	now := fingerprint(o.Value)
	for i := range t {
		tr := &t[i]
		if tr.Language == original || tr.Of != "" {
			continue
		}
		if was := old.Get(tr.Language); was != nil && was.Value == tr.Value && was.Of != "" {
			tr.Of = was.Of
		} else {
			tr.Of = now
		}
	}
}

// translationJSON is the long form of a translation in an exchange file.
type translationJSON struct {
	Value  string     `json:"value"`
	Origin TextOrigin `json:"origin,omitempty"`
	Of     string     `json:"translationOf,omitempty"`
}

// UnmarshalJSON reads {"lt": "…"} and {"en": {"value": "…", "origin": "MACHINE"}}, keeping the order of languages.
func (t *Texts) UnmarshalJSON(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	if tok != json.Delim('{') {
		if tok == nil {
			return nil
		}
		return invalid("", `write {"lt": "…", "en": "…"}`, "a text in many languages is written as a map of languages")
	}
	all := make(Texts, 0, 2)
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		l, err := ParseLanguage(key.(string))
		if err != nil {
			return err
		}
		if all.Get(l) != nil {
			return invalid("", "keep one of them", "language %s is there twice", l)
		}
		tr := Translation{Language: l}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return err
		}
		if len(raw) > 0 && raw[0] == '{' {
			var long translationJSON
			strict := json.NewDecoder(bytes.NewReader(raw))
			strict.DisallowUnknownFields()
			if err := strict.Decode(&long); err != nil {
				return fmt.Errorf("%s: %w", l, err)
			}
			tr.Value, tr.Origin, tr.Of = long.Value, long.Origin, long.Of
		} else if err := json.Unmarshal(raw, &tr.Value); err != nil {
			return invalid(string(l), "quote it", "the text is not a string")
		}
		all = append(all, tr)
	}
	*t = all
	return nil
}

// MarshalJSON writes the short form where nothing more is known than the text.
func (t Texts) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, tr := range t {
		if i > 0 {
			b.WriteByte(',')
		}
		writeString(&b, string(tr.Language))
		b.WriteByte(':')
		if tr.Origin == "" && tr.Of == "" {
			writeString(&b, tr.Value)
			continue
		}
		enc := json.NewEncoder(trimNewline{&b})
		enc.SetEscapeHTML(false)
		if err := enc.Encode(translationJSON(struct {
			Value  string
			Origin TextOrigin
			Of     string
		}{tr.Value, tr.Origin, tr.Of})); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// forExchange leaves out what a reader of the file would work out again: origins that go without saying and
// the fingerprint of the original that is there.
func (t Texts) forExchange(original Language) Texts {
	if len(t) == 0 {
		return nil
	}
	out := slices.Clone(t)
	o := t.Get(original)
	for i := range out {
		tr := &out[i]
		if tr.Origin == (&Translation{Language: tr.Language}).origin(original) {
			tr.Origin = ""
		}
		if o != nil && tr.Of == fingerprint(o.Value) {
			tr.Of = ""
		}
	}
	return out
}
