package hub_test

import (
	"regexp"
	"testing"

	"versme/hub"
)

// Ids are UUIDv7, each another, and those of one hub sort in the order in which they were made, however fast.
func TestIDsOfNewRecords(t *testing.T) {
	p := open(t)
	var all []string
	for range 200 {
		all = append(all, `{"type":"STUDY","slug":"s-`+string(rune('a'+len(all)/26))+string(rune('a'+len(all)%26))+`","originalLanguage":"lt","title":{"lt":"s"}}`)
	}
	p.must(t, all...)
	ids, err := p.Store().Find(t.Context(), hub.Lookup{})
	if err != nil {
		t.Fatal(err)
	}
	records, err := p.Store().Records(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	for i, r := range records {
		if !form.MatchString(string(r.NodeID())) {
			t.Fatalf("%s is no UUIDv7", r.NodeID())
		}
		if i > 0 && records[i-1].AsEntry().Slug >= r.AsEntry().Slug {
			t.Fatalf("%s was made before %s and sorts behind it", r.AsEntry().Slug, records[i-1].AsEntry().Slug)
		}
	}
	equal(t, "ids", len(ids), 200)
}
