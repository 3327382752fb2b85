package storage_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"
)

// BenchmarkFloor is bbolt alone: the lines of a collection put under growing keys, as they are, some 4 MB to a transaction. It needs
// VERSME_BENCH_RECORDS, and runs from internal/bench, whose figures stand in docs/benchmarks.md.
func BenchmarkFloor(b *testing.B) {
	lines := benchLines(b)
	var size int64
	for _, l := range lines {
		size += int64(len(l))
	}
	b.Run("bbolt put", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			db, err := bbolt.Open(filepath.Join(b.TempDir(), "floor.db"), 0o600, &bbolt.Options{FreelistType: bbolt.FreelistMapType})
			if err != nil {
				b.Fatal(err)
			}
			putAll(b, db, lines)
			if err := db.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func putAll(b *testing.B, db *bbolt.DB, lines [][]byte) {
	for n := 0; n < len(lines); {
		err := db.Update(func(tx *bbolt.Tx) error {
			bucket, err := tx.CreateBucketIfNotExists([]byte("records"))
			if err != nil {
				return err
			}
			bucket.FillPercent = 0.95
			for size := 0; n < len(lines) && size < 4<<20; n++ {
				key := []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
				if err := bucket.Put(key, lines[n]); err != nil {
					return err
				}
				size += len(lines[n])
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// benchLines reads the collection that VERSME_BENCH_RECORDS names.
func benchLines(b *testing.B) [][]byte {
	path := os.Getenv("VERSME_BENCH_RECORDS")
	if path == "" {
		b.Skip("VERSME_BENCH_RECORDS names no collection")
	}
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	in, err := gzip.NewReader(f)
	if err != nil {
		b.Fatal(err)
	}
	s := bufio.NewScanner(in)
	s.Buffer(nil, 64<<20)
	var lines [][]byte
	for s.Scan() {
		lines = append(lines, bytes.Clone(s.Bytes()))
	}
	if err := s.Err(); err != nil {
		b.Fatal(err)
	}
	return lines
}
