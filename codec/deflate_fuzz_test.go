package codec

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// FuzzExtensions parses a list of extensions, its header lines divided by line
// feeds, as the offers of a client and as the answer of a server. What a server of
// ours answers to any offers, a client with these offers takes, and both understand
// the same.
func FuzzExtensions(f *testing.F) {
	for _, value := range []string{
		"", "permessage-deflate", "a, b\nc", `permessage-deflate; server_max_window_bits="10"; client_max_window_bits`,
		"permessage-deflate; server_no_context_takeover; client_max_window_bits=8, permessage-deflate",
		"permessage-deflate; server_max_window_bits=16, permessage-deflate; client_no_context_takeover",
	} {
		f.Add(value, uint8(0), uint8(0), false, false)
		f.Add(value, uint8(9), uint8(12), true, true)
	}
	f.Fuzz(func(t *testing.T, value string, serverBits, clientBits uint8, serverAlone, clientAlone bool) {
		cfg := DeflateConfig{
			ServerMaxWindowBits: int(serverBits), ClientMaxWindowBits: int(clientBits),
			ServerNoContextTakeover: serverAlone, ClientNoContextTakeover: clientAlone,
		}
		if cfg.Validate() != nil {
			t.Skip()
		}
		list, err := ParseExtensions(strings.Split(value, "\n"))
		if err != nil && err != ErrExtensionsMalformed && err != ErrExtensionsTooLarge {
			t.Fatalf("got error %v", err)
		}
		if len(list) > MaxExtensions {
			t.Fatalf("got %d extensions", len(list))
		}
		if len(list) > 0 {
			again, err := ParseExtensions([]string{string(AppendExtensions(nil, list))})
			// The spaces that are written may make the list too large.
			if err != ErrExtensionsTooLarge && (err != nil || !reflect.DeepEqual(again, list)) {
				t.Fatalf("got %v and error %v when parsed again, want %v", again, err, list)
			}
		}

		for _, offers := range [][]Extension{list, {OfferDeflate(cfg)}, append(list, OfferDeflate(cfg))} {
			agreed, response, ok := AcceptDeflate(cfg, offers)
			if !ok {
				continue
			}
			if *agreed != filled(*agreed) || (&DeflateConfig{
				ServerMaxWindowBits: agreed.ServerMaxWindowBits, ClientMaxWindowBits: agreed.ClientMaxWindowBits,
			}).Validate() != nil {
				t.Fatalf("got %+v agreed", *agreed)
			}
			answer := parseExtensions(t, string(AppendExtensions(nil, []Extension{response})))
			checked, err := CheckDeflate(offers, answer)
			if err != nil || *checked != *agreed {
				t.Fatalf("the client takes %v for %+v with error %v, want %+v", answer, checked, err, *agreed)
			}
		}
		offer := []Extension{OfferDeflate(cfg)}
		agreed, err := CheckDeflate(offer, list)
		if v := (*Violation)(nil); err != nil && (agreed != nil || !errors.As(err, &v)) {
			t.Fatalf("got %+v and error %v", agreed, err)
		}
		if agreed != nil && (agreed.WindowBits(RoleServer) > windowBits(cfg.ServerMaxWindowBits) ||
			agreed.WindowBits(RoleClient) > windowBits(cfg.ClientMaxWindowBits) ||
			cfg.ServerNoContextTakeover && agreed.Takeover(RoleServer) || cfg.ClientNoContextTakeover && agreed.Takeover(RoleClient)) {
			t.Fatalf("got %+v agreed, more than %+v", *agreed, cfg)
		}
	})
}

