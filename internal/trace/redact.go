package trace

import (
	"regexp"
	"strings"

	"wskit/codec"
)

// redacted stands where a secret was.
const redacted = "[redacted]"

// secretQuery finds the values of the query parameters that hold secrets,
// secretUser the password of a URL, and secretName the headers, in lower case, that
// people have made up to carry a secret.
var (
	secretName  = regexp.MustCompile(`token|secret|password|api-?key`)
	secretQuery = regexp.MustCompile(`(?i)([?&;](?:token|access_token|key|api_key|sig|signature|password)=)[^&;#\s"]+`)
	secretUser  = regexp.MustCompile(`(://[^/?#\s:@]*:)[^/?#\s@]+@`)
)

// RedactURL returns the URL or the request target s without the values of query
// parameters that hold secrets and without a password.
func RedactURL(s string) string {
	s = secretUser.ReplaceAllString(s, "${1}"+redacted+"@")
	return secretQuery.ReplaceAllString(s, "${1}"+redacted)
}

// RedactField returns the value of a header field without its secret, if it has
// one: credentials, cookies, subprotocols that are tokens, URLs.
func RedactField(name, value string) string {
	name = strings.ToLower(name)
	switch name {
	case "authorization", "proxy-authorization":
		if scheme, _, ok := strings.Cut(value, " "); ok {
			return scheme + " " + redacted
		}
		return redacted
	case "cookie":
		return redactPairs(value, len(value))
	case "set-cookie":
		return redactPairs(value, 1)
	case "sec-websocket-protocol":
		return strings.Join(redactSubprotocols(strings.Split(value, ",")), ",")
	}
	if secretName.MatchString(name) {
		return redacted
	}
	return RedactURL(value)
}

// redactPairs redacts the values of the first n pairs of a cookie header. In
// Set-Cookie the pairs that follow the first are attributes.
func redactPairs(value string, n int) string {
	pairs := strings.Split(value, ";")
	for i := range pairs[:min(n, len(pairs))] {
		name, _, ok := strings.Cut(pairs[i], "=")
		if ok {
			pairs[i] = name + "=" + redacted
		} else {
			pairs[i] = redacted
		}
	}
	return strings.Join(pairs, ";")
}

// redactSubprotocols returns a copy of a list of subprotocols with those redacted
// that are tokens in disguise: browsers have no other header to send one in.
func redactSubprotocols(list []string) []string {
	out := make([]string, len(list))
	announced := false
	for i, s := range list {
		name := strings.TrimSpace(s)
		switch {
		case name == "":
			out[i] = s
		case announced || looksLikeToken(name):
			out[i] = strings.Replace(s, name, redacted, 1)
			announced = false
		default:
			out[i] = s
			announced = announcesToken[strings.ToLower(name)]
		}
	}
	return out
}

// announcesToken are the subprotocols that say that the next one is a token.
var announcesToken = map[string]bool{
	"bearer": true, "token": true, "access_token": true, "authorization": true, "jwt": true,
}

// looksLikeToken reports whether a subprotocol looks like a token: a JWT, something
// announced as one, or a long run of letters and digits that is no name.
func looksLikeToken(subprotocol string) bool {
	lower := strings.ToLower(subprotocol)
	if strings.Contains(lower, "bearer.") || strings.Contains(lower, "authorization.") ||
		strings.HasPrefix(subprotocol, "eyJ") {
		return true
	}
	for part := range strings.SplitSeq(subprotocol, ".") {
		var digits, lowers, uppers int
		for _, c := range part {
			switch {
			case '0' <= c && c <= '9':
				digits++
			case 'a' <= c && c <= 'z':
				lowers++
			case 'A' <= c && c <= 'Z':
				uppers++
			}
		}
		if len(part) >= 16 && (digits >= 4 || digits > 0 && lowers > 0 && uppers > 0) {
			return true
		}
	}
	return false
}

// Redacted returns a copy of o without its secrets.
func (o *Open) Redacted() *Open {
	c := *o
	c.URL = RedactURL(o.URL)
	c.Request, c.Response = o.Request.redacted(), o.Response.redacted()
	if o.Subprotocol != "" {
		c.Subprotocol = redactSubprotocols([]string{o.Subprotocol})[0]
	}
	if len(o.SubprotocolsOffered) > 0 {
		c.SubprotocolsOffered = redactSubprotocols(o.SubprotocolsOffered)
	}
	return &c
}

func (h *Head) redacted() *Head {
	if h == nil {
		return nil
	}
	c := &Head{Start: RedactURL(h.Start), Headers: make([][2]string, len(h.Headers))}
	for i, f := range h.Headers {
		c.Headers[i] = [2]string{f[0], RedactField(f[0], f[1])}
	}
	return c
}

// secretDetails are the problems whose detail quotes a line of a head, or a
// subprotocol.
var secretDetails = map[string]bool{
	codec.ErrBareLF.Code: true, codec.ErrBareCR.Code: true, codec.ErrObsFold.Code: true,
	codec.ErrFieldWithoutColon.Code: true, codec.ErrSubprotocolInvalid.Code: true,
	codec.ErrSubprotocolRepeated.Code: true, codec.ErrSubprotocolNotOffered.Code: true,
}

// sentence returns the text of p with its detail.
func (p *Problem) sentence(showSecrets bool) string {
	switch {
	case p.Detail == "" || !showSecrets && secretDetails[p.Code]:
		return p.Text
	case showSecrets:
		return p.Text + ": " + p.Detail
	}
	return p.Text + ": " + RedactURL(p.Detail)
}
