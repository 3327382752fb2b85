package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"versme/formats"
	"versme/hub"
	"versme/search"
	"versme/search/analysis"
	"versme/storage"
)

// open opens the hub in the data directory, made where there is none unless it must be there. The index is not yet level with the store:
// call CatchUp.
func (env *environment) open(existing bool) (*hub.Hub, error) {
	store, err := storage.Open(env.data, storage.Options{Existing: existing})
	if err != nil {
		return nil, err
	}
	index, err := search.Open(filepath.Join(env.data, "index"), search.Options{DatabaseID: store.DatabaseID(), Log: env.log})
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return hub.New(store, index, hub.Options{Log: env.log}), nil
}

// with opens the hub, brings its index level, runs fn and closes it.
func (env *environment) with(fn func(*hub.Hub) error) error {
	h, err := env.open(false)
	if err != nil {
		return err
	}
	p := env.progress("indexed")
	err = h.CatchUp(env.ctx, p.of)
	p.done()
	if err == nil {
		err = fn(h)
	}
	return errors.Join(err, h.Close())
}

type importCommand struct {
	From        string `arg:"" help:"A JSON Lines file, a folder of YAML files, or - for JSON Lines from standard input."`
	Acknowledge bool   `help:"After each batch print done N: the first N rows are durable and can be found."`
}

// Run takes in a file, folder or stream.
func (c *importCommand) Run(env *environment) error {
	src, size, closeSource, err := c.source(env)
	if err != nil {
		return err
	}
	defer closeSource()
	return env.with(func(h *hub.Hub) error {
		p := env.progress("imported")
		sum, err := h.Import(env.ctx, src, hub.ImportOptions{
			Progress: func(s hub.Summary) {
				n := s.Added + s.Changed + s.Unchanged + s.Rejected
				if c.Acknowledge && h.Ready() { // the index has followed
					_, _ = fmt.Fprintf(env.out, "done %d\n", n)
				}
				of := ""
				if size > 0 {
					of = fmt.Sprintf(" of %s", megabytes(size))
				}
				p.say(fmt.Sprintf("imported %d records, %.0f/s, %s%s", n, p.rate(n), megabytes(s.Bytes), of))
			},
			Reject: func(r hub.Rejected) {
				p.done()
				name := ""
				if r.Slug != "" {
					name = " (" + r.Slug + ")"
				}
				_, _ = fmt.Fprintf(env.err, "%s%s: %v\n", r.Place, name, r.Err)
			},
		})
		p.done()
		_, _ = fmt.Fprintf(env.out, "%d added, %d changed, %d unchanged, %d rejected\n", sum.Added, sum.Changed, sum.Unchanged, sum.Rejected)
		if err == nil && sum.Rejected > 0 {
			err = fmt.Errorf("%w: %d records were not taken in; correct them as said above and import them again", hub.ErrInvalid, sum.Rejected)
		}
		return err
	})
}

// source opens what is imported; size is its size where that is what will be read, else 0.
func (c *importCommand) source(env *environment) (src hub.Rows, size int64, closeSource func(), err error) {
	none := func() {}
	if c.From == "-" {
		src, err := formats.NewJSONLines(env.in)
		return src, 0, none, err
	}
	info, err := os.Stat(c.From)
	if err != nil {
		return nil, 0, none, explainFile(c.From, err)
	}
	if info.IsDir() {
		src, err := formats.NewYAML(os.DirFS(c.From))
		return src, 0, none, err
	}
	f, err := os.Open(c.From)
	if err != nil {
		return nil, 0, none, explainFile(c.From, err)
	}
	if !strings.HasSuffix(c.From, ".gz") {
		size = info.Size()
	}
	lines, err := formats.NewJSONLines(f)
	if err != nil {
		return nil, 0, none, errors.Join(usageError{fmt.Errorf("%s cannot be read: %w", c.From, err)}, f.Close())
	}
	return lines, size, func() { _ = f.Close() }, nil
}

func explainFile(path string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: there is no %s; check the path", hub.ErrNotFound, path)
	}
	return fmt.Errorf("%w: %s: %w", hub.ErrInvalid, path, err)
}

