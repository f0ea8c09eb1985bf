package commands

import (
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/internal/inspect"
	"wskit/internal/term"
	"wskit/internal/trace"
	"wskit/wsserver"
)

// serveLogOptions say what a server tells on stderr.
type serveLogOptions struct {
	format         string
	quiet, verbose bool
	out            outputOptions
}

func (o *serveLogOptions) options() []*option {
	return append(in("Output",
		choiceOption(&o.format, "log-format", "how a line of the log on stderr looks", "text", "json"),
		boolOption(&o.quiet, "quiet", "log nothing but errors").also("q"),
		boolOption(&o.verbose, "verbose", "log each message too").also("v"),
	), o.out.options()...)
}

// A serveLog writes the log of a server: for people a line for each event, or as
// JSON through log/slog. Either way each line is written whole.
type serveLog struct {
	opts    serveLogOptions
	palette term.Palette
	json    *slog.Logger // nil for text
	most    int64        // the largest message, zero for the default

	queue *logQueue

	mu sync.Mutex // held for a line
	w  io.Writer
}

func (o serveLogOptions) logger(env *Env) *serveLog {
	notice := droppedText
	if o.format == "json" {
		notice = droppedJSON
	}
	queue := newLogQueue(env.Stderr, notice)
	l := &serveLog{opts: o, queue: queue, w: queue, palette: o.out.palette(env, env.Stderr)}
	if o.format == "json" {
		l.json = slog.New(slog.NewJSONHandler(term.JSONSafeWriter(queue), nil))
	}
	return l
}

// close writes what is left of the log.
func (l *serveLog) close() { l.queue.close() }

// attach sets the hooks of the server.
func (l *serveLog) attach(cfg *wsserver.Config) {
	cfg.Log = slog.New(slog.NewTextHandler(term.NewEscapingWriter(l.w), nil))
	if l.json != nil {
		cfg.Log = l.json
	}
	if l.opts.quiet {
		return
	}
	cfg.OnOpen, cfg.OnClose, cfg.OnRefuse = l.opened, l.closed, l.refused
	if l.opts.verbose {
		l.most = cfg.Conn.MaxMessage
		cfg.Tap = l.tap
	}
}

// line writes one line for people, escaped.
func (l *serveLog) line(style term.Style, mark, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.w, "%s %s %s\n", l.palette.Dim.Text(time.Now().Format("15:04:05.000")), style.Text(mark), term.EscapeQuoted(text))
}

func (l *serveLog) note(text string) {
	if l.json != nil {
		l.json.Info(text)
		return
	}
	l.line(term.Style{}, "·", text)
}

// news is a note of what quiet hides.
func (l *serveLog) news(text string) {
	if !l.opts.quiet {
		l.note(text)
	}
}

