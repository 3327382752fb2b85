// Package starter is the collection that a new hub starts with: one YAML file a record, and the vocabulary. README.md says how to add to
// it. The texts are licensed under CC BY 4.0.
package starter

import "embed"

// Files are the records, by folder, as a folder of YAML files.
//
//go:embed */*.yaml
var Files embed.FS
