package commands

import (
	"encoding/base64"
	"net/url"
	"os"
	"strings"
	"unicode"

	"wskit/codec"
)

// readHeaders reads the values of -H: 'NAME: VALUE', or @FILE with one a line.
func readHeaders(values []string) ([]codec.Field, error) {
	var fields []codec.Field
	for _, v := range values {
		lines := []string{v}
		if path, ok := strings.CutPrefix(v, "@"); ok {
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, usagef("--header: %w", err)
			}
			lines = strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
		}
		for _, line := range lines {
			if line == "" && len(lines) > 1 {
				continue
			}
			f, err := parseHeader(line)
			if err != nil {
				return nil, err
			}
			fields = append(fields, f)
		}
	}
	return fields, nil
}

func parseHeader(line string) (codec.Field, error) {
	name, value, ok := strings.Cut(line, ":")
	switch {
	case !ok:
		return codec.Field{}, usagef("--header: %q has no colon", line).withHint("-H 'Name: value'")
	case !isToken(name):
		return codec.Field{}, usagef("--header: %q is not a header name", name).withHint("letters, digits and -, before a colon: -H 'Name: value'")
	case strings.ContainsAny(value, "\r\n\x00"):
		return codec.Field{}, usagef("--header: the value of %s has a line break or a NUL in it", name).withHint("one header for each -H")
	}
	return codec.Field{Name: name, Value: strings.TrimSpace(value)}, nil
}

// basicAuth returns the header for the value of -u (RFC 7617 §2).
func basicAuth(user string) (codec.Field, error) {
	switch {
	case !strings.Contains(user, ":"):
		return codec.Field{}, usagef("--user: there is no colon").withHint("-u NAME:PASSWORD")
	case strings.ContainsFunc(user, unicode.IsControl):
		return codec.Field{}, usagef("--user: there is a control character in it")
	}
	token := base64.StdEncoding.EncodeToString([]byte(user))
	return codec.Field{Name: "Authorization", Value: "Basic " + token}, nil
}

// isToken reports whether s is a token of RFC 9110 §5.6.2.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		alnum := '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !alnum && !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(c)) {
			return false
		}
	}
	return s != ""
}

// checkOrigin reports whether s can be an Origin header: null, or a scheme, a host
// and perhaps a port (RFC 6454 §7).
func checkOrigin(s string) error {
	if s == "" || s == "null" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" || u.Host == "" || u.Path != "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return usagef("--origin: %q is not an origin", s).withHint("a scheme and a host: https://example.com, or null")
	}
	return nil
}
