// Package relevance holds how well the search finds what people look for: queries.tsv says which records are right for a query, and
// testdata/golden.txt where they stood when someone last looked. A change of ranking is a difference in that file, to be read query by
// query, and written by
//
//	go test ./internal/relevance -update
package relevance
