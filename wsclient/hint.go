package wsclient

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/url"
	"strings"
	"syscall"
)

// connectHint says what to try when there is no connection.
func connectHint(u *URL, err error) string {
	dns, _ := errors.AsType[*net.DNSError](err)
	switch {
	case dns != nil && dns.IsNotFound:
		return "check the spelling of the name"
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such socket; is the server running?"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there; is the server running, and is it this port?"
	case u.Socket == "" && isTimeout(err):
		return "a firewall may drop what is sent there; --connect-timeout gives it more time"
	}
	return ""
}

// alertHints says what to try for an alert of TLS (RFC 8446 §6).
var alertHints = map[string]string{
	tls.AlertError(40).Error():  "the server may want a certificate of the client, --cert FILE --key FILE, or other versions of TLS",
	tls.AlertError(42).Error():  "the server wants another certificate of the client: --cert FILE --key FILE",
	tls.AlertError(70).Error():  "the server speaks none of the versions of TLS that are safe",
	tls.AlertError(116).Error(): "the server wants a certificate of the client: --cert FILE --key FILE",
	tls.AlertError(120).Error(): "the server does not speak HTTP/1.1, which a WebSocket needs",
}

// alert returns the alert that the peer sent, which crypto/tls tells by its text
// only.
func alert(err error) (text string, ok bool) {
	op, ok := errors.AsType[*net.OpError](err)
	if !ok || op.Op != "remote error" {
		return "", false
	}
	return op.Err.Error(), true
}

// tlsHint says what to try when TLS fails.
func tlsHint(u *URL, err error) string {
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return meantOther("the server does not speak TLS", u)
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "--cacert FILE trusts its issuer, -k any certificate"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "--servername NAME verifies another name, -k none"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "-k accepts any certificate"
	}
	if text, ok := alert(err); ok {
		return alertHints[text]
	}
	if errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
		return meantOther("the server may not speak TLS", u)
	}
	return ""
}

// meantOther adds to what is wrong that the URL could have the other scheme, for
// the same port; a unix URL has none.
func meantOther(wrong string, u *URL) string {
	if u.Host == "" {
		return wrong
	}
	other := *u
	other.Secure = !u.Secure
	return wrong + "; did you mean " + other.String() + " ?"
}

// explain adds a hint to a failed handshake.
func (c *Conn) explain(err error, u *URL) error {
	e, ok := errors.AsType[*HandshakeError](err)
	if !ok {
		return err
	}
	if _, ok := alert(e.Err); ok {
		// In TLS 1.3 the server judges the client's certificate after the
		// client is done.
		_, addr := u.Addr()
		return &DialError{Op: OpTLS, Addr: addr, Err: e.Err, hint: tlsHint(u, e.Err)}
	}
	switch {
	case errors.Is(e.Err, ErrNotHTTP):
		e.hint = protocolHint(e, u)
	case e.Response.Start == c.Request.Start:
		e.hint = "the server sends back what it gets: it is an echo server for TCP"
	case errors.Is(e.Err, ErrRefused):
		e.hint = statusHint(e, u)
	case errors.Is(e.Err, ErrNoAnswer) && !u.Secure:
		e.hint = meantOther("it may not be a WebSocket server, or want TLS", u)
	}
	return e
}

// protocolHint says what else than HTTP came.
func protocolHint(e *HandshakeError, u *URL) string {
	switch b := e.raw; {
	case len(b) >= 2 && (b[0] == 0x15 || b[0] == 0x16) && b[1] == 3:
		return meantOther("the server speaks TLS", u)
	case len(b) >= 9 && bytes.Equal(b[3:9], []byte{4, 0, 0, 0, 0, 0}): // SETTINGS (RFC 9113 §6.5)
		return "the server speaks HTTP/2 only; a WebSocket needs HTTP/1.1"
	case bytes.HasPrefix(b, []byte("SSH-")):
		return "the server speaks SSH"
	}
	return "it is not a WebSocket server"
}

// statusHint says what to try when the server refuses.
func statusHint(e *HandshakeError, u *URL) string {
	switch e.Status {
	case 200:
		return "this path serves plain HTTP; check the path"
	case 301, 302, 303, 307, 308:
		if to := redirectTarget(e.Response.Get("Location"), u); to != "" {
			return "the server redirects; did you mean " + to + " ?"
		}
	case 400:
		if bytes.Contains(e.Body, []byte("HTTPS")) {
			return meantOther("the server wants TLS", u)
		}
	case 401:
		return "give credentials: -u USER:PASS, or -H 'Authorization: Bearer TOKEN'"
	case 403:
		return "the server may want an Origin, such as -o " + pageOrigin(u) + ", or credentials"
	case 404:
		return "check the path"
	case 426:
		return "a proxy in between may drop the Upgrade header"
	case 502, 503, 504:
		return "the server behind this one may be down"
	}
	return ""
}

// redirectTarget returns the URL that a Location points to, "" where it is none that
// can be dialled.
func redirectTarget(location string, from *URL) string {
	if location == "" || from.Host == "" {
		return ""
	}
	base, err := url.Parse(from.String())
	if err != nil {
		return ""
	}
	to, err := base.Parse(location)
	if err != nil {
		return ""
	}
	to.Fragment, to.User = "", nil
	u, err := ParseURL(to.String())
	if err != nil {
		return ""
	}
	return u.String()
}

// pageOrigin returns the origin of a page of the same server.
func pageOrigin(u *URL) string {
	if u.Host == "" {
		return "http://localhost"
	}
	return "http" + strings.TrimPrefix(u.Origin(), "ws")
}
