package graph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// attack is a request that means no good. A read API answers it in bounded work, says what is wrong, and repeats little of it.
type attack struct {
	name    string
	request func() *http.Request
	status  int
	code    string // of the first error; empty where the request is harmless and is answered
	limit   string // where code is TOO_COMPLEX by a limit on documents: which, and so that it was refused before it was validated
}

func document(query string) func() *http.Request { return documentWith(query, nil) }

func documentWith(query string, variables map[string]any) func() *http.Request {
	b, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		panic(err)
	}
	return raw(string(b))
}

func raw(content string, header ...string) func() *http.Request {
	return func() *http.Request { return post(content, header...) }
}

func get(parameters string, header ...string) func() *http.Request {
	return func() *http.Request {
		return with(httptest.NewRequest(http.MethodGet, "/graphql?"+parameters, nil), header...)
	}
}

// repeated writes n parts, numbered from 0 where the format wants it.
func repeated(n int, format string) string {
	var b strings.Builder
	numbered := strings.Contains(format, "%")
	for i := range n {
		if numbered {
			fmt.Fprintf(&b, strings.ReplaceAll(format, "%", "%[1]"), i)
		} else {
			b.WriteString(format)
		}
	}
	return b.String()
}

// doubling is n fragments, each spread twice by the one before: 2^n fields in a kilobyte.
func doubling(n int, operation string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s{...F0 ...F0}", operation)
	for i := range n {
		fmt.Fprintf(&b, " fragment F%d on Query{...F%d ...F%d}", i, i+1, i+1)
	}
	fmt.Fprintf(&b, " fragment F%d on Query{__typename}", n)
	return b.String()
}

// deep follows a reference n times.
func deep(n int) string {
	return "{goodPractices{nodes{" + strings.Repeat("adaptedFrom{adaptedBy{", n/2) + "id" + strings.Repeat("}}", n/2) + "}}}"
}

const (
	ok            = http.StatusOK
	badRequest    = http.StatusBadRequest
	notAllowed    = http.StatusMethodNotAllowed
	unsupported   = http.StatusUnsupportedMediaType
	tooLarge      = http.StatusRequestEntityTooLarge
	invalid       = "INVALID"
	tooComplex    = "TOO_COMPLEX"
	tokens        = "tokens"
	sameName      = "fields of the same name"
	rootFields    = "root fields"
	bytesOfQuery  = "bytes of query"
	resolved      = "fields to resolve"
	form          = "application/x-www-form-urlencoded"
	boundary      = "multipart/form-data; boundary=x"
	multipartBody = "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{\"query\":\"{__typename}\"}\r\n--x--\r\n"
)

