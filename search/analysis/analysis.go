// Package analysis knows about languages: it takes a text apart into the terms under which it is found. Each language is one
// entry of the table below: those that Bleve has an analyzer for use it, every other is served by a sound default (words as
// Unicode divides them, in small letters).
package analysis

import (
	"fmt"
	"strings"
	"sync"

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
const Version = "1"

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
	var a Analyzer = fallback
	if name := named[base]; name != "" {
		built, err := cache.AnalyzerNamed(name)
		if err != nil { // a name in the table that Bleve does not have: a test goes through them all
			panic(fmt.Sprintf("analysis: analyzer %s of %s: %v", name, base, err))
		}
		a = built
	}
	analyzers.Store(base, a)
	return a
}

// fallback serves every language without an analyzer of its own.
var fallback Analyzer = &analysis.DefaultAnalyzer{
	Tokenizer:    unicode.NewUnicodeTokenizer(),
	TokenFilters: []analysis.TokenFilter{lowercase.NewLowerCaseFilter()},
}

// Terms returns the terms of a text in the order of its words; a stop word has none.
func Terms(language, text string) []string {
	var terms []string
	for _, t := range For(language).Analyze([]byte(text)) {
		terms = append(terms, string(t.Term))
	}
	return terms
}
