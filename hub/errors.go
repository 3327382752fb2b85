package hub

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// The classes of error that users meet. Every error of this package wraps one of them or is internal.
var (
	ErrInvalid     = errors.New("invalid")     // what was asked or given is wrong; asking again the same way fails again
	ErrNotFound    = errors.New("not found")   // there is no such thing
	ErrConflict    = errors.New("conflict")    // it collides with what is there
	ErrUnavailable = errors.New("unavailable") // not now: busy, locked, shutting down, index being rebuilt
)

// Class is one row of the table that takes an error to a GraphQL code, an HTTP status and an exit code.
type Class struct {
	Code   string // extensions.code in a GraphQL answer
	Status int    // HTTP status
	Exit   int    // exit code of the command
}

// Classes of error, in the order in which they are looked for.
var (
	ClassInvalid     = Class{"INVALID", 400, 2}
	ClassNotFound    = Class{"NOT_FOUND", 404, 3}
	ClassConflict    = Class{"CONFLICT", 409, 4}
	ClassUnavailable = Class{"UNAVAILABLE", 503, 5}
	ClassInternal    = Class{"INTERNAL", 500, 1}
)

// ClassOf returns the class of an error: what it wraps, unavailable for a context that ended, else internal.
func ClassOf(err error) Class {
	switch {
	case errors.Is(err, ErrInvalid):
		return ClassInvalid
	case errors.Is(err, ErrNotFound):
		return ClassNotFound
	case errors.Is(err, ErrConflict):
		return ClassConflict
	case errors.Is(err, ErrUnavailable), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return ClassUnavailable
	}
	return ClassInternal
}

// Problem says what is wrong with one field and what to do about it. It is an ErrInvalid.
type Problem struct {
	Field   string // path in GraphQL names, such as results[2].source.url
	Problem string // what is wrong
	Hint    string // the next step
}

func (p *Problem) Error() string {
	s := p.Problem
	if p.Field != "" {
		s = p.Field + ": " + s
	}
	if p.Hint != "" {
		s += "; " + p.Hint
	}
	return s
}

// Is makes a Problem an ErrInvalid.
func (p *Problem) Is(target error) bool { return target == ErrInvalid }

// Problems are all that is wrong with one record.
type Problems []*Problem

func (ps Problems) Error() string {
	all := make([]string, len(ps))
	for i, p := range ps {
		all[i] = p.Error()
	}
	return strings.Join(all, " | ")
}

// Is makes Problems an ErrInvalid.
func (ps Problems) Is(target error) bool { return target == ErrInvalid }

// MaxEcho is how many characters of a caller's own words an error message repeats.
const MaxEcho = 200

// Echo quotes a caller's own words, cut to MaxEcho characters, with control characters escaped.
func Echo(s string) string {
	cut := ""
	n := 0
	for i := range s {
		if n == MaxEcho {
			s, cut = s[:i], "…"
			break
		}
		n++
	}
	return fmt.Sprintf("%q%s", s, cut)
}

func invalid(field, hint, format string, args ...any) *Problem {
	return &Problem{Field: field, Problem: fmt.Sprintf(format, args...), Hint: hint}
}
