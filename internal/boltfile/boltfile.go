// Package boltfile looks at a bbolt file without bbolt, reads it as a file, and trusts nothing that it reads.
//
// bbolt trusts the places and sizes that stand in a page and follows them through a map of the file. Where they lead out of it the process
// gets a fault; nobody can catch that where bbolt, or Bleve, which keeps its root in such a file, works in a goroutine of its own. So files
// are looked at here before they are given to either.
package boltfile

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"os"
)

// Meta is one of the two pages that begin a file, each of which tells where everything else is. Writes change them in turn.
type Meta struct {
	OK       bool   // its checksum is right
	PageSize uint64 // in bytes
	Root     uint64 // page that the buckets are in
	Freelist uint64 // page that the free pages are listed in, or NoFreelist
	Pages    uint64 // how many pages there are
	Txid     uint64 // of the transaction that wrote it
}

// NoFreelist is where a list of free pages is that is not there.
const NoFreelist = 1<<64 - 1

// The form of a page: id, flags, count and overflow (8, 2, 2 and 4 bytes), then count elements; a branch's are place, size of key and page
// (4, 4, 8), a leaf's are flags, place, size of key and size of value (4 each). A place counts from its element. A meta page has magic,
// version, size of a page, flags (4 each), root, sequence, list of free pages, pages, transaction and checksum (8 each).
const (
	header       = 16
	element      = 16
	branchPage   = 1
	leafPage     = 2
	freelistPage = 16
	bucketHeader = 16 // root and sequence; root 0: a page of its own follows
	metaChecked  = header + 56
)

var native = binary.NativeEndian

// ReadMeta reads both pages. A file that is too short has none that is OK.
func ReadMeta(path string) (all [2]Meta, err error) {
	file, err := os.Open(path)
	if err != nil {
		return all, err
	}
	defer file.Close()
	size := uint64(os.Getpagesize())
	for n := range all {
		b := make([]byte, metaChecked+8)
		if _, err := file.ReadAt(b, int64(uint64(n)*size)); err != nil {
			continue
		}
		sum := fnv.New64a()
		_, _ = sum.Write(b[header:metaChecked])
		m := Meta{
			OK: native.Uint64(b[metaChecked:]) == sum.Sum64(), PageSize: uint64(native.Uint32(b[24:])),
			Root: native.Uint64(b[32:]), Freelist: native.Uint64(b[48:]), Pages: native.Uint64(b[56:]), Txid: native.Uint64(b[64:]),
		}
		m.OK = m.OK && m.PageSize >= 1024 && m.PageSize <= 1<<16
		if all[n] = m; m.OK {
			size = m.PageSize
		}
	}
	return all, nil
}

// Newest returns the meta page that counts: that of the last transaction. It is not OK where neither is.
func Newest(pages [2]Meta) Meta {
	if m := pages[1]; m.OK && (!pages[0].OK || m.Txid > pages[0].Txid) {
		return m
	}
	return pages[0]
}

// CutOff returns how many bytes a file ought to have, where it has fewer; else 0.
func CutOff(path string) (want int64) {
	pages, err := ReadMeta(path)
	if err != nil {
		return 0
	}
	last := Newest(pages)
	info, err := os.Stat(path) // after its pages were read: another process may be writing
	if want := int64(last.Pages * last.PageSize); last.OK && err == nil && info.Size() < want {
		return want
	}
	return 0
}

// Sound says what is wrong with a file that nobody writes to; nothing is where it returns nil.
func Sound(path string) error {
	pages, err := ReadMeta(path)
	if err != nil {
		return err
	}
	last := Newest(pages)
	if !last.OK {
		return fmt.Errorf("%s is not a file of bbolt's, or both of the pages that begin it are damaged", path)
	}
	if want := CutOff(path); want > 0 { // of pages that are free too: they are written to as if they were there
		return fmt.Errorf("%s is cut off, it had %d bytes", path, want)
	}
	var first error
	err = last.Check(path, func(problem string) {
		if first == nil {
			first = fmt.Errorf("%s is damaged: %s", path, problem)
		}
	})
	if err != nil {
		return err
	}
	return first
}

