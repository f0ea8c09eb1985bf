package commands

import (
	"cmp"
	"context"
	"errors"
	"math"
	"strings"
	"time"

	"wskit/codec/wsconn"
	"wskit/scripts"
	"wskit/wsserver"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	listen []string

	tls serverTLS

	allowHosts, allowOrigins []string
	subprotocols             []string
	nameQuery                string
	compress                 compressFlag

	maxMessage, maxFrame int64
	maxFragments         int
	maxConnections       int
	handshakeTimeout     time.Duration
	messageTimeout       time.Duration
	writeTimeout         time.Duration
	closeTimeout         time.Duration
	pingInterval         time.Duration
	pingTimeout          time.Duration
	slowConsumer         string

	exitAfter int
	once      bool
	ready     readyOptions
	run       string

	script scriptOptions

	log serveLogOptions
	all []*option
}

// The words of --slow-consumer.
const (
	slowClose = "close"
	slowDrop  = "drop"
)

// slowConsumers are the policies of --slow-consumer.
var slowConsumers = map[string]wsconn.OutboxPolicy{slowClose: wsconn.CloseWhenFull, slowDrop: wsconn.DropWhenFull}

func newServe(env *Env) *command {
	o := &serveOptions{
		handshakeTimeout: wsserver.DefaultHandshakeTimeout,
		messageTimeout:   wsconn.DefaultMessageTimeout,
		writeTimeout:     wsconn.DefaultWriteTimeout,
		closeTimeout:     wsconn.DefaultCloseTimeout,
		pingInterval:     wsserver.DefaultPingInterval,
		pingTimeout:      wsconn.DefaultPingTimeout,
		slowConsumer:     slowClose,
		log:              serveLogOptions{format: "text"},
	}
	cmd := &command{
		name:    "serve",
		args:    "[PATH=BEHAVIOUR …] [-- ARG …]",
		behind:  &o.script.args,
		summary: "echo, text, broadcast and refusing servers, on the paths you choose",
		about: `Without arguments it echoes on every path of port 8080, on this machine only.
PATH is a pattern of Go's net/http: /ws, /rooms/{room}, /api/. BEHAVIOUR is one of

  echo                    send each message back
  echo-frames             send each frame back, boundaries kept
  text:STRING             answer each message with STRING
  text-frames:STRING      answer each data frame with STRING
  broadcast               send each message to all others on the same path
  script:FILE             run a script: wskit help scripting; a FILE has a slash or ends in .js
  script:NAME             run a built-in script: chat, faults, flaky … wskit scripts lists them
  js:CODE                 run CODE, with the connection in ws; ARG … are the args of scripts
  reject:STATUS[:BODY]    refuse the upgrade`,
		examples: []example{
			{"wskit serve", "echo on ws://localhost:8080/"},
			{"wskit serve /ws=echo /hi=text:hello", "a path for each behaviour"},
			{"wskit serve '/rooms/{room}=broadcast'", "a room for each value of {room}"},
			{"wskit serve /down='reject:503:try later'", "a server that refuses"},
			{"wskit serve '/{room}=script:chat'", "a built-in script: wskit scripts lists them"},
			{"wskit serve --watch /ws=script:./mock.js", "a server that your script describes, while you write it"},
			{"wskit serve '/=js:ws.onmessage = e => ws.send(e.data + \"!\")'", "one in a line"},
			{"wskit serve -l 9000 -l unix:/tmp/ws.sock", "several listeners"},
			{"wskit serve --tls-self-signed", "wss, with a certificate made on the spot"},
			{"wskit serve --run 'npm test'", "a CI step: WSKIT_URL is set for the command"},
			{"wskit serve --once --ready", "for a script: one JSON line when it listens"},
		},
		options: o.options(),
	}
	o.all = cmd.options
	cmd.run = func(ctx context.Context, args []string) error { return o.serve(ctx, env, args) }
	return cmd
}