// listening tells where the server listens, how to reach it, and who else can.
func (l *serveLog) listening(urls, exposed []string, selfSigned bool) {
	if l.opts.quiet {
		return
	}
	if l.json != nil {
		l.json.Info("listening", "urls", urls)
		for _, addr := range exposed {
			l.json.Warn("other machines can connect", "address", addr)
		}
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, u := range urls {
		fmt.Fprintf(l.w, "listening on %s\n", l.palette.Bold.Text(term.EscapeQuoted(u)))
	}
	for _, addr := range exposed {
		fmt.Fprintf(l.w, "%s other machines can connect to %s\n", l.palette.Warning.Text("warning:"), addr)
	}
	trust := ""
	if selfSigned {
		trust = "-k "
	}
	fmt.Fprintf(l.w, "try it: wskit connect %s%s\n", trust, term.EscapeQuoted(urls[0]))
}

func (l *serveLog) opened(o wsserver.Opened) {
	if l.json != nil {
		l.json.Info("open", "conn", o.N, "name", o.Name, "remote", o.Remote, "path", o.Path, "subprotocol", o.Subprotocol, "compressed", o.Deflate != nil)
		return
	}
	text := fmt.Sprintf("#%d ", o.N)
	if o.Name != "" {
		text += fmt.Sprintf("%q ", o.Name)
	}
	text += fmt.Sprintf("open %s from %s", o.Path, o.Remote)
	if o.Subprotocol != "" {
		text += ", subprotocol " + o.Subprotocol
	}
	if o.Deflate != nil {
		text += ", " + deflateText(o.Deflate)
	}
	l.line(l.palette.OK, "+", text)
}

func (l *serveLog) closed(c wsserver.Closed) {
	s := c.Stats
	if l.json != nil {
		fields := []any{
			"conn", c.N, "code", int(c.End.Code), "by", c.End.By.String(), "reason", c.End.Reason,
			"received", s.MessagesIn, "sent", s.MessagesOut, "seconds", c.Duration.Seconds(),
		}
		if c.End.Err != nil {
			fields = append(fields, "error", cause(c.End.Err).Error())
		}
		l.json.Info("close", fields...)
		return
	}
	text := fmt.Sprintf("#%d close %s after %s: %s received, %s sent", c.N, endText(c.End), trace.FormatDuration(c.Duration),
		trace.Plural(int(s.MessagesIn), "message"), trace.Plural(int(s.MessagesOut), "message"))
	l.line(l.palette.Dim, "-", text)
}

func (l *serveLog) refused(r wsserver.Refused) {
	if l.json != nil {
		l.json.Warn("refuse", "remote", r.Remote, "path", r.Path, "status", r.Status, "reason", r.Reason, "hint", r.Hint)
		return
	}
	text := fmt.Sprintf("refused %s from %s with %d: %s", r.Path, r.Remote, r.Status, r.Reason)
	if r.Status == 0 {
		text = fmt.Sprintf("no answer to %s from %s: %s", r.Path, r.Remote, r.Reason)
	}
	if r.Hint != "" {
		text += "; " + r.Hint
	}
	l.line(l.palette.Warning, "!", text)
}

// tap logs the messages of a connection.
func (l *serveLog) tap(n uint64) func(from codec.Role, at time.Time, b []byte) {
	a := inspect.New(inspect.Config{
		Conn: int(n), Role: "server", Emit: l.event, MaxPayload: maxLogged, MaxMessage: int(max(l.most, wsconn.DefaultMaxMessage)),
	})
	a.Open(inspect.Meta{})
	return a.Data
}

// event logs a message or a problem.
func (l *serveLog) event(e trace.Event) {
	switch e := e.(type) {
	case *trace.Message:
		l.message(e)
	case *trace.Problem:
		if l.json != nil {
			l.json.Warn("problem", "conn", e.Conn, "code", e.Code, "text", e.Text)
			return
		}
		l.line(l.palette.Error, "✗", fmt.Sprintf("#%d %s: %s", e.Conn, e.Code, e.Text))
	}
}

// maxLogged is how much of a message is logged, in bytes.
const maxLogged = 200

func (l *serveLog) message(m *trace.Message) {
	data := m.Data
	if m.Opcode == codec.OpText {
		data = data[:validPrefix(data)] // it may be cut within a character
	}
	if l.json != nil {
		content := slog.String("text", string(data))
		if m.Opcode != codec.OpText {
			content = slog.String("data", base64.StdEncoding.EncodeToString(data))
		}
		l.json.Info("message", "conn", m.Conn, "from", m.From.String(), "opcode", m.Opcode.String(), "size", m.Size, content)
		return
	}
	text := fmt.Sprintf("%x", data)
	if m.Opcode == codec.OpText {
		text = `"` + string(data) + `"`
	}
	if m.Size > uint64(len(data)) {
		text += " …"
	}
	mark, style := "<", l.palette.Incoming
	if m.From == codec.RoleServer {
		mark, style = ">", l.palette.Outgoing
	}
	l.line(style, mark, fmt.Sprintf("#%d %s, %d B: %s", m.Conn, m.Opcode, m.Size, text))
}
