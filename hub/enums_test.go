package hub_test

import (
	"errors"
	"strings"
	"testing"

	"versme/hub"
)

// The enums of the hub are those of the schema, value by value, in the same order: lists are told what is allowed from one, the playground
// from the other.
func TestEnumsAreTheSchemas(t *testing.T) {
	schema := schemaFields(t)
	for name, values := range map[string][]string{
		"RecordType":       text(hub.RecordTypes),
		"RecordStatus":     text(hub.RecordStatuses),
		"TextOrigin":       text(hub.TextOrigins),
		"ConceptScheme":    text(hub.ConceptSchemes),
		"EvidenceLevel":    text(hub.EvidenceLevels),
		"Outcome":          text(hub.Outcomes),
		"OrganisationRole": text(hub.OrganisationRoles),
		"OrganisationKind": text(hub.OrganisationKinds),
		"StudyKind":        text(hub.StudyKinds),
		"DocumentType":     text(hub.DocumentTypes),
		"Validity":         text(hub.Validities),
		"RecordOrder":      text(hub.RecordOrders),
		"SearchOrder":      text(hub.SearchOrders),
		"FacetField":       text(hub.FacetFields),
	} {
		equal(t, "enum "+name, values, schema[name])
	}
}

func TestEnumInput(t *testing.T) {
	var o hub.Outcome
	if err := o.UnmarshalText([]byte("MIXED")); err != nil || o != "MIXED" {
		t.Errorf("%q, %v", o, err)
	}
	for _, s := range []string{"", "mixed", "WORKED ", strings.Repeat("x", 10_000)} {
		err := o.UnmarshalText([]byte(s))
		if !errors.Is(err, hub.ErrInvalid) || !strings.Contains(err.Error(), "WORKED, MIXED, FAILED") || len(err.Error()) > 500 {
			t.Errorf("%.20q: %.300v", s, err)
		}
	}
	if err := o.UnmarshalGQL(5); !errors.Is(err, hub.ErrInvalid) {
		t.Error(err)
	}
}

// Every type of record can be made and says its own type; nothing else can.
func TestNewRecord(t *testing.T) {
	for _, typ := range hub.RecordTypes {
		if r := hub.NewRecord(typ); r == nil || r.Type() != typ {
			t.Errorf("%s: %v", typ, r)
		}
	}
	if r := hub.NewRecord("BOOK"); r != nil {
		t.Errorf("a BOOK is a %T", r)
	}
}
