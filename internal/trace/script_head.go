package trace

import (
	"fmt"
	"net/url"
	"path"
	"strings"
	"unicode/utf8"

	"wskit/codec"
)

// Bytes returns the script of the events that were added, nil when there were none. The
// error is ErrNoWebSocket.
func (s *Script) Bytes() ([]byte, error) {
	if s.first == nil {
		return nil, nil
	}
	s.settle()
	o := s.open
	if o != nil && !s.ShowSecrets {
		o = o.Redacted()
	}
	refused := o != nil && !o.Ready()
	if refused && s.Role == codec.RoleClient {
		return nil, ErrNoWebSocket
	}
	out := s.appendHead(nil, o)
	out = append(out, '\n')
	if s.Role == codec.RoleServer && o != nil {
		out = s.appendUpgrade(out, o)
	}
	if refused {
		return append(out, "\n// Without a handler it would be no script; no connection gets here.\non('connection', () => {})\n"...), nil
	}
	out = append(out, "on('connection', async ws => {\n"...)
	out = s.appendEnd(append(out, s.body...))
	return append(out, "})\n"...), nil
}

// appendHead appends the comment that a script begins with. Open is nil when it is not
// known.
func (s *Script) appendHead(dst []byte, o *Open) []byte {
	made := "Made by wskit"
	if o != nil && o.URL != "" {
		made += " from " + o.URL
	}
	if !s.first.Common().Time.IsZero() {
		made += ", recorded " + s.first.Common().Time.UTC().Format("2006-01-02 15:04:05 UTC")
	}
	dst = appendComment(dst, "", made+".")
	dst = append(dst, "// It plays the "+s.Role.String()+": "+s.runLine(o)+"\n"...)
	if s.expects > 0 {
		dst = append(dst, "//\n"...)
		dst = appendComment(dst, "", "What changes from run to run, such as times and ids, is here as it was: leave it out of an "+
			"object, or expect a RegExp or a function in place of the message.")
	}
	if left := s.leftOut(); left != "" && (o == nil || o.Ready()) {
		dst = append(dst, "//\n"...)
		dst = appendComment(dst, "", "Not reproduced: "+left+".")
	}
	return dst
}

// leftOut lists what the connection had and the script does not, but for the times.
func (s *Script) leftOut() string {
	var left []string
	for _, l := range []struct {
		n    int
		what string
	}{{s.pings, "ping"}, {s.pongs, "pong"}} {
		if l.n > 0 {
			left = append(left, Plural(l.n, l.what))
		}
	}
	if s.fragmented > 0 {
		left = append(left, "the fragments of "+Plural(s.fragmented, "message"))
	}
	if s.compressed > 0 {
		left = append(left, "the compression of "+Plural(s.compressed, "message"))
	}
	if s.broken {
		left = append(left, "what breaks a rule")
	}
	return strings.Join(left, ", ")
}

// runLine returns the command that runs the script. It is there to be pasted, so that
// what a peer sent is in quotes, or not there.
func (s *Script) runLine(o *Open) string {
	file := "FILE"
	if word, ok := shellWord(s.File); ok {
		file = word
	}
	if s.Role == codec.RoleServer {
		return "wskit serve " + servePath(o) + "=script:" + file
	}
	target, flags := "URL", ""
	if o != nil {
		for _, name := range o.SubprotocolsOffered {
			if word, ok := shellWord(name); ok {
				flags += "-s " + word + " "
			}
		}
		if word, ok := shellWord(o.URL); ok {
			target = word
		}
	}
	return "wskit connect " + flags + "--script " + file + " " + target
}

// asciiLetters are the letters, and the digits too.
const asciiLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// shellWord returns s as a word of a shell. It is not ok for one that has what quotes
// do not hold, that a command would take for a flag, or that is not short.
func shellWord(s string) (word string, ok bool) {
	const maxWord = 200
	if s == "" || s[0] == '-' || len(s) > maxWord {
		return "", false
	}
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7F || c == '\'' || c == '\\' {
			return "", false
		}
	}
	if strings.Trim(s, asciiLetters+":/._-+@%,=") == "" {
		return s, true
	}
	return "'" + s + "'", true
}

