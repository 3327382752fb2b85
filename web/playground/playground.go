// Package playground serves the hub's GraphQL playground: GraphiQL, the documentation of the
// schema, and worked examples, all from the binary and without one request to anywhere else.
//
// The page is built from the JavaScript in this folder by build.sh and committed as
// playground.zip, so that Go alone builds the hub. It posts to ../graphql, and so finds the
// API wherever the two are mounted side by side.
//
// The zip is part of the binary's read-only data and is served from there: a member's deflate
// stream is a gzip body but for eighteen bytes, so nothing is compressed and nothing is kept in
// memory besides. For a client that takes no gzip it is inflated as it is sent.
package playground

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"embed"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A string, because an embedded []byte may be written to and is therefore kept apart from the
// read-only data.
//
//go:embed playground.zip
var archive string

//go:embed examples/*.graphql examples/*.json
var examples embed.FS

// Example is a worked query, as it stands in one of the playground's tabs.
type Example struct {
	Name      string // such as "find", from the file's name without its number
	Query     string // the document, comments included; it holds one operation
	Variables string // a JSON object, or empty
}

// Examples lists the worked queries in the order of their tabs.
func Examples() []Example {
	files, err := fs.Glob(examples, "examples/*.graphql")
	if err != nil {
		panic(err) // the pattern is wrong
	}
	number := func(file string) int {
		n, _, _ := strings.Cut(path.Base(file), "-")
		i, _ := strconv.Atoi(n)
		return i
	}
	slices.SortFunc(files, func(a, b string) int { return number(a) - number(b) })

	var list []Example
	for _, file := range files {
		query, err := examples.ReadFile(file)
		if err != nil {
			panic(err) // Glob has just found it
		}
		base := strings.TrimSuffix(file, ".graphql")
		variables, _ := examples.ReadFile(base + ".json") // few have any
		_, name, _ := strings.Cut(path.Base(base), "-")
		list = append(list, Example{name, string(query), string(variables)})
	}
	return list
}

// policy lets the page load from the hub that served it and from nowhere else. The editor needs
// inline styles, and icons and fonts from data URLs.
const policy = "default-src 'self'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; " +
	"frame-ancestors 'none'"

// Handler serves the playground. It expects to be the root of what it serves, so a hub mounts it as
//
//	mux.Handle("/playground/", http.StripPrefix("/playground", playground.Handler()))
//
// and a ServeMux then redirects /playground by itself. The slash at the end matters: the page
// refers to its files and to the API by relative addresses.
func Handler() http.Handler {
	site, err := open(archive)
	if err != nil {
		panic("playground.zip: " + err.Error()) // the binary was built with a damaged file
	}
	return site
}

// A site is the members of the zip by name.
type site map[string]file

// A file is a member: where its bytes stand in the archive, and what it is sent with.
type file struct {
	deflated    string
	crc, size   uint32
	contentType string
	etag        string
	immutable   bool
}

func open(archive string) (site, error) {
	reader, err := zip.NewReader(strings.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, err
	}
	list := make(site)
	for _, member := range reader.File {
		if member.Method != zip.Deflate {
			return nil, fmt.Errorf("%s is not deflated", member.Name)
		}
		contentType, ok := contentTypes[path.Ext(member.Name)]
		if !ok {
			return nil, fmt.Errorf("%s: its content type is not known", member.Name)
		}
		offset, err := member.DataOffset()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", member.Name, err)
		}
		list[member.Name] = file{
			deflated:    archive[offset : offset+int64(member.CompressedSize64)],
			crc:         member.CRC32,
			size:        uint32(member.UncompressedSize64),
			contentType: contentType,
			etag:        fmt.Sprintf(`W/"%08x-%x"`, member.CRC32, member.UncompressedSize64), // weak: gzipped or not
			immutable:   strings.HasPrefix(member.Name, "assets/"),                           // named after a hash of their content
		}
	}
	if _, ok := list["index.html"]; !ok {
		return nil, fmt.Errorf("there is no index.html")
	}
	return list, nil
}

// contentTypes stand here because package mime also reads the operating system's tables, which differ.
var contentTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".ttf":  "font/ttf",
	".txt":  "text/plain; charset=utf-8",
}

func (site site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")

	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "The playground is only read: use GET or HEAD.", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" {
		name = "index.html"
	}
	file, ok := site[name]
	if !ok {
		http.Error(w, "The playground has no such file.", http.StatusNotFound)
		return
	}

	header.Set("Cache-Control", "no-cache")
	if file.immutable {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	header.Set("ETag", file.etag)
	header.Set("Vary", "Accept-Encoding")
	if matches(r.Header.Values("If-None-Match"), file.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Type", file.contentType)

	var body io.Reader
	if acceptsGzip(r.Header.Values("Accept-Encoding")) {
		header.Set("Content-Encoding", "gzip")
		header.Set("Content-Length", strconv.Itoa(len(gzipHeader)+len(file.deflated)+8))
		body = file.gzip()
	} else {
		header.Set("Content-Length", strconv.FormatUint(uint64(file.size), 10))
		body = flate.NewReader(strings.NewReader(file.deflated))
	}
	if r.Method == http.MethodHead {
		return
	}
	// What can fail now is the connection, and then there is nobody left to tell.
	_, _ = io.Copy(w, body)
}

// gzipHeader says: deflated, no name, no time, made on an unknown system (RFC 1952).
const gzipHeader = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"

// gzip is the file as a gzip stream, its deflate stream taken from the archive as it is.
func (file file) gzip() io.Reader {
	var trailer []byte
	trailer = binary.LittleEndian.AppendUint32(trailer, file.crc)
	trailer = binary.LittleEndian.AppendUint32(trailer, file.size)
	return io.MultiReader(strings.NewReader(gzipHeader), strings.NewReader(file.deflated), bytes.NewReader(trailer))
}

// acceptsGzip reads Accept-Encoding as RFC 9110 has it: a coding with the weight 0 is refused,
// and * stands for those that are not named.
func acceptsGzip(values []string) bool {
	any := false
	for coding := range strings.SplitSeq(strings.Join(values, ","), ",") {
		name, parameters, _ := strings.Cut(coding, ";")
		key, weight, given := strings.Cut(strings.TrimSpace(parameters), "=")
		ok := true
		if given && strings.EqualFold(strings.TrimSpace(key), "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(weight), 64)
			ok = err == nil && q > 0
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip", "x-gzip":
			return ok
		case "*":
			any = ok
		}
	}
	return any
}

// matches tells whether If-None-Match names the tag, whose weakness does not count there.
func matches(values []string, etag string) bool {
	for tag := range strings.SplitSeq(strings.Join(values, ","), ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}
