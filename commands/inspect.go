package commands

import (
	"cmp"
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"strings"

	"wskit/codec"
	"wskit/internal/inspect"
	"wskit/internal/term"
	"wskit/internal/trace"
)

// inspectOptions are the flags of inspect: those of connect, and how frames are
// shown.
type inspectOptions struct {
	*connectOptions
	hexFrames   string
	format      string
	output      string
	role        string
	conn        int
	messages    bool
	payload     trace.PayloadView
	maxBytes    int64
	noControl   bool
	stats       bool
	showSecrets bool
	headers     bool

	script *trace.Script // for --format script
}

func newInspect(env *Env) *command {
	o := &inspectOptions{connectOptions: newConnectOptions(), format: formatText, role: codec.RoleClient.String()}
	cmd := &command{
		name:    "inspect",
		args:    "[URL | FILE | -]",
		summary: "a client that shows every frame of its connection, or of one that was recorded",
		about: "Connects as connect does, and shows the handshake, each frame with its header bits,\n" +
			"messages, round trips and every broken rule with its section of the RFC. The last\n" +
			"line is the verdict. inspect echo: shows a short session without any server.\n\n" +
			"A FILE is a trace, as --json writes it, gzipped or not; - is stdin, and so is a pipe\n" +
			"without an argument. A file that exists beats a host of that name.\n\n" +
			"--format script makes a test of a connection: JavaScript that plays one side and expects\n" +
			"what the other one said. Pings and fragments are not played; what the script leaves out,\n" +
			"it says. When it was live, there is a script however the connection ended.",
		examples: []example{
			{"wskit inspect echo:", "a session that shows each kind of frame"},
			{"wskit inspect wss://example.com/socket", "type to send"},
			{"wskit inspect -x hello --compress URL", "send, and leave after the answer"},
			{"wskit inspect --json URL | jq .", "events as JSON Lines"},
			{"wskit inspect --json -x hello URL > t.jsonl", "record a trace …"},
			{"wskit inspect t.jsonl", "… and show it, as often and in as many ways as you like"},
			{"tail -f t.jsonl | wskit inspect", "while it is written"},
			{"wskit inspect --format script t.jsonl > t.js", "make a test: wskit connect --script t.js URL"},
			{"wskit inspect --format script --role server -O s.js t.jsonl", "a server to test against: wskit serve /=script:s.js"},
			{"wskit inspect --hex '81 85 37 fa 21 3d 7f 9f 4d 51 58'", "frames, bit by bit"},
		},
	}
	cmd.options = append(cmd.options, in("Showing",
		stringOption(&o.hexFrames, "hex", "BYTES", "explain the frames in BYTES, hexadecimal, bit by bit; no connection is made"),
		choiceOption(&o.format, "format", "text for people, events as JSON Lines, or a script that plays one side", formatText, formatJSON, formatScript),
		boolOption(&o.json, "json", "the same as --format jsonl"),
		choiceOption(&o.role, "role", "the side that the script plays", codec.RoleClient.String(), codec.RoleServer.String()),
		o.outputOption(),
		intOption(&o.conn, "conn", "N", 1, math.MaxInt, "only connection N of a trace"),
		boolOption(&o.messages, "messages", "a line for each message, not for each frame"),
		&option{name: "payload", value: "none|auto|text|hex|pretty", usage: "how content is shown", def: "auto", set: o.setPayload},
		sizeOption(&o.maxBytes, "max-bytes", "some lines", 1, "show at most SIZE of each message"),
		boolOption(&o.noControl, "no-control", "leave out pings, pongs and close frames"),
		boolOption(&o.stats, "stats", "figures at the end: frames, messages, bytes, percentiles; --json always has them"),
		boolOption(&o.showSecrets, "show-secrets", "show credentials, cookies and tokens of the handshake"),
		boolOption(&o.headers, "verbose", "show all headers of the handshake; --json always has them").also("v"),
	)...)
	cmd.options = append(cmd.options, without(o.sendOptions(), "hex", "base64")...)
	cmd.options = append(cmd.options, without(o.waitOptions(), "all")...)
	cmd.options = append(cmd.options, o.dial.options()...)
	cmd.options = append(cmd.options, o.out.options()...)
	o.all = cmd.options
	cmd.run = func(ctx context.Context, args []string) error { return o.run(ctx, env, args) }
	return cmd
}

// without returns the options but for some: those that have another meaning here,
// or that decide about printing messages, of which all are shown.
func without(options []*option, names ...string) []*option {
	return slices.DeleteFunc(options, func(o *option) bool { return slices.Contains(names, o.name) })
}

func (o *inspectOptions) setPayload(s string) error {
	if o.payload.Set(s) != nil {
		return usagef("%q is none of auto, none, text, hex, pretty", s)
	}
	return nil
}

