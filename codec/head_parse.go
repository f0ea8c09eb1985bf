package codec

import (
	"bytes"
	"fmt"
	"strings"
)

// ParseHead decodes the head of an HTTP/1.1 message that b starts with and reports
// its size n, the blank line included. It returns ErrShort, and n zero, while the
// blank line is missing. With a *HandshakeError, which says how the head breaks
// the syntax of RFC 9112, h holds the lines before the one that broke the rule and
// n their size.
//
// ParseHead begins anew at each call and has no limits. For a head that arrives in
// pieces from somebody who is not trusted, use a [HeadParser].
func ParseHead(b []byte) (h Head, n int, err error) {
	return new(HeadParser).Parse(b)
}

// A HeadParser decodes heads that arrive in pieces, and looks at no byte twice: a
// head that comes byte by byte costs linear time.
//
// The exported fields are set before the first call of Parse and then left alone.
type HeadParser struct {
	// MaxBytes is the largest size of a head, the blank line included. If zero,
	// there is no limit.
	MaxBytes int
	// MaxFields is the largest number of header fields. If zero, there is no
	// limit.
	MaxFields int
	// Report makes the parser lenient: it is called with each violation, and
	// parsing goes on unless the violation's Recovery is StreamLost. If nil,
	// the parser is strict: the first violation is returned and stays.
	Report func(*HandshakeError)

	head  Head
	lines int    // that were taken, the start line first
	line  int    // where the line in progress begins
	seen  int    // bytes that were searched for its end
	fold  []byte // the last field's value when it was folded
	err   error  // sticky
}

// Parse decodes the head that b starts with. Each call is given the bytes of the
// calls before, unchanged, and those that came since:
//
//	for {
//		n, err := conn.Read(buf[end:cap(buf)])
//		end += n
//		head, size, err := p.Parse(buf[:end])
//		// ErrShort: read on. Else buf[size:end] is what follows the head.
//	}
//
// It returns ErrShort while the head is not complete, together with the lines so
// far, and what [ParseHead] says otherwise. A head that is complete belongs to the
// caller, and the next call begins another, with the bytes behind this one. A start
// line that is not HTTP is reported as soon as it shows.
func (p *HeadParser) Parse(b []byte) (h Head, n int, err error) {
	if p.err != nil {
		return p.head, p.line, p.err
	}
	if p.MaxBytes > 0 && len(b) > p.MaxBytes {
		b = b[:p.MaxBytes]
	}
	done, err := p.takeLines(b)
	if done {
		h, n = p.head, p.line
		*p = HeadParser{MaxBytes: p.MaxBytes, MaxFields: p.MaxFields, Report: p.Report}
		return h, n, nil
	}
	if err == nil && p.MaxBytes > 0 && len(b) == p.MaxBytes {
		err = p.report(ErrHeadTooLarge, fmt.Sprintf("limit %d bytes", p.MaxBytes))
	}
	if err != nil {
		p.err = err
		return p.head, p.line, err
	}
	return p.head, 0, ErrShort
}

// takeLines takes the lines that b completes and reports whether they end the head.
func (p *HeadParser) takeLines(b []byte) (done bool, err error) {
	for !done {
		end, whole := len(b), false
		if i := bytes.IndexByte(b[p.seen:], '\n'); i >= 0 {
			end, whole = p.seen+i, true
		}
		if p.lines == 0 {
			if err := p.checkText(b[p.seen:end]); err != nil {
				return false, err
			}
		}
		p.seen = end
		if !whole {
			return false, nil
		}
		if done, err = p.takeLine(string(b[p.line:end])); err != nil {
			return false, err
		}
		p.lines++
		p.line, p.seen = end+1, end+1
	}
	return true, nil
}

// checkText looks for what no start line has, so that a peer that speaks something
// binary, and never ends a line, is found out.
func (p *HeadParser) checkText(b []byte) error {
	for _, c := range b {
		if c < 0x20 && c != '\t' && c != '\r' || c == 0x7F {
			return p.report(ErrInvalidStartLine, fmt.Sprintf("byte 0x%02X", c))
		}
	}
	return nil
}

// takeLine takes a line without its LF and reports whether it ends the head.
func (p *HeadParser) takeLine(line string) (done bool, err error) {
	line, ok := strings.CutSuffix(line, "\r")
	if !ok {
		if err := p.report(ErrBareLF, p.place()); err != nil {
			return false, err
		}
	}
	if strings.Contains(line, "\r") {
		if err := p.report(ErrBareCR, p.place()); err != nil {
			return false, err
		}
		line = strings.ReplaceAll(line, "\r", " ")
	}
	if p.lines == 0 {
		return false, p.takeStart(line)
	}
	if line != "" && (line[0] == ' ' || line[0] == '\t') {
		return false, p.takeFold(line)
	}
	if p.fold != nil {
		p.head.Fields[len(p.head.Fields)-1].Value = string(p.fold)
		p.fold = nil
	}
	if line == "" {
		return true, nil
	}
	return false, p.takeField(line)
}

func (p *HeadParser) takeStart(line string) error {
	var err error
	if strings.HasPrefix(line, "HTTP/") {
		_, err = ParseStatusLine(line)
	} else {
		_, err = ParseRequestLine(line)
	}
	if err != nil {
		return p.report(ErrInvalidStartLine, quote(line))
	}
	p.head.Start = line
	return nil
}

// takeFold takes a line that continues the one before (RFC 9112 §5.2), as if it
// had been there with a space between. One after the start line is passed over
// (§2.2).
func (p *HeadParser) takeFold(line string) error {
	if err := p.report(ErrObsFold, p.place()); err != nil {
		return err
	}
	if len(p.head.Fields) == 0 {
		return nil
	}
	if p.fold == nil {
		p.fold = []byte(p.head.Fields[len(p.head.Fields)-1].Value)
	}
	p.fold = append(p.fold, ' ')
	p.fold = append(p.fold, trimSpace(line)...)
	return p.checkValue(p.head.Fields[len(p.head.Fields)-1].Name, line)
}

func (p *HeadParser) takeField(line string) error {
	name, value, ok := strings.Cut(line, ":")
	if !ok {
		return p.report(ErrFieldWithoutColon, p.place())
	}
	if bare := strings.TrimRight(name, " \t"); bare != name {
		if err := p.report(ErrSpaceBeforeColon, quote(name)); err != nil {
			return err
		}
		name = bare
	}
	if !isToken(name) {
		if err := p.report(ErrInvalidFieldName, quote(name)); err != nil {
			return err
		}
	}
	if err := p.checkValue(name, value); err != nil {
		return err
	}
	if p.MaxFields > 0 && len(p.head.Fields) == p.MaxFields {
		if err := p.report(ErrTooManyFields, fmt.Sprintf("limit %d", p.MaxFields)); err != nil {
			return err
		}
	}
	p.head.Fields = append(p.head.Fields, Field{Name: name, Value: trimSpace(value)})
	return nil
}

func (p *HeadParser) checkValue(name, value string) error {
	if i := controlAt(value); i >= 0 {
		return p.report(ErrInvalidFieldValue, fmt.Sprintf("byte 0x%02X in %s", value[i], quote(name)))
	}
	return nil
}

// place says which line is in progress. Its text may be a secret.
func (p *HeadParser) place() string { return fmt.Sprintf("line %d", p.lines+1) }

// report returns the error where parsing must stop.
func (p *HeadParser) report(v *Violation, detail string) error {
	e := &HandshakeError{Violation: v, Detail: detail}
	if p.Report == nil {
		return e
	}
	p.Report(e)
	if v.Recovery == StreamLost {
		return e
	}
	return nil
}
