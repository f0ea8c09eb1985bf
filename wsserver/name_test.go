package wsserver

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestNames looks for the name of a connection in its request and in its session.
func TestNames(t *testing.T) {
	longest := strings.Repeat("n", MaxName)
	tests := []struct {
		name    string
		query   string // of the Config
		session string // its Name
		path    string
		status  int
		seen    string // by the route
		want    string // in Opened
	}{
		{name: "none", query: "name", path: "/"},
		{name: "of the request", query: "name", path: "/a?x=1&name=ann", seen: "ann", want: "ann"},
		{name: "escaped", query: "a b", path: "/?a+b=%1b%00%ff", seen: "\x1b\x00\xff", want: "\x1b\x00\xff"},
		{name: "empty", query: "name", path: "/?name="},
		{name: "given twice", query: "name", path: "/?name=ann&name=bob", seen: "ann", want: "ann"},
		{name: "not asked for", path: "/?name=ann&=bob"},
		{name: "of the session", session: "bob", path: "/", want: "bob"},
		{name: "the session decides", query: "name", session: "bob", path: "/?name=ann", seen: "ann", want: "bob"},
		{name: "longest", query: "name", path: "/?name=" + longest, seen: longest, want: longest},
		{name: "too long", query: "name", path: "/?name=n" + longest, status: 400},
		{name: "long and the session's", query: "name", session: longest, path: "/", want: longest},
		{name: "the session's is too long", session: longest + "n", path: "/", status: 500},
		{name: "bad query", query: "name", path: "/?%zz&name=ann", seen: "ann", want: "ann"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			seen := ""
			route := RouteFunc(func(r *http.Request) (*Session, error) {
				seen = RequestName(r)
				return &Session{Name: tt.session, Serve: echo}, nil
			})
			ts := serve(t, Config{NameQuery: tt.query, Mounts: []Mount{{"/", route}, {"/{room}", route}}}, nil)
			if tt.status != 0 {
				resp, _ := ts.exchanger().send(t, upgradeRequest(tt.path))
				if r := <-ts.refused; resp.StatusCode != tt.status || r.Status != tt.status {
					t.Errorf("got %s and %+v, want %d", resp.Status, r, tt.status)
				}
				return
			}
			ts.open(nil, tt.path)
			if o := <-ts.opened; o.Name != tt.want {
				t.Errorf("opened with the name %q, want %q", o.Name, tt.want)
			}
			if seen != tt.seen {
				t.Errorf("the route saw %q, want %q", seen, tt.seen)
			}
		})
	}
	if got := RequestName(&http.Request{URL: &url.URL{RawQuery: "name=ann"}}); got != "" {
		t.Errorf("a request of no server: %q, want none", got)
	}
}

// TestNameKeepsTheRequest asks for what the mux has put into the request.
func TestNameKeepsTheRequest(t *testing.T) {
	var room string
	route := RouteFunc(func(r *http.Request) (*Session, error) {
		room = r.PathValue("room")
		return &Session{Serve: echo}, nil
	})
	ts := serve(t, Config{NameQuery: "name", Mounts: []Mount{{"/{room}", route}}}, nil)
	ts.open(nil, "/den?name=ann")
	if <-ts.opened; room != "den" {
		t.Errorf("the room is %q, want den", room)
	}
}
