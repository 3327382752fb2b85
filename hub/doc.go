// Package hub is the domain: what a knowledge hub of good practices is, with no technology in it.
//
// Its nouns are the six kinds of [Record] (good practice, study, policy document, organisation, project,
// collection), the [Concept]s of a vocabulary that they are filed under, and the [Texts] that either is
// written in, in any number of languages. [Store] keeps them, [Index] finds them, and [Hub] is what people
// use: the cases that need both.
//
// # Promises
//
//   - The store is the truth. The index is derived from it, is never asked what a record says, and can be
//     thrown away at any time; [Hub.CatchUp] brings it level again.
//   - A write that returned without error is in the store for good, and is found by the next search unless
//     the index failed, which is logged and mended by the next [Hub.CatchUp].
//   - References between records are slugs. They may point at records that do not exist yet; they are
//     served once they do, and Check reports them until then.
//   - One rule, [Texts.In], decides which translation a reader gets; display, sorting, facet labels and
//     highlights all use it.
//
// # Caveats
//
//   - A record that came from a Hub remembers the page it came with, so that its references are loaded for
//     the whole page at once (see loader). It stays in memory as long as any record of that page does.
//   - Records returned by a Hub are shared: read them, do not change them.
package hub
