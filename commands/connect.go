package commands

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/internal/term"
	"wskit/internal/trace"
	"wskit/wsclient"
)

// connectOptions are the flags of connect, and of inspect URL, which is a connect
// that shows frames.
type connectOptions struct {
	dial *dialOptions
	out  outputOptions

	items  []item
	enc    encoding
	nul    bool
	whole  bool
	count  int
	skip   int
	expect string
	all    bool
	closes string
	status int
	noWait bool
	wait   time.Duration
	limit  time.Duration
	json   bool
}

func newConnectOptions() *connectOptions {
	return &connectOptions{dial: newDialOptions(), count: -1, wait: 10 * time.Second}
}

func (o *connectOptions) sendOptions() []*option {
	return in("Sending",
		o.itemOption("execute", "MESSAGE", "send MESSAGE and do not read stdin (repeatable)", false).also("x"),
		o.itemOption("file", "FILE", "send the content of FILE as one binary message (repeatable)", true),
		boolOption(&o.enc.binary, "binary", "send binary messages; all of stdin is one, and output has no line ends").also("b"),
		boolOption(&o.enc.hex, "hex", "what is sent is hex, a binary message for each -x or line"),
		boolOption(&o.enc.base64, "base64", "what is sent is base64, a binary message for each -x or line"),
		boolOption(&o.nul, "null", "messages of stdin and of the output end with NUL, not with a line end").also("0"),
		boolOption(&o.whole, "whole", "all of stdin is one message"),
	)
}

// itemOption appends to one list for two flags, so that their order is kept.
func (o *connectOptions) itemOption(name, value, usage string, file bool) *option {
	return &option{name: name, value: value, usage: usage, set: func(s string) error {
		it := item{text: s}
		if file {
			it = item{path: s}
		}
		o.items = append(o.items, it)
		return nil
	}}
}

func (o *connectOptions) waitOptions() []*option {
	wait := durationOption(&o.wait, "wait", "how long to wait for what is missing after the last message is sent; -1 is for ever").also("w")
	wait.set = func(s string) (err error) {
		o.wait, err = parseDuration(s)
		return err
	}
	return in("Waiting",
		wait,
		intOption(&o.count, "count", "N", 0, "wait for N messages (default: as many as were sent)"),
		intOption(&o.skip, "skip", "N", 0, "ignore the first N messages"),
		stringOption(&o.expect, "expect", "REGEX", "wait for a message that matches, and print only that"),
		boolOption(&o.all, "all", "print what --expect does not match and --skip ignores as well"),
		stringOption(&o.closes, "expect-close", "CODES", "wait for a close with one of these codes: 1000,4001"),
		intOption(&o.status, "expect-status", "STATUS", 100, "expect the handshake to be answered with this HTTP status"),
		boolOption(&o.noWait, "no-wait", "leave as soon as all is sent"),
		durationOption(&o.limit, "duration", "end normally after this time, whatever was received"),
	)
}

func newConnect(env *Env) *command {
	o := newConnectOptions()
	cmd := &command{
		name:    "connect",
		args:    "URL",
		summary: "an interactive and a scriptable client",
		about: "On a terminal it is a prompt: a line is a text message, /help lists the commands.\n" +
			"With -x, or when stdin is not a terminal, it sends the messages, waits for as many\n" +
			"as it sent and prints each as one line. Exit codes: wskit help exit-codes.",
		examples: []example{
			{"wskit connect echo:", "a prompt, with an echo server inside the process"},
			{"wskit connect -x hello ws://localhost:8080/", "send one message, print the answer"},
			{"seq 3 | wskit connect ws://localhost:8080/", "each line of stdin is a message"},
			{"wskit connect -x ping --expect '^pong' URL", "fail unless a message matches"},
			{"wskit connect --duration 60 URL | jq .", "print what arrives, for a minute"},
			{"wskit connect -b URL < photo.jpg > reply", "one binary message each way"},
			{"wskit connect --expect-status 401 URL", "the server must refuse"},
			{"wskit connect -H 'Cookie: a=b' -s chat URL", "a header, a subprotocol"},
		},
	}
	cmd.options = append(cmd.options, o.sendOptions()...)
	cmd.options = append(cmd.options, o.waitOptions()...)
	cmd.options = append(cmd.options, o.dial.options()...)
	cmd.options = append(cmd.options, in("Output",
		boolOption(&o.json, "json", "print events as JSON Lines: messages, problems, the close"),
		boolOption(&o.dial.verbose, "verbose", "show the handshake").also("v"),
	)...)
	cmd.options = append(cmd.options, o.out.options()...)
	cmd.run = func(ctx context.Context, args []string) error { return o.run(ctx, env, args) }
	return cmd
}

