package hub

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/currency"
	"golang.org/x/text/unicode/norm"
)

// Limits of a record. What is beyond them is refused, never cut.
const (
	MaxTitle    = 3000     // characters of a plain text, such as a title
	MaxMarkup   = 200_000  // characters of a CommonMark text
	MaxFullText = 32 << 20 // bytes of a full text in one language
	MaxItems    = 500      // entries of a list
	MaxPlain    = 1000     // characters of a plain field without translations
)

var (
	doiForm   = regexp.MustCompile(`^10\.\d{4,9}/\S+$`)
	isbnForm  = regexp.MustCompile(`^(97[89])?\d{9}[\dX]$`)
	orcidForm = regexp.MustCompile(`^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$`)
)

// checker gathers problems.
type checker struct{ problems Problems }

func (c *checker) add(field, hint, format string, args ...any) {
	c.problems = append(c.problems, invalid(field, hint, format, args...))
}

func (c *checker) err() error {
	if len(c.problems) == 0 {
		return nil
	}
	return c.problems
}

// Validate brings a record into its normal form (texts in NFC, without control characters or outer white space, lists without
// repeats) and says all that is wrong with it, as Problems.
func Validate(r Record) error {
	c := &checker{}
	if c.lists(r); len(c.problems) > 0 {
		return c.err()
	}
	e := r.AsEntry()
	e.FullTextLanguages = nil
	if len(e.FullTextTexts) > 0 {
		switch r := r.(type) {
		case *Study, *PolicyDocument:
		case *GoodPractice: // in an exchange file, text is the solution
			if len(r.SolutionTexts) == 0 {
				r.SolutionTexts, e.FullTextTexts = e.FullTextTexts, nil
			} else {
				c.add("text", "keep solution", "text and solution are the same thing in a good practice")
			}
		default:
			c.add("text", "put it into summary", "only a study or policy document has a full text")
		}
	}
	if e.OriginalLanguage == "" {
		c.add("originalLanguage", "add it, such as lt or en", "is missing")
	}
	r.eachText(func(f TextField, item int, t *Texts) { c.texts(f, item, t) })
	if len(e.TitleTexts) == 0 {
		c.add("title", `add it, as {"lt": "…"}`, "is missing")
	} else if e.Slug == "" {
		if e.Slug = Slugify(e.TitleTexts.In(nil, e.OriginalLanguage).Value); e.Slug == "" {
			c.add("slug", "add one, of small letters, digits and hyphens", "cannot be made from this title")
		}
	}
	if e.Slug != "" {
		c.slug("slug", e.Slug)
	}
	if e.Status == "" {
		e.Status = StatusPublished
	}
	for _, ref := range r.references() {
		c.slug(ref.Field, ref.Slug)
	}
	for _, ref := range ConceptSlugsOf(r) {
		c.slug(ref.Field, ref.Slug)
	}
	dedupe(&e.CountryCodes)
	dedupe(&e.ThemeSlugs)
	dedupe(&e.SectorSlugs)
	dedupe(&e.DomainSlugs)
	for i := range e.Keywords {
		plainText(c, fmt.Sprintf("keywords[%d]", i), &e.Keywords[i])
	}
	dedupe(&e.Keywords)
	for i, s := range e.Sources {
		c.source(fmt.Sprintf("sources[%d]", i), s)
	}
	plainText(c, "licence", &e.Licence)
	c.own(r)
	return c.err()
}

