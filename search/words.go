package search

import (
	"encoding/binary"

	index "github.com/blevesearch/bleve_index_api"

	"versme/search/analysis"
)

// wordsField is a field of words. It does the work of Bleve's TextField, but keeps less of each word's place: Bleve writes at least
// five bytes a word (field, position, start, end, number of array positions), and with real offsets into long texts twice that,
// which on the statutes was two thirds of the index. Here the three numbers that Bleve calls position, start and end hold seven bits of
// the position each, so that all stay one byte long; where a position stands in the text is found from marks.
type wordsField struct {
	name     string
	language string
	text     string

	terms index.TokenFrequencies
	count int
	marks []mark
}

// mark is where a word stands in the text. There is one for every markWords words.
type mark struct{ position, offset int }

// markWords is how many words lie between marks: to find a place in the text that many are analysed again, some 10 µs. On the statutes
// the marks take 1 % of the index; with 128 words they took a quarter of that and highlights twice the time.
const markWords = 32

// pack spreads a position over Bleve's three numbers; the last takes what is beyond two million words.
func pack(position int) (pos, start, end int) {
	return position & 0x7f, position >> 7 & 0x7f, position >> 14
}

func unpack(pos, start, end uint64) int { return int(pos | start<<7 | end<<14) }

func (f *wordsField) Analyze() {
	tokens := analysis.For(f.language).Analyze([]byte(f.text))
	f.count = len(tokens)
	f.terms = make(index.TokenFrequencies, len(tokens)/2+1)
	all := make([]index.TokenLocation, len(tokens))
	for i, t := range tokens {
		if i%markWords == 0 && i > 0 {
			f.marks = append(f.marks, mark{t.Position, t.Start})
		}
		l := &all[i]
		l.Position, l.Start, l.End = pack(t.Position)
		tf := f.terms[string(t.Term)]
		if tf == nil {
			tf = &index.TokenFreq{Term: t.Term}
			f.terms[string(t.Term)] = tf
		}
		tf.SetFrequency(tf.Frequency() + 1)
		tf.Locations = append(tf.Locations, l)
	}
	f.text = ""
}

func (f *wordsField) Name() string                        { return f.name }
func (f *wordsField) Value() []byte                       { return nil }
func (f *wordsField) ArrayPositions() []uint64            { return nil }
func (f *wordsField) EncodedFieldType() byte              { return 't' }
func (f *wordsField) Options() index.FieldIndexingOptions { return textOptions }
func (f *wordsField) AnalyzedLength() int                 { return f.count }
func (f *wordsField) NumPlainTextBytes() uint64           { return uint64(len(f.text)) }
func (f *wordsField) Size() int                           { return len(f.text) }
func (f *wordsField) AnalyzedTokenFrequencies() index.TokenFrequencies {
	return f.terms
}

// marksField stores the marks of all fields of words of a record. Bleve asks for its value once they have been analysed.
type marksField struct{ of []*wordsField }

// fieldMarks is the name of the one field that is stored.
const fieldMarks = "marks"

func (f *marksField) Value() (b []byte) {
	for _, w := range f.of {
		if len(w.marks) > 0 {
			b = appendMarks(b, w.name, w.marks)
		}
	}
	return b
}

func (f *marksField) Name() string                        { return fieldMarks }
func (f *marksField) Analyze()                            {} // Bleve does not call it: nothing is indexed
func (f *marksField) ArrayPositions() []uint64            { return nil }
func (f *marksField) EncodedFieldType() byte              { return 't' }
func (f *marksField) Options() index.FieldIndexingOptions { return index.StoreField }
func (f *marksField) AnalyzedLength() int                 { return 0 }
func (f *marksField) NumPlainTextBytes() uint64           { return 0 }
func (f *marksField) Size() int                           { return 0 }
func (f *marksField) AnalyzedTokenFrequencies() index.TokenFrequencies {
	return nil
}

// appendMarks writes name, number of marks, and the differences from mark to mark.
func appendMarks(b []byte, name string, marks []mark) []byte {
	b = binary.AppendUvarint(b, uint64(len(name)))
	b = append(b, name...)
	b = binary.AppendUvarint(b, uint64(len(marks)))
	last := mark{}
	for _, m := range marks {
		b = binary.AppendUvarint(b, uint64(m.position-last.position))
		b = binary.AppendUvarint(b, uint64(m.offset-last.offset))
		last = m
	}
	return b
}

// readMarks reads what appendMarks wrote.
func readMarks(b []byte) map[string][]mark {
	all := map[string][]mark{}
	next := func() int {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > 1<<40 {
			b = nil
			return 0
		}
		b = b[size:]
		return int(n)
	}
	for len(b) > 0 {
		n := next()
		if n > len(b) {
			return all
		}
		name := string(b[:n])
		b = b[n:]
		n = next()
		marks := make([]mark, 0, min(n, len(b)/2)) // a mark takes two bytes at least
		last := mark{}
		for range n {
			if len(b) == 0 {
				break
			}
			last.position += next()
			last.offset += next()
			marks = append(marks, last)
		}
		all[name] = marks
	}
	return all
}
