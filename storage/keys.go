package storage

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"strings"
	"time"

	"versme/hub"
)

// The buckets. An id is the 16 bytes of its UUID; numbers are big-endian, so that keys sort as numbers do; · joins parts of a
// fixed length, | is a zero byte. Values marked * begin with the CRC-32C of key and value.
//
//	meta        format, id, everheld, records, concepts, vocabulary      what the file is, and counts kept by each write
//	records     id                      → * JSON, without full text      one entry a record
//	texts       id·lang                 → * full text, in blocks         see text.go
//	concepts    slug                    → * JSON
//	slugs       slug                    → id                             of records
//	ids         id                      → kind·slug                      of records (r) and concepts (c)
//	by          kind·value|id           → ∅                              lookups: t type, c country, k concept, o organisation, y year, u update
//	refs        slug|type|field|id      → ∅                              who names whom
//	revisions   id·version              → * zstd of JSON with full text  every version but the present one
//	changes     position                → * op·kind·id·time              the change log
var (
	bucketMeta      = []byte("meta")
	bucketRecords   = []byte("records")
	bucketTexts     = []byte("texts")
	bucketConcepts  = []byte("concepts")
	bucketSlugs     = []byte("slugs")
	bucketIDs       = []byte("ids")
	bucketBy        = []byte("by")
	bucketRefs      = []byte("refs")
	bucketRevisions = []byte("revisions")
	bucketChanges   = []byte("changes")

	allBuckets = [][]byte{bucketMeta, bucketRecords, bucketTexts, bucketConcepts, bucketSlugs, bucketIDs, bucketBy, bucketRefs, bucketRevisions, bucketChanges}
)

// Keys of the meta bucket.
var (
	metaFormat     = []byte("format")     // number of the format
	metaID         = []byte("id")         // UUID of the database
	metaEverHeld   = []byte("everheld")   // present once a record or concept was written
	metaRecords    = []byte("records")    // how many records are findable
	metaConcepts   = []byte("concepts")   // how many concepts there are
	metaVocabulary = []byte("vocabulary") // position of the last change to a concept
)

// Kinds of lookup.
const (
	byType         = 't'
	byCountry      = 'c'
	byConcept      = 'k'
	byOrganisation = 'o'
	byYear         = 'y' // the year it began, or was published or adopted
	byUpdate       = 'u' // nanoseconds since 1970
)

// id16 packs a UUID. An id that is none packs to nil, which no record has.
func id16(id hub.ID) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(string(id), "-", ""))
	if err != nil || len(b) != 16 || len(id) != 36 {
		return nil
	}
	return b
}

func idOf(b []byte) hub.ID {
	s := hex.EncodeToString(b)
	return hub.ID(s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:])
}

func u64(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func byKey(kind byte, value string, id []byte) []byte {
	k := make([]byte, 0, 2+len(value)+16)
	k = append(k, kind)
	k = append(k, value...)
	k = append(k, 0)
	return append(k, id...)
}

func updateKey(t time.Time, id []byte) []byte {
	return append(append([]byte{byUpdate}, u64(uint64(t.UnixNano()))...), id...)
}

func refKey(slug string, t hub.RecordType, field string, id []byte) []byte {
	return append([]byte(slug+"\x00"+string(t)+"\x00"+field+"\x00"), id...)
}

func textKey(id []byte, l hub.Language) []byte {
	return append(append([]byte(nil), id...), l...)
}

func revisionKey(id []byte, version int) []byte {
	return binary.BigEndian.AppendUint32(append([]byte(nil), id...), uint32(version))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func sum(key, value []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value)
}

// seal puts the checksum before a value.
func seal(key, value []byte) []byte {
	return append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(value)), sum(key, value)), value...)
}

// open checks a sealed value and returns what it holds.
func open(bucket, key, sealed []byte) ([]byte, error) {
	if len(sealed) < 4 || binary.BigEndian.Uint32(sealed) != sum(key, sealed[4:]) {
		return nil, fmt.Errorf("storage: %s %q is damaged on the disk; run `versme check`, and restore a back-up", bucket, printable(key))
	}
	return sealed[4:], nil
}

// printable writes a key for people: ids as UUIDs.
func printable(key []byte) string {
	if len(key) >= 16 && bytes.IndexFunc(key[:16], func(r rune) bool { return r < ' ' || r > '~' }) >= 0 {
		return string(idOf(key[:16])) + string(key[16:])
	}
	return string(key)
}
