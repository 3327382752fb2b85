// Package storage keeps a hub in one bbolt file. It implements hub.Store and is the only importer of bbolt.
//
// # Promises
//
//   - Update returns after its transaction is on the disk (bbolt syncs data pages, then the page that makes them current), so
//     what it wrote survives a killed process and a power cut.
//   - A record, everything it is looked up by, its former version and a row of the change log are written in one transaction.
//   - Every value carries a CRC-32C of key and value: bbolt's pages have no checksums, and a flipped bit would otherwise be served.
//   - A list is read in one transaction and does not touch full texts, which have a bucket of their own.
//
// # Caveats
//
//   - One process at a time. Open waits Options.Timeout for the lock, then says who is in the way.
//   - A data directory that held a database and holds an empty file is refused: bbolt would make a new database of it.
//   - cp of a live file gives a broken copy.
package storage