// FuzzDeflateRoundTrip plays a list of messages, of which each takes a byte that
// says what to do, one for its size, one for how often it repeats itself, and its
// bytes. Two connections and messages without context share a compressor; every
// message must arrive, and no distance pass the window.
func FuzzDeflateRoundTrip(f *testing.F) {
	f.Add(uint8(6), uint8(15), []byte("\x00\x05\x00Hello\x00\x05\x00Hello"))
	f.Add(uint8(1), uint8(8), []byte("\x00\x0a\x20{\"a\":1234}\x01\x0a\x20{\"a\":1234}\x02\x0a\x20{\"a\":1234}\x03\x0a\x20{\"a\":1234}"))
	f.Add(uint8(9), uint8(15), append([]byte("\x00\xff\x03"), randomBytes(600)...))
	f.Add(uint8(6), uint8(10), append([]byte("\x00\xff\x7f"), randomBytes(600)...))
	f.Fuzz(func(t *testing.T, level, bits uint8, ops []byte) {
		comp, err := NewCompressor(int(level), int(bits))
		if err != nil {
			t.Skip()
		}
		other := newCompressor(t, int(level), int(bits))
		size := windowBits(int(bits))
		a, b := newConnection(size), newConnection(size)
		for budget := 1 << 16; len(ops) >= 3; {
			op, n, times := ops[0], min(int(ops[1]), len(ops)-3), int(ops[2])+1
			msg := bytes.Repeat(ops[3:3+n], times)
			ops = ops[3+n:]
			if budget -= len(msg); budget < 0 {
				return
			}
			switch op % 4 {
			case 0:
				a.send(t, comp, msg)
			case 1:
				b.send(t, comp, msg)
			case 2:
				(*connection)(nil).send(t, comp, msg)
			case 3:
				broadcast(t, other, msg, a, b)
			}
		}
	})
}

// FuzzInflate inflates random bytes behind a history. It must end, keep the limit,
// give the same each time, and agree with the strict inflater where that succeeds.
func FuzzInflate(f *testing.F) {
	for _, s := range []string{
		"f2 48 cd c9 c9 07 00", "f2 00 11 00 00", "00 05 00 fa ff 48 65 6c 6c 6f 00", "f3 48 cd c9 c9 07 00 00",
		"f2 48 05 00 00 00 ff ff ca c9 c9 07 00", "00", "", "01 09 00 f6 ff", "03 00 03 00 00",
	} {
		f.Add(unhex(f, s), []byte("Hello"), uint16(0))
		f.Add(unhex(f, s), []byte(nil), uint16(3))
	}
	text, err := newCompressor(f, 9, 0).Append(nil, nil, jsonText(3000, 0))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text, []byte(nil), uint16(2999))
	f.Fuzz(func(t *testing.T, data, history []byte, max uint16) {
		limit := int(max)
		if limit == 0 {
			limit = 1 << 20
		}
		d := NewDecompressor()
		window := func() *Window {
			if len(history) == 0 {
				return nil
			}
			w := NewWindow(0)
			w.Add(history)
			return w
		}
		w := window()
		got, err := d.Append(nil, w, data, limit)
		if err != nil && err != ErrCorruptDeflate && err != ErrInflatedTooBig && err != ErrTooManyFinalBlocks {
			t.Fatalf("got error %v", err)
		}
		if len(got) > limit || cap(got) > limit {
			t.Fatalf("got %d bytes in %d, limit %d", len(got), cap(got), limit)
		}
		if want := append(bytes.Clone(history), got...); w != nil && !bytes.Equal(w.bytes(), want[len(want)-w.Len():]) {
			t.Fatal("the history is not what was inflated")
		}
		again, againErr := d.Append(make([]byte, 7, 1000), window(), data, limit)
		if againErr != err || !bytes.Equal(again[7:], got) {
			t.Fatalf("got %d bytes and error %v, then %d bytes and error %v", len(got), err, len(again)-7, againErr)
		}

		s := strictInflater{window: 1 << MaxWindowBits, takeover: true, out: bytes.Clone(history)}
		want, strictErr := s.message(data)
		if strictErr == nil && len(want) <= limit && (err != nil || !bytes.Equal(got, want)) {
			t.Fatalf("got %d bytes and error %v, strictly %d bytes", len(got), err, len(want))
		}
	})
}
