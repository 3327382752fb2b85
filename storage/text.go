package storage

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"

	"versme/hub"
)

// A full text is kept in blocks that are compressed one by one, so that an excerpt of a law of 1.7 MB costs the decoding of one of them:
//
//	number of blocks · length of each, compressed · blocks
//
// with the numbers as uvarints. All of it is one value: as values of their own, blocks would waste half a page each.

// blockBytes is how much text is compressed together. On the statutes 16 KiB made the data 1.5 % larger and highlights no faster.
const blockBytes = 32 << 10

// packText writes a text in blocks.
func (db *DB) packText(text string) []byte {
	n := (len(text) + blockBytes - 1) / blockBytes
	head := binary.AppendUvarint(nil, uint64(n))
	var blocks []byte
	for i := range n {
		start := len(blocks)
		blocks = db.enc.EncodeAll([]byte(text[i*blockBytes:min((i+1)*blockBytes, len(text))]), blocks)
		head = binary.AppendUvarint(head, uint64(len(blocks)-start))
	}
	return append(head, blocks...)
}

// text reads a full text from one block up to, but without, another; to the end where to is negative. There may be none.
func (db *DB) text(tx *bbolt.Tx, id []byte, l hub.Language, from, to int) (text []byte, err error) {
	k := textKey(id, l)
	sealed := tx.Bucket(bucketTexts).Get(k)
	if sealed == nil {
		return nil, nil
	}
	b, err := open(bucketTexts, k, sealed)
	if err != nil {
		return nil, err
	}
	bad := fmt.Errorf("storage: the text of %s in %s cannot be taken apart", idOf(id), l)
	next := func() (n int) {
		v, size := binary.Uvarint(b)
		if size <= 0 || v > uint64(len(b)) {
			return -1
		}
		b = b[size:]
		return int(v)
	}
	n := next()
	if n < 0 {
		return nil, bad
	}
	lengths := make([]int, n)
	for i := range lengths {
		if lengths[i] = next(); lengths[i] < 0 {
			return nil, bad
		}
	}
	if to < 0 || to > n {
		to = n
	}
	for i, length := range lengths {
		if length > len(b) {
			return nil, bad
		}
		if i >= from && i < to {
			if text, err = db.dec.DecodeAll(b[:length], text); err != nil {
				return nil, fmt.Errorf("%w: %w", bad, err)
			}
		}
		b = b[length:]
	}
	return text, nil
}
