package conform

import (
	"errors"
	"fmt"
	"strings"

	"wskit/codec"
)

const offerGroup = "Compression: offers"

// offerCases are about offers that a server may accept (RFC 7692 §7.1). What it answers
// is held against the offer, and what it sends against its answer.
func offerCases() []*Case {
	type offer struct{ id, params, why string }
	const (
		noServer = "a server accepts server_no_context_takeover by answering it, and then compresses each message on its own"
		noClient = "client_no_context_takeover is a hint that a server may answer"
		server   = "a server accepts server_max_window_bits by answering the same or less, and then keeps to that window"
		client   = "client_max_window_bits may be answered when it was offered, with a value"
		all      = "what is answered must fit what was offered"
	)
	offers := []offer{
		{"7.1-plain", "", "what was not offered must not be answered"},
		{"7.1.1.1-server-no-takeover", "; server_no_context_takeover", noServer},
		{"7.1.1.2-client-no-takeover", "; client_no_context_takeover", noClient},
		{"7.1.1-no-takeover", "; client_no_context_takeover; server_no_context_takeover", noServer},
		{"7.1.2.2-client-bits", "; client_max_window_bits", client},
		{"7.1.2.1-server-bits-client-bits", "; server_max_window_bits=12; client_max_window_bits", all},
		{"7.1.2-both-bits-9", "; client_max_window_bits=9; server_max_window_bits=9", all},
		{"7.1-no-takeover-server-bits", "; server_no_context_takeover; server_max_window_bits=10", all},
		{"7.1-no-takeover-client-bits", "; client_no_context_takeover; client_max_window_bits=10", all},
		{"7.1-browser", "; client_max_window_bits; server_no_context_takeover", all},
		{"7.1-all", "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits=11", all},
		{"7.1-all-other-order", "; client_max_window_bits=11; server_max_window_bits=10; client_no_context_takeover; server_no_context_takeover", all},
		{"7.1-no-spaces", ";server_no_context_takeover;server_max_window_bits=10", "white space between parameters means nothing"},
		{"7.1-spaces", " ;  server_no_context_takeover  ; server_max_window_bits=10", "white space between parameters means nothing"},
		{"7.1-quoted-server-bits", `; server_max_window_bits="12"`, "a value may be quoted (RFC 6455 §9.1)"},
		{"7.1-quoted-client-bits", `; client_max_window_bits="12"`, "a value may be quoted (RFC 6455 §9.1)"},
	}
	for bits := codec.MinWindowBits; bits <= codec.MaxWindowBits; bits++ {
		offers = append(offers,
			offer{fmt.Sprintf("7.1.2.1-server-bits-%d", bits), fmt.Sprintf("; server_max_window_bits=%d", bits), server},
			offer{fmt.Sprintf("7.1.2.2-client-bits-%d", bits), fmt.Sprintf("; client_max_window_bits=%d", bits), client})
	}
	var cases []*Case
	for _, o := range offers {
		cases = append(cases, &Case{
			ID: "7692-" + o.id + "-honoured", Group: offerGroup, Server: true,
			Title: "the offer " + codec.DeflateName + o.params, Why: o.why,
			offer: codec.DeflateName + o.params,
			steps: []step{send(hello()), expect(textMessage("Hello")), tempt(), finish()},
		})
	}
	return append(cases, fallbackCases()...)
}