type exportCommand struct {
	To           string `arg:"" help:"A JSON Lines file (.gz compresses it), a folder for YAML files (ends in /), or - for standard output." default:"-" optional:""`
	Type         string `help:"Only records of this type, such as STUDY."`
	Country      string `help:"Only records of this country, such as NO."`
	Concept      string `help:"Only records filed under this concept, by slug; narrower ones are not included."`
	Organisation string `help:"Only records that this organisation takes part in, by slug."`
	Year         int    `help:"Only records of this year."`
	Since        string `help:"Only records that changed since this moment, as 2024-09-09T10:00:00Z."`
}

// Run writes everything out, or the records that one condition lets through.
func (c *exportCommand) Run(env *environment) error {
	lookup, some, err := c.lookup()
	if err != nil {
		return err
	}
	h, err := env.open(true)
	if err != nil {
		return err
	}
	write, finish, err := c.sink(env)
	if err != nil {
		return errors.Join(err, h.Close())
	}
	n := 0
	p := env.progress("exported")
	err = h.Export(env.ctx, lookup, !some, func(it hub.Item) error {
		n++
		p.say(fmt.Sprintf("exported %d records, %.0f/s", n, p.rate(n)))
		return write(it)
	})
	p.done()
	if err = finish(err); err == nil {
		_, _ = fmt.Fprintf(env.err, "%d records and concepts exported\n", n)
	}
	return errors.Join(err, h.Close())
}

func (c *exportCommand) lookup() (l hub.Lookup, some bool, err error) {
	given := 0
	set := func(is bool, fn func() error) {
		if is && err == nil {
			given++
			err = fn()
		}
	}
	set(c.Type != "", func() error { return l.Type.UnmarshalText([]byte(c.Type)) })
	set(c.Country != "", func() error { return l.Country.UnmarshalText([]byte(c.Country)) })
	set(c.Concept != "", func() error { l.Concept = c.Concept; return nil })
	set(c.Organisation != "", func() error { l.Organisation = c.Organisation; return nil })
	set(c.Year != 0, func() error { l.Year = c.Year; return nil })
	set(c.Since != "", func() error {
		var t hub.DateTime
		err := t.UnmarshalGQL(c.Since)
		l.UpdatedSince = t.Time
		return err
	})
	if err == nil && given > 1 {
		err = usageError{errors.New("export takes one condition at a time; filter the rest afterwards")}
	}
	return l, given > 0, err
}

