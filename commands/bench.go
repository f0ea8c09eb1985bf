package commands

import (
	"context"
	"io"
	"math"
	"net/netip"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"wskit/codec/wsconn"
	"wskit/internal/load"
	"wskit/wsclient"
)

// benchOptions are the flags of bench.
type benchOptions struct {
	dial   *dialOptions
	report reportOptions
	all    []*option

	connections int
	pipeline    int
	rate        float64
	rampUp      time.Duration
	duration    time.Duration
	count       int
	idle        bool
	sources     []netip.Addr

	size    int64
	message string
	binary  bool
	check   string
	timeout time.Duration

	quiet bool
}

func newBench(env *Env) *command {
	o := &benchOptions{
		dial:        newDialOptions(),
		connections: load.DefaultConnections,
		pipeline:    1,
		size:        load.DefaultSize,
		check:       string(load.CheckEcho),
		timeout:     load.DefaultTimeout,
	}
	cmd := &command{
		name:    "bench",
		args:    "URL [URL …]",
		summary: "a load generator that checks the replies; bench merge joins reports",
		about: "Opens connections, sends messages, checks the reply to each, and prints throughput,\n" +
			"latency by percentile and errors by kind. Without --rate each connection sends when it\n" +
			"has its reply: as fast as it goes. With --rate messages are due at fixed times, and their\n" +
			"latency counts from then, so that a server that stalls cannot hide it. With several\n" +
			"URLs, connections go to them in turn. Any error ends it with 1: see --max-error-rate.",
		examples: []example{
			{"wskit bench ws://localhost:8080/", "10 connections, for 10 seconds"},
			{"wskit bench -c 64 --pipeline 32 URL", "the most that a server can do"},
			{"wskit bench --rate 1000 --max-p99 50ms URL", "a CI step: 1000 msg/s, fail when slow"},
			{"wskit bench -c 5000 --idle URL", "only hold connections"},
			{"wskit bench --message @order.json URL", "send the content of a file"},
			{"wskit bench --html report.html URL", "a page with plots, too"},
			{"wskit bench --json URL > a.json", "for programs, and for bench merge"},
		},
	}
	cmd.options = append(cmd.options, o.loadOptions()...)
	cmd.options = append(cmd.options, o.messageOptions()...)
	cmd.options = append(cmd.options, o.report.verdictOptions("0: any error")...)
	cmd.options = append(cmd.options, o.report.options()...)
	cmd.options = append(cmd.options, in("Output",
		boolOption(&o.quiet, "quiet", "no progress on stderr; it is shown on a terminal only").also("q"))...)
	cmd.options = append(cmd.options, o.dial.options()...)
	o.all = cmd.options
	cmd.run = func(ctx context.Context, args []string) error { return o.run(ctx, env, args) }
	return cmd
}

func (o *benchOptions) loadOptions() []*option {
	source := &option{name: "source", value: "ADDRESS", usage: "dial from this local address (repeatable, in turn)", set: func(s string) error {
		a, err := netip.ParseAddr(s)
		if err != nil {
			return usagef("%q is not an IP address", s)
		}
		o.sources = append(o.sources, a)
		return nil
	}}
	return in("Load",
		withDefault("10", intOption(&o.connections, "connections", "N", 1, load.MaxConnections, "open N connections")).also("c"),
		withDefault("1", intOption(&o.pipeline, "pipeline", "N", 1, load.MaxPipeline, "keep N messages in flight on each connection")),
		rateOption(&o.rate, "rate", "send N messages a second over all connections (default: as fast as it goes)"),
		limitOption(&o.duration, "duration", "measure for this time (default 10s, without --count)"),
		intOption(&o.count, "count", "N", 1, math.MaxInt, "end after N messages").also("n"),
		durationOption(&o.rampUp, "ramp-up", "open the connections evenly over this time; what is sent meanwhile is not measured (default 0)"),
		boolOption(&o.idle, "idle", "open and hold the connections, send nothing"),
		source,
	)
}

func (o *benchOptions) messageOptions() []*option {
	return in("Messages",
		sizeOption(&o.size, "size", "64", 0, "send generated messages of SIZE, no two alike where there is room"),
		stringOption(&o.message, "message", "STRING|@FILE", "send this message: a text, a file, or stdin with @-; @@ stands for an @ at the start"),
		boolOption(&o.binary, "binary", "send binary messages").also("b"),
		choiceOption(&o.check, "check", "what the reply to a message must be: the same message, any message, or none at all",
			string(load.CheckEcho), string(load.CheckCount), string(load.CheckNone)),
		limitOption(&o.timeout, "timeout", "for each reply; a later one is an error"),
	)
}

// withDefault says what help shows for the default.
func withDefault(def string, o *option) *option {
	o.def = def
	return o
}

// rateOption takes a number above zero.
func rateOption(p *float64, name, usage string) *option {
	return &option{name: name, value: "N", usage: usage, set: func(s string) (err error) {
		*p, err = parseNumber(s)
		if err != nil || !(*p > 0 && *p <= load.MaxRate) {
			return usagef("%q is not a number above 0, and at most %.0f", s, load.MaxRate)
		}
		return nil
	}}
}

