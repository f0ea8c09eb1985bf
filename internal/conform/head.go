package conform

import (
	"bytes"
	"slices"
	"strings"

	"wskit/codec"
)

// A head is the head of a request or a response that is to be sent, as wrong as it is
// asked to be: nothing in it is checked.
type head struct {
	start string
	// fields are the header lines. One without a name is written as its value is,
	// without a colon.
	fields []codec.Field
	// end is the blank line, and what is to follow it.
	end string
	// edit changes the bytes of the whole, nil for not at all.
	edit func([]byte) []byte
}

func newHead(h codec.Head) head {
	return head{start: h.Start, fields: slices.Clone(h.Fields), end: "\r\n"}
}

func (h head) bytes() []byte {
	var b bytes.Buffer
	b.WriteString(h.start + "\r\n")
	for _, f := range h.fields {
		if f.Name != "" {
			b.WriteString(f.Name + ": ")
		}
		b.WriteString(f.Value + "\r\n")
	}
	b.WriteString(h.end)
	if h.edit != nil {
		return h.edit(b.Bytes())
	}
	return b.Bytes()
}

// set replaces the value of a field, or adds the field.
func (h *head) set(name, value string) {
	for i := range h.fields {
		if strings.EqualFold(h.fields[i].Name, name) {
			h.fields[i].Value = value
			return
		}
	}
	h.add(name, value)
}

func (h *head) add(name, value string) {
	h.fields = append(h.fields, codec.Field{Name: name, Value: value})
}

// line adds a header line that is written as it is.
func (h *head) line(s string) { h.add("", s) }

// get returns the value of the first field of that name.
func (h *head) get(name string) (value string, ok bool) {
	for _, f := range h.fields {
		if strings.EqualFold(f.Name, name) {
			return strings.Trim(f.Value, " \t"), true
		}
	}
	return "", false
}

// values returns the values of all fields of that name.
func (h *head) values(name string) []string {
	var values []string
	for _, f := range h.fields {
		if strings.EqualFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	return values
}

func (h *head) drop(name string) {
	h.fields = slices.DeleteFunc(h.fields, func(f codec.Field) bool { return strings.EqualFold(f.Name, name) })
}

// recase spells the names of all fields as f does.
func (h *head) recase(f func(string) string) {
	for i := range h.fields {
		h.fields[i].Name = f(h.fields[i].Name)
	}
}

// relay writes a field of that name as a line of its own, as f makes it of the value.
func (h *head) relay(name string, f func(value string) string) {
	for i := range h.fields {
		if strings.EqualFold(h.fields[i].Name, name) {
			h.fields[i] = codec.Field{Value: f(h.fields[i].Value)}
		}
	}
}

// method, target and version replace a part of a request line.
func (h *head) method(method string) {
	_, rest, _ := strings.Cut(h.start, " ")
	h.start = method + " " + rest
}

func (h *head) target(f func(string) string) {
	method, rest, _ := strings.Cut(h.start, " ")
	target, version, _ := strings.Cut(rest, " ")
	h.start = method + " " + f(target) + " " + version
}

func (h *head) version(version string) {
	i := strings.LastIndexByte(h.start, ' ')
	h.start = h.start[:i+1] + version
}

// surroundSpace puts white space around all values.
func surroundSpace(h *head) {
	for i := range h.fields {
		h.fields[i].Value = " \t" + h.fields[i].Value + "\t  "
	}
}

// These are for head.edit.
func withoutSpaces(b []byte) []byte { return bytes.ReplaceAll(b, []byte(": "), []byte(":")) }

func bareLF(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")) }

// with sets a field.
func with(name, value string) func(*head) { return func(h *head) { h.set(name, value) } }

// without takes a field away.
func without(name string) func(*head) { return func(h *head) { h.drop(name) } }

// adding adds a field to those that are there.
func adding(name, value string) func(*head) { return func(h *head) { h.add(name, value) } }

// line adds a header line that is written as it is.
func line(s string) func(*head) { return func(h *head) { h.line(s) } }
