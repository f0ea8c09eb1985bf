package commands

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/internal/term"
	"wskit/internal/trace"
	"wskit/wsclient"
)

// A prompt is the interactive client: one loop reads lines and sends, another
// prints what comes above the line being typed.
type prompt struct {
	conn    *wsclient.Conn
	url     string
	lines   term.LineReader
	palette term.Palette
	watched bool // somebody else prints what comes
	opened  time.Time

	// guarded by mu
	mu       sync.Mutex
	pings    map[string]time.Time // sent, by payload, and not answered
	pingSeq  int
	lastPong time.Duration
}

// A slashCommand is one command of the prompt.
type slashCommand struct {
	name, args, about string
	run               func(p *prompt, arg string) error
}

// slashCommands is the table of commands, in the order of /help.
func slashCommands() []slashCommand {
	return []slashCommand{
		{"/text", "STRING", "send a text message, even an empty one", (*prompt).sendText},
		{"/binary", "HEX", "send a binary message", (*prompt).sendHex},
		{"/base64", "B64", "send a binary message", (*prompt).sendBase64},
		{"/file", "PATH", "send a file as a binary message", (*prompt).sendFile},
		{"/ping", "[DATA]", "send a ping; its pong is shown with the round trip", (*prompt).ping},
		{"/pong", "[DATA]", "send a pong that nobody asked for", (*prompt).pong},
		{"/close", "[CODE [REASON]]", "close the connection, with 1000 if nothing else is said", (*prompt).close},
		{"/status", "", "show the connection: peer, protocol, counts", (*prompt).status},
		{"/help", "", "show this list", (*prompt).help},
		{"/quit", "", "close with 1000 and leave", (*prompt).quit},
	}
}

// errQuit ends the prompt; the connection was closed as the user asked.
var errQuit = errors.New("quit")

// run runs the interactive client until the user leaves or the connection ends.
func (p *prompt) run(ctx context.Context, env *Env) error {
	p.opened = time.Now()
	p.note("connected to %s%s; a line is a message, /help lists the commands, Ctrl-D leaves", p.url, p.agreed())

	var receiver sync.WaitGroup
	receiver.Go(p.receive)
	err := p.readLines(ctx)
	p.lines.Close()
	if p.conn.Err() == nil {
		p.conn.Close(codec.CloseNormal, "")
	}
	receiver.Wait()
	var end *wsconn.CloseError
	errors.As(p.conn.Err(), &end)
	if failure := closeFailure(end); failure != nil {
		return failure
	}
	if end != nil && end.By == wsconn.Peer {
		env.note("the server closed with %s", end.Code)
	}
	return err
}

// readLines sends what is typed. It ends with nil at Ctrl-D, and when the
// connection has ended.
func (p *prompt) readLines(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { p.lines.Close() })
	defer stop()
	for {
		line, err := p.lines.ReadLine()
		switch {
		case ctx.Err() != nil:
			return interruption(ctx)
		case errors.Is(err, term.ErrInterrupt):
			return &exitError{code: exitInterrupted}
		case errors.Is(err, io.EOF), p.conn.Err() != nil:
			return nil
		case err != nil:
			return failf(exitLocalIO, "read the terminal: %w", err)
		}
		switch err := p.line(line); {
		case errors.Is(err, errQuit):
			return nil
		case err != nil && p.conn.Err() == nil:
			p.problem(err)
		}
	}
}

// line does what one typed line says.
func (p *prompt) line(line string) error {
	switch {
	case line == "":
		return nil
	case strings.HasPrefix(line, "//"):
		return p.sendText(line[1:])
	case !strings.HasPrefix(line, "/"):
		return p.sendText(line)
	}
	name, arg, _ := strings.Cut(line, " ")
	var names []string
	for _, c := range slashCommands() {
		if c.name == name {
			return c.run(p, arg)
		}
		names = append(names, c.name)
	}
	e := usagef("unknown command %s", name)
	if near := nearest(name, names); near != "" {
		return e.withHint("did you mean %s?", near)
	}
	return e.withHint("/help lists the commands; to send this line as it is, begin it with //")
}

func (p *prompt) sendText(s string) error { return p.sendEncoded(encoding{}, s) }

func (p *prompt) sendEncoded(e encoding, arg string) error {
	m, err := e.message([]byte(arg))
	if err != nil {
		return err
	}
	return p.conn.WriteMessage(m.opcode, m.data)
}

func (p *prompt) sendHex(arg string) error    { return p.sendEncoded(encoding{hex: true}, arg) }
func (p *prompt) sendBase64(arg string) error { return p.sendEncoded(encoding{base64: true}, arg) }

func (p *prompt) sendFile(path string) error {
	if path == "" {
		return usagef("/file wants a path")
	}
	f, err := openFile(path)
	if err != nil {
		return err
	}
	data, err := readFile(f)
	if err != nil {
		return err
	}
	p.note("sending %d bytes", len(data))
	m := fileMessage(data)
	return p.conn.WriteMessage(m.opcode, m.data)
}

