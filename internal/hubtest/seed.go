package hubtest

import (
	"os"
	"strconv"
	"testing"
)

// Seed returns the seed of a test that tries things at random, and prints it. It is the one given unless VERSME_TEST_SEED says another: to try
// more, and to try again what failed elsewhere.
func Seed(t *testing.T, seed uint64) uint64 {
	t.Helper()
	if other, err := strconv.ParseUint(os.Getenv("VERSME_TEST_SEED"), 10, 64); err == nil {
		seed = other
	}
	t.Logf("seed %d (VERSME_TEST_SEED)", seed)
	return seed
}
