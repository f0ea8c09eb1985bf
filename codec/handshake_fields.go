package codec

import (
	"errors"
	"fmt"
	"strings"
)

// HandshakeField reports whether the header of that name belongs to the opening
// handshake or to the framing of HTTP, so that nobody else may set it: Upgrade,
// Connection, Content-Length, Transfer-Encoding and all that begin with
// Sec-WebSocket-.
func HandshakeField(name string) bool {
	const prefix = "Sec-WebSocket-"
	if len(name) >= len(prefix) && equalFold(name[:len(prefix)], prefix) {
		return true
	}
	for _, own := range [...]string{"Upgrade", "Connection", "Content-Length", "Transfer-Encoding"} {
		if equalFold(name, own) {
			return true
		}
	}
	return false
}

// checkExtra returns an error, which names the header, unless f may be added to
// the head of a handshake.
func checkExtra(f Field) error {
	err := CheckField(f)
	if err == nil && HandshakeField(f.Name) {
		err = errors.New("the handshake sets it")
	}
	if err != nil {
		return fmt.Errorf("header %q: %w", f.Name, err)
	}
	return nil
}

// joinTokens returns a list header, or an error unless each element is a token
// that comes once.
func joinTokens(name string, tokens []string) (string, error) {
	seen := make(map[string]bool)
	for _, token := range tokens {
		switch {
		case !isToken(token):
			return "", fmt.Errorf("%s %q: not a token", name, token)
		case seen[token]:
			return "", fmt.Errorf("%s %q: given twice", name, token)
		}
		seen[token] = true
	}
	return strings.Join(tokens, ", "), nil
}