func (p *prompt) ping(arg string) error {
	if len(arg) > codec.MaxControlPayload {
		return usagef("a ping carries at most %d bytes", codec.MaxControlPayload)
	}
	p.mu.Lock()
	if arg == "" {
		p.pingSeq++
		arg = "ping " + strconv.Itoa(p.pingSeq)
	}
	if len(p.pings) < 1000 {
		p.pings[arg] = time.Now()
	}
	p.mu.Unlock()
	return p.conn.Ping([]byte(arg))
}

func (p *prompt) pong(arg string) error {
	if len(arg) > codec.MaxControlPayload {
		return usagef("a pong carries at most %d bytes", codec.MaxControlPayload)
	}
	return p.conn.Pong([]byte(arg))
}

func (p *prompt) close(arg string) error {
	code, reason := codec.CloseNormal, ""
	if arg != "" {
		word, rest, _ := strings.Cut(arg, " ")
		n, err := strconv.ParseUint(word, 10, 16)
		code, reason = codec.CloseCode(n), rest
		if err != nil || !code.Sendable() {
			return usagef("%q is not a close code that may be sent", word).withHint("1000 to 1003, 1007 to 1014 or 3000 to 4999")
		}
	}
	if len(reason) > codec.MaxCloseReason {
		return usagef("a close reason has at most %d bytes", codec.MaxCloseReason)
	}
	p.conn.Close(code, reason)
	return errQuit
}

func (p *prompt) quit(string) error { return errQuit }

func (p *prompt) help(string) error {
	var b strings.Builder
	for _, c := range slashCommands() {
		fmt.Fprintf(&b, "  %-26s %s\n", c.name+" "+c.args, c.about)
	}
	b.WriteString("  //x                        send the text /x\n" +
		"Ctrl-C clears the line, on an empty line it closes and leaves; Ctrl-D leaves.\n")
	p.lines.Write([]byte(b.String()))
	return nil
}

func (p *prompt) status(string) error {
	s := p.conn.Stats()
	p.mu.Lock()
	rtt := p.lastPong
	p.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "  %s  %s → %s  open for %s\n", p.url, p.conn.LocalAddr(), p.conn.RemoteAddr(), time.Since(p.opened).Round(time.Second))
	fmt.Fprintf(&b, "  subprotocol %s, compression %s", orNone(p.conn.Subprotocol()), orNone(deflateText(p.conn.Deflate())))
	if p.conn.TLS != nil {
		fmt.Fprintf(&b, ", %s", tlsText(p.conn.TLS))
	}
	fmt.Fprintf(&b, "\n  sent %s, %d bytes; received %s, %d bytes", trace.Plural(int(s.MessagesOut), "message"), s.BytesOut, trace.Plural(int(s.MessagesIn), "message"), s.BytesIn)
	if rtt > 0 {
		fmt.Fprintf(&b, "; last round trip %s", trace.FormatDuration(rtt))
	}
	b.WriteByte('\n')
	p.lines.Write(term.AppendEscapedLines(nil, []byte(b.String())))
	return nil
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// agreed tells what the handshake agreed on.
func (p *prompt) agreed() string {
	var parts []string
	if s := p.conn.Subprotocol(); s != "" {
		parts = append(parts, "subprotocol "+s)
	}
	if p.conn.Deflate() != nil {
		parts = append(parts, "compressed")
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// receive prints what comes, until the connection ends, and then ends the line
// being read.
func (p *prompt) receive() {
	for {
		op, data, err := p.conn.NextMessage()
		if err != nil {
			p.lines.Close()
			return
		}
		if !p.watched {
			p.incoming(op, data)
		}
	}
}

func (p *prompt) incoming(op codec.Opcode, data []byte) {
	line := p.palette.Incoming.Append(nil, "< ")
	if op == codec.OpBinary {
		line = p.palette.Dim.Append(line, fmt.Sprintf("binary, %d bytes", len(data)))
		line = append(line, '\n')
		line = term.AppendHexDump(line, data, term.HexDump{Indent: "  ", Max: 4096, Palette: p.palette})
	} else {
		line = append(term.AppendEscapedLines(line, data), '\n')
	}
	p.lines.Write(line)
}

// control shows the answer to a ping of ours. It runs on the reading goroutine.
func (p *prompt) control(op codec.Opcode, payload []byte) {
	if op != codec.OpPong {
		return
	}
	p.mu.Lock()
	at, ours := p.pings[string(payload)]
	delete(p.pings, string(payload))
	if ours {
		p.lastPong = time.Since(at)
	}
	rtt := p.lastPong
	p.mu.Unlock()
	if ours {
		p.note("pong %q after %s", payload, trace.FormatDuration(rtt))
	}
}

// note prints a remark above the line being typed.
func (p *prompt) note(format string, args ...any) {
	text := term.Escape(fmt.Sprintf(format, args...))
	p.lines.Write([]byte(p.palette.Dim.Text("· "+text) + "\n"))
}

// problem prints an error that does not end the prompt.
func (p *prompt) problem(err error) {
	text := p.palette.Error.Text(term.Escape(err.Error()))
	var e *exitError
	if errors.As(err, &e) && e.hint != "" {
		text += "; " + term.Escape(e.hint)
	}
	p.lines.Write([]byte(text + "\n"))
}
