package hub

import (
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"
)

// newUUIDv7 returns a UUID whose first 48 bits are the time in milliseconds (RFC 9562 §5.7) and whose next 12 count within a
// millisecond, so that ids made one after another sort in that order.
var newUUIDv7 = func() func() ID {
	var mu sync.Mutex
	var last uint64 // milliseconds << 12 | counter
	return func() ID {
		var b [16]byte
		_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the process instead
		mu.Lock()
		now := uint64(time.Now().UnixMilli()) << 12
		last = max(last+1, now)
		t := last
		mu.Unlock()
		for i := range 6 {
			b[i] = byte(t >> (52 - 8*i))
		}
		b[6] = 0x70 | byte(t>>8)&0x0f
		b[7] = byte(t)
		b[8] = 0x80 | b[8]&0x3f
		s := hex.EncodeToString(b[:])
		return ID(s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:])
	}
}()
