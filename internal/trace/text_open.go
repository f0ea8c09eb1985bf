package trace

import (
	"fmt"
	"slices"
	"strings"

	"wskit/codec"
	"wskit/internal/term"
)

// openIndent is how far the lines of the handshake after the first stand in.
const openIndent = 3

func (t *Text) writeOpen(o *Open) {
	if !t.ShowSecrets {
		o = o.Redacted()
	}
	mark := fmt.Sprintf("#%d ", o.Conn)
	t.add(t.Palette.Bold, mark)
	var address string
	if o.Src != "" || o.Dst != "" {
		address = o.Src + " → " + o.Dst
	}
	t.addParts(len(mark), o.URL, address, o.HTTPVersion)
	t.addLine(t.handshakeParts(o)...)
	if o.TLS != nil {
		t.addLine(tlsParts(o.TLS)...)
	}
	if parts := t.deflateParts(o); parts != nil {
		t.addLine(parts...)
	}
	if parts := timingParts(o); parts != nil {
		t.addLine(parts...)
	}
	if t.Headers {
		t.addHead(t.arrow(codec.RoleClient), o.Request)
	}
	if t.Headers || !o.Ready() {
		t.addHead(t.arrow(codec.RoleServer), o.Response)
	}
}

// addLine appends an indented line of parts.
func (t *Text) addLine(parts ...string) {
	t.line = append(t.line, strings.Repeat(" ", openIndent)...)
	t.addParts(openIndent, parts...)
}

// addParts appends the parts that are not empty, escaped and some spaces apart,
// over as many lines as they need, and ends the last. Before it stand col cells.
func (t *Text) addParts(col int, parts ...string) {
	const gap = 3
	first := true
	for _, part := range parts {
		if part == "" {
			continue
		}
		part = term.Escape(part)
		cells := term.Cells(part)
		if !first {
			if t.Width > 0 && col+gap+cells > t.Width {
				t.endLine()
				t.line = append(t.line, strings.Repeat(" ", openIndent)...)
				col = openIndent
			} else {
				t.line = append(t.line, strings.Repeat(" ", gap)...)
				col += gap
			}
		}
		first = false
		if t.Width > 0 {
			part = term.Fit(part, max(t.Width-col, minWrap))
		}
		t.line = append(t.line, t.colorMarks(part)...)
		col += cells
	}
	t.endLine()
}

// colorMarks colours the ✓ and ✗ of a part.
func (t *Text) colorMarks(s string) string {
	s = strings.ReplaceAll(s, " ✓", " "+t.Palette.OK.Text("✓"))
	return strings.ReplaceAll(s, " ✗", " "+t.Palette.Error.Text("✗"))
}

// handshakeParts says what was asked for and what was answered.
func (t *Text) handshakeParts(o *Open) []string {
	var request string
	if o.Request != nil {
		request = strings.TrimSuffix(o.Request.Start, " "+o.HTTPVersion) + " "
	}
	switch {
	case o.Response == nil:
		return []string{request + "→ no response"}
	case !o.Ready():
		_, status, _ := strings.Cut(o.Response.Start, " ")
		return []string{request + "→ " + status + " in " + millis(o.Handshake)}
	}
	parts := []string{request + "→ 101 in " + millis(o.Handshake), "accept " + check(o.AcceptValid)}
	offered := fmt.Sprintf(" (offered %d)", len(o.SubprotocolsOffered))
	switch {
	case o.Subprotocol != "":
		parts = append(parts, "subprotocol "+o.Subprotocol+" "+
			check(slices.Contains(o.SubprotocolsOffered, o.Subprotocol))+offered)
	case len(o.SubprotocolsOffered) > 0:
		parts = append(parts, "no subprotocol"+offered)
	}
	return parts
}

func check(ok bool) string {
	if ok {
		return "✓"
	}
	return "✗"
}

// deflateParts says what became of compression, nil when nobody named it.
func (t *Text) deflateParts(o *Open) []string {
	if d := o.Deflate; d != nil {
		parts := []string{codec.DeflateName + " ✓"}
		for _, r := range []codec.Role{codec.RoleClient, codec.RoleServer} {
			takeover := "takeover"
			if !d.Takeover(r) {
				takeover = "no takeover"
			}
			parts = append(parts, fmt.Sprintf("%s %d bits %s", r, d.WindowBits(r), takeover))
		}
		return parts
	}
	if o.Extensions != nil && o.Ready() {
		for _, e := range o.Extensions.Offered {
			if e.Name == codec.DeflateName {
				return []string{codec.DeflateName + " offered, declined"}
			}
		}
	}
	return nil
}

func tlsParts(s *TLS) []string {
	parts := []string{s.Version + " " + s.Cipher}
	if s.ALPN != "" {
		parts = append(parts, "alpn "+s.ALPN)
	}
	if s.SNI != "" {
		parts = append(parts, "sni "+s.SNI)
	}
	if s.Peer != nil {
		parts = append(parts, s.Peer.Subject+" until "+s.Peer.NotAfter.Format("2006-01-02"))
	}
	return parts
}

func timingParts(o *Open) []string {
	var parts []string
	for _, step := range []struct {
		name string
		took Millis
	}{{"dns", o.DNS}, {"connect", o.Connect}, {"tls", o.TLSTime}} {
		if step.took > 0 {
			parts = append(parts, step.name+" "+millis(step.took))
		}
	}
	return parts
}

// addHead appends the lines of a head.
func (t *Text) addHead(arrow string, h *Head) {
	if h == nil {
		return
	}
	t.addHeadLine(arrow, h.Start)
	for _, f := range h.Headers {
		t.addHeadLine(arrow, f[0]+": "+f[1])
	}
}

func (t *Text) addHeadLine(arrow, s string) {
	t.line = append(t.line, strings.Repeat(" ", openIndent)...)
	t.line = append(t.line, arrow...)
	width := 0
	if t.Width > 0 {
		width = max(t.Width-openIndent-2, minWrap)
	}
	t.line = append(t.line, ' ')
	t.add(t.Palette.Dim, term.Fit(term.Escape(s), width))
	t.endLine()
}
