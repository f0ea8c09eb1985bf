package commands

import (
	"strings"
	"testing"

	"wskit/wsserver"
)

// TestServeLogLines looks at how the log names a connection and a request that got no
// answer. What a client sent is quoted, and escaped.
func TestServeLogLines(t *testing.T) {
	tests := []struct {
		name string
		log  func(l *serveLog)
		want string
	}{
		{name: "no name", log: func(l *serveLog) { l.opened(wsserver.Opened{N: 3, Path: "/chat", Remote: "pipe"}) }, want: "+ #3 open /chat from pipe\n"},
		{name: "name", log: func(l *serveLog) { l.opened(wsserver.Opened{N: 3, Name: "ann", Path: "/", Remote: "pipe"}) }, want: `+ #3 "ann" open / from pipe` + "\n"},
		{name: "bad name", log: func(l *serveLog) {
			l.opened(wsserver.Opened{N: 3, Name: "\" open /\n\x1b\u202e\xff", Path: "/", Remote: "pipe"})
		}, want: `+ #3 "\" open /\n\x1b\u202e\xff" open / from pipe` + "\n"},
		{name: "refused", log: func(l *serveLog) {
			l.refused(wsserver.Refused{Path: "/", Remote: "pipe", Status: 403, Reason: "no", Hint: "ask"})
		}, want: "! refused / from pipe with 403: no; ask\n"},
		{name: "dropped", log: func(l *serveLog) {
			l.refused(wsserver.Refused{Path: "/", Remote: "pipe", Reason: "the route drops it"})
		}, want: "! no answer to / from pipe: the route drops it\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			tt.log(&serveLog{w: &out})
			if _, got, _ := strings.Cut(out.String(), " "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