// Check walks all pages in use as m tells where they are, and reports those that make no sense.
func (m Meta) Check(path string, report func(problem string)) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	w := &walk{file: file, Meta: m, seen: map[uint64]bool{}, report: func(format string, args ...any) { report(fmt.Sprintf(format, args...)) }}
	if m.Freelist != NoFreelist {
		b, err := w.read(m.Freelist)
		if err != nil {
			return err
		}
		w.free(m.Freelist, b)
	}
	for todo := []uint64{m.Root}; len(todo) > 0; {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		b, err := w.read(id)
		if err != nil {
			return err
		}
		if b != nil {
			todo = append(todo, w.elements(id, b)...)
		}
	}
	return nil
}

type walk struct {
	Meta
	file   *os.File
	seen   map[uint64]bool
	report func(format string, args ...any)
}

// read returns a page with what overflows from it; nil, and a report, where it cannot be one.
func (w *walk) read(id uint64) ([]byte, error) {
	if id < 2 || id >= w.Pages || w.seen[id] {
		w.report("page %d is named, of %d, or is named twice", id, w.Pages)
		return nil, nil
	}
	w.seen[id] = true
	head := make([]byte, header)
	if _, err := w.file.ReadAt(head, int64(id*w.PageSize)); err != nil {
		w.report("page %d is cut off", id)
		return nil, nil
	}
	overflow := uint64(native.Uint32(head[12:]))
	if native.Uint64(head) != id || overflow >= w.Pages-id {
		w.report("page %d says that it is page %d and %d more, of %d", id, native.Uint64(head), overflow, w.Pages)
		return nil, nil
	}
	b := make([]byte, (1+overflow)*w.PageSize)
	if _, err := w.file.ReadAt(b, int64(id*w.PageSize)); err != nil {
		w.report("page %d is cut off", id)
		return nil, nil
	}
	return b, nil
}

// free checks that the list of free pages lists pages.
func (w *walk) free(id uint64, b []byte) {
	if b == nil {
		return
	}
	flags, count, list := native.Uint16(b[8:]), uint64(native.Uint16(b[10:])), b[header:]
	if count == 0xffff { // more than fit into two bytes
		count, list = native.Uint64(list), list[8:]
	}
	if flags != freelistPage || count > uint64(len(list))/8 {
		w.report("page %d is of kind %d and lists %d free pages", id, flags, count)
		return
	}
	for i := range count {
		if free := native.Uint64(list[8*i:]); free < 2 || free >= w.Pages {
			w.report("page %d lists page %d, of %d, as free", id, free, w.Pages)
			return
		}
	}
}

// elements checks that what stands in a page stands within it, and returns the pages that it names.
func (w *walk) elements(id uint64, b []byte) (next []uint64) {
	if len(b) < header {
		w.report("page %d has no head", id)
		return nil
	}
	flags, count, size := native.Uint16(b[8:]), uint64(native.Uint16(b[10:])), uint64(len(b))
	if flags != branchPage && flags != leafPage || header+count*element > size {
		w.report("page %d is of kind %d and has %d elements", id, flags, count)
		return nil
	}
	for i := range count {
		at := header + i*element
		e := b[at:]
		if flags == branchPage {
			if at+uint64(native.Uint32(e))+uint64(native.Uint32(e[4:])) > size {
				w.report("page %d: key %d stands outside of it", id, i)
				return nil
			}
			next = append(next, native.Uint64(e[8:]))
			continue
		}
		kind, place, key, value := native.Uint32(e), uint64(native.Uint32(e[4:])), uint64(native.Uint32(e[8:])), uint64(native.Uint32(e[12:]))
		switch bucket := kind == 1; {
		case kind > 1 || at+place+key+value > size || bucket && value < bucketHeader:
			w.report("page %d: element %d stands outside of it", id, i)
			return nil
		case bucket:
			v := b[at+place+key : at+place+key+value]
			if root := native.Uint64(v); root != 0 {
				next = append(next, root)
			} else {
				w.elements(id, v[bucketHeader:])
			}
		}
	}
	return next
}