// fallbackCases are about several offers, in one header field or more.
func fallbackCases() []*Case {
	var cases []*Case
	for _, o := range []struct {
		id, title, why string
		fields         []string
	}{
		{"unknown-parameter", "an offer with an unknown parameter, and one without", "an offer with an unknown parameter must be declined, and the next one may be accepted", []string{"permessage-deflate; no_such_parameter, permessage-deflate"}},
		{"invalid-bits", "an offer with 16 bits, and one with 12", "an invalid offer must be declined, and the next one may be accepted", []string{"permessage-deflate; server_max_window_bits=16, permessage-deflate; server_max_window_bits=12"}},
		{"unexpected-value", "an offer with a value where none belongs, and one without", "an invalid offer must be declined, and the next one may be accepted", []string{"permessage-deflate; server_no_context_takeover=1, permessage-deflate; server_no_context_takeover"}},
		{"repeated-parameter", "an offer with a parameter twice, and one without", "an invalid offer must be declined, and the next one may be accepted", []string{"permessage-deflate; server_max_window_bits=10; server_max_window_bits=10, permessage-deflate"}},
		{"two-valid", "two offers that are both valid", "the answer must fit one of the offers", []string{"permessage-deflate; server_max_window_bits=10; server_no_context_takeover, permessage-deflate; client_max_window_bits"}},
		{"two-fields", "two offers, in two header fields", "the header may be split into several fields (RFC 6455 §9.1)", []string{"permessage-deflate; server_max_window_bits=10", "permessage-deflate"}},
		{"unknown-extension-before", "an unknown extension before it", "a server passes over extensions that it does not know (RFC 6455 §4.2.2)", []string{"x-wskit-unknown; level=1, permessage-deflate"}},
		{"unknown-extension-behind", "an unknown extension behind it", "a server passes over extensions that it does not know (RFC 6455 §4.2.2)", []string{"permessage-deflate, x-wskit-unknown; level=1"}},
		{"unknown-extension-field", "an unknown extension in a header field of its own", "the header may be split into several fields (RFC 6455 §9.1)", []string{"x-wskit-unknown", "permessage-deflate"}},
	} {
		cases = append(cases, &Case{
			ID: "7692-5.1-offers-" + o.id, Group: offerGroup, Title: o.title, Why: o.why,
			Server: true, bare: true, manual: true,
			steps: []step{
				askOffer(o.fields...),
				custom("the server may accept one of the offers", func(s *session) error { return s.takesOffer(strings.Join(o.fields, ", ")) }),
				send(hello()), expect(textMessage("Hello")), finish(),
			},
		})
	}
	return append(cases, &Case{
		ID: "7692-5.1-silence", Group: offerGroup, Title: "an offer, and a text that compresses well", Server: true, bare: true, manual: true,
		Why: "a server that does not answer an offer has declined it, and must not compress",
		steps: []step{
			askOffer(codec.DeflateName), accepted(),
			send(textFrame(strings.Repeat("all alike ", 50))), expect(textMessage(strings.Repeat("all alike ", 50))), finish(),
		},
	})
}

// askOffer sends a request with these header fields.
func askOffer(fields ...string) step {
	const name = "Sec-WebSocket-Extensions"
	return ask("with "+name+": "+strings.Join(fields, "; "+name+": "), func(h *head) {
		h.drop(name)
		for _, f := range fields {
			h.add(name, f)
		}
	})
}

// badOfferCases are about offers that a server must decline (RFC 7692 §7).
func badOfferCases() []*Case {
	const (
		value    = "an offer must be declined that has an invalid value for a parameter"
		repeated = "an offer must be declined that has several parameters of the same name"
		unknown  = "an offer must be declined that has a parameter which is not defined"
	)
	type offer struct{ id, params, why string }
	var offers []offer
	for _, name := range []string{"server", "client"} {
		for _, bits := range []string{"0", "1", "7", "16", "99", "08", "010", "abc", "15x", "9.5", "-9", "+9", "0x9", "99999999999999999999"} {
			id := strings.NewReplacer("+", "plus-", ".", "-").Replace(strings.Replace(bits, "-", "minus-", 1))
			offers = append(offers, offer{
				name + "-bits-" + id,
				fmt.Sprintf("; %s_max_window_bits=%s", name, bits), value,
			})
		}
		offers = append(offers,
			offer{name + "-bits-twice", fmt.Sprintf("; %[1]s_max_window_bits=10; %[1]s_max_window_bits=10", name), repeated},
			offer{name + "-bits-two-values", fmt.Sprintf("; %[1]s_max_window_bits=10; %[1]s_max_window_bits=11", name), repeated},
			offer{name + "-no-takeover-twice", fmt.Sprintf("; %[1]s_no_context_takeover; %[1]s_no_context_takeover", name), repeated},
			offer{name + "-no-takeover-value", fmt.Sprintf("; %s_no_context_takeover=true", name), value})
	}
	offers = append(offers,
		offer{"server-bits-no-value", "; server_max_window_bits", value},
		offer{"client-bits-once-with-value", "; client_max_window_bits; client_max_window_bits=10", repeated},
		offer{"unknown-parameter", "; no_such_parameter", unknown},
		offer{"unknown-parameter-value", "; no_such_parameter=1", unknown},
		offer{"unknown-parameter-behind", "; server_no_context_takeover; no_such_parameter", unknown},
		offer{"misspelt-parameter", "; server_max_window_bit=10", unknown},
	)
	var cases []*Case
	for _, o := range offers {
		cases = append(cases, &Case{
			ID: "7692-7-declines-" + o.id, Group: offerGroup, Server: true, bare: true, manual: true,
			Title: "the offer " + codec.DeflateName + o.params + ", which is invalid", Why: o.why,
			steps: []step{askOffer(codec.DeflateName + o.params), declines(codec.DeflateName + o.params), send(textFrame("Hello")), expect(textMessage("Hello")), finish()},
		})
	}
	return append(cases, otherSpellings()...)
}

