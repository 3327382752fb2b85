// Versmė is a knowledge hub of good practices: one program that keeps records, finds them in any of their languages, and serves them
// through GraphQL. See README.md.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"github.com/klauspost/compress/gzhttp"
	"github.com/rs/cors"

	"versme/formats"
	"versme/graph"
	"versme/hub"
	"versme/starter"
	"versme/web/playground"
)

// version is set by the build: go build -ldflags "-X main.version=1.2.3".
var version = "dev"

//go:embed schema.graphqls
var schema string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// streams are what a command reads and writes.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// cli declares the command line. Every flag has an environment twin: VERSME_DATA for --data.
type cli struct {
	Data string `help:"Directory that holds the hub." default:"./data" type:"path"`
	Log  string `help:"What is logged to standard error: debug, info, warn or error." enum:"debug,info,warn,error" default:"info"`

	Serve   serveCommand   `cmd:"" default:"withargs" help:"Serve the hub. This is what versme does without a command."`
	Import  importCommand  `cmd:"" help:"Take in records and concepts: JSON Lines (.gz too), or a folder of YAML files."`
	Export  exportCommand  `cmd:"" help:"Write out records and concepts, so that import reads them back."`
	Reindex reindexCommand `cmd:"" help:"Make the search index anew from the store."`
	Check   checkCommand   `cmd:"" help:"Verify checksums, lookups, references, and the index against the store."`
	Analyze analyzeCommand `cmd:"" help:"Print the search terms of words read from standard input, one a line."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// environment is what every command gets.
type environment struct {
	streams
	ctx  context.Context
	data string
	log  *slog.Logger
}

// usageError is a command line that cannot be understood.
type usageError struct{ error }

// Is makes a usageError a hub.ErrInvalid.
func (usageError) Is(target error) bool { return target == hub.ErrInvalid }

// run runs one command and returns its exit code: 0, or that of the error's class.
func run(ctx context.Context, args []string, std streams) int {
	err := command(ctx, args, std)
	if err == nil {
		return 0
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		_, _ = fmt.Fprintln(std.err, "versme: stopped; what was reported as done is kept")
		return 130 // as a shell says of a program that was interrupted
	}
	_, _ = fmt.Fprintf(std.err, "versme: %v\n", err)
	return hub.ClassOf(err).Exit
}

// exited is how kong's --help ends a command.
type exited struct{}

func command(ctx context.Context, args []string, std streams) (err error) {
	var c cli
	parser, err := kong.New(&c,
		kong.Name("versme"),
		kong.Description("A knowledge hub of good practices. Each flag can be set in the environment too: VERSME_DATA for --data."),
		kong.DefaultEnvars("VERSME"),
		kong.Writers(std.out, std.err),
		kong.Exit(func(int) { panic(exited{}) }),
		kong.UsageOnError(),
	)
	if err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(exited); !ok {
				panic(p)
			}
		}
	}()
	k, err := parser.Parse(args)
	if err != nil {
		return usageError{fmt.Errorf("%w; see versme --help", err)}
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Log)); err != nil {
		return usageError{err}
	}
	logger := newLogger(std.err, level)
	slog.SetDefault(logger) // Bleve speaks through package log
	k.Bind(&environment{std, ctx, c.Data, logger})
	return k.Run()
}

// newLogger writes text to a terminal and JSON elsewhere.
func newLogger(w io.Writer, level slog.Level) *slog.Logger {
	o := &slog.HandlerOptions{Level: level}
	if isTerminal(w) {
		return slog.New(slog.NewTextHandler(w, o))
	}
	return slog.New(slog.NewJSONHandler(w, o))
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

type serveCommand struct {
	Addr       string   `help:"Address to listen on." default:"127.0.0.1:8080"`
	Starter    bool     `help:"Bring the starter collection into a hub that has never held a record." default:"true" negatable:""`
	BaseURL    string   `help:"Address that the hub is reached at from outside, for links; taken from each request without." placeholder:"URL"`
	CORSOrigin []string `help:"Web origins that may read the API: * for all, or a list such as https://example.org." default:"*" placeholder:"ORIGIN" name:"cors-origin"`
	CORSCreds  bool     `help:"Let those origins send credentials; needs an exact list." name:"cors-credentials"`
	Playground bool     `help:"Serve the playground." default:"true" negatable:""`
}

// servingGC is how much garbage may gather while serving, in per cent of what is alive: what is alive is small, and requests leave
// much that is soon gone. GOGC in the environment overrides it.
const servingGC = 300

// Limits of the HTTP server.
const (
	headerTimeout  = 5 * time.Second // a client that sends its headers slower is cut off
	readTimeout    = 30 * time.Second
	writeTimeout   = graph.Deadline + 30*time.Second
	idleTimeout    = 60 * time.Second
	maxHeaderBytes = 32 << 10
	shutdownTime   = 10 * time.Second // for requests in flight when the hub is stopped
)

// Run serves until the context ends.
func (c *serveCommand) Run(env *environment) error {
	handlerOptions, err := c.check()
	if err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(servingGC)
	}
	h, err := env.open(false)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return errors.Join(explainListen(c.Addr, err), h.Close())
	}
	handlerOptions.Log = env.log
	var prepared atomic.Bool
	ready := func() bool { return prepared.Load() && h.Ready() }
	server := &http.Server{
		Handler:           c.handler(h, handlerOptions, ready),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		BaseContext:       func(net.Listener) context.Context { return context.WithoutCancel(env.ctx) },
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()

	// The port answers while the index catches up; /readyz tells when it has.
	err = c.prepare(env, h)
	if err == nil {
		prepared.Store(true)
		base := "http://" + listener.Addr().String()
		_, _ = fmt.Fprintf(env.out, "Versmė is at %s/playground/ and its API at %s/graphql; Ctrl-C stops it.\n", base, base)
		select {
		case err = <-ended:
		case <-env.ctx.Done():
			env.log.Info("stopping")
		}
	}
	if env.ctx.Err() != nil {
		err = nil // being stopped is no failure
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(env.ctx), shutdownTime)
	defer cancel()
	if e := server.Shutdown(ctx); e != nil {
		err = errors.Join(err, fmt.Errorf("some requests were cut off after %s: %w", shutdownTime, e), server.Close())
	}
	return errors.Join(err, h.Close())
}

// prepare brings the index level and the starter collection into a hub that has never held anything.
func (c *serveCommand) prepare(env *environment, h *hub.Hub) error {
	p := env.progress("indexed")
	err := h.CatchUp(env.ctx, p.of)
	p.done()
	if err != nil || !c.Starter {
		return err
	}
	held, err := h.Store().EverHeld(env.ctx)
	if err != nil || held {
		return err
	}
	src, err := formats.NewYAML(starter.Files)
	if err != nil {
		return err
	}
	started := time.Now()
	sum, err := h.Import(env.ctx, src, hub.ImportOptions{Reject: func(r hub.Rejected) {
		env.log.Error("the starter collection has a record that is wrong", "place", r.Place, "slug", r.Slug, "error", r.Err)
	}})
	if err == nil {
		env.log.Info("starter collection brought in", "records and concepts", sum.Added, "took", time.Since(started).Round(time.Millisecond))
	}
	return err
}

// check says what is wrong with the flags.
func (c *serveCommand) check() (o graph.Options, err error) {
	if c.BaseURL != "" {
		if _, err := hub.ParseURL(c.BaseURL); err != nil {
			return o, usageError{fmt.Errorf("--base-url: %w", err)}
		}
	}
	for _, origin := range c.CORSOrigin {
		if origin == "*" {
			if c.CORSCreds {
				return o, usageError{errors.New("--cors-credentials needs an exact list of origins: with * any website could read as the reader; name them with --cors-origin")}
			}
			continue
		}
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.String() != u.Scheme+"://"+u.Host {
			return o, usageError{fmt.Errorf("--cors-origin: %s is not an origin; write https://example.org, without a path", hub.Echo(origin))}
		}
	}
	return graph.Options{BaseURL: strings.TrimSuffix(c.BaseURL, "/"), Version: buildVersion()}, nil
}

func explainListen(addr string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w: %s is in use by another program; stop it, or choose another port with --addr", hub.ErrUnavailable, addr)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%w: %s may not be used by this user; choose a port above 1023 with --addr", hub.ErrInvalid, addr)
	}
	return usageError{fmt.Errorf("cannot listen on %s: %w; name another address with --addr", addr, err)}
}

// handler routes requests.
func (c *serveCommand) handler(h *hub.Hub, o graph.Options, ready func() bool) http.Handler {
	api := graph.NewHandler(h, o)
	mux := http.NewServeMux()
	mux.Handle("/graphql", c.protect(api))
	mux.HandleFunc("GET /schema.graphql", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = io.WriteString(w, schema)
	})
	mux.HandleFunc("GET /records/{slug}", func(w http.ResponseWriter, r *http.Request) { serveRecord(w, r, h, o) })
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		if err := h.Health(r.Context()); err != nil {
			o.Log.Error("not healthy", "error", err)
			http.Error(w, "the store cannot be read; see the log", http.StatusServiceUnavailable)
			return
		}
		plain(w, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if !ready() {
			http.Error(w, "the index is catching up; try again in a moment", http.StatusServiceUnavailable)
			return
		}
		plain(w, "ready")
	})
	if c.Playground {
		mux.Handle("/playground/", http.StripPrefix("/playground", playground.Handler()))
		mux.Handle("GET /{$}", http.RedirectHandler("/playground/", http.StatusFound))
	}
	return c.cors(gzhttp.GzipHandler(mux))
}

func plain(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, text+"\n")
}

// serveRecord answers at the address that a record calls its own: with the record in the exchange format.
func serveRecord(w http.ResponseWriter, r *http.Request, h *hub.Hub, o graph.Options) {
	ctx, cancel := context.WithTimeout(r.Context(), graph.Deadline)
	defer cancel()
	record, err := h.WholeRecord(ctx, r.PathValue("slug"))
	if err != nil {
		class := hub.ClassOf(err)
		text := err.Error()
		if class == hub.ClassInternal {
			o.Log.Error("record cannot be served", "slug", r.PathValue("slug"), "error", err)
			text = "internal error; see the log"
		}
		http.Error(w, text, class.Status)
		return
	}
	b, err := hub.EncodeItem(hub.Item{Record: record})
	if err != nil {
		o.Log.Error("record cannot be encoded", "slug", r.PathValue("slug"), "error", err)
		http.Error(w, "internal error; see the log", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(append(json.RawMessage(b), '\n'))
}

// cors lets other websites read, as the flags say.
func (c *serveCommand) cors(next http.Handler) http.Handler {
	return cors.New(cors.Options{
		AllowedOrigins:   c.CORSOrigin,
		AllowedMethods:   []string{http.MethodGet, http.MethodPost},
		AllowedHeaders:   []string{"Accept", "Accept-Language", "Content-Type", "If-None-Match"},
		ExposedHeaders:   []string{"ETag"},
		AllowCredentials: c.CORSCreds,
		MaxAge:           int(time.Hour / time.Second),
	}).Handler(next)
}

// protect refuses what one website sends in a reader's name to another (CSRF). A request whose body is JSON is not among that: a browser
// asks first (CORS), and what it may do is up to cors.
func (c *serveCommand) protect(next http.Handler) http.Handler {
	guarded := http.NewCrossOriginProtection()
	open := false
	for _, origin := range c.CORSOrigin {
		if origin == "*" {
			open = true
		} else if err := guarded.AddTrustedOrigin(origin); err != nil {
			panic(err) // check has seen them
		}
	}
	protected := guarded.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if open && strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			next.ServeHTTP(w, r)
			return
		}
		protected.ServeHTTP(w, r)
	})
}
