package graph

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"versme/hub"
)

// Deadline is how long one operation may take.
const Deadline = 10 * time.Second

// keptQueries is how many valid documents are kept, parsed. One takes some kilobytes, and half a megabyte at the limits of MaxQuery and
// MaxTokens.
const keptQueries = 200

// Options of a Handler.
type Options struct {
	Log     *slog.Logger // nothing is logged without
	BaseURL string       // the address that this hub is reached at; taken from each request without
	Version string       // of the program, part of every ETag
}

// Handler serves GraphQL over HTTP.
type Handler struct {
	hub     *hub.Hub
	exec    *executor.Executor
	schema  *ast.Schema
	present presenter
	valid   graphql.Cache[*ast.QueryDocument] // documents that were valid, by their text
	options Options
}

// NewHandler serves a hub.
func NewHandler(h *hub.Hub, o Options) *Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	schema := NewExecutableSchema(Config{Resolvers: &Resolver{Hub: h}})
	p := presenter{o.Log}
	x := executor.New(schema)
	x.SetErrorPresenter(p.present)
	x.SetRecoverFunc(p.recovered)
	x.SetParserTokenLimit(MaxTokens)
	valid := lru.New[*ast.QueryDocument](keptQueries)
	x.SetQueryCache(valid)
	x.Use(extension.Introspection{})
	return &Handler{hub: h, exec: x, schema: schema.Schema(), present: p, valid: valid, options: o}
}

// gqlgen offers @defer by itself, and answers it in parts. There is one answer to a request here, in which the parts put off would be
// null without a word, so the schema does without the directive, and validation refuses it.
func init() { delete(parsedSchema.Directives, "defer") }

// Media types of GraphQL over HTTP.
const (
	typeJSON     = "application/json"
	typeResponse = "application/graphql-response+json"
)

// request is what a client asks.
type request struct {
	query      string
	operation  string
	variables  map[string]any
	extensions map[string]any
}

// failure is a request that is answered without being run.
type failure struct {
	status int
	errs   gqlerror.List
}

func fail(status int, code, format string, args ...any) *failure {
	return &failure{status, gqlerror.List{{Message: shorten(fmt.Sprintf(format, args...), maxMessage), Extensions: map[string]any{"code": code}}}}
}

