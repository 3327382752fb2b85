package graph

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"versme/hub"
)

// presenter turns errors into what clients see: message, code, and for an internal error a reference that the log has too.
type presenter struct{ log *slog.Logger }

// maxMessage is how long a message may be, in characters.
const maxMessage = hub.MaxEcho + 100

func (p presenter) present(ctx context.Context, err error) *gqlerror.Error {
	var ge *gqlerror.Error
	if !errors.As(err, &ge) {
		ge = gqlerror.WrapPath(graphql.GetPath(ctx), err)
	}
	out := &gqlerror.Error{Err: ge.Err, Message: ge.Message, Path: ge.Path, Locations: ge.Locations, Extensions: map[string]any{}}
	if out.Path == nil {
		out.Path = graphql.GetPath(ctx)
	}
	cause := ge.Unwrap()
	var problem *hub.Problem
	switch {
	case ge.Extensions["code"] != nil && cause == nil && ge.Extensions["code"] != "GRAPHQL_PARSE_FAILED" && ge.Extensions["code"] != "GRAPHQL_VALIDATION_FAILED":
		out.Extensions = ge.Extensions // made here
	case cause == nil: // the parser's and the validator's own, which repeat the caller's words
		out.Message = shorten(out.Message, hub.MaxEcho)
		out.Extensions["code"] = hub.ClassInvalid.Code
	case errors.As(cause, &problem):
		out.Message = problem.Error()
		out.Extensions["code"] = hub.ClassInvalid.Code
		if problem.Field != "" {
			out.Extensions["field"] = problem.Field
		}
	default:
		class := hub.ClassOf(cause)
		out.Extensions["code"] = class.Code
		switch {
		case errors.Is(cause, context.DeadlineExceeded):
			out.Message = fmt.Sprintf("this took longer than %s and was stopped; ask for less", Deadline)
		case errors.Is(cause, context.Canceled):
			out.Message = "the request was given up"
		case class == hub.ClassInternal:
			ref := reference()
			p.log.ErrorContext(ctx, "internal error", "reference", ref, "path", fmt.Sprint(out.Path), "error", cause)
			out.Message = internalMessage(ref)
		default:
			out.Message = cause.Error()
		}
	}
	out.Message = shorten(out.Message, maxMessage)
	for i, p := range out.Path { // of a variable; aliases are no longer than that
		if name, ok := p.(ast.PathName); ok && len(name) > hub.MaxEcho {
			out.Path = slices.Clone(out.Path)
			out.Path[i] = ast.PathName(shorten(string(name), hub.MaxEcho))
		}
	}
	return out
}

func internalMessage(ref string) string {
	return "internal error, reference " + ref + "; tell the operator, whose log has it"
}

// recovered turns a panic into an error that the log explains.
func (p presenter) recovered(ctx context.Context, v any) error {
	ref := reference()
	p.log.ErrorContext(ctx, "panic", "reference", ref, "path", fmt.Sprint(graphql.GetPath(ctx)), "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
	return &gqlerror.Error{Message: internalMessage(ref), Path: graphql.GetPath(ctx), Extensions: map[string]any{"code": hub.ClassInternal.Code}}
}

func reference() string {
	var b [4]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// shorten cuts a text to a number of characters.
func shorten(s string, most int) string {
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}

// limitErrors keeps the first MaxErrors errors, and says how many more there were.
func limitErrors(all gqlerror.List) gqlerror.List {
	if len(all) <= MaxErrors {
		return all
	}
	rest := len(all) - (MaxErrors - 1)
	return append(all[:MaxErrors-1:MaxErrors-1], &gqlerror.Error{
		Message: fmt.Sprintf("and %d more errors", rest), Path: ast.Path(nil), Extensions: map[string]any{"code": hub.ClassInvalid.Code},
	})
}