// attacks are numbered as the rows of a list that was measured against gqlgen's own server, some of whose answers took 47 seconds and
// two gigabytes. What is missing here does not exist in an API that only reads, over HTTP alone.
func attacks() []attack {
	longName := strings.Repeat("a", 60_000)
	return []attack{
		{"20: an alias of 60,000 letters", document("{" + longName + ":__typename}"), badRequest, tooComplex, "letters in an alias"},
		{"1: 101 aliases", document("{" + repeated(101, " a%d:__typename") + "}"), badRequest, tooComplex, "aliases"},
		{"1: 101 aliases in a fragment", document("{...F} fragment F on Query{" + repeated(101, " a%d:__typename") + "}"), badRequest, tooComplex, "aliases"},
		{"1: 101 aliases deep inside", document("{goodPractices{nodes{" + repeated(101, " a%d:slug") + "}}}"), badRequest, tooComplex, "aliases"},
		{"2: 1000 aliased searches", document("{" + repeated(1000, ` a%d:search(query:"kultūra"){totalCount}`) + "}"), badRequest, tooComplex, tokens},
		{"2: 40 aliased searches", document("{" + repeated(40, ` a%d:search(query:"kultūra"){totalCount}`) + "}"), badRequest, tooComplex, rootFields},
		{"2: 30 aliased searches in fragments", document(`{...A ...B ... on Query{` + repeated(10, ` c%d:search(query:"kultūra"){totalCount}`) + `}}
			fragment A on Query{` + repeated(10, ` a%d:search(query:"kultūra"){totalCount}`) + `}
			fragment B on Query{` + repeated(10, ` b%d:search(query:"kultūra"){totalCount}`) + `}`), badRequest, tooComplex, rootFields},
		{"3: batch", raw("[" + strings.TrimSuffix(repeated(10, `{"query":"{__typename}"},`), ",") + "]"), badRequest, invalid, ""},
		{"4: GET", get("query={__typename}"), ok, "", ""},
		{"4: GET from an address bar that takes HTML alone", get("query={__typename}", "Accept", "text/html"), http.StatusNotAcceptable, invalid, ""},
		{"5: mutation by GET", get("query=mutation{a}"), notAllowed, invalid, ""},
		{"5: mutation", document("mutation{a}"), badRequest, invalid, ""},
		{"5: subscription", document("subscription{a}"), badRequest, invalid, ""},
		{"6: urlencoded", raw("query={__typename}", "Content-Type", form), unsupported, invalid, ""},
		{"7: text/plain", raw(`{"query":"{__typename}"}`, "Content-Type", "text/plain"), unsupported, invalid, ""},
		{"7: no content type", raw(`{"query":"{__typename}"}`, "Content-Type", ""), unsupported, invalid, ""},
		{"8: multipart", raw(multipartBody, "Content-Type", boundary, "Origin", "https://evil.example"), unsupported, invalid, ""},
		{"9: 500 times the same field", document("{" + repeated(500, " __typename") + "}"), badRequest, tooComplex, sameName},
		{"9: 21 times the same field", document("{" + repeated(21, " __typename") + "}"), badRequest, tooComplex, rootFields},
		{"9: 500 times the same field inside", document("{goodPractices(first:1){nodes{" + repeated(500, " slug") + "}}}"), badRequest, tooComplex, sameName},
		{"10: 10 directives that there are not", document("{__typename" + repeated(10, " @a%d") + "}"), badRequest, invalid, ""},
		{"10: 51 directives", document("{__typename" + repeated(51, " @include(if:true)") + "}"), badRequest, tooComplex, "directives"},
		{"11: 100,000 directives", document("{__typename" + repeated(100_000, " @a") + "}"), badRequest, tooComplex, bytesOfQuery},
		{"11: 20,000 directives", document("{__typename" + repeated(20_000, " @a") + "}"), badRequest, tooComplex, tokens},
		{"10: 900 fields that there are not", document("{goodPractices{nodes{" + repeated(900, " slu%d") + "}}}"), badRequest, invalid, ""},
		{"10: 400 arguments that there are not", document("{goodPractices(" + repeated(400, " firs%d:1") + "){totalCount}}"), badRequest, invalid, ""},
		{"12: circular introspection", document("{__schema{types{fields{type{fields{type{fields{type{fields{name}}}}}}}}}}"), badRequest, invalid, ""},
		{"12: wide introspection", document("{" + repeated(20, " a%d:__schema{types{fields{type{ofType{ofType{name}}}args{type{ofType{ofType{name}}}}}}}") + "}"), ok, "", ""},
		{"12: wider introspection", document("{" + repeated(20, " a%d:__schema{...S}") + "}fragment S on __Schema{types{fields{name description type{...T}args{name description type{...T}}}}}fragment T on __Type{name kind ofType{name kind ofType{name kind}}}"), badRequest, tooComplex, resolved},
		{"13: introspection", document("{__schema{types{name fields{name args{name}}}}}"), ok, "", ""},
		{"18: depth 500", document(deep(500)), badRequest, tooComplex, "levels of depth"},
		{"18: depth 20,000", document(deep(20_000)), badRequest, tooComplex, bytesOfQuery},
		{"18: depth 4,000", document(deep(4_000)), badRequest, tooComplex, tokens},
		{"18: depth 500 in fragments", document("{...F0}" + repeated(99, " fragment F%d on Query{goodPractices{nodes{adaptedFrom{id}}}}")), badRequest, invalid, ""},
		{"18: lists of 100 in lists of 100", document("{goodPractices(first:100){nodes{organisations{organisation{practices(first:100){id}}}}}}"), badRequest, tooComplex, resolved},
		{"19: first 1,000,000", document("{goodPractices(first:1000000){nodes{slug}}}"), badRequest, tooComplex, resolved},
		{"19: first 1,000,000 in a variable", documentWith("query($n:Int){goodPractices(first:$n){nodes{slug}}}", map[string]any{"n": 1_000_000}), badRequest, tooComplex, resolved},
		{"19: first 1,000,000 by default", document("query($n:Int=1000000){goodPractices(first:$n){nodes{slug}}}"), badRequest, tooComplex, resolved},
		{"19: first 1,000,000 of a count", document("{goodPractices(first:1000000){totalCount}}"), ok, invalid, ""},
		{"19: first as a text", documentWith("query($n:Int){goodPractices(first:$n){nodes{slug}}}", map[string]any{"n": "1000000"}), badRequest, tooComplex, resolved},
		{"19: first as a fraction", documentWith("query($n:Int){goodPractices(first:$n){nodes{slug}}}", map[string]any{"n": 20.5}), badRequest, invalid, ""},
		{"19: first -1", document("{goodPractices(first:-1){nodes{slug}}}"), ok, invalid, ""},
		{"19: first 101", document("{goodPractices(first:101){nodes{slug}}}"), ok, invalid, ""},
		{"19: first 101 practices of an organisation", document(`{goodPractices(first:1){nodes{adaptedBy(first:101){slug}}}}`), ok, invalid, ""},
		{"20: a number of a million digits", document("{goodPractices(first:" + strings.Repeat("9", 1_000_000) + "){nodes{slug}}}"), badRequest, tooComplex, bytesOfQuery},
		{"20: a number of 60,000 digits", document("{goodPractices(first:" + strings.Repeat("9", 60_000) + "){nodes{slug}}}"), badRequest, tooComplex, resolved},
		{"20: a number of a million digits in a variable", raw(`{"query":"query($n:Int){goodPractices(first:$n){nodes{slug}}}","variables":{"n":` + strings.Repeat("9", 1_000_000) + "}}"), badRequest, tooComplex, ""},
		{"20: a number of 60,000 digits in a variable", raw(`{"query":"query($n:Int){goodPractices(first:$n){totalCount}}","variables":{"n":` + strings.Repeat("9", 60_000) + "}}"), badRequest, invalid, ""},
		{"20: bad JSON", raw(`{"query":"` + longName), badRequest, invalid, ""},
		{"20: deep JSON", raw(`{"query":"{__typename}","variables":` + strings.Repeat(`{"a":`, 200_000)), badRequest, invalid, ""},
		{"20: JSON 9,000 deep", raw(`{"query":"{__typename}","variables":{"a":` + strings.Repeat(`[`, 9000) + strings.Repeat(`]`, 9000) + "}}"), ok, "", ""},
		{"20: a field with a name of 60,000 letters", document("{" + longName + "}"), badRequest, invalid, ""},
		{"20: an argument with a name of 60,000 letters", document("{goodPractices(" + longName + ":1){totalCount}}"), badRequest, invalid, ""},
		{"20: a type with a name of 60,000 letters", document("query($a:" + longName + "){__typename}"), badRequest, invalid, ""},
		{"20: a variable with a name of 60,000 letters", document("query($" + longName + ":Int!){__typename}"), badRequest, invalid, ""},
		{"20: an operation with a name of 60,000 letters", raw(`{"query":"{__typename}","operationName":"` + longName + `"}`), badRequest, invalid, ""},
		{"20: an enum value of 60,000 letters", document("{concepts(scheme:" + longName + "){totalCount}}"), badRequest, invalid, ""},
		{"20: an enum value of 60,000 letters in a variable", documentWith("query($s:ConceptScheme){concepts(scheme:$s){totalCount}}", map[string]any{"s": longName}), badRequest, invalid, ""},
		{"20: a language of 60,000 letters", documentWith("query($s:Language!){search(query:\"\",in:[$s]){totalCount}}", map[string]any{"s": longName}), ok, invalid, ""},
		{"20: a key of 60,000 letters", documentWith("query($f:RecordFilter){search(query:\"\",filter:$f){totalCount}}", map[string]any{"f": map[string]any{longName: 1}}), badRequest, invalid, ""},
		{"20: a cursor of 60,000 letters", documentWith("query($a:String){search(query:\"\",after:$a){totalCount}}", map[string]any{"a": longName}), ok, invalid, ""},
		{"20: a text that does not end", document(`{search(query:"` + longName), badRequest, invalid, ""},
		{"20: a character that means nothing", document("{ " + strings.Repeat("ų", 30_000) + " }"), badRequest, invalid, ""},
		{"21: circular fragments", document("{...A} fragment A on Query{...B} fragment B on Query{...A}"), badRequest, invalid, ""},
		{"21: a fragment in itself", document("{...A} fragment A on Query{...A __typename}"), badRequest, invalid, ""},
		{"21: circular doubling fragments", document("{...F0}" + repeated(26, " fragment F%d on Query{...F0 ...F1 ...F2 ...F3 ...F4 ...F5 ...F6 ...F7}")), badRequest, invalid, ""},
		{"22: 27 doubling fragments", document(doubling(26, "")), badRequest, tooComplex, resolved},
		{"22: 60 doubling fragments", document(doubling(60, "")), badRequest, tooComplex, resolved},
		{"22: 27 doubling fragments in a mutation", document(doubling(26, "mutation")), badRequest, invalid, ""},
		{"22: 27 doubling fragments in another operation", document(doubling(26, "query A") + " query B{__typename}"), badRequest, invalid, ""},
		{"23: 1,500 overlapping fields with aliases", document("{goodPractices(first:1){nodes{" + repeated(1500, " x:slug") + "}}}"), badRequest, tooComplex, tokens},
		{"23: 1,500 overlapping fields", document("{goodPractices(first:1){nodes{" + repeated(1500, " slug") + "}}}"), badRequest, tooComplex, sameName},
		{"23: 300 overlapping fields", document("{goodPractices(first:1){nodes{" + repeated(300, " slug") + "}}}"), ok, "", ""},
		{"23: 1,500 overlapping fields in fragments", document("{goodPractices(first:1){nodes{...A ...B}}} fragment A on GoodPractice{" + repeated(750, " slug") + "} fragment B on GoodPractice{" + repeated(750, " slug") + "}"), badRequest, tooComplex, sameName},
		{"23: 300 overlapping fields with fields", document("{goodPractices(first:1){nodes{" + repeated(300, " project{slug}") + "}}}"), ok, "", ""},
		{"23: overlapping fields in each other", document("{goodPractices(first:1){nodes{" + repeated(20, " project{"+repeated(15, " owner{id}")+"}") + "}}}"), ok, "", ""},
		{"23: six times 300 overlapping fields", document("{goodPractices(first:1){nodes{" + repeated(300, " slug id version costBand createdAt place") + "}}}"), ok, "", ""},
		{"24: 300 overlapping fragments", document("{goodPractices(first:1){nodes{" + repeated(300, " ...F%d") + "}}}" + repeated(300, " fragment F%d on GoodPractice{slug}")), badRequest, tooComplex, tokens},
		{"24: 190 overlapping fragments", document("{goodPractices(first:1){nodes{" + repeated(190, " ...F%d") + "}}}" + repeated(190, " fragment F%d on GoodPractice{slug}")), ok, "", ""},
		{"25: a variable of 5 MB", documentWith("query($q:String!){search(query:$q){totalCount}}", map[string]any{"q": strings.Repeat("a", 5<<20)}), tooLarge, tooComplex, ""},
		{"25: a variable of 100 KB", documentWith("query($q:String!){search(query:$q){totalCount}}", map[string]any{"q": strings.Repeat("a", 100_000)}), badRequest, tooComplex, ""},
		{"25: a query of 60 KB", documentWith("query($q:String!){search(query:$q){totalCount}}", map[string]any{"q": longName}), ok, invalid, ""},
		{"25: a list of 150,000 languages", documentWith("query($in:[Language!]){search(query:\"\",first:100){nodes{title(in:$in){value}}}}", map[string]any{"in": slices.Repeat([]string{"fr"}, 150_000)}), badRequest, tooComplex, ""},
		{"25: 101 ids", documentWith("query($ids:[ID!]!){nodes(ids:$ids){id}}", map[string]any{"ids": slices.Repeat([]string{"x"}, 101)}), ok, invalid, ""},
		{"25: 101 countries", documentWith("query($f:RecordFilter){search(query:\"\",filter:$f){totalCount}}", map[string]any{"f": map[string]any{"countries": slices.Repeat([]string{"LT"}, 101)}}), ok, invalid, ""},
		{"26: a body of 50 MB", raw(`{"query":"{__typename}"` + strings.Repeat(" ", 50<<20) + "}"), tooLarge, tooComplex, ""},
		{"26: an address of 20 KB", get("query={__typename" + strings.Repeat("+", 20<<10) + "}"), http.StatusRequestURITooLong, tooComplex, ""},
		{"26: a document of 900 KB of comments", document("{__typename} #" + strings.Repeat("x", 900_000)), badRequest, tooComplex, bytesOfQuery},
		{"26: compressed", raw("\x1f\x8b", "Content-Encoding", "gzip"), unsupported, invalid, ""},
		{"27: NUL in a document", document("{__type\x00name}"), badRequest, invalid, ""},
		{"27: NUL in a text", document(`{search(query:"a\u0000b"){totalCount}}`), ok, "", ""},
		{"27: NUL in a variable", raw(`{"query":"query($q:String!){search(query:$q){totalCount}}","variables":{"q":"a\u0000b"}}`), ok, "", ""},
		{"27: a surrogate alone in a document", raw(`{"query":"{search(query:\"\ud800\"){totalCount}}"}`), ok, "", ""},
		{"27: a surrogate alone in a variable", raw(`{"query":"query($q:String!){search(query:$q){totalCount}}","variables":{"q":"a\ud800\udfffb \udc00"}}`), ok, "", ""},
		{"27: bytes that are not UTF-8", raw("{\"query\":\"{search(query:\\\"a\xff\xfe\\\"){totalCount}}\"}"), ok, "", ""},
		{"27: byte order mark", document("\ufeff{__typename}"), ok, "", ""},
		{"27: bidi controls and joiners", document("{search(query:\"\u202ekultūra\u200d\u2066\"){totalCount}}"), ok, "", ""},
		{"33: 5,000 operations", document(repeated(5000, " query A%d{__typename}")), badRequest, tooComplex, bytesOfQuery},
		{"33: 1,000 operations", document(repeated(1000, " query A%d{__typename}")), badRequest, tooComplex, tokens},
		{"33: 11 operations", raw(`{"operationName":"A0","query":"` + repeated(11, " query A%d{__typename}") + `"}`), badRequest, tooComplex, "operations"},
		{"a part of the answer for later", document("{goodPractices(first:1){nodes{...@defer{title{value}}}}}"), badRequest, invalid, ""},
		{"more aliases than one may have, in a fragment that is spread twice", document("{a:goodPractices(first:1){nodes{...F}} b:goodPractices(first:1){nodes{...F}}} fragment F on GoodPractice{" + repeated(40, " a%d:slug") + "}"), ok, "", ""},
	}
}