func invalidRequest(format string, args ...any) *failure {
	return fail(http.StatusBadRequest, hub.ClassInvalid.Code, format, args...)
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	media, ok := negotiate(r.Header.Values("Accept"))
	if !ok {
		h.write(w, r, typeJSON, http.StatusNotAcceptable,
			gqlerror.List{{Message: "this speaks " + typeResponse + " and " + typeJSON + "; accept one of them", Extensions: map[string]any{"code": hub.ClassInvalid.Code}}}, nil)
		return
	}
	req, f := readRequest(w, r)
	if f != nil {
		h.write(w, r, media, f.status, f.errs, nil)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), Deadline)
	defer cancel()
	ctx = hub.WithLanguages(ctx, hub.ParseAcceptLanguage(r.Header.Get("Accept-Language")))
	ctx = hub.WithBaseURL(ctx, h.baseURL(r))

	tag := ""
	if r.Method == http.MethodGet {
		var err error
		if tag, err = h.tag(ctx, r, media); err != nil {
			h.write(w, r, media, hub.ClassOf(err).Status, gqlerror.List{h.present.present(ctx, err)}, nil)
			return
		}
		w.Header().Add("Vary", "Accept, Accept-Language") // beside what others have said: Origin, Accept-Encoding
		if noneMatch(r.Header.Get("If-None-Match"), tag) {
			w.Header().Set("ETag", tag)
			w.Header().Set("Cache-Control", cacheControl)
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	status, errs, data := h.run(ctx, r, media, req)
	if tag != "" && len(errs) == 0 {
		w.Header().Set("ETag", tag)
		w.Header().Set("Cache-Control", cacheControl)
	}
	h.write(w, r, media, status, errs, data)
}

// cacheControl lets anyone keep an answer, and ask each time whether it still holds: that costs one read of the store.
const cacheControl = "public, no-cache"

// run runs an operation and returns its answer; data is nil where it was not run.
func (h *Handler) run(ctx context.Context, r *http.Request, media string, req *request) (status int, errs gqlerror.List, data json.RawMessage) {
	refused := func(status int, errs ...*gqlerror.Error) (int, gqlerror.List, json.RawMessage) {
		for i, e := range errs {
			errs[i] = h.present.present(ctx, e)
		}
		if media == typeJSON && status == http.StatusBadRequest && errs[0].Extensions["code"] == hub.ClassInvalid.Code {
			status = http.StatusOK // a well-formed request is 200 in the older media type, whatever its document is
		}
		return status, errs, nil
	}
	doc, ok := h.valid.Get(ctx, req.query)
	if !ok {
		var err *gqlerror.Error
		if doc, err = parse(req.query); err != nil { // the executor parses it again, and keeps it if it is valid
			return refused(http.StatusBadRequest, err)
		}
	}
	op := doc.Operations.ForName(req.operation)
	switch {
	case len(doc.Operations) == 0:
		return refused(http.StatusBadRequest, gqlerror.Errorf("the document has no operation; write one, such as { search(query: \"\") { totalCount } }"))
	case op == nil && req.operation == "":
		return refused(http.StatusBadRequest, gqlerror.Errorf("the document has %d operations; name the one to run in operationName", len(doc.Operations)))
	case op == nil:
		return refused(http.StatusBadRequest, gqlerror.Errorf("the document has no operation %s; name one of those it has in operationName", hub.Echo(req.operation)))
	case op.Operation == ast.Mutation && r.Method == http.MethodGet:
		status, errs, data = refused(http.StatusMethodNotAllowed, gqlerror.Errorf("a mutation cannot be sent by GET; send it by POST"))
		return status, errs, data
	}
	if err := check(h.schema, doc, req.operation, req.variables); err != nil {
		return refused(http.StatusBadRequest, err)
	}
	ctx = graphql.StartOperationTrace(ctx)
	opCtx, invalid := h.exec.CreateOperationContext(ctx, &graphql.RawParams{
		Query: req.query, OperationName: req.operation, Variables: req.variables, Extensions: req.extensions, Headers: r.Header,
	})
	if len(invalid) > 0 {
		return refused(http.StatusBadRequest, limitErrors(invalid)...)
	}
	responses, ctx := h.exec.DispatchOperation(ctx, opCtx)
	resp := responses(ctx)
	if resp == nil { // the client has gone, or the deadline came before anything was done
		return refused(http.StatusServiceUnavailable, gqlerror.WrapPath(nil, context.Cause(ctx)))
	}
	errs = limitErrors(resp.Errors)
	if len(resp.Data) == 0 {
		resp.Data = json.RawMessage("null")
	}
	return http.StatusOK, errs, resp.Data
}

// write answers. A request that was not run has no data, not even null.
func (h *Handler) write(w http.ResponseWriter, r *http.Request, media string, status int, errs gqlerror.List, data json.RawMessage) {
	var b bytes.Buffer
	b.Grow(len(data) + 64)
	b.WriteByte('{')
	if len(errs) > 0 {
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		b.WriteString(`"errors":`)
		if err := enc.Encode(errs); err != nil {
			h.options.Log.ErrorContext(r.Context(), "errors that do not encode", "error", err)
			b.Reset()
			b.WriteString(`{"errors":[{"message":"internal error"}]`)
			status, data = http.StatusInternalServerError, nil
		}
		b.Truncate(len(bytes.TrimRight(b.Bytes(), "\n")))
	}
	if data != nil {
		if len(errs) > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"data":`)
		b.Write(data)
	}
	b.WriteByte('}')
	header := w.Header()
	header.Set("Content-Type", media+"; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	if status == http.StatusMethodNotAllowed {
		header.Set("Allow", "POST")
		if len(errs) > 0 && r.Method != http.MethodGet {
			header.Set("Allow", "GET, POST")
		}
	}
	if header.Get("Cache-Control") == "" {
		header.Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the client may be gone
}

// negotiate chooses a media type. Without an Accept header it is application/json, which every older client expects.
func negotiate(accept []string) (media string, ok bool) {
	header := strings.Join(accept, ",")
	if strings.TrimSpace(header) == "" {
		return typeJSON, true
	}
	best := 0.0
	for part := range strings.SplitSeq(header, ",") {
		t, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		q := 1.0
		if s, has := params["q"]; has {
			if q, err = strconv.ParseFloat(s, 64); err != nil {
				continue
			}
		}
		if c := params["charset"]; c != "" && !strings.EqualFold(c, "utf-8") {
			continue
		}
		var offer string
		switch t {
		case typeResponse, typeJSON:
			offer = t
		case "*/*", "application/*":
			offer = typeJSON
		default:
			continue
		}
		if q > best || q == best && q > 0 && offer == typeResponse {
			best, media = q, offer
		}
	}
	return media, best > 0
}

// readRequest reads a request of either method.
func readRequest(w http.ResponseWriter, r *http.Request) (*request, *failure) {
	switch r.Method {
	case http.MethodGet:
		if len(r.URL.RawQuery) > MaxURL {
			return nil, fail(http.StatusRequestURITooLong, codeTooComplex, "the address has %d bytes, more than %d; send the query by POST", len(r.URL.RawQuery), MaxURL)
		}
		q, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			return nil, invalidRequest("the address cannot be read; encode its parameters")
		}
		req := &request{query: q.Get("query"), operation: q.Get("operationName")}
		for name, into := range map[string]*map[string]any{"variables": &req.variables, "extensions": &req.extensions} {
			if s := q.Get(name); s != "" {
				if f := object(name, []byte(s), into); f != nil {
					return nil, f
				}
			}
		}
		return req.checked()
	case http.MethodPost:
		return readBody(w, r)
	}
	return nil, fail(http.StatusMethodNotAllowed, hub.ClassInvalid.Code, "%s is not known here; send a query by GET or POST", hub.Echo(r.Method))
}

func readBody(w http.ResponseWriter, r *http.Request) (*request, *failure) {
	t, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || t != typeJSON {
		return nil, fail(http.StatusUnsupportedMediaType, hub.ClassInvalid.Code, "the body must be %s, with a Content-Type that says so", typeJSON)
	}
	if c := params["charset"]; c != "" && !strings.EqualFold(c, "utf-8") {
		return nil, fail(http.StatusUnsupportedMediaType, hub.ClassInvalid.Code, "the body must be UTF-8")
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return nil, fail(http.StatusUnsupportedMediaType, hub.ClassInvalid.Code, "a compressed body is not read here; send it as it is")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, fail(http.StatusRequestEntityTooLarge, codeTooComplex, "the body is larger than %d bytes; send less", MaxBody)
		}
		return nil, invalidRequest("the body could not be read")
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil || fields == nil {
		return nil, invalidRequest(`the body must be one JSON object, {"query": "…", "variables": {…}}`)
	}
	req := &request{}
	for name, into := range map[string]*string{"query": &req.query, "operationName": &req.operation} {
		if raw := fields[name]; len(raw) > 0 && string(raw) != "null" {
			if err := json.Unmarshal(raw, into); err != nil {
				return nil, invalidRequest("%s must be a string", name)
			}
		}
	}
	for name, into := range map[string]*map[string]any{"variables": &req.variables, "extensions": &req.extensions} {
		if raw := fields[name]; len(raw) > 0 {
			if f := object(name, raw, into); f != nil {
				return nil, f
			}
		}
	}
	return req.checked()
}

// object reads a JSON object, or null.
func object(name string, raw []byte, into *map[string]any) *failure {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		return invalidRequest("%s must be a JSON object", name)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return invalidRequest("%s must be one JSON object", name)
	}
	return nil
}

func (req *request) checked() (*request, *failure) {
	if strings.TrimSpace(req.query) == "" {
		return nil, invalidRequest("query is missing; write one, such as { search(query: \"\") { totalCount } }")
	}
	switch text, list := longest(req.variables); {
	case text > MaxVariable:
		return nil, fail(http.StatusBadRequest, codeTooComplex, "the variables have a text of %d bytes, more than %d; send less", text, MaxVariable)
	case list > MaxList:
		return nil, fail(http.StatusBadRequest, codeTooComplex, "the variables have a list of %d values, more than %d; send fewer", list, MaxList)
	}
	return req, nil
}

// longest returns the lengths of the longest text and the longest list in a value.
func longest(v any) (text, list int) {
	add := func(v any) {
		t, l := longest(v)
		text, list = max(text, t), max(list, l)
	}
	switch v := v.(type) {
	case string:
		text = len(v)
	case json.Number:
		text = len(v)
	case map[string]any:
		for k, e := range v {
			text = max(text, len(k))
			add(e)
		}
	case []any:
		list = len(v)
		for _, e := range v {
			add(e)
		}
	}
	return text, list
}

// tag names an answer by GET: the state of the hub, the program, and all of the request that it depends on.
func (h *Handler) tag(ctx context.Context, r *http.Request, media string) (string, error) {
	version, err := h.hub.Version(ctx)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, s := range []string{h.options.Version, version, strconv.FormatBool(h.hub.Ready()), media, r.Header.Get("Accept-Language"), hub.BaseURLFrom(ctx), r.URL.RawQuery} {
		_, _ = fmt.Fprintf(sum, "%d:%s", len(s), s)
	}
	return `W/"` + base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:15]) + `"`, nil
}

// noneMatch tells whether an If-None-Match header names the tag.
func noneMatch(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimSpace(part)
		if part == "*" || strings.TrimPrefix(part, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

// baseURL returns the address that this hub is reached at.
func (h *Handler) baseURL(r *http.Request) string {
	if h.options.BaseURL != "" {
		return h.options.BaseURL
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}