// run is the action of inspect.
func (o *inspectOptions) run(ctx context.Context, env *Env, args []string) error {
	input, recorded := findRecorded(env, args)
	if err := o.check(env, input, recorded); err != nil {
		return err
	}
	var url string
	if o.hexFrames == "" && !recorded {
		var err error
		if url, err = env.oneURL("inspect", args); err != nil {
			return err
		}
	}
	out, err := o.openTarget(ctx, env)
	if err != nil {
		return err
	}
	o.script = o.newScript()
	switch {
	case o.hexFrames != "":
		err = o.explainHex(env, out, args)
	case recorded:
		err = o.showRecorded(ctx, env, out, input)
		if errors.Is(err, errEmpty) && len(args) == 0 {
			err = usagef("a URL or a file is missing, and stdin is empty").withHint("wskit inspect echo: shows a session without any server")
		}
	default:
		err = o.watch(ctx, env, out, url)
	}
	// A connection that ended badly is one to make a script of; a damaged trace is not.
	if o.format == formatScript && (err == nil || !recorded) {
		e := o.writeScript(env, out)
		err = cmp.Or(err, e)
	}
	return out.end(err)
}

// watch is inspect URL.
func (o *inspectOptions) watch(ctx context.Context, env *Env, out io.Writer, url string) error {
	_, echo := echoPath(url)
	demo := echo && firstGiven(o.all, []string{sending, waiting}, nil) == nil
	if o.interactive(env) && !demo {
		return o.prompt(ctx, env, url, func(w io.Writer) *watcher { return o.watcher(env, url, w) })
	}
	watch := o.watcher(env, url, out)
	if demo {
		return o.demo(ctx, env, url, watch)
	}
	return o.exchange(ctx, env, url, watch, nil)
}

// interactive reports whether a person is to type what is sent, which takes that what
// is shown goes to the terminal.
func (o *inspectOptions) interactive(env *Env) bool {
	return o.format == formatText && o.output == "" && o.connectOptions.interactive(env)
}

// watcher returns a watcher that writes as the flags say.
func (o *inspectOptions) watcher(env *Env, url string, w io.Writer) *watcher {
	keep := int(o.maxBytes)
	whole := o.payload != trace.PayloadAuto && o.payload != trace.PayloadNone
	if (o.format != formatText || whole) && keep == 0 {
		keep = -1 // no limit
	}
	return newWatcher(url, keep, o.dial.maxMessage, o.writer(env, w, false))
}

// writer returns what writes events as the flags say; bits shows each bit of a
// frame.
func (o *inspectOptions) writer(env *Env, w io.Writer, bits bool) func(trace.Event) error {
	switch o.format {
	case formatScript:
		return o.script.Add
	case formatJSON:
		out := trace.NewWriter(w)
		out.NoPayload, out.MaxBytes, out.ShowSecrets = o.payload == trace.PayloadNone, int(o.maxBytes), o.showSecrets
		return func(e trace.Event) error {
			if f, ok := e.(*trace.Frame); ok && (o.messages || o.noControl && f.Header.Opcode.Control()) {
				return nil
			}
			return out.Write(e)
		}
	}
	var stream any = env.Stdout
	if o.output != "" {
		stream = w // no terminal
	}
	out := trace.NewText(w)
	out.Width = cmp.Or(term.Width(stream), 100)
	out.Palette = o.out.palette(env, stream)
	out.Payload = o.payload
	out.MaxBytes = int(o.maxBytes)
	out.Messages = o.messages
	out.NoControl = o.noControl
	out.Headers = o.headers
	out.Stats = o.stats
	out.Bits = bits
	out.ShowSecrets = o.showSecrets
	return out.Write
}

// explainHex is inspect --hex. A frame that breaks a rule is damaged input.
func (o *inspectOptions) explainHex(env *Env, out io.Writer, args []string) error {
	b, err := term.ParseHex(strings.Join(append([]string{o.hexFrames}, args...), " "))
	if err == nil && len(b) == 0 {
		err = errors.New("there are no bytes")
	}
	if err != nil {
		return usagef("--hex: %w", err).withHint("for example --hex '81 05 48 65 6c 6c 6f'")
	}
	write := o.writer(env, out, true)
	var broken *trace.Problem
	for _, e := range inspect.ExplainHex(b) {
		if p, ok := e.(*trace.Problem); ok && p.Severity == trace.Error && broken == nil {
			broken = p
		}
		if err := write(e); err != nil {
			return stdoutFailure(err)
		}
	}
	if broken != nil {
		return failf(exitProtocol, "the frames break the protocol: %s: %s", broken.Code, broken.Text).withHint("wskit explain %s", broken.Code)
	}
	return nil
}
