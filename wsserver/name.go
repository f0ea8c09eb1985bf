package wsserver

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// nameKey is the key of a request's name in its context.
type nameKey struct{}

// RequestName returns the name that the request gives to its connection, in the
// parameter of its query that Config.NameQuery names, "" for none. What the client sent
// is as it was sent: escape it before showing it.
func RequestName(r *http.Request) string {
	name, _ := r.Context().Value(nameKey{}).(string)
	return name
}

// named returns the request with its name, or refuses it.
func (s *Server) named(x *exchange, r *http.Request) (*http.Request, bool) {
	if s.cfg.NameQuery == "" {
		return r, true
	}
	name := r.URL.Query().Get(s.cfg.NameQuery)
	if len(name) > MaxName {
		s.refuse(x, r, refusal{status: http.StatusBadRequest, reason: fmt.Sprintf("the name has more than %d bytes", MaxName)})
		return r, false
	}
	if name == "" {
		return r, true
	}
	// A copy, which does not keep the whole query.
	return r.WithContext(context.WithValue(r.Context(), nameKey{}, strings.Clone(name))), true
}