// maxAllocated is how much memory an answer may take in all, freed or not. The list measured gigabytes.
const maxAllocated = 100 << 20

func TestAttacks(t *testing.T) {
	api := starterAPI(t)
	try(t, api, "{search(query:\"kultūra\"){totalCount}}", nil) // what is made once is no part of it
	for _, a := range attacks() {
		t.Run(a.name, func(t *testing.T) {
			r := a.request()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			w := httptest.NewRecorder()
			api.ServeHTTP(w, r)
			runtime.ReadMemStats(&after)

			var got answer
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatalf("%v: %.300s", err, w.Body)
			}
			if w.Code != a.status || got.code() != a.code {
				t.Errorf("status %d, code %q, want %d, %q: %.400s", w.Code, got.code(), a.status, a.code, w.Body)
			}
			if a.limit != "" && len(got.Errors) > 0 && got.Errors[0].Extensions["limit"] != a.limit {
				t.Errorf("refused for %v, want %s: %s", got.Errors[0].Extensions["limit"], a.limit, got.Errors[0].Message)
			}
			if (got.Data == nil) != (a.status != ok) {
				t.Errorf("data: %.100s", got.Data)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > maxAllocated {
				t.Errorf("%d MB were allocated", n>>20)
			}
			if n := len(got.Errors); n > 10 {
				t.Errorf("%d errors", n)
			}
			for _, e := range got.Errors {
				b, err := json.Marshal(e)
				if err != nil {
					t.Fatal(err)
				}
				if n := longestEcho(b); n > 200 {
					t.Errorf("%d characters of the request come back: %.400s", n, b)
				}
				if len(b) > 2000 {
					t.Errorf("an error of %d bytes: %.400s", len(b), b)
				}
			}
		})
	}
	// Whatever was sent, it goes on serving.
	if a := try(t, api, "{__typename}", nil); string(a.Data) != `{"__typename":"Query"}` {
		t.Errorf("afterwards: %d %s", a.Status, a.Body)
	}
}

