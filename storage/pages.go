package storage

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"os"

	"go.etcd.io/bbolt"

	"versme/hub"
)

// pageCheck walks the pages of a transaction by reading the file, and trusts nothing that it reads. bbolt's own check trusts the places and
// sizes that stand in a page, follows them through the map of the file, and does so in a goroutine of its own, where nobody can catch the
// fault when they lead out of it: it is run only on pages that passed this one.
type pageCheck struct {
	file   *os.File
	size   uint64 // of a page
	pages  uint64 // in use
	seen   map[uint64]bool
	report func(format string, args ...any)
	found  bool
}

// The form of a page: id, flags, count and overflow (8, 2, 2 and 4 bytes), then count elements; a branch's are place, size of key and page
// (4, 4, 8), a leaf's are flags, place, size of key and size of value (4 each). A place counts from its element.
const (
	pageHeader   = 16
	pageElement  = 16
	branchPage   = 1
	leafPage     = 2
	bucketHeader = 16 // root and sequence; root 0: a page of its own follows
	noFreelist   = 1<<64 - 1
)

var native = binary.NativeEndian

// checkPages reports what is wrong with the pages of tx, and returns whether nothing is.
func (db *DB) checkPages(tx *bbolt.Tx, meta [2]metaPage, report func(hub.Finding)) (bool, error) {
	file, err := os.Open(db.bolt.Path())
	if err != nil {
		return false, err
	}
	defer file.Close()
	p := &pageCheck{file: file, size: uint64(db.bolt.Info().PageSize), seen: map[uint64]bool{}}
	p.pages = uint64(tx.Size()) / p.size
	p.report = func(format string, args ...any) {
		p.found = true
		report(hub.Finding{Where: fileName, Problem: fmt.Sprintf(format, args...), Fatal: true})
	}
	if err := p.checkMeta(tx, meta, report); err != nil {
		return false, err
	}
	todo := []uint64{uint64(tx.Cursor().Bucket().Root())}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		next, err := p.page(id)
		if err != nil {
			return false, err
		}
		todo = append(todo[:len(todo)-1], next...)
	}
	return !p.found, nil
}

// checkMeta checks the two pages that begin the file, and the list of free pages that the one of tx names. One of the two is enough to go on
// with, but it may be that of the last write but one.
func (p *pageCheck) checkMeta(tx *bbolt.Tx, pages [2]metaPage, report func(hub.Finding)) error {
	for _, m := range pages {
		if !m.ok {
			report(hub.Finding{Where: fileName, Problem: "one of the two pages that begin the file is damaged; if that was not a power cut, the last write may be lost"})
		} else if m.txid == uint64(tx.ID()) && m.freelist != noFreelist {
			if _, err := p.read(m.freelist); err != nil {
				return err
			}
		}
	}
	return nil
}

// metaPage is one of the two pages that begin the file, each of which tells where everything else is. Writes change them in turn.
type metaPage struct {
	ok                              bool // its checksum is right
	size, freelist, pageCount, txid uint64
}

func readMetaPages(path string) (all [2]metaPage, err error) {
	file, err := os.Open(path)
	if err != nil {
		return all, err
	}
	defer file.Close()
	const checked, end = 72, 80 // magic, version, size of a page, flags, root, sequence, list of free pages, pages, transaction, checksum
	size := uint64(os.Getpagesize())
	for n := range all {
		b := make([]byte, end)
		if _, err := file.ReadAt(b, int64(uint64(n)*size)); err != nil {
			continue // a file this short has no such page
		}
		sum := fnv.New64a()
		_, _ = sum.Write(b[pageHeader:checked])
		m := metaPage{native.Uint64(b[checked:]) == sum.Sum64(), uint64(native.Uint32(b[24:])), native.Uint64(b[48:]), native.Uint64(b[56:]), native.Uint64(b[64:])}
		if all[n] = m; m.ok {
			size = m.size
		}
	}
	return all, nil
}

// cutOff returns how many bytes a file ought to have, where it has fewer; else 0. bbolt panics over such a file, and keeps its lock.
func cutOff(path string) int64 {
	pages, err := readMetaPages(path)
	if err != nil {
		return 0
	}
	last := pages[0]
	if m := pages[1]; m.ok && (!last.ok || m.txid > last.txid) {
		last = m
	}
	info, err := os.Stat(path) // after its pages were read: another process may be writing
	if want := int64(last.pageCount * last.size); last.ok && err == nil && info.Size() < want {
		return want
	}
	return 0
}

// read returns a page with what overflows from it; nil, and a report, where it cannot be one.
func (p *pageCheck) read(id uint64) ([]byte, error) {
	if id < 2 || id >= p.pages || p.seen[id] {
		p.report("page %d is named, of %d, or is named twice", id, p.pages)
		return nil, nil
	}
	p.seen[id] = true
	head := make([]byte, pageHeader)
	if _, err := p.file.ReadAt(head, int64(id*p.size)); err != nil {
		return nil, err
	}
	overflow := uint64(native.Uint32(head[12:]))
	if native.Uint64(head) != id || overflow >= p.pages-id {
		p.report("page %d says that it is page %d and %d more, of %d", id, native.Uint64(head), overflow, p.pages)
		return nil, nil
	}
	b := make([]byte, (1+overflow)*p.size)
	_, err := p.file.ReadAt(b, int64(id*p.size))
	return b, err
}

// page checks one page of a tree and returns the pages that it names.
func (p *pageCheck) page(id uint64) (next []uint64, err error) {
	b, err := p.read(id)
	if b == nil || err != nil {
		return nil, err
	}
	return p.elements(id, b), nil
}

// elements checks that what stands in a page stands within it.
func (p *pageCheck) elements(id uint64, b []byte) (next []uint64) {
	if len(b) < pageHeader {
		p.report("page %d has no head", id)
		return nil
	}
	flags, count := native.Uint16(b[8:]), uint64(native.Uint16(b[10:]))
	size := uint64(len(b))
	if flags != branchPage && flags != leafPage || pageHeader+count*pageElement > size {
		p.report("page %d is of kind %d and has %d elements", id, flags, count)
		return nil
	}
	for i := range count {
		at := pageHeader + i*pageElement
		e := b[at:]
		if flags == branchPage {
			if at+uint64(native.Uint32(e))+uint64(native.Uint32(e[4:])) > size {
				p.report("page %d: key %d stands outside of it", id, i)
				return nil
			}
			next = append(next, native.Uint64(e[8:]))
			continue
		}
		kind, place, key, value := native.Uint32(e), uint64(native.Uint32(e[4:])), uint64(native.Uint32(e[8:])), uint64(native.Uint32(e[12:]))
		switch bucket := kind == 1; {
		case kind > 1 || at+place+key+value > size || bucket && value < bucketHeader:
			p.report("page %d: element %d stands outside of it", id, i)
			return nil
		case bucket:
			v := b[at+place+key : at+place+key+value]
			if root := native.Uint64(v); root != 0 {
				next = append(next, root)
			} else {
				p.elements(id, v[bucketHeader:])
			}
		}
	}
	return next
}
