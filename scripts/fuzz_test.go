package scripts

import (
	"context"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"wskit/codec"
)

// FuzzScript runs any text as a script, and as the handler of a connection, and says
// something to it. It must end in time, and tell a place that is in the script.
func FuzzScript(f *testing.F) {
	for _, b := range Library() {
		f.Add(b.Source, "hello", false)
	}
	for _, s := range []string{
		"ws.onmessage = e => ws.send(e.data)", "await ws.expect({ a: 1 })", "ws.send((await ws.receive(/h(.)/)).match[1])",
		"while (true);", "throw null", "ws.raw.frame({ rsv: 7, opcode: 15 })", "class A { #b = 1; get c() { return this.#b } }", "`${`",
	} {
		f.Add(s, `{"a":[1]}`, true)
	}
	f.Fuzz(func(t *testing.T, text, message string, handler bool) {
		// What no watchdog can end in time: see the limits in scripts/README.md.
		if strings.Contains(text, "**") || strings.Contains(text, "<<") || strings.Contains(text, "=>") && len(text) > 10_000 {
			t.Skip()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		lines := strings.Count(text, "\n") + 1
		check := func(f *Failure) {
			if f.Line < 0 || f.Line > lines || f.Column < 0 || f.Error() == "" || !utf8.ValidString(f.Caret()) {
				t.Errorf("%+v is no place in %d lines", f, lines)
			}
		}
		e, err := Start(ctx, Config{Name: "fuzz.js", Source: text, Handler: handler, TurnLimit: 100 * time.Millisecond, Wait: 10 * time.Millisecond, Report: check})
		if err != nil {
			if f, ok := err.(*Failure); ok {
				check(f)
			}
			return
		}
		defer e.Close()
		c, ended := connect(t, e)
		c.WriteMessage(codec.OpText, []byte(strings.ToValidUTF8(message, "?")))
		c.Close(codec.CloseNormal, "")
		<-ended
		e.Shutdown()
	})
}
