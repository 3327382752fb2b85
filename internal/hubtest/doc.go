// Package hubtest holds what the tests of several packages share: suites that say what every [hub.Store] and [hub.Index] promises,
// records to try them with, a store that counts what is read from it and an index that fails when told to.
package hubtest
