package graph

import "versme/hub"

// Resolver gives the generated code what it resolves queries with.
type Resolver struct{ Hub *hub.Hub }
