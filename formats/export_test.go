package formats

import (
	"testing"

	"go.yaml.in/yaml/v3"
)

// FieldToJSON returns what a field with a plain value becomes.
func FieldToJSON(t *testing.T, field, value string) string {
	t.Helper()
	b, err := toJSON(&yaml.Node{Kind: yaml.ScalarNode, Value: value}, field, 0)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
