package commands

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/internal/inspect"
	"wskit/internal/term"
	"wskit/internal/trace"
	"wskit/wsclient"
)

// inspectOptions are the flags of inspect: those of connect, and how frames are
// shown.
type inspectOptions struct {
	*connectOptions
	hexFrames   string
	messages    bool
	payload     trace.PayloadView
	maxBytes    int64
	noControl   bool
	stats       bool
	showSecrets bool
}

func newInspect(env *Env) *command {
	o := &inspectOptions{connectOptions: newConnectOptions()}
	cmd := &command{
		name:    "inspect",
		args:    "URL",
		summary: "a client that shows every frame of its connection",
		about: "Connects as connect does, and shows the handshake, each frame with its header bits,\n" +
			"messages, round trips and every broken rule with its section of the RFC. The last\n" +
			"line is the verdict. inspect echo: shows a short session without any server.",
		examples: []example{
			{"wskit inspect echo:", "a session that shows each kind of frame"},
			{"wskit inspect wss://example.com/socket", "type to send"},
			{"wskit inspect -x hello --compress URL", "send, and leave after the answer"},
			{"wskit inspect --json URL | jq .", "events as JSON Lines"},
			{"wskit inspect --hex '81 85 37 fa 21 3d 7f 9f 4d 51 58'", "frames, bit by bit"},
		},
	}
	cmd.options = append(cmd.options, in("Showing",
		stringOption(&o.hexFrames, "hex", "BYTES", "explain the frames in BYTES, hexadecimal, bit by bit; no connection is made"),
		boolOption(&o.json, "json", "print the events as JSON Lines"),
		boolOption(&o.messages, "messages", "a line for each message, not for each frame"),
		&option{name: "payload", value: "none|auto|text|hex|pretty", usage: "how content is shown", def: "auto", set: o.payload.Set},
		sizeOption(&o.maxBytes, "max-bytes", "some lines", "show at most SIZE of each message"),
		boolOption(&o.noControl, "no-control", "leave out pings, pongs and close frames"),
		boolOption(&o.stats, "stats", "figures at the end: frames, messages, bytes, percentiles"),
		boolOption(&o.showSecrets, "show-secrets", "show credentials, cookies and tokens of the handshake"),
		boolOption(&o.dial.verbose, "verbose", "show all headers of the handshake").also("v"),
	)...)
	cmd.options = append(cmd.options, o.sendFrames()...)
	cmd.options = append(cmd.options, o.waitOptions()...)
	cmd.options = append(cmd.options, o.dial.options()...)
	cmd.options = append(cmd.options, o.out.options()...)
	cmd.run = func(ctx context.Context, args []string) error { return o.run(ctx, env, args) }
	return cmd
}

// sendFrames are the options for sending. --hex has another meaning here.
func (o *inspectOptions) sendFrames() []*option {
	var some []*option
	for _, opt := range o.sendOptions() {
		if opt.name != "hex" && opt.name != "base64" {
			some = append(some, opt)
		}
	}
	return some
}

// run is the action of inspect.
func (o *inspectOptions) run(ctx context.Context, env *Env, args []string) error {
	if o.hexFrames != "" {
		return o.explainHex(env, args)
	}
	url, err := env.oneURL("inspect", args)
	if err != nil {
		return err
	}
	if url == echoURL && len(o.items) == 0 {
		return o.demo(ctx, env)
	}
	if o.interactive(env) && !o.json {
		return o.prompt(ctx, env, url, func(w io.Writer) *watcher { return o.watcher(env, url, w) })
	}
	watch := o.watcher(env, url, env.Stdout)
	return o.exchange(ctx, env, url, watch, func(codec.Opcode, []byte) error { return watch.failed() })
}

// watcher returns a watcher that writes as the flags say.
func (o *inspectOptions) watcher(env *Env, url string, w io.Writer) *watcher {
	keep := int(o.maxBytes)
	whole := o.payload != trace.PayloadAuto && o.payload != trace.PayloadNone
	if o.json || whole && keep == 0 {
		keep = -1 // no limit
	}
	return newWatcher(url, keep, o.dial.maxMessage, o.writer(env, w, false))
}

