package storage

import (
	"path/filepath"

	"go.etcd.io/bbolt"

	"versme/hub"
	"versme/internal/boltfile"
)

// metaPages reads the two pages that begin the file.
func (db *DB) metaPages() ([2]boltfile.Meta, error) {
	db.mu.Lock() // a write changes one of them
	defer db.mu.Unlock()
	return boltfile.ReadMeta(filepath.Join(db.dir, fileName))
}

// checkPages reports what is wrong with the pages of tx, and returns whether nothing is: bbolt's own check is safe to be run only then.
func (db *DB) checkPages(tx *bbolt.Tx, meta [2]boltfile.Meta, report func(hub.Finding)) (sound bool, err error) {
	size := uint64(db.bolt.Info().PageSize)
	now := boltfile.Meta{PageSize: size, Root: uint64(tx.Cursor().Bucket().Root()), Freelist: boltfile.NoFreelist, Pages: uint64(tx.Size()) / size}
	for _, m := range meta {
		if !m.OK { // one of the two is enough to go on with, but it may be that of the last write but one
			report(hub.Finding{Where: fileName, Problem: "one of the two pages that begin the file is damaged; if that was not a power cut, the last write may be lost"})
		} else if m.Txid == uint64(tx.ID()) {
			now = m
		}
	}
	sound = true
	err = now.Check(db.bolt.Path(), func(problem string) {
		sound = false
		report(hub.Finding{Where: fileName, Problem: problem, Fatal: true})
	})
	return sound, err
}