// servePath returns the pattern of a path that a server serves the script at: that of
// the request, or the one that any matches where the request's would be another
// pattern than it looks.
func servePath(o *Open) string {
	const every = "/"
	if o == nil {
		return every
	}
	target := ""
	if o.Request != nil {
		if fields := strings.Fields(o.Request.Start); len(fields) == 3 {
			target = fields[1]
		}
	}
	u, err := url.ParseRequestURI(target)
	if err != nil || u.RawPath != "" {
		return every
	}
	word, ok := shellWord(u.Path)
	if clean := path.Clean(u.Path); !ok || word != u.Path || strings.ContainsAny(u.Path, "=:%,@") ||
		u.Path != clean && u.Path != clean+"/" {
		return every
	}
	return u.Path
}

// appendUpgrade appends what decides on the handshake as the server did, if that is
// needed.
func (s *Script) appendUpgrade(dst []byte, o *Open) []byte {
	switch {
	case o.Response == nil && o.Status == 0:
		dst = appendComment(dst, "", "There was no response.")
		return append(dst, "on('upgrade', () => ({ drop: true }))\n"...)
	case !o.Ready():
		return appendRefusal(dst, o)
	case o.Subprotocol == "":
		return dst
	case o.Subprotocol != s.open.Subprotocol:
		dst = appendComment(dst, "", "The server chose a subprotocol that looks like a secret, and is not here.")
		return append(dst, '\n')
	}
	dst = append(dst, "on('upgrade', () => ({ protocol: "...)
	dst = appendString(dst, o.Subprotocol)
	return append(dst, " }))\n\n"...)
}

// The statuses that a script can refuse with.
const (
	minRefusal = 200
	maxRefusal = 599
)

// appendRefusal appends what refuses the handshake.
func appendRefusal(dst []byte, o *Open) []byte {
	status := o.Status
	if status < minRefusal || status > maxRefusal {
		status = 500
		dst = appendComment(dst, "", fmt.Sprintf("The server answered with the status %d, which a script cannot; this one has %d.", o.Status, status))
	}
	dst = fmt.Appendf(dst, "on('upgrade', () => ({\n  status: %d,\n", status)
	dst = appendHeaders(dst, o.Response)
	return append(dst, "  // The body of the response is not in the trace.\n  body: '',\n}))\n"...)
}

// ownHeaders are those of a response that its server makes itself.
var ownHeaders = map[string]bool{
	"connection": true, "upgrade": true, "content-length": true, "transfer-encoding": true, "date": true,
	"keep-alive": true, "te": true, "trailer": true,
	"sec-websocket-accept": true, "sec-websocket-extensions": true, "sec-websocket-protocol": true,
}

// appendHeaders appends the headers of a refusal, as an object.
func appendHeaders(dst []byte, h *Head) []byte {
	if h == nil {
		return dst
	}
	var names []string
	values := make(map[string][]string) // by the names in lower case
	for _, f := range h.Headers {
		key := strings.ToLower(f[0])
		if !isFieldName(f[0]) || !isFieldValue(f[1]) || ownHeaders[key] || key == "__proto__" {
			continue
		}
		if values[key] == nil {
			names = append(names, f[0])
		}
		values[key] = append(values[key], f[1])
	}
	if len(names) == 0 {
		return dst
	}
	dst = append(dst, "  headers: {\n"...)
	for _, name := range names {
		dst = append(appendKey(append(dst, "    "...), name), ": "...)
		list := values[strings.ToLower(name)]
		if len(list) > 1 {
			dst = append(dst, '[')
		}
		for i, value := range list {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = appendString(dst, value)
		}
		if len(list) > 1 {
			dst = append(dst, ']')
		}
		dst = append(dst, ",\n"...)
	}
	return append(dst, "  },\n"...)
}

// isFieldName and isFieldValue report whether a server could send s as the name or the
// value of a header field.
func isFieldName(s string) bool {
	return s != "" && strings.Trim(s, asciiLetters+"!#$%&'*+-.^_`|~") == ""
}

func isFieldValue(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7F })
}
