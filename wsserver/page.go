package wsserver

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"net/http"
	"strings"
)

// page lets a browser try the socket of the address that it shows. It is the same
// for every address: nothing of the request is in it.
//
//go:embed page.html
var page string

// pagePolicy allows what is in the page, and nothing else.
var pagePolicy = "default-src 'none'; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" +
	"; style-src '" + hashOf("style") + "'; script-src '" + hashOf("script") + "'"

// hashOf returns the hash by which a policy names the page's element of that name.
func hashOf(element string) string {
	_, rest, _ := strings.Cut(page, "<"+element+">")
	text, _, _ := strings.Cut(rest, "</"+element+">")
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// acceptsHTML reports whether it is a browser that shows what it gets.
func acceptsHTML(r *http.Request) bool {
	for _, accept := range r.Header.Values("Accept") {
		for t := range strings.SplitSeq(accept, ",") {
			t, _, _ = strings.Cut(t, ";")
			if strings.EqualFold(strings.TrimSpace(t), "text/html") {
				return true
			}
		}
	}
	return false
}

func servePage(x *exchange) {
	h := x.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept")
	respond(x, http.StatusOK, page)
}
