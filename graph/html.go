package graph

import (
	"bytes"
	"html"
	"net/url"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"versme/hub"
)

// markdown renders CommonMark with tables and bare links. Raw HTML in a text is left out (goldmark's default), and links lead to the web
// or to a mail address, nowhere else.
var markdown = goldmark.New(
	goldmark.WithExtensions(extension.Table, extension.Linkify),
	goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(safeLinks{}, 100))),
)

// MaxMarkdown is the longest text, in bytes, that is read as CommonMark, which takes time with the square of some texts' length. A longer one,
// a whole law, is given as plain paragraphs; the schema says so.
const MaxMarkdown = 100_000

// toHTML returns a text as HTML that is safe to place in a page.
func toHTML(t *hub.Text) (string, error) {
	if t.Plain {
		return html.EscapeString(t.Value), nil
	}
	var b bytes.Buffer
	if len(t.Value) > MaxMarkdown {
		for paragraph := range strings.SplitSeq(t.Value, "\n\n") {
			b.WriteString("<p>" + html.EscapeString(strings.TrimSpace(paragraph)) + "</p>\n")
		}
		return b.String(), nil
	}
	if err := markdown.Convert([]byte(t.Value), &b); err != nil {
		return "", err
	}
	return b.String(), nil
}

// safeLinks empties the targets of links and images that are not addresses of the web, of mail, or within the hub.
type safeLinks struct{}

func (safeLinks) Transform(doc *ast.Document, r text.Reader, _ parser.Context) {
	var unsafe []*ast.AutoLink
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			switch n := n.(type) {
			case *ast.Link:
				n.Destination = safe(n.Destination)
			case *ast.Image:
				n.Destination = safe(n.Destination)
			case *ast.AutoLink: // <tel:112>
				if n.AutoLinkType == ast.AutoLinkURL && safe(n.URL(r.Source())) == nil {
					unsafe = append(unsafe, n)
				}
			}
		}
		return ast.WalkContinue, nil
	})
	for _, n := range unsafe {
		n.Parent().ReplaceChild(n.Parent(), n, ast.NewString(n.Label(r.Source())))
	}
}

func safe(target []byte) []byte {
	u, err := url.Parse(string(target))
	if err != nil {
		return nil
	}
	switch strings.ToLower(u.Scheme) {
	case "", "http", "https", "mailto":
		return target
	}
	return nil
}
