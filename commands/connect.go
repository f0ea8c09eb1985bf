package commands

import (
	"cmp"
	"context"
	"errors"
	"io"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/internal/term"
	"wskit/internal/trace"
	"wskit/wsclient"
)

func newConnect(env *Env) *command {
	o := newConnectOptions()
	cmd := &command{
		name:    "connect",
		args:    "URL [ARG …]",
		summary: "an interactive and a scriptable client",
		about: "On a terminal it is a prompt: a line is a text message, /help lists the commands.\n" +
			"With -x, or when stdin is not a terminal, it sends the messages, waits for as many\n" +
			"as it sent and prints each as one line. Exit codes: wskit help exit-codes.\n" +
			"ARG … are the args of a script.",
		examples: []example{
			{"wskit connect echo:", "a prompt, with an echo server inside the process"},
			{"wskit connect -x hello ws://localhost:8080/", "send one message, print the answer"},
			{"seq 3 | wskit connect ws://localhost:8080/", "each line of stdin is a message"},
			{"wskit connect -x ping --expect '^pong' URL", "fail unless a message matches"},
			{"wskit connect --duration 60 URL | jq .", "print what arrives, for a minute"},
			{"wskit connect --echo URL", "send each message back until the server closes"},
			{"wskit connect --script login.js URL", "a test that a script describes: wskit help scripting"},
			{"wskit connect --script smoke URL", "a built-in one: does the server echo?"},
			{"wskit connect -e 'ws.send(1); await ws.expect(\"1\")' URL", "one in a line"},
			{"wskit connect -b URL < photo.jpg > reply", "one binary message each way"},
			{"wskit connect --expect-status 401 URL", "the server must refuse"},
			{"wskit connect -H 'Cookie: a=b' -s chat URL", "a header, a subprotocol"},
		},
	}
	cmd.options = append(cmd.options, o.sendOptions()...)
	cmd.options = append(cmd.options, o.waitOptions()...)
	cmd.options = append(cmd.options, o.scriptOptions()...)
	cmd.options = append(cmd.options, o.dial.options()...)
	cmd.options = append(cmd.options, in("Output",
		boolOption(&o.json, "json", "print events as JSON Lines: messages, problems, the close"),
		boolOption(&o.dial.verbose, "verbose", "show the handshake").also("v"),
	)...)
	cmd.options = append(cmd.options, o.out.options()...)
	cmd.options = append(cmd.options, o.out.escapeOption())
	o.all = cmd.options
	cmd.run = func(ctx context.Context, args []string) error { return o.run(ctx, env, args) }
	return cmd
}

// run is the action of connect.
func (o *connectOptions) run(ctx context.Context, env *Env, args []string) error {
	if o.scripted() && len(args) > 1 {
		args, o.script.args = args[:1], args[1:]
	}
	url, err := env.oneURL("connect", args)
	if err != nil {
		return err
	}
	if err := o.check(env); err != nil {
		return err
	}
	if o.scripted() {
		return o.runScript(ctx, env, url)
	}
	if o.interactive(env) {
		return o.prompt(ctx, env, url, nil)
	}
	out := newOutlet(ctx, env.Stdout)
	defer out.close()
	if !o.json {
		return o.exchange(ctx, env, url, nil, o.messages(env, out).write)
	}
	events := trace.NewWriter(out)
	watch := newWatcher(url, -1, o.dial.maxMessage, func(e trace.Event) error {
		switch e.(type) {
		case *trace.Message, *trace.Problem, *trace.Close:
			return events.Write(e)
		}
		return nil
	})
	return o.exchange(ctx, env, url, watch, nil)
}

// interactive reports whether a person is to type what is sent.
func (o *connectOptions) interactive(env *Env) bool {
	return len(o.items) == 0 && o.count < 0 && o.expect == "" && o.closes == "" && !o.noWait && o.limit == 0 && !o.json && !o.echo &&
		term.IsTerminal(env.Stdin) && term.IsTerminal(env.Stdout)
}

// messages returns what writes incoming messages to out, which leads to stdout.
func (o *connectOptions) messages(env *Env, out io.Writer) *messageWriter {
	m := &messageWriter{w: out, delimiter: "\n", escape: o.out.escape.Escape(env.Stdout)}
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

// exchange is the piped and one-shot client. Either a watcher or show takes what
// comes; the other is nil.
func (o *connectOptions) exchange(ctx context.Context, env *Env, url string, watch *watcher, show func(codec.Opcode, []byte) error) error {
	if o.echo {
		return o.echoBack(ctx, env, url, watch)
	}
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
	if _, ok := echoPath(url); ok && o.limit == 0 {
		want.pending = true // an echo sends nothing of its own: there is no more to wait for
	}
	x := exchange{conn: conn.Conn, send: send, planned: len(o.items), want: want, show: show}
	if watch != nil {
		x.fault = watch.fault
	}
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
	conn, stop, err := o.open(ctx, env, url, w, func(c *wsconn.Config) { c.OnControl = p.control })
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
	configure func(*wsconn.Config),
) (conn *wsclient.Conn, stop func(), err error) {
	url, stop, err = env.resolve(url)
	if err != nil {
		return nil, func() {}, err
	}
	cfg, err := o.dial.config(env, url)
	if err != nil {
		return nil, stop, err
	}
	if configure != nil {
		configure(&cfg.Conn)
	}
	if watch != nil {
		cfg.Conn.Tap = watch.tap
	}
	conn, err = wsclient.Dial(ctx, cfg)
	if conn == nil && !errors.As(err, new(*wsclient.HandshakeError)) {
		watch = nil // there was nothing to watch
	}
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
