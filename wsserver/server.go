package wsserver

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
)

// A Server accepts connections on its listeners and runs the sessions of its
// routes. Call New, Listen at least once, Serve once, and Shutdown to end Serve.
type Server struct {
	cfg    Config
	access *access
	mux    *http.ServeMux
	http   *http.Server
	last   atomic.Uint64 // the number of the connection that was opened last
	began  time.Time

	stop chan struct{} // closed when shutdown begins
	idle chan struct{} // closed when nothing is left after that
	// endRequests ends the contexts of the requests.
	endRequests context.CancelCauseFunc

	mu       sync.Mutex
	bound    []Binding                   // guarded by mu
	stopping bool                        // guarded by mu
	requests map[net.Conn]http.ConnState // guarded by mu: connections that are net/http's
	places   int                         // guarded by mu: sessions, and upgrades in progress
	open     map[*connection]struct{}    // guarded by mu
}

// New returns a server that does not listen yet. The error is a *ConfigError or a
// *PatternError.
func New(cfg Config) (*Server, error) {
	s := &Server{
		cfg:      cfg.withDefaults(),
		began:    time.Now(),
		mux:      http.NewServeMux(),
		stop:     make(chan struct{}),
		idle:     make(chan struct{}),
		requests: make(map[net.Conn]http.ConnState),
		open:     make(map[*connection]struct{}),
	}
	var err error
	if s.access, err = newAccess(cfg.AllowHosts, cfg.AllowOrigins); err != nil {
		return nil, err
	}
	for _, m := range s.cfg.Mounts {
		if err := s.mount(m); err != nil {
			return nil, err
		}
	}
	if err := checkHandshake(&s.cfg); err != nil {
		return nil, err
	}
	s.http = s.newHTTP()
	return s, nil
}

func (s *Server) newHTTP() *http.Server {
	var only1 http.Protocols
	only1.SetHTTP1(true)
	requests, end := context.WithCancelCause(context.Background())
	s.endRequests = end
	return &http.Server{
		Handler:   s,
		Protocols: &only1,
		// A route that takes its time must hear of shutdown.
		BaseContext: func(net.Listener) context.Context { return requests },
		// OPTIONS * is a request like others.
		DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout:            s.cfg.HandshakeTimeout,
		ReadTimeout:                  s.cfg.HandshakeTimeout,
		WriteTimeout:                 2 * s.cfg.HandshakeTimeout,
		IdleTimeout:                  s.cfg.HandshakeTimeout,
		// net/http adds the size of its buffer.
		MaxHeaderBytes: maxHeadBytes - 4096,
		ErrorLog:       slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
		ConnState:      s.track,
	}
}

// track knows the connections that net/http has, so that shutdown need not wait for
// those on which no request is.
func (s *Server) track(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	switch state {
	case http.StateClosed, http.StateHijacked:
		delete(s.requests, c)
		s.checkIdle()
	default:
		s.requests[c] = state
	}
	quiet := s.stopping && (state == http.StateNew || state == http.StateIdle)
	s.mu.Unlock()
	if quiet {
		c.Close()
	}
}

// A PatternError is a pattern that [net/http.ServeMux] refuses.
type PatternError struct {
	// Pattern is what was given.
	Pattern string
	// Problem says what is wrong, in a few words.
	Problem string
}

// Error names the pattern and the problem.
func (e *PatternError) Error() string {
	return fmt.Sprintf("bad path pattern %q: %s", e.Pattern, e.Problem)
}

// Hint says what a pattern looks like.
func (e *PatternError) Hint() string {
	return "a pattern is /path for one path, /path/ for all below it, or /path/{name}"
}

// registeredAt is what ServeMux says about the source of a program.
var registeredAt = regexp.MustCompile(` \(registered at [^)]*\)`)

// mount makes one entry of the mux. ServeMux has no way to check a pattern but to
// panic.
func (s *Server) mount(m Mount) (err error) {
	defer func() {
		if p := recover(); p != nil {
			problem := registeredAt.ReplaceAllString(fmt.Sprint(p), "")
			if _, after, ok := strings.Cut(problem, "conflicts with pattern "); ok {
				other, _, _ := strings.Cut(after, ":")
				problem = "it conflicts with the pattern " + other
			} else if _, after, ok := strings.Cut(problem, fmt.Sprintf("%q: ", m.Pattern)); ok {
				problem = after
			}
			err = &PatternError{Pattern: m.Pattern, Problem: strings.ReplaceAll(problem, "\n", ": ")}
		}
	}()
	switch {
	case !strings.HasPrefix(m.Pattern, "/"):
		return &PatternError{Pattern: m.Pattern, Problem: "it does not begin with a slash"}
	case strings.ContainsFunc(m.Pattern, unicode.IsControl):
		return &PatternError{Pattern: m.Pattern, Problem: "it contains a control character"}
	}
	s.mux.Handle(m.Pattern, &endpoint{server: s, route: m.Route})
	return nil
}

