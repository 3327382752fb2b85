package search

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPack(t *testing.T) {
	check := func(position int) {
		pos, start, end := pack(position)
		if got := unpack(uint64(pos), uint64(start), uint64(end)); got != position {
			t.Errorf("%d is packed as %d, %d, %d and unpacked as %d", position, pos, start, end, got)
		}
		if pos > 0x7f || start > 0x7f || position < 1<<21 && end > 0x7f {
			t.Errorf("%d is packed as %d, %d, %d: more than a byte each", position, pos, start, end)
		}
	}
	for bit := range 40 {
		for _, d := range []int{-1, 0, 1} {
			check(max(0, 1<<bit+d))
		}
	}
	for range 1000 {
		check(rand.IntN(1 << 40))
	}
}

func TestMarks(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	want := map[string][]mark{}
	var b []byte
	for _, name := range []string{"title.lt", "body.en", "body.lt-LT", ""} {
		last := mark{}
		for range 1 + rnd.IntN(400) {
			last = mark{last.position + 1 + rnd.IntN(1<<rnd.IntN(20)), last.offset + 1 + rnd.IntN(1<<rnd.IntN(20))}
			want[name] = append(want[name], last)
		}
		b = appendMarks(b, name, want[name])
	}
	if diff := cmp.Diff(want, readMarks(b), cmp.AllowUnexported(mark{})); diff != "" {
		t.Error(diff)
	}
	if got := readMarks(nil); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
	// However much of it is missing, what can be read is read.
	for n := range b {
		readMarks(b[:n])
	}
}

// FuzzMarks: whatever a damaged index gives, reading it ends, and takes no more memory than it is long.
func FuzzMarks(f *testing.F) {
	f.Add(appendMarks(appendMarks(nil, "body.lt", []mark{{33, 200}, {65, 411}}), "title.en", []mark{{33, 300}}))
	f.Add([]byte{0, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 1})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		n := 0
		for _, marks := range readMarks(b) {
			n += len(marks)
		}
		if n > len(b) {
			t.Errorf("%d marks of %d bytes", n, len(b))
		}
	})
}