// takesOffer waits for a response that accepts an offer, which is valid, and skips the case
// for a server that declines it. To refuse the handshake is more than to decline.
func (s *session) takesOffer(offer string) error {
	h, err := s.readHead()
	if err != nil {
		return s.finding("the response", err)
	}
	answer := strings.Join(h.Values("Sec-WebSocket-Extensions"), ", ")
	if strings.HasSuffix(offer, "server_max_window_bits=15") && answer != "" && !strings.Contains(answer, "server_max_window_bits") {
		s.softly("it accepted %s without answering the parameter (RFC 7692 §7.1.2.1), although 15 is the default", offer)
		s.opening.asked.Extensions = []codec.Extension{{Name: codec.DeflateName}}
	}
	err = s.accepts(h)
	if no, ok := errors.AsType[*refused](err); ok && !crowded(no.status) {
		return &finding{NonStrict, no.Error() + ", where a server declines an offer by not answering it (RFC 7692 §5)"}
	}
	if err == nil && s.opening.agreed.Deflate == nil {
		return s.skipped("the server declined " + offer)
	}
	return err
}

// declines waits for the server to accept the handshake without the extension. One that
// refuses it altogether does more than it need do.
func declines(offer string) step {
	return step{"the server must decline the offer, and accept the handshake", func(s *session) error {
		h, err := s.readHead()
		if err != nil {
			return s.finding("the response", err)
		}
		if values := h.Values("Sec-WebSocket-Extensions"); len(values) > 0 {
			return failf("it answered %.100q to %s, which it must decline", strings.Join(values, ", "), offer)
		}
		err = s.accepts(h)
		if no, ok := errors.AsType[*refused](err); ok && !crowded(no.status) {
			return &finding{Informational, no.Error() + ", where it may go on without the extension"}
		}
		return err
	}}
}

// otherSpellings are about names in upper case. They are tokens, of which no RFC says that
// case means nothing: a server need not know them.
func otherSpellings() []*Case {
	var cases []*Case
	for _, o := range []struct{ id, title, offer string }{
		{"extension", "the name of the extension in upper case", "PERMESSAGE-DEFLATE"},
		{"parameter", "the name of a parameter in upper case", "permessage-deflate; SERVER_NO_CONTEXT_TAKEOVER"},
	} {
		cases = append(cases, &Case{
			ID: "7692-7-case-" + o.id, Group: offerGroup, Server: true, bare: true, manual: true,
			Title: o.title, Why: "no rule says that the case of a name does not matter",
			steps: []step{
				askOffer(o.offer),
				custom("the server may take it for the name that it knows, or not", func(s *session) error {
					h, err := s.readHead()
					if err != nil {
						return s.finding("the response", err)
					}
					if values := h.Values("Sec-WebSocket-Extensions"); len(values) > 0 {
						return &finding{Informational, fmt.Sprintf("it answered %.100q to %s", strings.Join(values, ", "), o.offer)}
					}
					return nil
				}),
			},
		})
	}
	return cases
}
