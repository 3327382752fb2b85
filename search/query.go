package search

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"versme/hub"
)

// Limits of a query. Beyond them it is refused with an error that names them.
const (
	MaxQuery    = 2000 // characters
	MaxWords    = 100  // words, phrases and conditions together
	MaxPrefixes = 8    // words with *: each stands for many
	MinPrefix   = 3    // letters before *
)

// Query is a query as a tree. String writes it so that Parse reads the same tree.
//
//	Words       the whole query: any of these, the more the better, and what must and must not be
//	Word        švietimas
//	Prefix      kult*            from three letters
//	Phrase      "kultūros paveldas"
//	Title       title:kultūra, title:"kultūros paveldas"
//	Year        year:2015..2020, year:2015, year:..2020
//	Not         -mokykla, -"aukštoji mokykla", -title:mokykla, -year:2015
//	Or          menas OR kultūra
type Query interface{ String() string }

type (
	// Words is a whole query.
	Words []Query
	// Word is one word.
	Word string
	// Prefix is the beginning of a word.
	Prefix string
	// Phrase is words in a row; it must be there.
	Phrase string
	// Title is a word or phrase that must be in a title.
	Title struct{ Query }
	// Year is a span of years that the record must fall into; 0 is open.
	Year struct{ From, To int }
	// Not is what must not be there.
	Not struct{ Query }
	// Or is several that count as one.
	Or []Query
)

func (w Words) String() string { return join(w, " ") }
func (o Or) String() string    { return join(o, " OR ") }
func (w Word) String() string  { return string(w) }
func (p Prefix) String() string {
	return string(p) + "*"
}
func (p Phrase) String() string { return `"` + string(p) + `"` }
func (t Title) String() string  { return "title:" + t.Query.String() }
func (n Not) String() string    { return "-" + n.Query.String() }
func (y Year) String() string {
	switch {
	case y.From == y.To:
		return "year:" + strconv.Itoa(y.From)
	case y.From == 0:
		return "year:.." + strconv.Itoa(y.To)
	case y.To == 0:
		return "year:" + strconv.Itoa(y.From) + ".."
	}
	return fmt.Sprintf("year:%d..%d", y.From, y.To)
}

func join(all []Query, by string) string {
	s := make([]string, len(all))
	for i, q := range all {
		s[i] = q.String()
	}
	return strings.Join(s, by)
}

// Parse reads a query. Any text within the limits is one: what is not an operator is words. The error is a hub.ErrInvalid.
func Parse(s string) (Words, error) {
	if n := utf8.RuneCountInString(s); n > MaxQuery {
		return nil, &hub.Problem{Field: "query", Problem: fmt.Sprintf("%d characters are more than the %d of a query", n, MaxQuery), Hint: "keep the words that matter"}
	}
	p := &parser{rest: norm.NFC.String(strings.ToValidUTF8(s, " "))}
	var all Words
	for {
		q, or, ok := p.clause()
		if !ok {
			break
		}
		if q == nil {
			continue
		}
		if last := len(all) - 1; or && last >= 0 && joinable(all[last]) && joinable(q) {
			all[last] = append(alternatives(all[last]), alternatives(q)...)
			continue
		}
		all = append(all, q)
	}
	if p.words > MaxWords {
		return nil, &hub.Problem{Field: "query", Problem: fmt.Sprintf("%d words are more than the %d of a query", p.words, MaxWords), Hint: "keep the words that matter"}
	}
	if p.prefixes > MaxPrefixes {
		return nil, &hub.Problem{Field: "query", Problem: fmt.Sprintf("%d words with * are more than the %d of a query", p.prefixes, MaxPrefixes), Hint: "write some of them out"}
	}
	return all, nil
}

// joinable tells whether OR may stand beside a clause: conditions and exclusions hold for the whole query.
func joinable(q Query) bool {
	switch q.(type) {
	case Word, Prefix, Phrase, Or:
		return true
	}
	return false
}

// alternatives returns what counts as one in a clause.
func alternatives(q Query) Or {
	if o, is := q.(Or); is {
		return o
	}
	return Or{q}
}

type parser struct {
	rest     string
	words    int
	prefixes int
}

// clause reads the next clause. or tells that OR stood before it. q is nil where there was only punctuation; ok is false at the end.
func (p *parser) clause() (q Query, or, ok bool) {
	p.space()
	if after, found := strings.CutPrefix(p.rest, "OR"); found && (after == "" || unicode.IsSpace(first(after))) {
		// OR at the very beginning or end joins nothing.
		p.rest = after
		q, _, ok = p.clause()
		return q, true, ok
	}
	if p.rest == "" {
		return nil, false, false
	}
	not := false
	if after, found := strings.CutPrefix(p.rest, "-"); found && after != "" && !unicode.IsSpace(first(after)) {
		p.rest, not = after, true
	}
	q = p.atom()
	if q == nil {
		return nil, false, true
	}
	p.words++
	if not {
		q = Not{inRow(q)}
	}
	return q, false, true
}