// expectation checks the flags about waiting.
func (o *connectOptions) expectation() (expectation, error) {
	want := expectation{
		count: o.count, skip: o.skip, all: o.all, wait: o.wait, limit: o.limit,
		pending: o.count >= 0 || o.expect != "" || o.closes != "" || o.noWait,
	}
	var err error
	if o.expect != "" {
		if want.match, err = regexp.Compile(o.expect); err != nil {
			return want, usagef("--expect: %w", err)
		}
	}
	if o.closes != "" {
		if want.closes, err = parseCloseCodes(o.closes); err != nil {
			return want, err
		}
	}
	if o.noWait {
		if o.count > 0 || o.expect != "" || o.closes != "" {
			return want, usagef("--no-wait contradicts the other flags about waiting")
		}
		want.count = 0
	}
	return want, nil
}

// parseCloseCodes reads a list of codes. Those that are never sent may be expected
// as well: 1005 is a close without a code, 1006 a lost connection.
func parseCloseCodes(s string) ([]codec.CloseCode, error) {
	var codes []codec.CloseCode
	for _, word := range strings.Split(s, ",") {
		n, err := strconv.ParseUint(strings.TrimSpace(word), 10, 16)
		if err != nil || n < 1000 || n > 4999 {
			return nil, usagef("--expect-close: %q is not a close code", word).withHint("numbers from 1000 to 4999: --expect-close 1000,1001")
		}
		codes = append(codes, codec.CloseCode(n))
	}
	return codes, nil
}

// sender returns what the piped and one-shot client sends.
func (o *connectOptions) sender(env *Env) (sender, error) {
	switch {
	case len(o.items) > 0:
		l := &listSender{items: o.items, enc: o.enc}
		return l, l.check()
	case term.IsTerminal(env.Stdin):
		return silentSender{}, nil
	case o.whole || o.enc.binary:
		return &wholeSender{r: env.Stdin, enc: o.enc}, nil
	}
	delimiter := byte('\n')
	if o.nul {
		delimiter = 0
	}
	return &lineSender{r: bufio.NewReaderSize(env.Stdin, 64<<10), delimiter: delimiter, enc: o.enc}, nil
}

// run is the action of connect.
func (o *connectOptions) run(ctx context.Context, env *Env, args []string) error {
	url, err := env.oneURL("connect", args)
	if err != nil {
		return err
	}
	var watch *watcher
	if o.json {
		out := trace.NewWriter(env.Stdout)
		watch = newWatcher(url, -1, o.dial.maxMessage, func(e trace.Event) error {
			switch e.(type) {
			case *trace.Message, *trace.Problem, *trace.Close:
				return out.Write(e)
			}
			return nil
		})
	}
	if o.interactive(env) && !o.json {
		return o.prompt(ctx, env, url, nil)
	}
	show := o.messages(env).write
	if o.json {
		show = func(codec.Opcode, []byte) error { return watch.failed() }
	}
	return o.exchange(ctx, env, url, watch, show)
}

// interactive reports whether a person is to type what is sent.
func (o *connectOptions) interactive(env *Env) bool {
	return len(o.items) == 0 && o.count < 0 && o.expect == "" && o.closes == "" && !o.noWait && o.limit == 0 &&
		term.IsTerminal(env.Stdin) && term.IsTerminal(env.Stdout)
}

// messages returns what writes incoming messages to stdout.
func (o *connectOptions) messages(env *Env) *messageWriter {
	m := &messageWriter{w: env.Stdout, delimiter: "\n", escape: o.out.escape.Escape(env.Stdout)}
	switch {
	case o.nul:
		m.delimiter = "\x00"
	case o.enc.binary:
		m.delimiter = ""
	}
	if term.IsTerminal(env.Stdout) && o.out.escape != term.Never {
		m.hexDump, m.palette = true, o.out.palette(env, env.Stdout)
	}
	return m
}

