package search

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	segment "github.com/blevesearch/scorch_segment_api/v2"
	"golang.org/x/text/collate"

	"versme/hub"
)

// columns hold what filters, facets and sorting read of one segment, in memory, by the number of the document in it. They are read
// off the segment's dictionaries once; segments do not change, so a write costs only the columns of what it added. Bleve's own
// facets decode doc values hit by hit: 5 facets over 98,000 hits take it 85 ms, these 5 ms.
type columns struct {
	n       int
	ids     [][16]byte // UUIDs
	values  map[string]*values
	from    []int16 // years, 0 for none
	to      []int16 // 0 while it runs
	level   []uint8 // rank of evidence
	date    []uint32
	updated []uint64
	titles  map[string][]string // by language; empty where there is none
	shown   []string            // language of the title for readers of other languages
	lengths map[string][]uint32 // bytes in each text field
	sums    map[string]fieldSum

	mu       sync.Mutex
	closed   map[string]*values // concepts with everything broader, under one vocabulary
	closedBy *hub.Vocabulary
	keys     map[string][][]byte // primary collation keys, by language list
}

// values are the values of one field, several to a document.
type values struct {
	names  []string // by number
	starts []uint32 // numbers of document d stand in nums[starts[d]:starts[d+1]]
	nums   []uint32
}

func (v *values) of(doc uint32) []uint32 {
	if v == nil || len(v.nums) == 0 {
		return nil
	}
	return v.nums[v.starts[doc]:v.starts[doc+1]]
}

// fieldSum is how many documents of a segment have a text field, and how many bytes stand in it.
type fieldSum struct{ docs, bytes int }

var valueFields = []string{fieldType, fieldCountry, fieldTheme, fieldSector, fieldDomain, fieldTarget, fieldLanguage, fieldOrganisation}