func (o *serveOptions) options() []*option {
	listen := append(in("Listening",
		stringsOption(&o.listen, "listen", "ADDRESS", "PORT (this machine only), HOST:PORT or unix:PATH (repeatable); port 0 is a free one; default 8080").also("l"),
	), in("Listening", o.tls.options()...)...)
	upgrade := in("Upgrade",
		stringsOption(&o.allowOrigins, "allow-origin", "ORIGIN", "let pages from ORIGIN connect: https://example.com, https://*.example.com, null, or * (repeatable)"),
		stringsOption(&o.allowHosts, "allow-host", "HOST", "answer to the name HOST: example.com, *.example.com, or * (repeatable)"),
		stringsOption(&o.subprotocols, "subprotocol", "NAME", "speak a subprotocol (repeatable, in order of preference)").also("s", "protocol"),
		o.compress.option("accept permessage-deflate"),
		stringOption(&o.nameQuery, "name-query", "NAME", "name a connection, for the log, by the parameter NAME of its URL's query: ?NAME=ann"),
	)
	limits := in("Limits",
		sizeOption(&o.maxMessage, "max-message-size", "16m", 1, "close with 1009 on a larger message"),
		sizeOption(&o.maxFrame, "max-frame-size", "as a message", 1, "close with 1009 on a larger frame"),
		intOption(&o.maxFragments, "max-fragments", "N", 1, math.MaxInt, "close with 1008 on a message of more frames (default 16384)"),
		intOption(&o.maxConnections, "max-connections", "N", 1, math.MaxInt, "answer 503 to more (default: what the limit on descriptors allows)"),
		limitOption(&o.handshakeTimeout, "handshake-timeout", "for TLS and the request"),
		durationOption(&o.messageTimeout, "message-timeout", "for a message, from its first byte to its last; 0 is no limit"),
		durationOption(&o.writeTimeout, "write-timeout", "for a client that does not read; 0 is no limit"),
		limitOption(&o.closeTimeout, "close-timeout", "for the closing handshake"),
		choiceOption(&o.slowConsumer, "slow-consumer", "what broadcast does when 1 MiB waits for a client that does not read: close it with 1008, or drop messages for it", slowClose, slowDrop),
		durationOption(&o.pingInterval, "ping-interval", "between pings; 0 is none"),
		durationOption(&o.pingTimeout, "ping-timeout", "give a connection up when a ping stays unanswered; 0 is never"),
	)
	life := append(in("Life", o.ready.options()...), in("Life",
		boolOption(&o.once, "once", "end after the first connection"),
		intOption(&o.exitAfter, "exit-after", "N", 1, math.MaxInt, "end after N connections"),
		stringOption(&o.run, "run", "COMMAND", "run COMMAND with WSKIT_URL set, and end with its exit code"),
	)...)
	script := append(o.script.options(), in("Scripts",
		boolOption(&o.script.watch, "watch", "run the script of a file anew when that changes; its connections are closed with 1012"),
	)...)
	all := append(append(append(append(listen, upgrade...), limits...), script...), life...)
	return append(all, o.log.options()...)
}

