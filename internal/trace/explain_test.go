package trace

import (
	"slices"
	"strings"
	"testing"

	"wskit/codec"
)

func TestExplain(t *testing.T) {
	for _, tt := range []struct {
		word    string
		want    string // Word
		kind    string
		title   string
		answer  string
		section string
	}{
		{word: "1000", want: "1000", kind: "close code", title: "normal closure", section: "RFC 6455 §7.4.1"},
		{word: " 1006 ", want: "1006", kind: "close code", title: "abnormal closure", section: "RFC 6455 §7.4.1"},
		{word: "Going Away", want: "1001", kind: "close code", title: "going away", section: "RFC 6455 §7.4.1"},
		{word: "tls-handshake", want: "1015", kind: "close code", title: "TLS handshake", section: "RFC 6455 §7.4.1"},
		{word: "1004", want: "1004", kind: "close code", title: "reserved", section: "RFC 6455 §7.4.1"},
		{word: "16", want: "16", kind: "close code", title: "not used", section: "RFC 6455 §7.4.2"},
		{word: "999", want: "999", kind: "close code", title: "not used", section: "RFC 6455 §7.4.2"},
		{word: "1016", want: "1016", kind: "close code", title: "not assigned", section: "RFC 6455 §7.4.2"},
		{word: "2999", want: "2999", kind: "close code", title: "not assigned", section: "RFC 6455 §7.4.2"},
		{word: "3000", want: "3000", kind: "close code", title: "registered", section: "RFC 6455 §7.4.2"},
		{word: "4999", want: "4999", kind: "close code", title: "private", section: "RFC 6455 §7.4.2"},
		{word: "65535", want: "65535", kind: "close code", title: "not used", section: "RFC 6455 §7.4.2"},
		{word: "ping", want: "0x9 ping", kind: "opcode", title: "control frame", section: "RFC 6455 §5.5.2"},
		{word: "PING", want: "0x9 ping", kind: "opcode", title: "control frame", section: "RFC 6455 §5.5.2"},
		{word: "0x9", want: "0x9 ping", kind: "opcode", title: "control frame", section: "RFC 6455 §5.5.2"},
		{word: "0xA", want: "0xA pong", kind: "opcode", title: "control frame", section: "RFC 6455 §5.5.3"},
		{word: "10", want: "0xA pong", kind: "opcode", title: "control frame", section: "RFC 6455 §5.5.3"},
		{word: "0", want: "0x0 continuation", kind: "opcode", title: "data frame", section: "RFC 6455 §5.4"},
		{word: "3", want: "0x3 reserved", kind: "opcode", title: "data frame", section: "RFC 6455 §5.2"},
		{word: "0xf", want: "0xF reserved", kind: "opcode", title: "control frame", section: "RFC 6455 §5.2"},
		{
			word: "unmasked client frame", want: "unmasked-client-frame", kind: "error",
			title: "a client must mask every frame", section: "RFC 6455 §5.1", answer: "the other side must close with 1002",
		},
		{
			word: "message-too-big", want: "message-too-big", kind: "warning",
			title: "the message is larger than the limit", section: "RFC 6455 §10.4", answer: "the other side closes with 1009",
		},
		{
			word: "key-missing", want: "key-missing", kind: "error",
			title: "a handshake needs a Sec-WebSocket-Key header", section: "RFC 6455 §4.1", answer: "a server answers 400",
		},
		{
			word: "zero-mask-key", want: "zero-mask-key", kind: "note",
			title: "the mask key is all zero: the payload goes out as it is", section: "RFC 6455 §5.3",
		},
	} {
		t.Run(tt.word, func(t *testing.T) {
			got, ok := Explain(tt.word)
			if !ok {
				t.Fatal("not known")
			}
			if got.Word != tt.want || got.Kind != tt.kind || got.Title != tt.title || got.Answer != tt.answer || got.Section != tt.section {
				t.Errorf("got %q, a %s of %s: %q, %q; want %q, a %s of %s: %q, %q",
					got.Word, got.Kind, got.Section, got.Title, got.Answer, tt.want, tt.kind, tt.section, tt.title, tt.answer)
			}
			checkProse(t, tt.word, got.Meaning, got.Cause, got.Remedy)
		})
	}
	for _, word := range []string{"", "70000", "-1", "0x", "0x10000", "1_000", "nothing", "reserved", "problem"} {
		if got, ok := Explain(word); ok {
			t.Errorf("%q: got %q, want nothing", word, got.Word)
		}
	}
}

// TestExplainNumbers checks that there is something to say about each number, and
// that what is said of a close code agrees with codec.
func TestExplainNumbers(t *testing.T) {
	next := 0
	for _, topic := range closeTopics {
		if topic.first != next || topic.last < topic.first {
			t.Errorf("a range from %d to %d follows one that ends at %d", topic.first, topic.last, next-1)
		}
		next = topic.last + 1
		for _, code := range []int{topic.first, topic.last} {
			got := explainClose(code)
			if name := codec.CloseCode(code).Name(); name != "" && got.Title != name {
				t.Errorf("%d: got %q, want %q", code, got.Title, name)
			}
			checkProse(t, got.Word, got.Meaning, got.Cause, got.Remedy)
		}
	}
	if next != 1<<16 {
		t.Errorf("the ranges end at %d, want 65535", next-1)
	}
}

func TestWords(t *testing.T) {
	words := Words()
	for _, w := range words {
		if _, ok := Explain(w); !ok {
			t.Errorf("%q is in the list and not known", w)
		}
	}
	for _, w := range []string{"ping", "1006", "1015", "unmasked-client-frame", "accept-wrong", NoClose} {
		if !slices.Contains(words, w) {
			t.Errorf("%q is not in the list", w)
		}
	}
}

func TestSuggest(t *testing.T) {
	for _, tt := range []struct {
		word string
		want []string
	}{
		{word: "pingg", want: []string{"ping"}},
		{word: "PNIG", want: []string{"ping"}},
		{word: "unmaskd client frame", want: []string{"unmasked-client-frame"}},
		{word: "utf8", want: []string{"invalid-utf8", "invalid-utf8-reason"}},
		{word: "1O06", want: []string{"1006"}},
		{word: "accept", want: []string{"accept-missing", "accept-repeated", "accept-wrong"}},
		{word: "frobnicate"},
		{word: ""},
		{word: strings.Repeat("a", 1000)},
	} {
		t.Run(tt.word, func(t *testing.T) {
			if got := Suggest(tt.word); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if got := Suggest("frame"); len(got) != maxSuggestions {
		t.Errorf("got %d suggestions, want %d", len(got), maxSuggestions)
	}
}

// FuzzExplain checks that no word breaks anything, and that words differ from their
// suggestions only when they are not known.
func FuzzExplain(f *testing.F) {
	for _, w := range []string{"1006", "0x9", "ping", "Going Away", "unmaskd-client-frame", "\xff", ""} {
		f.Add(w)
	}
	f.Fuzz(func(t *testing.T, word string) {
		if topic, ok := Explain(word); ok && (topic.Word == "" || topic.Meaning == "") {
			t.Errorf("%q: got %+v", word, topic)
		}
		for _, s := range Suggest(word) {
			if _, ok := Explain(s); !ok {
				t.Errorf("%q: suggestion %q is not known", word, s)
			}
		}
	})
}
