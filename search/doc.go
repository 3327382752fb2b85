// Package search finds records. It implements hub.Index on Bleve and is the only importer of Bleve.
//
// Bleve keeps the terms: dictionaries and postings on disk, written in batches, merged in the background. What is asked of them is
// answered here, segment by segment:
//
//	query.go      the words of a query become a tree
//	plan.go       the tree becomes the terms of every language that the collection has
//	postings.go   iterators over those terms, scored by BM25 and joined by dis-max
//	columns.go    what filters, facets and sorting read, in memory, one set a segment
//	collect.go    one pass over what matches: the page, the total, and what facets are counted from
//	filter.go     what of it passes, and what fails in one field alone
//	order.go      who stands before whom, and cursors
//	facets.go     the counts
//	highlight.go  where the words stand in the records of one page
//	document.go   what of a record is indexed, under which field
//	layout.go     which texts stand together in one field
//	words.go      how little of each word's place is kept
//	index.go      generations on the disk: open, apply, rebuild, swap
//
// # Promises
//
//   - Any text is a valid query, up to MaxQuery characters and MaxWords words; beyond that is an error that says so. No regular
//     expression, wildcard or unbounded fuzzy term ever reaches Bleve.
//   - Totals and facet counts are exact.
//   - The place in the change log is written in the same batch as the records.
//   - An index that cannot be used (another database, another mapping or analyzer, damage, panic) is one case: Position says why
//     it is stale, Rebuild makes another.
//
// # Caveats
//
//   - The checksums of segments are verified when an index is opened (some GB a second), not each time they are read.
//   - Scores are comparable within one answer only.
package search