// checkFlags checks the flags against each other.
func (o *benchOptions) checkFlags() error {
	rules := []rule{
		{flags: []string{"rate"}, not: []string{"pipeline"}, hint: "with --rate a message is sent when it is due, whatever is in flight"},
		{flags: []string{"message"}, not: []string{"size"}},
	}
	if o.idle {
		rules = append(rules, rule{
			flags: []string{"pipeline", "rate", "count", "size", "message", "binary", "check", "timeout", "max-p99", "fragment-size"},
			not:   []string{"idle"}, hint: "idle connections send nothing",
		})
	}
	if o.check == string(load.CheckNone) {
		rules = append(rules, rule{flags: []string{"max-p99", "pipeline"}, not: []string{"check"}, hint: "without replies there is no latency, and nothing to wait for"})
	}
	if err := checkRules(o.all, rules); err != nil {
		return err
	}
	return o.dial.check(o.all)
}

// config makes the configuration of the run. Stop ends the servers that it started,
// and is never nil.
func (o *benchOptions) config(env *Env, urls []string) (cfg load.Config, stop func(), err error) {
	var stops []func()
	stop = func() {
		for _, f := range stops {
			f()
		}
	}
	cfg = load.Config{
		Connections: o.connections, Pipeline: o.pipeline, Rate: o.rate,
		RampUp: o.rampUp, Duration: o.duration, Count: int64(o.count), Idle: o.idle, Sources: o.sources,
		Binary: o.binary, Check: load.Check(o.check), Timeout: o.timeout,
		Version: strings.Fields(version())[0],
	}
	if err := o.setMessage(env, &cfg); err != nil {
		return cfg, stop, err
	}
	var dial wsclient.Config
	for i, url := range urls {
		if _, ok := echoPath(url); ok {
			cfg.InProcess = true
		}
		url, end, err := env.resolve(url)
		if err != nil {
			return cfg, stop, err
		}
		stops = append(stops, end)
		if i == 0 {
			dial, err = o.dial.config(env, url)
			o.allowReplies(&dial, &cfg)
		} else if dial.URL, err = wsclient.ParseURL(url); err != nil { // all else is the same for all
			err = failure(exitUsage, err)
		}
		if err != nil {
			return cfg, stop, err
		}
		cfg.Dial = append(cfg.Dial, dial)
	}
	if err := cfg.Validate(); err != nil {
		return cfg, stop, failure(exitUsage, err)
	}
	return cfg, stop, nil
}

// setMessage sets what is sent.
func (o *benchOptions) setMessage(env *Env, cfg *load.Config) error {
	switch {
	case o.idle:
		return nil
	case o.message == "" && o.size == 0:
		cfg.Size = -1 // zero would be the default
		return nil
	case o.message == "":
		cfg.Size = int(o.size)
		return nil
	}
	var err error
	if cfg.Message, err = readMessage(env, o.message); err != nil {
		return usageAt("--message", err)
	}
	if !o.binary && !utf8.Valid(cfg.Message) {
		return usagef("--message: it is not valid UTF-8, which a text message must be").withHint("-b sends it as a binary message")
	}
	return nil
}

// readMessage returns the message that the value of --message stands for.
func readMessage(env *Env, value string) ([]byte, error) {
	path, ok := strings.CutPrefix(value, "@")
	switch {
	case !ok:
		return []byte(value), nil
	case strings.HasPrefix(path, "@"):
		return []byte(path), nil
	}
	f := env.Stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		f = file
	}
	b, err := io.ReadAll(io.LimitReader(f, load.MaxSize+1))
	if err == nil && b == nil {
		b = []byte{} // an empty message, not a generated one
	}
	return b, err
}

// allowReplies lets replies be as large as what is sent, unless a flag says
// otherwise.
func (o *benchOptions) allowReplies(dial *wsclient.Config, cfg *load.Config) {
	if size := int64(max(cfg.Size, len(cfg.Message))); o.dial.maxMessage == 0 && size > wsconn.DefaultMaxMessage {
		dial.Conn.MaxMessage = size
	}
}

// run is the action of bench.
func (o *benchOptions) run(ctx context.Context, env *Env, args []string) error {
	if len(args) == 0 {
		return usagef("a URL is missing").withHint("wskit bench ws://localhost:8080/, or echo: for a server inside the process")
	}
	if args[0] == "merge" {
		return usagef("merge must come first").withHint("wskit bench merge FILE …")
	}
	if err := o.checkFlags(); err != nil {
		return err
	}
	cfg, stop, err := o.config(env, args)
	defer stop()
	if err != nil {
		return err
	}
	if err := load.Preflight(cfg); err != nil {
		return failure(exitUsage, err)
	}
	if err := o.report.open(); err != nil {
		return err
	}
	progress, erase := o.progress(env, cfg)
	r, err := load.Run(ctx, cfg, progress)
	erase()
	return o.finish(ctx, env, r, err)
}