// lists checks the length of every list, and that none has a null in it, which nothing that walks a record expects.
func (c *checker) lists(r Record) {
	v := reflect.ValueOf(r).Elem()
	for _, f := range reflect.VisibleFields(v.Type()) {
		if !f.IsExported() || f.Type.Kind() != reflect.Slice {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		list := v.FieldByIndex(f.Index)
		c.length(name, list.Len())
		for i := 0; f.Type.Elem().Kind() == reflect.Pointer && i < list.Len(); i++ {
			if list.Index(i).IsNil() {
				c.add(fmt.Sprintf("%s[%d]", name, i), "remove it", "is null")
			}
		}
	}
}

// own checks the fields that only one type has.
func (c *checker) own(r Record) {
	switch r := r.(type) {
	case *GoodPractice:
		c.practice(r)
	case *Study:
		plainText(c, "publisher", &r.Publisher)
		plainText(c, "container", &r.Container)
		for i, a := range r.Authors {
			if strings.TrimSpace(a.Name) == "" {
				c.add(fmt.Sprintf("authors[%d].name", i), "add it", "is missing")
			} else if plainText(c, fmt.Sprintf("authors[%d].name", i), &a.Name); a.ORCID != "" && !orcidForm.MatchString(string(a.ORCID)) {
				c.add(fmt.Sprintf("authors[%d].orcid", i), "write it as 0000-0002-1825-0097", "%s is not an ORCID iD", Echo(string(a.ORCID)))
			}
		}
		for _, prefix := range []string{"https://doi.org/", "http://doi.org/", "http://dx.doi.org/", "doi:"} {
			r.DOI = Line(strings.TrimPrefix(strings.TrimSpace(string(r.DOI)), prefix))
		}
		if r.DOI != "" && !doiForm.MatchString(string(r.DOI)) {
			c.add("doi", "write it as 10.1000/xyz", "%s is not a DOI", Echo(string(r.DOI)))
		}
		if bare := strings.NewReplacer("-", "", " ", "").Replace(string(r.ISBN)); bare != "" && !isbnForm.MatchString(bare) {
			c.add("isbn", "write its 10 or 13 digits", "%s is not an ISBN", Echo(string(r.ISBN)))
		}
		dedupe(&r.CountriesStudiedList)
	case *PolicyDocument:
		dedupe(&r.IssuedBySlugs)
		dedupe(&r.AmendsSlugs)
		dedupe(&r.ImplementsSlugs)
		dedupe(&r.SucceedsSlugs)
		plainText(c, "number", &r.Number)
		plainText(c, "celex", &r.CELEX)
		plainText(c, "eli", &r.ELI)
		if r.Period != nil {
			c.order("period.to", r.Period.From, r.Period.To)
		}
	case *Organisation:
		plainText(c, "place", &r.Place)
		dedupe(&r.MemberOfSlugs)
	case *Project:
		c.order("ended", r.Started, r.Ended)
		c.participations("partners", r.PartnerRefs)
		dedupe(&r.RelatedProjectSlugs)
		for i, m := range r.MilestoneList {
			if len(m.WhatTexts) == 0 {
				c.add(fmt.Sprintf("milestones[%d].text", i), "say what was done", "is missing")
			}
		}
	case *Collection:
		for i, item := range r.ItemList {
			if item.RecordSlug == "" {
				c.add(fmt.Sprintf("items[%d].record", i), "name a record by its slug", "is missing")
			}
		}
	}
}

func (c *checker) practice(p *GoodPractice) {
	plainText(c, "place", &p.Place)
	c.participations("organisations", p.OrganisationRefs)
	c.order("ended", p.Started, p.Ended)
	if b := p.Budget; b != nil {
		if math.IsInf(b.Amount, 0) || math.IsNaN(b.Amount) || b.Amount < 0 {
			c.add("budget.amount", "write it as 250000", "is not an amount of money")
		}
		if u, err := currency.ParseISO(b.Currency); err != nil || u.String() != b.Currency {
			c.add("budget.currency", "use an ISO 4217 code such as EUR", "%s is not a currency", Echo(b.Currency))
		}
	}
	if p.CostBand != nil && (*p.CostBand < 1 || *p.CostBand > 5) {
		c.add("costBand", "use 1 to 5", "%d is not a cost band", *p.CostBand)
	}
	for i, r := range p.ResultList {
		if len(r.StatementTexts) == 0 {
			c.add(fmt.Sprintf("results[%d].statement", i), "say what came of it", "is missing")
		}
		if r.Source != nil {
			c.source(fmt.Sprintf("results[%d].source", i), r.Source)
		}
	}
	for i, n := range p.IndicatorList {
		if len(n.NameTexts) == 0 || n.Value == "" {
			c.add(fmt.Sprintf("indicators[%d]", i), "give name and value", "is not complete")
		}
		plainText(c, fmt.Sprintf("indicators[%d].value", i), &n.Value)
	}
	dedupe(&p.TargetGroupSlugs)
	dedupe(&p.AdaptedFromSlugs)
	dedupe(&p.ImplementsSlugs)
	dedupe(&p.SupportedBySlugs)
}

// ValidateConcept is Validate for a concept.
func ValidateConcept(c *Concept) error {
	k := &checker{}
	k.texts(TextField{Name: "label", Plain: true}, 0, &c.LabelTexts)
	k.texts(TextField{Name: "definition", Plain: true}, 0, &c.DefinitionTexts)
	if len(c.LabelTexts) == 0 {
		k.add("label", `add it, as {"lt": "…"}`, "is missing")
	} else if c.Slug == "" {
		if c.Slug = Slugify(c.LabelTexts.In(nil, original).Value); c.Slug == "" {
			k.add("slug", "add one, of small letters, digits and hyphens", "cannot be made from this label")
		}
	}
	if c.Slug != "" {
		k.slug("slug", c.Slug)
	}
	if c.Scheme == "" {
		k.add("scheme", "use THEME, SECTOR, DOMAIN, TARGET_GROUP or EXTERNAL", "is missing")
	}
	for i := range c.AltLabelLists {
		list := &c.AltLabelLists[i]
		k.length("altLabels", len(list.Labels))
		for n := range list.Labels {
			plainText(k, fmt.Sprintf("altLabels.%s[%d]", list.Language, n), &list.Labels[n])
		}
	}
	dedupe(&c.BroaderSlugs)
	dedupe(&c.RelatedSlugs)
	dedupe(&c.ExactMatch)
	k.length("broader", len(c.BroaderSlugs))
	k.length("related", len(c.RelatedSlugs))
	k.length("exactMatch", len(c.ExactMatch))
	for _, s := range c.BroaderSlugs {
		if k.slug("broader", s); s == c.Slug {
			k.add("broader", "remove it", "a concept cannot be broader than itself")
		}
	}
	for _, s := range c.RelatedSlugs {
		k.slug("related", s)
	}
	return k.err()
}

// texts brings one text into its normal form. A translation without text is left out.
func (c *checker) texts(f TextField, item int, t *Texts) {
	name := f.Name
	if item > 0 {
		name = fmt.Sprintf("%s[%d]", name, item)
	}
	*t = slices.DeleteFunc(*t, func(tr Translation) bool { return strings.TrimSpace(tr.Value) == "" })
	if len(*t) == 0 {
		*t = nil
	}
	for i := range *t {
		tr := &(*t)[i]
		where := name + "." + string(tr.Language)
		if !utf8.ValidString(tr.Value) {
			c.add(where, "save the file as UTF-8", "is not UTF-8")
			continue
		}
		tr.Value = clean(tr.Value, f.Plain)
		switch n := utf8.RuneCountInString(tr.Value); {
		case f.Plain && n > MaxTitle:
			c.add(where, fmt.Sprintf("keep it under %d", MaxTitle), "has %d characters", n)
		case f.Name == "text" && len(tr.Value) > MaxFullText:
			c.add(where, fmt.Sprintf("keep it under %d", MaxFullText), "has %d bytes", len(tr.Value))
		case f.Name != "text" && !f.Plain && n > MaxMarkup:
			c.add(where, fmt.Sprintf("keep it under %d", MaxMarkup), "has %d characters", n)
		}
	}
}

// clean brings a text into its normal form: NFC, no control characters, no outer white space; one that is plain stands on one line
// and has no characters that turn the direction of writing, with which a title can be made to read as another.
func clean(s string, plain bool) string {
	s = strings.TrimSpace(norm.NFC.String(s))
	bad := func(r rune) bool {
		switch {
		case r == '\n' || r == '\t':
			return plain
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c:
			return plain
		case r == '\ufeff':
			return true
		}
		return unicode.IsControl(r)
	}
	if strings.IndexFunc(s, bad) < 0 {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\r' && !plain:
			return '\n'
		case bad(r) && (r == '\n' || r == '\r' || r == '\t'):
			return ' '
		case bad(r):
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// plainText brings a field without translations into its normal form.
func plainText[S ~string](c *checker, field string, s *S) {
	if !utf8.ValidString(string(*s)) {
		c.add(field, "save the file as UTF-8", "is not UTF-8")
		return
	}
	*s = S(clean(string(*s), true))
	if n := utf8.RuneCountInString(string(*s)); n > MaxPlain {
		c.add(field, fmt.Sprintf("keep it under %d", MaxPlain), "has %d characters", n)
	}
}

func (c *checker) slug(field, s string) {
	if len(s) > MaxSlug || !slugForm.MatchString(s) {
		c.add(field, fmt.Sprintf("use small letters, digits and single hyphens, at most %d", MaxSlug), "%s is not a slug", Echo(s))
	}
}

func (c *checker) length(field string, n int) {
	if n > MaxItems {
		c.add(field, fmt.Sprintf("keep it to %d", MaxItems), "has %d entries", n)
	}
}

func (c *checker) order(field string, from, to Date) {
	if n := min(len(from), len(to)); n > 0 && from[:n] > to[:n] {
		c.add(field, "swap them", "%s is before %s", to, from)
	}
}

func (c *checker) source(field string, s *Source) {
	if strings.TrimSpace(s.Title) == "" {
		c.add(field+".title", "add it", "is missing")
		return
	}
	plainText(c, field+".title", &s.Title)
}

func (c *checker) participations(field string, all []*Participation) {
	for i, p := range all {
		if p.OrganisationSlug == "" || p.Role == "" {
			c.add(fmt.Sprintf("%s[%d]", field, i), "give organisation and role", "is not complete")
		}
	}
}

// dedupe removes repeats, keeping the first.
func dedupe[T comparable](all *[]T) {
	var out []T
	for _, v := range *all {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	*all = out
}