// config checks the flags and makes the server's configuration.
func (o *serveOptions) config(ctx context.Context, env *Env, args []string) (wsserver.Config, error) {
	cfg := wsserver.Config{
		SelfSigned:   o.tls.selfSigned,
		AllowHosts:   o.allowHosts,
		AllowOrigins: o.allowOrigins,
		Subprotocols: o.subprotocols,
		Deflate:      o.compress.config(),
		NameQuery:    o.nameQuery,
		Conn: wsconn.Config{
			MaxMessage:     o.maxMessage,
			MaxFrame:       o.maxFrame,
			MaxFragments:   o.maxFragments,
			MessageTimeout: zeroIsOff(o.messageTimeout),
			WriteTimeout:   zeroIsOff(o.writeTimeout),
			CloseTimeout:   o.closeTimeout,
			PingInterval:   zeroIsOff(o.pingInterval),
			PingTimeout:    zeroIsOff(o.pingTimeout),
		},
		MaxConnections:   o.maxConnections,
		HandshakeTimeout: o.handshakeTimeout,
	}
	behaviours := wsserver.BehaviourConfig{SlowConsumer: slowConsumers[o.slowConsumer], Extra: o.script.behaviours(ctx, env)}
	for _, arg := range args {
		m, err := behaviours.ParseMount(arg)
		if err != nil {
			return cfg, mountFailure(arg, err)
		}
		cfg.Mounts = append(cfg.Mounts, m)
	}
	if len(o.script.running()) == 0 && len(o.script.args) > 0 {
		return cfg, usagef("the arguments behind -- are for a script, and there is none").withHint("PATH=BEHAVIOUR stands before --")
	}
	if len(o.script.running()) == 0 && !o.script.watch {
		if err := noScript(o.all, "script:FILE and js:CODE are behaviours: wskit help scripting"); err != nil {
			return cfg, err
		}
	}
	if o.script.watch && o.script.watched == nil {
		return cfg, usagef("--watch needs a script in a file").withHint("wskit serve --watch /ws=script:./chat.js")
	}
	err := checkRules(o.all, append([]rule{
		{flags: []string{"run"}, not: []string{"once", "exit-after"}, hint: "with --run the server ends when the command does"},
		{flags: []string{"once"}, not: []string{"exit-after"}, hint: "--once is --exit-after 1"},
		{flags: []string{"quiet"}, not: []string{"verbose"}},
	}, tlsRules()...))
	if err != nil {
		return cfg, err
	}
	if o.pingInterval == 0 && isGiven(o.all, "ping-timeout") {
		return cfg, usagef("--ping-timeout needs --ping-interval").withHint("--ping-interval 0 sends none")
	}
	if o.once {
		o.exitAfter = 1
	}
	cfg.TLS, err = o.tls.config()
	return cfg, err
}

// zeroIsOff turns the zero of a flag, no limit, into that of a Config.
func zeroIsOff(d time.Duration) time.Duration {
	if d == 0 {
		return -1
	}
	return d
}

// serverFailure turns an error of wsserver into an exit code and a message. That of a
// script has one.
func serverFailure(err error) error {
	if exit := (*exitError)(nil); errors.As(err, &exit) {
		return exit
	}
	if listen := (*wsserver.ListenError)(nil); errors.As(err, &listen) {
		return failure(exitLocalIO, err)
	}
	return failure(exitUsage, err)
}

// mountFailure turns an error of an argument into that of the command. Where script: is
// missing, the hint has it.
func mountFailure(arg string, err error) error {
	path, behaviour, ok := strings.Cut(arg, "=")
	if !ok {
		path, behaviour = "", arg
	}
	_, builtin := scripts.LookupBuiltin(behaviour)
	if !errors.As(err, new(*wsserver.BehaviourError)) || !builtin && !strings.HasSuffix(behaviour, ".js") {
		return serverFailure(err)
	}
	if !builtin && !strings.Contains(behaviour, "/") {
		behaviour = "./" + behaviour
	}
	return usagef("%w", err).withHint("did you mean '%s=script:%s'?", cmp.Or(path, "/"), behaviour)
}

// mountURLs returns the URLs of the mounts at each base: those whose path is no
// pattern, or if there are none an example of each.
func mountURLs(bases []string, mounts []wsserver.Mount) []string {
	var paths, examples []string
	for _, m := range mounts {
		path := examplePath(m.Pattern)
		examples = append(examples, path)
		if path == strings.TrimSuffix(m.Pattern, "{$}") {
			paths = append(paths, path)
		}
	}
	if len(paths) == 0 {
		paths = examples
	}
	if len(paths) == 0 {
		paths = []string{"/"}
	}
	var urls []string
	for _, base := range bases {
		for _, path := range paths {
			urls = append(urls, base+path)
		}
	}
	return urls
}

// examplePath returns a path that a pattern matches: {name} is the name, and {name...}
// and {$} are nothing.
func examplePath(pattern string) string {
	var path strings.Builder
	for {
		before, rest, wild := strings.Cut(pattern, "{")
		path.WriteString(before)
		if !wild {
			return path.String()
		}
		name, rest, _ := strings.Cut(rest, "}")
		if name != "$" && !strings.HasSuffix(name, "...") {
			path.WriteString(name)
		}
		pattern = rest
	}
}
