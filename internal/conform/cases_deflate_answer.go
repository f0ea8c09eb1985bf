package conform

import (
	"fmt"
	"strings"

	"wskit/codec"
)

const answerGroup = "Compression: answers"

// agreedCases are about answers that a client must be able to take, if it supports what
// they say (RFC 7692 §7.1). What it sends is held against them.
func agreedCases() []*Case {
	type agreement struct{ id, params, why string }
	const (
		noServer = "a server may answer server_no_context_takeover even if it was not offered"
		noClient = "a client that is answered client_no_context_takeover compresses each message on its own"
		server   = "a server may answer server_max_window_bits even if it was not offered"
		client   = "a client that is answered client_max_window_bits keeps to that window"
	)
	answers := []agreement{
		{"7.1-plain", "", "an answer without parameters accepts the default of each"},
		{"7.1.1.1-server-no-takeover", "; server_no_context_takeover", noServer},
		{"7.1.1.2-client-no-takeover", "; client_no_context_takeover", noClient},
		{"7.1.1-no-takeover", "; client_no_context_takeover; server_no_context_takeover", noClient},
		{"7.1-no-takeover-client-bits", "; client_no_context_takeover; client_max_window_bits=10", client},
		{"7.1-all", "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits=11", client},
		{"7.1-no-spaces", ";server_no_context_takeover;client_no_context_takeover", "white space between parameters means nothing"},
		{"7.1-quoted-server-bits", `; server_max_window_bits="12"`, "a value may be quoted (RFC 6455 §9.1)"},
	}
	for bits := codec.MinWindowBits; bits <= codec.MaxWindowBits; bits++ {
		answers = append(answers,
			agreement{fmt.Sprintf("7.1.2.1-server-bits-%d", bits), fmt.Sprintf("; server_max_window_bits=%d", bits), server},
			agreement{fmt.Sprintf("7.1.2.2-client-bits-%d", bits), fmt.Sprintf("; client_max_window_bits=%d", bits), client})
	}
	var cases []*Case
	for _, a := range answers {
		cases = append(cases, &Case{
			ID: "7692-" + a.id + "-answered", Group: answerGroup, Client: true,
			Title: "the answer " + codec.DeflateName + a.params, Why: a.why,
			answer: codec.DeflateName + a.params,
			steps:  []step{supports(), send(hello()), expect(textMessage("Hello")), tempt(), finish()},
		})
	}
	return cases
}

// badAgreementCases are about answers on which a client must fail the connection.
func badAgreementCases() []*Case {
	const (
		value     = "a client must fail the connection for an answer with an invalid value for a parameter"
		repeated  = "a client must fail the connection for an answer with several parameters of the same name"
		unknown   = "a client must fail the connection for an answer with a parameter which is not defined"
		offered   = "a client must fail the connection for an answer that its offer does not allow"
		malformed = "what does not conform to the grammar must fail the connection (RFC 6455 §9.1)"
	)
	type answer struct{ id, value, why string }
	const name = codec.DeflateName
	var answers []answer
	for _, end := range []string{"server", "client"} {
		for _, bits := range []string{"0", "7", "16", "99", "08", "abc", "-9", "99999999999999999999"} {
			answers = append(answers, answer{
				"7692-7-answer-" + end + "-bits-" + strings.Replace(bits, "-", "minus-", 1),
				fmt.Sprintf("%s; %s_max_window_bits=%s", name, end, bits), value,
			})
		}
		answers = append(answers,
			answer{"7692-7-answer-" + end + "-bits-no-value", fmt.Sprintf("%s; %s_max_window_bits", name, end), value},
			answer{"7692-7-answer-" + end + "-bits-twice", fmt.Sprintf("%s; %[2]s_max_window_bits=10; %[2]s_max_window_bits=10", name, end), repeated},
			answer{"7692-7-answer-" + end + "-no-takeover-twice", fmt.Sprintf("%s; %[2]s_no_context_takeover; %[2]s_no_context_takeover", name, end), repeated},
			answer{"7692-7-answer-" + end + "-no-takeover-value", fmt.Sprintf("%s; %s_no_context_takeover=1", name, end), value})
	}
	answers = append(answers,
		answer{"7692-7-answer-unknown-parameter", name + "; no_such_parameter", unknown},
		answer{"7692-7-answer-unknown-parameter-value", name + "; server_no_context_takeover; no_such_parameter=1", unknown},
		answer{"7692-7.1.2.2-answer-client-bits-not-offered", name + "; client_max_window_bits=12", "client_max_window_bits must not be answered when it was not offered"},
		answer{"7692-5-answer-twice", name + ", " + name, "two extensions that compress cannot both be used: they take the same bit"},
		answer{"6455-9.1-answer-other-extension", name + ", x-wskit-unknown", "a client must fail the connection for an extension that it did not offer"},
		answer{"6455-9.1-answer-no-parameter", name + ";", malformed},
		answer{"6455-9.1-answer-no-value", name + "; server_max_window_bits=", malformed},
		answer{"6455-9.1-answer-open-quote", name + `; server_max_window_bits="10`, malformed},
		answer{"6455-9.1-answer-two-equals", name + "; server_max_window_bits==10", malformed},
	)
	var cases []*Case
	for _, a := range answers {
		cases = append(cases, &Case{
			ID: a.id, Group: answerGroup, Client: true, manual: true,
			Title: "the answer " + a.value + ", which is wrong", Why: a.why,
			steps: []step{answerWrongly(func(*session) string { return a.value }), givesUp()},
		})
	}
	return append(cases, &Case{
		ID: "7692-7.1.2.1-answer-server-bits-ignored", Group: answerGroup, Client: true, manual: true,
		Title: "the client's server_max_window_bits is ignored", Why: offered,
		steps: []step{answerWrongly(func(s *session) string { return withoutLimit(s, "server_max_window_bits") }), givesUp()},
	}, &Case{
		ID: "7692-7.1.1.1-answer-server-no-takeover-ignored", Group: answerGroup, Client: true, manual: true,
		Title: "the client's server_no_context_takeover is ignored", Why: offered,
		steps: []step{answerWrongly(func(s *session) string { return withoutLimit(s, "server_no_context_takeover") }), givesUp()},
	})
}

// withoutLimit is an answer that passes over a parameter, or "" if the client offered none
// such.
func withoutLimit(s *session, param string) string {
	for _, e := range s.opening.asked.Extensions {
		for _, p := range e.Params {
			if p.Name == param {
				return codec.DeflateName
			}
		}
	}
	return ""
}

// answerWrongly accepts with an extension that the client must not take. It skips the case
// for a client to whose offer the answer would be right, or which did not offer.
func answerWrongly(value func(*session) string) step {
	return step{"answer with a 101 and that extension", func(s *session) error {
		extension := value(s)
		why := ""
		switch agreed, err := codec.ParseExtensions([]string{extension}); {
		case !s.offered():
			why = "the client did not offer " + codec.DeflateName
		case extension == "":
			why = "the client did not offer that parameter"
		case err == nil:
			if _, err = codec.CheckDeflate(s.opening.asked.Extensions, agreed); err == nil {
				why = "the client's offer allows " + extension
			}
		}
		h := responseTo(&s.opening, "")
		if why != "" {
			s.write(h.bytes())
			return s.skipped(why)
		}
		h.add("Sec-WebSocket-Extensions", extension)
		s.write(h.bytes())
		// One that accepts may send what is compressed.
		s.established(codec.Agreement{Deflate: &codec.Deflate{}})
		return nil
	}}
}