// readColumns reads the columns of a segment.
func readColumns(s segment.Segment) (*columns, error) {
	n := int(s.Count())
	c := &columns{
		n: n, ids: make([][16]byte, n), values: map[string]*values{}, from: make([]int16, n), to: make([]int16, n), level: make([]uint8, n),
		date: make([]uint32, n), updated: make([]uint64, n), titles: map[string][]string{}, shown: make([]string, n),
		lengths: map[string][]uint32{}, sums: map[string]fieldSum{}, keys: map[string][][]byte{},
	}
	for _, f := range valueFields {
		v, err := readValues(s, f, n)
		if err != nil {
			return nil, err
		}
		c.values[f] = v
	}
	single := func(field string, set func(doc uint64, v string) error) error {
		return eachTerm(s, field, func(term string, docs []uint64) error {
			for _, d := range docs {
				if err := set(d, term); err != nil {
					return fmt.Errorf("search: column %s: %q: %w", field, term, err)
				}
			}
			return nil
		})
	}
	for _, step := range []struct {
		field string
		set   func(doc uint64, v string) error
	}{
		{"_id", func(d uint64, v string) error {
			_, err := hex.Decode(c.ids[d][:], []byte(strings.ReplaceAll(v, "-", "")))
			return err
		}},
		{fieldYears, func(d uint64, v string) error {
			first, last, _ := strings.Cut(v, "-")
			from, err1 := strconv.ParseInt(first, 10, 16)
			to, err2 := strconv.ParseInt(last, 10, 16)
			c.from[d], c.to[d] = int16(from), int16(to)
			return errors.Join(err1, err2)
		}},
		{fieldEvidence, func(d uint64, v string) error {
			n, err := strconv.ParseUint(v, 10, 8)
			c.level[d] = uint8(n)
			return err
		}},
		{fieldDate, func(d uint64, v string) error {
			n, err := strconv.ParseUint(v, 10, 32)
			c.date[d] = uint32(n)
			return err
		}},
		{fieldUpdated, func(d uint64, v string) (err error) {
			c.updated[d], err = strconv.ParseUint(v, 16, 64)
			return err
		}},
		{fieldShown, func(d uint64, v string) error {
			c.shown[d] = v
			return nil
		}},
		{fieldSort, func(d uint64, v string) error {
			l, title, _ := strings.Cut(v, "\x00")
			if c.titles[l] == nil {
				c.titles[l] = make([]string, n)
			}
			c.titles[l][d] = title
			return nil
		}},
		{fieldLength, func(d uint64, v string) error {
			field, length, _ := strings.Cut(v, "\x00")
			n64, err := strconv.ParseUint(length, 10, 32)
			if c.lengths[field] == nil {
				c.lengths[field] = make([]uint32, n)
			}
			c.lengths[field][d] = uint32(n64)
			s := c.sums[field]
			c.sums[field] = fieldSum{s.docs + 1, s.bytes + int(n64)}
			return err
		}},
	} {
		if err := single(step.field, step.set); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// eachTerm calls fn with every term of a field and the documents that have it, deleted ones included.
func eachTerm(s segment.Segment, field string, fn func(term string, docs []uint64) error) error {
	dict, err := s.Dictionary(field)
	if err != nil {
		return err
	}
	it := dict.AutomatonIterator(nil, nil, nil)
	var list segment.PostingsList
	var postings segment.PostingsIterator
	var docs []uint64
	for {
		entry, err := it.Next()
		if err != nil || entry == nil {
			return err
		}
		if list, err = dict.PostingsList([]byte(entry.Term), nil, list); err != nil {
			return err
		}
		postings = list.Iterator(false, false, false, postings)
		docs = docs[:0]
		for {
			p, err := postings.Next()
			if err != nil {
				return err
			}
			if p == nil {
				break
			}
			docs = append(docs, p.Number())
		}
		if err := fn(entry.Term, docs); err != nil {
			return err
		}
	}
}

func readValues(s segment.Segment, field string, n int) (*values, error) {
	v := &values{}
	type pair struct{ doc, num uint32 }
	var pairs []pair
	err := eachTerm(s, field, func(term string, docs []uint64) error {
		for _, d := range docs {
			pairs = append(pairs, pair{uint32(d), uint32(len(v.names))})
		}
		v.names = append(v.names, term)
		return nil
	})
	if err != nil || len(pairs) == 0 {
		return v, err
	}
	v.starts = make([]uint32, n+1)
	for _, p := range pairs {
		v.starts[p.doc+1]++
	}
	for d := range n {
		v.starts[d+1] += v.starts[d]
	}
	v.nums = make([]uint32, len(pairs))
	next := slices.Clone(v.starts[:n])
	for _, p := range pairs { // by number within a document, as terms come in order
		v.nums[next[p.doc]] = p.num
		next[p.doc]++
	}
	return v, nil
}

// field returns the values that a filter and facet of this field compare: concepts include everything broader.
func (c *columns) field(field string, vocabulary *hub.Vocabulary) *values {
	switch field {
	case fieldTheme, fieldSector, fieldDomain, fieldTarget:
	default:
		return c.values[field]
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closedBy != vocabulary || c.closed == nil {
		c.closed, c.closedBy = map[string]*values{}, vocabulary
	}
	if v := c.closed[field]; v != nil {
		return v
	}
	v := closure(c.values[field], c.n, vocabulary)
	c.closed[field] = v
	return v
}

// closure adds to each document the concepts broader than its own.
func closure(v *values, n int, vocabulary *hub.Vocabulary) *values {
	if len(v.nums) == 0 {
		return v
	}
	out := &values{names: slices.Clone(v.names), starts: make([]uint32, n+1)}
	number := make(map[string]uint32, len(v.names))
	for i, name := range v.names {
		number[name] = uint32(i)
	}
	up := make([][]uint32, len(v.names))
	for i, name := range v.names {
		for _, a := range vocabulary.Ancestors(name) {
			k, ok := number[a]
			if !ok {
				k = uint32(len(out.names))
				number[a] = k
				out.names = append(out.names, a)
			}
			up[i] = append(up[i], k)
		}
	}
	for d := range n {
		start := len(out.nums)
		for _, num := range v.of(uint32(d)) {
			for _, k := range up[num] {
				if !slices.Contains(out.nums[start:], k) {
					out.nums = append(out.nums, k)
				}
			}
		}
		out.starts[d+1] = uint32(len(out.nums))
	}
	return out
}

// titleFor returns the title that a reader of these languages is served: the rule is hub.Texts.In's.
func (c *columns) titleFor(doc uint32, in []string) string {
	for _, l := range in {
		if all := c.titles[l]; all != nil && all[doc] != "" {
			return all[doc]
		}
	}
	if all := c.titles[c.shown[doc]]; all != nil {
		return all[doc]
	}
	return ""
}

// keptKeys is how many language lists keep their collation keys in memory, a list some 50 bytes a record.
const keptKeys = 4

// titleKey is how many bytes of a primary collation key are kept; titles alike that far are compared in full.
const titleKey = 48

// titleKeys returns the beginning of each title's primary collation key.
func (c *columns) titleKeys(in []string, loose *collate.Collator) [][]byte {
	name := strings.Join(in, " ")
	c.mu.Lock()
	defer c.mu.Unlock()
	if keys := c.keys[name]; keys != nil {
		return keys
	}
	if len(c.keys) >= keptKeys {
		clear(c.keys)
	}
	keys := make([][]byte, c.n)
	for d := range keys {
		keys[d] = primary(loose, c.titleFor(uint32(d), in))
	}
	c.keys[name] = keys
	return keys
}

// primary returns the first bytes of a primary collation key. A primary key is a row of weights, so the key of a title's beginning
// is the beginning of the title's key, but for the last letter, which may be one with the next (ch in Czech).
func primary(loose *collate.Collator, title string) []byte {
	beginning, runes := title, 0
	for i := range title {
		if runes++; runes > titleKey {
			beginning = title[:i]
			break
		}
	}
	var buf collate.Buffer
	key := loose.KeyFromString(&buf, beginning)
	if len(key) < titleKey+8 && len(beginning) < len(title) { // characters without weight stand in it
		buf.Reset()
		key = loose.KeyFromString(&buf, title)
	}
	return bytes.Clone(key[:min(titleKey, len(key))])
}