// longestEcho is the longest row of one and the same letter: the long words above are made of one.
func longestEcho(b []byte) (longest int) {
	n, last := 0, rune(0)
	for _, r := range string(bytes.ToLower(b)) {
		if n++; r != last {
			n, last = 1, r
		}
		longest = max(longest, n)
	}
	return longest
}

// hostileSearches are what a search box gets to hear. Bleve's own query language took seconds or gigabytes for some of them.
var hostileSearches = []string{
	"*",
	".*",
	"/.*/",
	"/(.{1,30}){1,30}/",
	"((((.{1,30}){1,30}){1,30}){1,30})",
	"w*",
	"ku*",
	strings.Repeat("kul* ", 33),
	repeated(400, "w%03d "),
	strings.Repeat("a OR ", 100) + "a",
	strings.Repeat("kultūra~3 ", 50),
	strings.Repeat("a", 5000) + "~2",
	strings.Repeat("ą", 2000),
	strings.Repeat("kultura ", 100),
	`"unclosed phrase`,
	`"` + strings.Repeat("kultūra ", 90) + `"`,
	strings.Repeat(`"`, 1999),
	strings.Repeat("(", 1000) + strings.Repeat(")", 1000),
	"title:title:title:title:\"\"",
	"year:99999999999999999999..-1 year:0..0 year:..",
	"-kultūra -menas -\"a b\" --- -",
	"+title:(foo AND (bar OR *)) ^99999 boost^1e308",
	"\x00\x01\x02 \ufeff\u202e\u200d\ufffd",
	strings.Repeat("e\u0301\u0302\u0303\u0304", 300),
	"{{7*7}} ${jndi:ldap://x} '; DROP TABLE records; -- <script>alert(1)</script> ../../etc/passwd",
	"ﷺﷺﷺ 漢字かな交じり文 👩‍👩‍👧‍👦 ﬁﬂ İıſß",
}