// Listen binds an address: a PORT or :PORT, which is loopback in both families
// with one port, HOST:PORT, [IPv6]:PORT or unix:PATH. Port 0 is any free one.
// Connections wait until Serve. The error is an *AddressError when addr makes no
// sense, or a *ListenError when it cannot be bound.
func (s *Server) Listen(addr string) error {
	b, err := Bind(addr)
	if err != nil {
		return err
	}
	s.add(b)
	return nil
}

// Add takes over a listener that somebody else made. Connections from it wait until
// Serve.
func (s *Server) Add(l net.Listener) { s.add(Binding{Listeners: []net.Listener{l}}) }

func (s *Server) add(b Binding) {
	for i, l := range b.Listeners {
		b.Listeners[i] = newAcceptor(l, s.cfg.Log)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bound = append(s.bound, b)
}

// URLs returns where clients reach the server: what stands before the path, as in
// ws://127.0.0.1:8080 or unix:/tmp/socket: for each call of Listen, and several for
// an address that stands for all of this machine.
func (s *Server) URLs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var urls []string
	for _, b := range s.bound {
		urls = append(urls, b.URLs(s.secure())...)
	}
	return urls
}

// Exposed returns the addresses that are listened on and that other machines may
// reach: those of TCP that are not loopback.
func (s *Server) Exposed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var addrs []string
	for _, b := range s.bound {
		addrs = append(addrs, b.Exposed()...)
	}
	return addrs
}

func (s *Server) secure() bool { return s.cfg.TLS != nil || s.cfg.SelfSigned }

// ErrNoListener says that Serve had nothing to serve.
var ErrNoListener = errors.New("no listener")

// Serve accepts connections until Shutdown. It may be called once. It returns nil
// after Shutdown, ErrNoListener, or the error of a certificate.
func (s *Server) Serve() error {
	s.mu.Lock()
	var ls []net.Listener
	for _, b := range s.bound {
		ls = append(ls, b.Listeners...)
	}
	s.mu.Unlock()
	if len(ls) == 0 {
		return ErrNoListener
	}
	cfg, err := s.tlsConfig()
	if err != nil {
		return err
	}
	s.access.names = s.names()
	if cfg != nil {
		s.access.names = append(s.access.names, certificateNames(cfg)...)
	}
	var loops sync.WaitGroup
	for _, l := range ls {
		if cfg != nil {
			l = tls.NewListener(l, cfg)
		}
		// Its error is that the listener was closed: an acceptor has no other.
		loops.Go(func() { s.http.Serve(l) })
	}
	loops.Wait()
	return nil
}

// names returns the names of this machine and those that are listened on.
func (s *Server) names() []string {
	var names []string
	if host, err := os.Hostname(); err == nil {
		names = append(names, strings.ToLower(host))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.bound {
		if b.address.host != "" {
			names = append(names, strings.ToLower(b.address.host))
		}
	}
	return names
}

// tlsConfig returns the configuration to serve with, nil for plain connections.
func (s *Server) tlsConfig() (*tls.Config, error) {
	if !s.secure() {
		return nil, nil
	}
	cfg := s.cfg.TLS.Clone()
	if cfg == nil {
		cfg = &tls.Config{}
	}
	cfg.NextProtos = []string{"http/1.1"}
	cfg.MinVersion = max(cfg.MinVersion, tls.VersionTLS12)
	if s.cfg.SelfSigned {
		names := s.names()
		s.mu.Lock()
		for _, b := range s.bound {
			names = append(names, b.interfaces()...)
		}
		s.mu.Unlock()
		cert, err := SelfSigned(names...)
		if err != nil {
			return nil, err
		}
		cfg.Certificates = append(slices.Clip(cfg.Certificates), cert)
	}
	return cfg, nil
}

// certificateNames returns the names that the certificates are for. DNS rebinding
// cannot use them: its page comes from another name.
func certificateNames(cfg *tls.Config) []string {
	var names []string
	for _, c := range cfg.Certificates {
		leaf := c.Leaf
		if leaf == nil && len(c.Certificate) > 0 {
			leaf, _ = x509.ParseCertificate(c.Certificate[0])
		}
		if leaf != nil {
			for _, name := range leaf.DNSNames {
				names = append(names, strings.ToLower(name))
			}
		}
	}
	return names
}
