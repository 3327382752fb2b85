package storage_test

import (
	"bytes"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"versme/hub"
	"versme/internal/hubtest"
	"versme/storage"
)

// Check finds whatever disagrees with the records, bucket by bucket, and calls it damage.
func TestCheckFindsDamage(t *testing.T) {
	first := func(tx *bbolt.Tx, bucket string) (b *bbolt.Bucket, k, v []byte) {
		b = tx.Bucket([]byte(bucket))
		k, v = b.Cursor().First()
		return b, bytes.Clone(k), bytes.Clone(v)
	}
	remove := func(bucket string) func(tx *bbolt.Tx) error {
		return func(tx *bbolt.Tx) error {
			b, k, _ := first(tx, bucket)
			return b.Delete(k)
		}
	}
	// rename moves the first value of a bucket to a key that differs in its last byte.
	rename := func(bucket string) func(tx *bbolt.Tx) error {
		return func(tx *bbolt.Tx) error {
			b, k, v := first(tx, bucket)
			if err := b.Delete(k); err != nil {
				return err
			}
			k[len(k)-1] ^= 1
			return b.Put(k, v)
		}
	}
	for name, test := range map[string]struct {
		edit func(tx *bbolt.Tx) error
		says string
	}{
		"a record less":            {remove("records"), ""},
		"a record under another":   {rename("records"), "damaged"},
		"a text less":              {remove("texts"), "is missing"},
		"a text under another key": {rename("texts"), ""},
		"a concept less":           {remove("concepts"), "concepts"},
		"a slug less":              {remove("slugs"), "its slug leads elsewhere"},
		"a slug that leads elsewhere": {func(tx *bbolt.Tx) error {
			b, k, v := first(tx, "slugs")
			v[15] ^= 1
			return b.Put(k, v)
		}, "its slug leads elsewhere"},
		"an id less": {remove("ids"), "ids are missing"},
		"an id that leads elsewhere": {func(tx *bbolt.Tx) error {
			b, k, v := first(tx, "ids")
			return b.Put(k, append(v, 'x'))
		}, "which is not there"},
		"a lookup less":               {remove("by"), "is missing"},
		"a lookup of another":         {rename("by"), "belongs to no record"},
		"a reference less":            {remove("refs"), "is missing"},
		"a reference of another":      {rename("refs"), "belongs to no record"},
		"a version under another key": {rename("revisions"), "damaged"},
		"a gap in the change log":     {remove("changes"), "follows 0"},
		"a wrong count": {func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("meta")).Put([]byte("records"), []byte{0, 0, 0, 0, 0, 0, 0, 1})
		}, "counts 1 records"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			db, err := storage.Open(dir, storage.Options{NoSync: true})
			if err != nil {
				t.Fatal(err)
			}
			records := hubtest.Sample(25, 24)
			fill(t, db, records)
			again(t, db, records[1])
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			edit(t, dir, test.edit)
			if db, err = storage.Open(dir, storage.Options{NoSync: true}); err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			var said []string
			for _, f := range findings(t, db) {
				if f.Fatal {
					said = append(said, f.Where+": "+f.Problem)
				}
			}
			if all := strings.Join(said, "\n"); len(said) == 0 || !strings.Contains(all, test.says) {
				t.Errorf("findings:\n%s\nwant one that says %q", all, test.says)
			}
		})
	}
}

// A slug that leads nowhere is no damage: what it names may come later. It is reported, by record, field and slug, and no more once it is there.
func TestCheckReportsDanglingReferences(t *testing.T) {
	db := open(t, t.TempDir())
	concept := hubtest.Vocabulary()[1] // broader: wellbeing, which is not there
	records := hubtest.Sample(26, 2)
	practice := records[0].(*hub.GoodPractice)
	practice.ThemeSlugs, practice.SectorSlugs, practice.DomainSlugs, practice.TargetGroupSlugs = []string{"no-such-theme"}, nil, nil, nil
	practice.OrganisationRefs, practice.ImplementsSlugs, practice.AdaptedFromSlugs, practice.ProjectSlug = nil, nil, nil, "study-1"
	practice.SupportedBySlugs = []string{"study-1", "no-such-study"}
	study := records[1].AsEntry()
	study.ThemeSlugs, study.SectorSlugs, study.DomainSlugs = nil, nil, nil
	if _, err := db.Update(t.Context(), func(tx hub.StoreTx) error {
		for _, r := range records {
			if err := tx.Put(r, nil); err != nil {
				return err
			}
		}
		return tx.PutConcept(concept, nil)
	}); err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, f := range findings(t, db) {
		got[f.Where+" | "+f.Problem] = f.Fatal
	}
	want := []string{
		"good-practice-0 | themes: no concept has slug no-such-theme",
		"good-practice-0 | supportedBy: no record has slug no-such-study",
		"good-practice-0 | project: study-1 is a STUDY, not a PROJECT",
		"concept arts-and-health | broader: no concept has slug wellbeing",
	}
	for _, w := range want {
		if fatal, ok := got[w]; !ok || fatal {
			t.Errorf("not reported as a note: %s", w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("findings %v; want %q", got, want)
	}
}