// writer returns what writes events as the flags say; bits shows each bit of a
// frame.
func (o *inspectOptions) writer(env *Env, w io.Writer, bits bool) func(trace.Event) error {
	if o.json {
		out := trace.NewWriter(w)
		out.NoPayload, out.ShowSecrets = o.payload == trace.PayloadNone, o.showSecrets
		return out.Write
	}
	out := trace.NewText(w)
	out.Width = cmp.Or(term.Width(env.Stdout), 100)
	out.Palette = o.out.palette(env, env.Stdout)
	out.Payload = o.payload
	out.MaxBytes = int(o.maxBytes)
	out.Messages = o.messages
	out.NoControl = o.noControl
	out.Headers = o.dial.verbose
	out.Stats = o.stats
	out.Bits = bits
	out.ShowSecrets = o.showSecrets
	return out.Write
}

// explainHex is inspect --hex. A frame that breaks a rule is damaged input.
func (o *inspectOptions) explainHex(env *Env, args []string) error {
	b, err := term.ParseHex(strings.Join(append([]string{o.hexFrames}, args...), " "))
	if err != nil {
		return usagef("--hex: %w", err).withHint("for example --hex '81 05 48 65 6c 6c 6f'")
	}
	write := o.writer(env, env.Stdout, true)
	var broken *trace.Problem
	for _, e := range inspect.ExplainHex(b) {
		if p, ok := e.(*trace.Problem); ok && p.Severity == trace.Error && broken == nil {
			broken = p
		}
		if err := write(e); err != nil {
			return failf(exitLocalIO, "write stdout: %w", err)
		}
	}
	if broken != nil {
		return failf(exitProtocol, "the frames break the protocol: %s: %s", broken.Code, broken.Text).withHint("wskit explain %s", broken.Code)
	}
	return nil
}

// demo is inspect echo: a session with each kind of frame, a fragmented and a
// compressed message.
func (o *inspectOptions) demo(ctx context.Context, env *Env) error {
	o.dial.compress.on = true
	watch := o.watcher(env, echoURL, env.Stdout)
	conn, stop, err := o.open(ctx, env, echoURL, watch, nil)
	defer stop()
	if conn == nil {
		return err
	}
	err = runDemo(conn)
	closeErr := conn.Close(codec.CloseNormal, "that was all")
	return o.finish(conn, watch, errors.Join(err, closeErr))
}

// runDemo sends one message after the other, each when the one before was answered.
func runDemo(conn *wsclient.Conn) error {
	type entry struct {
		ID    int    `json:"id"`
		Level string `json:"level"`
		Text  string `json:"text"`
	}
	log := struct {
		Log []entry `json:"log"`
	}{}
	for i := range 12 {
		log.Log = append(log.Log, entry{i, "info", "a line that repeats compresses well"})
	}
	long, err := json.Marshal(log)
	if err != nil {
		return err
	}
	if err := roundTrip(conn, codec.OpText, []byte("hello")); err != nil {
		return err
	}
	if err := fragments(conn, "a message ", "in three ", "frames"); err != nil {
		return err
	}
	if err := roundTrip(conn, codec.OpBinary, []byte{0, 1, 2, 3, 0xde, 0xad, 0xbe, 0xef}); err != nil {
		return err
	}
	return roundTrip(conn, codec.OpText, long)
}

func roundTrip(conn *wsclient.Conn, op codec.Opcode, data []byte) error {
	if err := conn.WriteMessage(op, data); err != nil {
		return err
	}
	_, _, err := conn.NextMessage()
	return err
}

// fragments sends a text message of a frame for each part, with a ping before the
// last one.
func fragments(conn *wsclient.Conn, parts ...string) error {
	for i, part := range parts {
		f := wsconn.Frame{Opcode: codec.OpContinuation, Fin: i == len(parts)-1, Data: []byte(part)}
		if i == 0 {
			f.Opcode = codec.OpText
		}
		if f.Fin {
			if err := conn.Ping([]byte("still there?")); err != nil {
				return err
			}
		}
		if err := conn.WriteFrame(f); err != nil {
			return err
		}
	}
	_, _, err := conn.NextMessage()
	return err
}