// atom reads a phrase, a condition or a word; nil where there is only punctuation.
func (p *parser) atom() Query {
	if after, found := strings.CutPrefix(p.rest, "title:"); found && after != "" && !unicode.IsSpace(first(after)) {
		p.rest = after
		if q := p.plain(); q != nil {
			return Title{inRow(q)}
		}
		return nil
	}
	if after, found := strings.CutPrefix(p.rest, "year:"); found {
		word, rest := cutWord(after)
		if y, ok := parseYear(word); ok {
			p.rest = rest
			return y
		}
	}
	return p.plain()
}

// inRow makes a phrase of words that stand together without a space: where one thing is asked for, they are one.
func inRow(q Query) Query {
	if o, is := q.(Or); is {
		return Phrase(join(o, " "))
	}
	return q
}

// quotes that may open a phrase, and what closes each.
var quotes = map[rune]string{'"': `"`, '„': "“”\"", '“': "”“\"", '”': "”\"", '«': "»", '»': "«»"}

func (p *parser) plain() Query {
	if closing := quotes[first(p.rest)]; closing != "" {
		_, size := utf8.DecodeRuneInString(p.rest)
		p.rest = p.rest[size:]
		phrase := p.rest
		if i := strings.IndexAny(p.rest, closing); i >= 0 {
			_, size := utf8.DecodeRuneInString(p.rest[i:])
			phrase, p.rest = p.rest[:i], p.rest[i+size:]
		} else {
			p.rest = "" // never closed: to the end
		}
		words := splitWords(phrase)
		p.words += max(0, len(words)-1)
		switch len(words) {
		case 0:
			return nil
		case 1:
			return Word(words[0])
		}
		return Phrase(strings.Join(words, " "))
	}
	word, rest := cutWord(p.rest)
	p.rest = rest
	prefix := strings.HasSuffix(word, "*")
	words := splitWords(word)
	p.words += max(0, len(words)-1)
	switch {
	case len(words) == 0:
		return nil
	case len(words) == 1 && prefix && utf8.RuneCountInString(words[0]) >= MinPrefix:
		p.prefixes++
		return Prefix(words[0])
	case len(words) == 1:
		return Word(words[0])
	}
	all := make(Or, 0, len(words)) // kultūra/menas
	for _, w := range words {
		all = append(all, Word(w))
	}
	return all
}

// cutWord cuts at the next space or opening quote.
func cutWord(s string) (word, rest string) {
	for i, r := range s {
		if unicode.IsSpace(r) || i > 0 && quotes[r] != "" {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// splitWords takes the words out of a text: letters and digits in a row, and what joins them within a word (Baltic-Nordic, ESF+, don't,
// Nr. 3.2). What Parse reads is thereby free of quotes, colons and stars, so String needs no escapes.
func splitWords(s string) []string {
	var words []string
	for _, f := range strings.FieldsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsNumber(r) && !strings.ContainsRune("-'’.+&_", r)
	}) {
		f = strings.TrimLeft(f, "-'’.+&_")
		f = strings.TrimRight(f, "-'’.&_")
		if f == "" || strings.TrimRight(f, "+") == "" || unicode.IsMark(first(f)) && strings.IndexFunc(f, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) < 0 {
			continue
		}
		if f == "OR" {
			f = "or" // a word here, not the operator
		}
		words = append(words, f)
	}
	return words
}

func (p *parser) space() {
	p.rest = strings.TrimLeftFunc(p.rest, unicode.IsSpace)
}

func first(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// parseYear reads 2015, 2015..2020, 2015.. and ..2020.
func parseYear(s string) (Year, bool) {
	from, to, span := strings.Cut(s, "..")
	if !span {
		to = from
	}
	var y Year
	for _, side := range []struct {
		s  string
		at *int
	}{{from, &y.From}, {to, &y.To}} {
		if side.s == "" && span {
			continue
		}
		n, err := strconv.ParseUint(side.s, 10, 16)
		if err != nil || n < 1 || n > 9999 || len(side.s) > 4 {
			return Year{}, false
		}
		*side.at = int(n)
	}
	if y.From == 0 && y.To == 0 || y.To != 0 && y.From > y.To {
		return Year{}, false
	}
	return y, true
}
