// Package analysis knows about languages: it takes a text apart into the terms under which it is found. Each language is one
// entry of the table below: those that Bleve has an analyzer for use it, every other is served by a sound default (words as
// Unicode divides them, in small letters).
package analysis

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/analysis/lang/ar"
	"github.com/blevesearch/bleve/v2/analysis/lang/cjk"
	"github.com/blevesearch/bleve/v2/analysis/lang/ckb"
	"github.com/blevesearch/bleve/v2/analysis/lang/da"
	"github.com/blevesearch/bleve/v2/analysis/lang/de"
	"github.com/blevesearch/bleve/v2/analysis/lang/en"
	"github.com/blevesearch/bleve/v2/analysis/lang/es"
	"github.com/blevesearch/bleve/v2/analysis/lang/fa"
	"github.com/blevesearch/bleve/v2/analysis/lang/fi"
	"github.com/blevesearch/bleve/v2/analysis/lang/fr"
	"github.com/blevesearch/bleve/v2/analysis/lang/hi"
	"github.com/blevesearch/bleve/v2/analysis/lang/hr"
	"github.com/blevesearch/bleve/v2/analysis/lang/hu"
	"github.com/blevesearch/bleve/v2/analysis/lang/it"
	"github.com/blevesearch/bleve/v2/analysis/lang/nl"
	"github.com/blevesearch/bleve/v2/analysis/lang/no"
	"github.com/blevesearch/bleve/v2/analysis/lang/pl"
	"github.com/blevesearch/bleve/v2/analysis/lang/pt"
	"github.com/blevesearch/bleve/v2/analysis/lang/ro"
	"github.com/blevesearch/bleve/v2/analysis/lang/ru"
	"github.com/blevesearch/bleve/v2/analysis/lang/sv"
	"github.com/blevesearch/bleve/v2/analysis/lang/tr"
	"github.com/blevesearch/bleve/v2/analysis/token/lowercase"
	"github.com/blevesearch/bleve/v2/analysis/tokenizer/unicode"
	"github.com/blevesearch/bleve/v2/registry"
)

// Version is part of an index's identity. Change it with anything that changes a term, and hubs rebuild by themselves.
const Version = "2"

// named are the languages that Bleve has an analyzer for, and its name there.
var named = map[string]string{
	"ar": ar.AnalyzerName, "ckb": ckb.AnalyzerName, "da": da.AnalyzerName, "de": de.AnalyzerName, "en": en.AnalyzerName,
	"es": es.AnalyzerName, "fa": fa.AnalyzerName, "fi": fi.AnalyzerName, "fr": fr.AnalyzerName, "hi": hi.AnalyzerName,
	"hr": hr.AnalyzerName, "hu": hu.AnalyzerName, "it": it.AnalyzerName, "nl": nl.AnalyzerName, "pl": pl.AnalyzerName,
	"pt": pt.AnalyzerName, "ro": ro.AnalyzerName, "ru": ru.AnalyzerName, "sv": sv.AnalyzerName, "tr": tr.AnalyzerName,
	"nb": no.AnalyzerName, "nn": no.AnalyzerName, "no": no.AnalyzerName,
	"zh": cjk.AnalyzerName, "ja": cjk.AnalyzerName, "ko": cjk.AnalyzerName,
}

// Analyzer takes a text apart into terms with their places. It is safe for concurrent use.
type Analyzer = analysis.Analyzer

var (
	analyzers sync.Map // language -> Analyzer
	cache     = registry.NewCache()
	building  sync.Mutex // cache is not safe for concurrent use
)

// For returns the analyzer of a language, given as a BCP 47 tag whose region and script do not matter.
func For(language string) Analyzer {
	base, _, _ := strings.Cut(language, "-")
	if a, ok := analyzers.Load(base); ok {
		return a.(Analyzer)
	}
	building.Lock()
	defer building.Unlock()
	a := analysis.DefaultAnalyzer{Tokenizer: unicode.NewUnicodeTokenizer(), TokenFilters: []analysis.TokenFilter{lowercase.NewLowerCaseFilter()}}
	if name := named[base]; name != "" {
		built, err := cache.AnalyzerNamed(name)
		if err != nil { // a name in the table that Bleve does not have: a test goes through them all
			panic(fmt.Sprintf("analysis: analyzer %s of %s: %v", name, base, err))
		}
		a = *built.(*analysis.DefaultAnalyzer)
	}
	if base == "fa" {
		a.CharFilters = []analysis.CharFilter{joiners{}}
	}
	a.Tokenizer = words{a.Tokenizer}
	analyzers.Store(base, &a)
	return &a
}

// MaxWord is how long a word may be, in bytes. A longer one (a key, an image put in letters) is none of any language: it is not indexed.
const MaxWord = 128

// words finds the words of a text, and keeps from an analyzer what some of Bleve's cannot take: bytes that are not UTF-8, on which they lose
// count of places or panic, and words without end, on which the French one takes half a second for 30 KB.
type words struct{ analysis.Tokenizer }

func (w words) Tokenize(text []byte) analysis.TokenStream {
	if !utf8.Valid(text) {
		text = bytes.Clone(text)
		for i := 0; i < len(text); {
			r, size := utf8.DecodeRune(text[i:])
			if r == utf8.RuneError && size == 1 {
				text[i] = ' '
			}
			i += size
		}
	}
	return slices.DeleteFunc(w.Tokenizer.Tokenize(text), func(t *analysis.Token) bool { return len(t.Term) > MaxWord })
}

// joiners puts three spaces for the zero-width non-joiner, which stands within Persian words and divides them. Bleve's own filter puts
// one for its three bytes, so that the places of all that follows would be wrong.
type joiners struct{}

func (joiners) Filter(text []byte) []byte {
	return bytes.ReplaceAll(text, []byte("\u200c"), []byte("   "))
}

// Terms returns the terms of a text in the order of its words; a stop word has none.
func Terms(language, text string) []string {
	var terms []string
	for _, t := range For(language).Analyze([]byte(text)) {
		terms = append(terms, string(t.Term))
	}
	return terms
}
