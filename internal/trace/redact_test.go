package trace

import (
	"strings"
	"testing"

	"wskit/codec"
)

func TestRedactURL(t *testing.T) {
	for _, tt := range []struct{ name, url, want string }{
		{name: "nothing", url: "wss://example.com/chat?room=1#x", want: "wss://example.com/chat?room=1#x"},
		{name: "token", url: "ws://h/?token=abc&room=1", want: "ws://h/?token=[redacted]&room=1"},
		{name: "all of them", url: "/?a=1&access_token=x;key=y&api_key=z&SIG=1&signature=2&password=3", want: "/?a=1&access_token=[redacted];key=[redacted]&api_key=[redacted]&SIG=[redacted]&signature=[redacted]&password=[redacted]"},
		{name: "before a fragment", url: "/?key=abc#frag", want: "/?key=[redacted]#frag"},
		{name: "start line", url: "GET /?sig=abc HTTP/1.1", want: "GET /?sig=[redacted] HTTP/1.1"},
		{name: "other names", url: "/?monkey=1&tokens=2&keys=3", want: "/?monkey=1&tokens=2&keys=3"},
		{name: "password of a user", url: "wss://me:secret@h/?x=1", want: "wss://me:[redacted]@h/?x=1"},
		{name: "port and at sign", url: "ws://h:80/a@b", want: "ws://h:80/a@b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := RedactURL(tt.url); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRedactField(t *testing.T) {
	const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl"
	for _, tt := range []struct{ name, field, value, want string }{
		{name: "basic", field: "Authorization", value: "Basic dXNlcjpwYXNz", want: "Basic [redacted]"},
		{name: "no scheme", field: "proxy-authorization", value: "abc", want: "[redacted]"},
		{name: "cookies", field: "Cookie", value: "sid=abc; theme=dark", want: "sid=[redacted]; theme=[redacted]"},
		{name: "cookie without a name", field: "cookie", value: "abc", want: "[redacted]"},
		{name: "set-cookie", field: "Set-Cookie", value: "sid=abc; Path=/; HttpOnly", want: "sid=[redacted]; Path=/; HttpOnly"},
		{name: "location", field: "Location", value: "https://h/?token=abc", want: "https://h/?token=[redacted]"},
		{name: "an API key", field: "X-API-Key", value: "abc", want: "[redacted]"},
		{name: "a token", field: "X-Auth-Token", value: "abc", want: "[redacted]"},
		{name: "the key of the handshake", field: "Sec-WebSocket-Key", value: "dGhlIHNhbXBsZSBub25jZQ==", want: "dGhlIHNhbXBsZSBub25jZQ=="},
		{name: "subprotocols", field: "Sec-WebSocket-Protocol", value: "graphql-transport-ws, v12.stomp, actioncable-v1-json, wamp.2.msgpack.batched, base64.binary.k8s.io", want: "graphql-transport-ws, v12.stomp, actioncable-v1-json, wamp.2.msgpack.batched, base64.binary.k8s.io"},
		{name: "a JWT", field: "sec-websocket-protocol", value: "chat, " + jwt, want: "chat, [redacted]"},
		{name: "a token that is announced", field: "Sec-WebSocket-Protocol", value: "Bearer, abc, chat", want: "Bearer, [redacted], chat"},
		{name: "kubernetes", field: "Sec-WebSocket-Protocol", value: "base64url.bearer.authorization.k8s.io.YWJj,v4.channel.k8s.io", want: "[redacted],v4.channel.k8s.io"},
		{name: "hexadecimal", field: "Sec-WebSocket-Protocol", value: "0123456789abcdef0123", want: "[redacted]"},
		{name: "random", field: "Sec-WebSocket-Protocol", value: "aB3dE5gH7jK9mN1p", want: "[redacted]"},
		{name: "announced, and nothing", field: "Sec-WebSocket-Protocol", value: "bearer, , x", want: "bearer, , [redacted]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := RedactField(tt.field, tt.value); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestSecretsStayHome checks that no form of output shows a secret unless asked to.
func TestSecretsStayHome(t *testing.T) {
	const secret = "eyJSECRET"
	events := []Event{
		&Open{
			URL: "ws://u:" + secret + "@h/?key=" + secret, Subprotocol: secret, SubprotocolsOffered: []string{secret}, Status: 401,
			Request: &Head{Start: "GET /?token=" + secret + " HTTP/1.1", Headers: [][2]string{
				{"Authorization", "Bearer " + secret},
				{"Cookie", "a=" + secret},
				{"Sec-WebSocket-Protocol", secret},
				{"Referer", "http://h/?sig=" + secret},
			}},
			Response: &Head{Start: "HTTP/1.1 401 No", Headers: [][2]string{{"Set-Cookie", "a=" + secret}}},
		},
		NewProblem(codec.ErrObsFold.Code, codec.RoleClient, "Authorization: "+secret),
		NewProblem(codec.ErrSubprotocolNotOffered.Code, codec.RoleServer, secret),
		NewProblem(codec.ErrInvalidStartLine.Code, codec.RoleClient, "GET /?token="+secret),
	}
	for i, e := range events {
		for _, show := range []bool{false, true} {
			var text strings.Builder
			writer := Text{Headers: true, ShowSecrets: show, w: &text}
			if err := writer.Write(e); err != nil {
				t.Fatal(err)
			}
			for form, out := range map[string]string{"text": text.String(), "JSON": write(t, Writer{ShowSecrets: show}, e)} {
				if got := strings.Contains(out, secret); got != show {
					t.Errorf("event %d as %s, secrets asked for: %t, shown: %t in\n%s", i, form, show, got, out)
				}
			}
		}
	}
	if o := events[0].(*Open); !strings.Contains(o.URL, secret) || !strings.Contains(o.Request.Headers[0][1], secret) {
		t.Error("redacting changed the event")
	}
}
