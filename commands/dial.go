package commands

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"slices"
	"strings"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/wsclient"
)

// dialOptions are the flags of whatever dials a URL.
type dialOptions struct {
	headers      []string
	user         string
	origin       string
	subprotocols []string
	compress     compressFlag
	insecure     bool
	caFile       string

	connectTimeout   time.Duration
	handshakeTimeout time.Duration
	closeTimeout     time.Duration
	pingInterval     time.Duration
	pingTimeout      time.Duration
	maxMessage       int64
	fragmentSize     int64
	verbose          bool
}

func newDialOptions() *dialOptions {
	return &dialOptions{
		connectTimeout:   10 * time.Second,
		handshakeTimeout: 10 * time.Second,
		closeTimeout:     5 * time.Second,
		pingTimeout:      20 * time.Second,
	}
}

func (d *dialOptions) options() []*option {
	handshake := in("Handshake",
		stringsOption(&d.headers, "header", "'NAME: VALUE'", "a request header; @FILE holds one a line (repeatable)").also("H"),
		stringOption(&d.user, "user", "USER:PASS", "Basic authentication").also("u", "auth"),
		stringOption(&d.origin, "origin", "ORIGIN", "the Origin header: https://example.com, or null").also("o"),
		stringsOption(&d.subprotocols, "subprotocol", "NAME", "offer a subprotocol (repeatable, in order of preference)").also("s", "protocol"),
		d.compress.option("offer permessage-deflate"),
	)
	tlsGroup := in("TLS",
		boolOption(&d.insecure, "insecure", "do not verify the server's certificate").also("k", "no-check"),
		stringOption(&d.caFile, "cacert", "FILE", "trust the certificates in FILE (PEM) and no others").also("ca"),
	)
	limits := in("Limits",
		limitOption(&d.connectTimeout, "connect-timeout", "to resolve, connect and set up TLS"),
		limitOption(&d.handshakeTimeout, "handshake-timeout", "for the server's answer to the upgrade"),
		limitOption(&d.closeTimeout, "close-timeout", "for the closing handshake"),
		durationOption(&d.pingInterval, "ping-interval", "send a ping after this silence; 0 is never (default 0)"),
		limitOption(&d.pingTimeout, "ping-timeout", "give the connection up when a ping stays unanswered"),
		sizeOption(&d.maxMessage, "max-message-size", "16m", 1, "close with 1009 on a larger message"),
		sizeOption(&d.fragmentSize, "fragment-size", "0", 0, "cut what is sent into frames of at most SIZE; 0 is one frame a message"),
	)
	return append(append(handshake, tlsGroup...), limits...)
}

// check checks the flags against each other, among all those of the command.
func (d *dialOptions) check(all []*option) error {
	if d.pingInterval == 0 && isGiven(all, "ping-timeout") {
		return usagef("--ping-timeout needs --ping-interval")
	}
	return checkRules(all, []rule{{flags: []string{"cacert"}, not: []string{"insecure"}, hint: "-k trusts every certificate"}})
}

// userAgent is what this program calls itself.
func userAgent() string { return "wskit/" + strings.Fields(version())[0] }

// config makes the client's configuration. The tap may be nil.
func (d *dialOptions) config(env *Env, rawURL string) (wsclient.Config, error) {
	u, err := wsclient.ParseURL(rawURL)
	if err != nil {
		return wsclient.Config{}, failure(exitUsage, err)
	}
	cfg := wsclient.Config{
		URL:              u,
		Origin:           d.origin,
		UserAgent:        userAgent(),
		Subprotocols:     d.subprotocols,
		Deflate:          d.compress.config(),
		ConnectTimeout:   d.connectTimeout,
		HandshakeTimeout: d.handshakeTimeout,
		Conn: wsconn.Config{
			MaxMessage:   d.maxMessage,
			FragmentSize: int(d.fragmentSize),
			PingInterval: d.pingInterval,
			PingTimeout:  d.pingTimeout,
			CloseTimeout: d.closeTimeout,
		},
	}
	if err := checkOrigin(d.origin); err != nil {
		return cfg, err
	}
	if cfg.Header, err = readHeaders(d.headers); err != nil {
		return cfg, err
	}
	if d.user != "" {
		field, err := basicAuth(d.user)
		if err != nil {
			return cfg, err
		}
		if slices.ContainsFunc(cfg.Header, func(f codec.Field) bool { return strings.EqualFold(f.Name, field.Name) }) {
			return cfg, usagef("--user contradicts the %s of --header", field.Name)
		}
		cfg.Header = append(cfg.Header, field)
	}
	cfg.TLS, err = d.tls(env)
	return cfg, err
}

func (d *dialOptions) tls(env *Env) (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if d.insecure {
		env.note("warning: --insecure: the server's certificate is not verified")
		cfg.InsecureSkipVerify = true
	}
	if d.caFile == "" {
		return cfg, nil
	}
	pem, err := os.ReadFile(d.caFile)
	if err != nil {
		return nil, usagef("--cacert: %w", err)
	}
	cfg.RootCAs = x509.NewCertPool()
	if !cfg.RootCAs.AppendCertsFromPEM(pem) {
		return nil, usagef("--cacert: %s holds no certificate", d.caFile).withHint("a PEM file begins with -----BEGIN CERTIFICATE-----")
	}
	return cfg, nil
}
