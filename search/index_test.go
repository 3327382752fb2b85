package search

import (
	"testing"

	"versme/hub"
	"versme/internal/hubtest"
)

func TestIndex(t *testing.T) {
	t.Run("Memory", func(t *testing.T) {
		hubtest.TestIndex(t, func(t *testing.T) hub.Index { return open(t, "") })
	})
	t.Run("Disk", func(t *testing.T) {
		dirs := map[*testing.T]string{}
		hubtest.TestIndex(t, func(t *testing.T) hub.Index {
			if dirs[t] == "" {
				dirs[t] = t.TempDir()
			}
			return open(t, dirs[t])
		})
	})
}

func open(t testing.TB, dir string) *Index {
	t.Helper()
	x, err := Open(dir, Options{DatabaseID: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return x
}
