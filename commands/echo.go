package commands

import (
	"context"
	"strings"

	"wskit/codec"
	"wskit/wsserver"
)

// echoURL is the URL of an echo server inside the process. A path may follow.
const echoURL = "echo:"

// echoPath returns the path of a URL of that kind.
func echoPath(url string) (path string, ok bool) {
	scheme, path, _ := strings.Cut(url, ":")
	if !strings.EqualFold(scheme+":", echoURL) || path != "" && path[0] != '/' {
		return "", false
	}
	return "/" + strings.TrimPrefix(path, "/"), true
}

// resolve returns the URL to dial. For echo: it starts a server on a free port of
// 127.0.0.1 and returns how to end it; else stop does nothing.
func (env *Env) resolve(url string) (real string, stop func(), err error) {
	path, ok := echoPath(url)
	if !ok {
		return url, func() {}, nil
	}
	s, err := wsserver.New(wsserver.Config{Deflate: &codec.DeflateConfig{}})
	if err != nil {
		return "", func() {}, serverFailure(err)
	}
	if err := s.Listen("127.0.0.1:0"); err != nil {
		return "", func() {}, serverFailure(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	return s.URLs()[0] + path, func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // the client has closed: nobody is left to wait for
		s.Shutdown(ctx)
		<-served
	}, nil
}
