package hub

import "strings"

// enumLabels are the names of enum values that stand in facets. English is made of the value itself.
var enumLabels = map[Language]map[string]string{
	"lt": {
		"GOOD_PRACTICE": "geroji praktika", "STUDY": "tyrimas", "POLICY_DOCUMENT": "politikos dokumentas",
		"ORGANISATION": "organizacija", "PROJECT": "projektas", "COLLECTION": "rinkinys",
		"DESCRIBED": "aprašyta", "MONITORED": "stebima", "EVALUATED": "įvertinta", "CONTROLLED": "patikrinta su kontroline grupe",
		"REPLICATED": "pakartota kitur",
	},
}

// enumLabel returns the name of an enum value in the first of in that has one: Lithuanian or English.
func enumLabel(value string, in []Language) string {
	for _, l := range in {
		if label := enumLabels[l.base()][value]; label != "" {
			return label
		}
		if l.base() == "en" {
			break
		}
	}
	return strings.ToLower(strings.ReplaceAll(value, "_", " "))
}
