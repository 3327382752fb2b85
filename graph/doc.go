// Package graph is the hub's GraphQL API: the schema, its resolvers, and the guards before them. It is the only importer of gqlgen.
//
// A request passes, in this order: size (Handler), form (readRequest), tokens, then depth, aliases, directives, operations and
// cost with one look at each fragment (limits.go), validation (gqlgen), a deadline, and the resolvers, each of which is one call of
// package hub. Errors come out at one place, present.
//
// # Promises
//
//   - GraphQL over HTTP to the letter, for GET and POST, in application/json and application/graphql-response+json.
//   - Every request is answered: a panic costs that request an error with a reference, which stands in the log too.
//   - Nothing is run that costs more than MaxCost, and nothing runs longer than Deadline.
//
// # Caveats
//
//   - The API reads. It has no mutations and no subscriptions.
//   - Costs are estimated before anything is read: a list that no argument bounds counts as a few.
package graph

//go:generate go tool gqlgen generate