// exchange is the piped and one-shot client.
func (o *connectOptions) exchange(ctx context.Context, env *Env, url string, watch *watcher, show func(codec.Opcode, []byte) error) error {
	want, err := o.expectation()
	if err != nil {
		return err
	}
	send, err := o.sender(env)
	if err != nil {
		return err
	}
	conn, stop, err := o.open(ctx, env, url, watch, nil)
	defer stop()
	if conn == nil {
		return err
	}
	x := exchange{conn: conn.Conn, send: send, want: want, show: show}
	return o.finish(conn, watch, x.run(ctx))
}

// prompt is the interactive client. A watcher takes the place of printing messages.
func (o *connectOptions) prompt(ctx context.Context, env *Env, url string, watch func(io.Writer) *watcher) error {
	palette := o.out.palette(env, env.Stdout)
	lines, err := env.lineReader(palette)
	if err != nil {
		return err
	}
	defer lines.Close()
	p := &prompt{url: url, lines: lines, palette: palette, pings: map[string]time.Time{}}
	var w *watcher
	if watch != nil {
		w, p.watched = watch(lines), true
	}
	conn, stop, err := o.open(ctx, env, url, w, p.control)
	defer stop()
	if conn == nil {
		return err
	}
	p.conn = conn
	return o.finish(conn, w, p.run(ctx, env))
}

// finish ends the analysis, if there is one; err is how the client ended.
func (o *connectOptions) finish(conn *wsclient.Conn, watch *watcher, err error) error {
	if watch == nil {
		return err
	}
	var end *wsconn.CloseError
	errors.As(conn.Err(), &end)
	return cmp.Or(err, watch.close(end))
}

// open dials, and judges the answer by --expect-status: a refusal that was expected
// gives neither a connection nor an error. Stop is never nil.
func (o *connectOptions) open(ctx context.Context, env *Env, url string, watch *watcher,
	control func(codec.Opcode, []byte),
) (conn *wsclient.Conn, stop func(), err error) {
	url, stop, err = env.resolve(url)
	if err != nil {
		return nil, func() {}, err
	}
	cfg, err := o.dial.config(env, url)
	if err != nil {
		return nil, stop, err
	}
	cfg.Conn.OnControl = control
	if watch != nil {
		cfg.Conn.Tap = watch.tap
	}
	conn, err = wsclient.Dial(ctx, cfg)
	if watch != nil {
		watch.open(conn)
	}
	if err == nil && o.dial.verbose {
		env.showHandshake(conn)
	}
	failure := o.judge(ctx, env, conn, err)
	if conn != nil && failure != nil {
		conn.Close(codec.CloseNormal, "")
		conn = nil
	}
	if conn == nil && watch != nil {
		failure = cmp.Or(failure, watch.close(nil))
	}
	return conn, stop, failure
}

// judge turns the outcome of a dial into an error, by --expect-status too.
func (o *connectOptions) judge(ctx context.Context, env *Env, conn *wsclient.Conn, err error) error {
	var refused *wsclient.HandshakeError
	errors.As(err, &refused)
	switch {
	case err == nil && (o.status == 0 || o.status == 101):
		return nil
	case err == nil:
		return failf(exitExpectation, "the handshake was accepted, --expect-status wants %d", o.status)
	case refused != nil && refused.Status != 0 && refused.Status == o.status:
		return nil
	case refused != nil:
		env.showRefusal(refused)
	}
	return dialFailure(ctx, err)
}

// oneURL returns the URL among the arguments. On a terminal it may be left out.
func (env *Env) oneURL(command string, args []string) (string, error) {
	switch {
	case len(args) == 1:
		return args[0], nil
	case len(args) > 1:
		return "", usagef("one URL is wanted, %d arguments were given: %q", len(args), args).
			withHint("a message to send goes behind -x, in quotes")
	case !term.IsTerminal(env.Stdin):
		return "", usagef("a URL is missing").withHint("wskit %s ws://localhost:8080/, or echo: for a server inside the process", command)
	}
	env.note("no URL: using echo:, an echo server inside this process")
	return echoURL, nil
}