func TestHostileSearches(t *testing.T) {
	api := starterAPI(t)
	for _, q := range hostileSearches {
		t.Run(fmt.Sprintf("%.40q", q), func(t *testing.T) {
			const query = `query($q:String!){search(query:$q,first:10){
				totalCount edges{score node{slug} highlights{html text}} facets(fields:[TYPE,THEME,YEAR]){values{value count}}}}`
			variables := map[string]any{"q": q}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			a := try(t, api, query, variables)
			runtime.ReadMemStats(&after)
			if a.Status != ok || a.code() != "" && a.code() != invalid {
				t.Errorf("%d %.300s", a.Status, a.Body)
			}
			if a.code() == invalid && a.Errors[0].Extensions["field"] != "query" {
				t.Errorf("it does not say that the query is wrong: %v", a.Errors[0])
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > maxAllocated {
				t.Errorf("%d MB were allocated", n>>20)
			}
			if strings.Contains(string(a.Body), "<script") {
				t.Errorf("markup comes back: %.300s", a.Body)
			}
		})
	}
}

// TestHostileSearchesByGET sends what an address can hold.
func TestHostileSearchesByGET(t *testing.T) {
	api := starterAPI(t)
	for _, q := range hostileSearches {
		literal, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		a := serve(t, api, get("query="+url.QueryEscape(`{search(query:`+string(literal)+`){totalCount}}`))())
		if a.code() != "" && a.code() != invalid && a.Status != http.StatusRequestURITooLong {
			t.Errorf("%.40q: %d %.300s", q, a.Status, a.Body)
		}
	}
}

// BenchmarkAttacks prints which attack takes longest.
func BenchmarkAttacks(b *testing.B) {
	api := starterAPI(b)
	var slowest time.Duration
	var name string
	for _, a := range attacks() {
		b.Run(a.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				api.ServeHTTP(httptest.NewRecorder(), a.request())
			}
			if took := b.Elapsed() / time.Duration(b.N); took > slowest {
				slowest, name = took, a.name
			}
		})
	}
	fmt.Printf("slowest: %s, %s\n", name, slowest.Round(time.Microsecond)) // the log of a benchmark that has others in it is not shown
}