// sink opens what is exported to. A file appears under its name only once it is complete: finish is told how the export went, and returns
// what went wrong in all.
func (c *exportCommand) sink(env *environment) (write func(hub.Item) error, finish func(error) error, err error) {
	if c.To == "-" {
		w := bufio.NewWriterSize(env.out, 1<<20)
		return func(it hub.Item) error { return formats.WriteJSONLine(w, it) },
			func(err error) error { return errors.Join(err, w.Flush()) }, nil
	}
	if info, err := os.Stat(c.To); strings.HasSuffix(c.To, "/") || err == nil && info.IsDir() {
		return func(it hub.Item) error { return writeYAMLFile(c.To, it) }, func(err error) error { return err }, nil
	}
	f, err := os.CreateTemp(filepath.Dir(c.To), filepath.Base(c.To)+".*.part")
	if err != nil {
		return nil, nil, explainFile(c.To, err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	var out io.Writer = w
	var zip *gzip.Writer
	if strings.HasSuffix(c.To, ".gz") {
		zip = gzip.NewWriter(w)
		out = zip
	}
	write = func(it hub.Item) error { return formats.WriteJSONLine(out, it) }
	finish = func(err error) error {
		errs := []error{err}
		if zip != nil {
			errs = append(errs, zip.Close())
		}
		errs = append(errs, w.Flush(), f.Chmod(0o644), f.Sync(), f.Close())
		if err := errors.Join(errs...); err != nil {
			return errors.Join(err, os.Remove(f.Name()))
		}
		return os.Rename(f.Name(), c.To)
	}
	return write, finish, nil
}

func writeYAMLFile(dir string, it hub.Item) error {
	dir = filepath.Join(dir, formats.Folder(it))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return explainFile(dir, err)
	}
	f, err := os.Create(filepath.Join(dir, it.Slug()+".yaml"))
	if err != nil {
		return explainFile(dir, err)
	}
	return errors.Join(formats.WriteYAML(f, it), f.Close())
}

type reindexCommand struct{}

// Run makes the index anew.
func (reindexCommand) Run(env *environment) error {
	h, err := env.open(true)
	if err != nil {
		return err
	}
	p := env.progress("indexed")
	err = h.Reindex(env.ctx, p.of)
	p.done()
	return errors.Join(err, h.Close())
}

type checkCommand struct{}

// Run verifies everything and prints what it found.
func (checkCommand) Run(env *environment) error {
	h, err := env.open(true)
	if err != nil {
		return err
	}
	fatal, other, index := 0, 0, 0
	counts, err := h.Check(env.ctx, func(f hub.Finding) {
		kind := "note"
		switch {
		case f.Fatal:
			kind = "DAMAGE"
			fatal++
		case f.Where == "index":
			index++
		default:
			other++
		}
		_, _ = fmt.Fprintf(env.out, "%s: %s: %s\n", kind, f.Where, f.Problem)
	})
	if err == nil {
		_, _ = fmt.Fprintf(env.out, "%d records and %d concepts checked: %d damaged, %d notes\n", counts.Records, counts.Concepts, fatal, other+index)
		switch {
		case fatal > 0:
			err = errors.New("the data is damaged; restore a back-up, or if only the index is, run versme reindex")
		case other > 0:
			err = fmt.Errorf("%w: some references lead nowhere; add what they name, or correct them", hub.ErrConflict)
		case index > 0:
			err = fmt.Errorf("%w: the index is not level with the store; run versme reindex, or leave it to the next start", hub.ErrConflict)
		}
	}
	return errors.Join(err, h.Close())
}

type analyzeCommand struct {
	Language string `help:"Language of the words." default:"lt" placeholder:"TAG"`
}

// Run prints word, tab, term for each word; a word with several terms has several lines, a stop word none.
func (c *analyzeCommand) Run(env *environment) error {
	l, err := hub.ParseLanguage(c.Language)
	if err != nil {
		return usageError{fmt.Errorf("--language: %w", err)}
	}
	in := bufio.NewScanner(env.in)
	in.Buffer(nil, 1<<20)
	out := bufio.NewWriter(env.out)
	for in.Scan() && env.ctx.Err() == nil {
		for _, term := range analysis.Terms(string(l), in.Text()) {
			_, _ = fmt.Fprintf(out, "%s\t%s\n", in.Text(), term)
		}
	}
	return errors.Join(in.Err(), out.Flush(), context.Cause(env.ctx))
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(env *environment) error {
	_, err := fmt.Fprintf(env.out, "versme %s, data format %d\n", buildVersion(), storage.Format)
	return err
}

// buildVersion is the version set by the build, else the commit that Go noted.
func buildVersion() string {
	if version != "dev" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return "dev-" + s.Value[:12]
			}
		}
	}
	return version
}

// progress tells how long work is coming along: on a terminal in one line that is written over, elsewhere in a line every few seconds.
type progress struct {
	w        io.Writer
	what     string
	terminal bool
	started  time.Time
	last     time.Time
	wrote    bool
}

// Time between two reports.
const (
	terminalEvery = 200 * time.Millisecond
	lineEvery     = 5 * time.Second
)

func (env *environment) progress(what string) *progress {
	now := time.Now()
	return &progress{w: env.err, what: what, terminal: isTerminal(env.err), started: now, last: now}
}

// of reports n of all.
func (p *progress) of(n, all int) {
	left := ""
	if took := time.Since(p.started); n > 0 && all > n {
		left = ", " + (took * time.Duration(all-n) / time.Duration(n)).Round(time.Second).String() + " left"
	}
	p.say(fmt.Sprintf("%s %d of %d records, %.0f/s%s", p.what, n, all, p.rate(n), left))
}

func (p *progress) rate(n int) float64 {
	return float64(n) / max(0.001, time.Since(p.started).Seconds())
}

func (p *progress) say(text string) {
	every := lineEvery
	if p.terminal {
		every = terminalEvery
	}
	if time.Since(p.last) < every {
		return
	}
	p.last, p.wrote = time.Now(), true
	if p.terminal {
		_, _ = fmt.Fprintf(p.w, "\r\x1b[K%s", text)
	} else {
		_, _ = fmt.Fprintln(p.w, text)
	}
}

// done ends the line on a terminal.
func (p *progress) done() {
	if p.terminal && p.wrote {
		_, _ = fmt.Fprint(p.w, "\r\x1b[K")
	}
}

// megabytes writes a size for people.
func megabytes(n int64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/1e6), ".0") + " MB"
}
