// Package formats reads and writes the files that a hub is filled from and emptied into: one file a format, reading and writing side
// by side. All of them carry the exchange format, whose objects package hub encodes and decodes.
package formats
