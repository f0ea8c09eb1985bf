package codec

import (
	"errors"
	"testing"
)

func parseExtensions(t testing.TB, value string) []Extension {
	t.Helper()
	if value == "" {
		return nil
	}
	list, err := ParseExtensions([]string{value})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAcceptDeflate(t *testing.T) {
	tests := []struct {
		name   string
		cfg    DeflateConfig
		offer  string
		want   string // the response; "" is declined
		agreed Deflate
	}{
		{name: "nothing offered"},
		{name: "something else", offer: "x-webkit-deflate-frame"},
		{name: "another case", offer: "Permessage-Deflate"},
		{name: "bare", offer: "permessage-deflate", want: "permessage-deflate", agreed: Deflate{}},
		{name: "behind something else", offer: "bbf-usp-protocol, permessage-deflate", want: "permessage-deflate"},
		{name: "browser", offer: "permessage-deflate; client_max_window_bits", want: "permessage-deflate"},
		{
			name: "everything (§7.1.3)", offer: "permessage-deflate; client_max_window_bits=12; server_max_window_bits=10; " +
				"server_no_context_takeover; client_no_context_takeover",
			want: "permessage-deflate; server_no_context_takeover; client_no_context_takeover; " +
				"server_max_window_bits=10; client_max_window_bits=12",
			agreed: Deflate{true, true, 10, 12},
		},
		{
			name: "the first that can be taken (§7.1.3)", offer: "permessage-deflate; server_max_window_bits=16, " +
				"permessage-deflate; server_max_window_bits=10, permessage-deflate",
			want: "permessage-deflate; server_max_window_bits=10", agreed: Deflate{ServerMaxWindowBits: 10},
		},

		{
			name: "server_max_window_bits smallest", offer: "permessage-deflate; server_max_window_bits=8",
			want: "permessage-deflate; server_max_window_bits=8", agreed: Deflate{ServerMaxWindowBits: 8},
		},
		{
			name: "server_max_window_bits quoted", offer: `permessage-deflate; server_max_window_bits="9"`,
			want: "permessage-deflate; server_max_window_bits=9", agreed: Deflate{ServerMaxWindowBits: 9},
		},
		{
			name: "server_max_window_bits at its default is accepted by repeating it", offer: "permessage-deflate; server_max_window_bits=15",
			want: "permessage-deflate; server_max_window_bits=15",
		},
		{name: "server_max_window_bits without value", offer: "permessage-deflate; server_max_window_bits"},
		{name: "server_max_window_bits 7", offer: "permessage-deflate; server_max_window_bits=7"},
		{name: "server_max_window_bits 16", offer: "permessage-deflate; server_max_window_bits=16"},
		{name: "server_max_window_bits 99", offer: "permessage-deflate; server_max_window_bits=99"},
		{name: "server_max_window_bits with a leading zero", offer: "permessage-deflate; server_max_window_bits=010"},
		{name: "server_max_window_bits with a sign", offer: "permessage-deflate; server_max_window_bits=+10"},
		{name: "server_max_window_bits in words", offer: "permessage-deflate; server_max_window_bits=ten"},

		{
			name: "client_max_window_bits with value", offer: "permessage-deflate; client_max_window_bits=8",
			want: "permessage-deflate; client_max_window_bits=8", agreed: Deflate{ClientMaxWindowBits: 8},
		},
		{name: "client_max_window_bits at its default", offer: "permessage-deflate; client_max_window_bits=15", want: "permessage-deflate"},
		{name: "client_max_window_bits 7", offer: "permessage-deflate; client_max_window_bits=7"},
		{name: "client_max_window_bits 16", offer: "permessage-deflate; client_max_window_bits=16"},
		{name: "client_max_window_bits 99", offer: "permessage-deflate; client_max_window_bits=99"},
		{name: "client_max_window_bits with a leading zero", offer: "permessage-deflate; client_max_window_bits=08"},

		{name: "server_no_context_takeover with value", offer: "permessage-deflate; server_no_context_takeover=1"},
		{name: "client_no_context_takeover with value", offer: "permessage-deflate; client_no_context_takeover=true"},
		{name: "unknown parameter", offer: "permessage-deflate; level=9"},
		{name: "parameter in another case", offer: "permessage-deflate; Server_No_Context_Takeover"},
		{name: "duplicate", offer: "permessage-deflate; server_no_context_takeover; server_no_context_takeover"},
		{name: "duplicate with another value", offer: "permessage-deflate; client_max_window_bits; client_max_window_bits=10"},

		{
			name: "own takeover", cfg: DeflateConfig{ServerNoContextTakeover: true, ClientNoContextTakeover: true}, offer: "permessage-deflate",
			want:   "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
			agreed: Deflate{ServerNoContextTakeover: true, ClientNoContextTakeover: true},
		},
		{
			name: "own windows", cfg: DeflateConfig{ServerMaxWindowBits: 9, ClientMaxWindowBits: 10},
			offer:  "permessage-deflate; client_max_window_bits",
			want:   "permessage-deflate; server_max_window_bits=9; client_max_window_bits=10",
			agreed: Deflate{ServerMaxWindowBits: 9, ClientMaxWindowBits: 10},
		},
		{
			name: "own windows smaller than offered", cfg: DeflateConfig{ServerMaxWindowBits: 9, ClientMaxWindowBits: 10},
			offer:  "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12",
			want:   "permessage-deflate; server_max_window_bits=9; client_max_window_bits=10",
			agreed: Deflate{ServerMaxWindowBits: 9, ClientMaxWindowBits: 10},
		},
		{
			name: "own windows larger than offered", cfg: DeflateConfig{ServerMaxWindowBits: 14, ClientMaxWindowBits: 14},
			offer:  "permessage-deflate; server_max_window_bits=11; client_max_window_bits=12",
			want:   "permessage-deflate; server_max_window_bits=11; client_max_window_bits=12",
			agreed: Deflate{ServerMaxWindowBits: 11, ClientMaxWindowBits: 12},
		},
		{
			name: "a client window that was not offered", cfg: DeflateConfig{ClientMaxWindowBits: 10},
			offer: "permessage-deflate", want: "permessage-deflate",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			offers := parseExtensions(t, tt.offer)
			agreed, response, ok := AcceptDeflate(tt.cfg, offers)
			if ok != (tt.want != "") {
				t.Fatalf("got accepted %t, want %t", ok, !ok)
			}
			if !ok {
				if agreed != nil {
					t.Errorf("got %+v agreed, want nil", *agreed)
				}
				return
			}
			if got := string(AppendExtensions(nil, []Extension{response})); got != tt.want {
				t.Errorf("got response %q, want %q", got, tt.want)
			}
			if want := filled(tt.agreed); *agreed != want {
				t.Errorf("got %+v agreed, want %+v", *agreed, want)
			}
			checked, err := CheckDeflate(offers, []Extension{response})
			if err != nil || *checked != *agreed {
				t.Errorf("the client takes the response for %+v with error %v, want %+v", checked, err, *agreed)
			}
		})
	}
}

// filled returns d with its defaults written out.
func filled(d Deflate) Deflate {
	d.ServerMaxWindowBits, d.ClientMaxWindowBits = d.WindowBits(RoleServer), d.WindowBits(RoleClient)
	return d
}

func TestOfferDeflate(t *testing.T) {
	for _, tt := range []struct {
		name string
		cfg  DeflateConfig
		want string
	}{
		{name: "default", want: "permessage-deflate; client_max_window_bits"},
		{name: "default windows in numbers", cfg: DeflateConfig{ServerMaxWindowBits: 15, ClientMaxWindowBits: 15}, want: "permessage-deflate; client_max_window_bits"},
		{
			name: "everything", cfg: DeflateConfig{ServerNoContextTakeover: true, ClientNoContextTakeover: true, ServerMaxWindowBits: 8, ClientMaxWindowBits: 9},
			want: "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=8; client_max_window_bits=9",
		},
	} {
		if got := string(AppendExtensions(nil, []Extension{OfferDeflate(tt.cfg)})); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestCheckDeflate(t *testing.T) {
	const plain = "permessage-deflate; client_max_window_bits"
	tests := []struct {
		name          string
		offer, answer string
		want          Deflate
		declined      bool
		err           error
	}{
		{name: "nothing offered or answered", declined: true},
		{name: "declined", offer: plain, declined: true},
		{name: "bare", offer: plain, answer: "permessage-deflate"},
		{name: "another extension that was offered", offer: plain + ", x-other", answer: "x-other", declined: true},
		{name: "beside another extension", offer: plain + ", x-other", answer: "x-other, permessage-deflate"},
		{
			name: "everything", offer: plain,
			answer: "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=8; client_max_window_bits=9",
			want:   Deflate{true, true, 8, 9},
		},
		{name: "windows at their defaults", offer: plain, answer: "permessage-deflate; server_max_window_bits=15; client_max_window_bits=15"},
		{
			name: "what we promise holds without an answer", offer: "permessage-deflate; client_no_context_takeover; client_max_window_bits=10",
			answer: "permessage-deflate", want: Deflate{ClientNoContextTakeover: true, ClientMaxWindowBits: 10},
		},
		{
			name: "what we promise holds against a larger answer", offer: "permessage-deflate; client_max_window_bits=10",
			answer: "permessage-deflate; client_max_window_bits=12", want: Deflate{ClientMaxWindowBits: 10},
		},
		{
			name: "a smaller window than we promise", offer: "permessage-deflate; client_max_window_bits=10",
			answer: "permessage-deflate; client_max_window_bits=9", want: Deflate{ClientMaxWindowBits: 9},
		},
		{name: "no window where the largest was asked for", offer: "permessage-deflate; server_max_window_bits=15", answer: "permessage-deflate"},
		{
			name: "a smaller server window than asked for", offer: "permessage-deflate; server_max_window_bits=10",
			answer: "permessage-deflate; server_max_window_bits=9", want: Deflate{ServerMaxWindowBits: 9},
		},
		{
			name: "the second of two offers", offer: "permessage-deflate; server_no_context_takeover, permessage-deflate; client_no_context_takeover",
			answer: "permessage-deflate", want: Deflate{ClientNoContextTakeover: true},
		},

		{name: "not offered", answer: "permessage-deflate", err: ErrExtensionNotOffered},
		{name: "another extension that was not offered", offer: plain, answer: "x-other", err: ErrExtensionNotOffered},
		{name: "to an offer that no server may take", offer: "permessage-deflate; level=9", answer: "permessage-deflate", err: ErrExtensionNotOffered},
		{name: "twice", offer: plain, answer: "permessage-deflate, permessage-deflate", err: ErrDeflateRepeated},
		{name: "unknown parameter", offer: plain, answer: "permessage-deflate; level=9", err: ErrDeflateParamUnknown},
		{name: "duplicate", offer: plain, answer: "permessage-deflate; server_no_context_takeover; server_no_context_takeover", err: ErrDeflateParamRepeated},
		{name: "takeover with value", offer: plain, answer: "permessage-deflate; server_no_context_takeover=1", err: ErrDeflateParamInvalid},
		{name: "server_max_window_bits without value", offer: plain, answer: "permessage-deflate; server_max_window_bits", err: ErrDeflateParamInvalid},
		{name: "server_max_window_bits 7", offer: plain, answer: "permessage-deflate; server_max_window_bits=7", err: ErrDeflateParamInvalid},
		{name: "client_max_window_bits without value", offer: plain, answer: "permessage-deflate; client_max_window_bits", err: ErrDeflateParamInvalid},
		{name: "client_max_window_bits 16", offer: plain, answer: "permessage-deflate; client_max_window_bits=16", err: ErrDeflateParamInvalid},
		{
			name: "client_max_window_bits not offered", offer: "permessage-deflate",
			answer: "permessage-deflate; client_max_window_bits=15", err: ErrClientWindowNotOffered,
		},
		{
			name: "server_no_context_takeover left out", offer: "permessage-deflate; server_no_context_takeover",
			answer: "permessage-deflate", err: ErrServerTakeoverIgnored,
		},
		{
			name: "server_max_window_bits left out", offer: "permessage-deflate; server_max_window_bits=14",
			answer: "permessage-deflate", err: ErrServerWindowTooLarge,
		},
		{
			name: "server_max_window_bits larger", offer: "permessage-deflate; server_max_window_bits=10",
			answer: "permessage-deflate; server_max_window_bits=11", err: ErrServerWindowTooLarge,
		},
		{
			name: "to none of two offers", offer: "permessage-deflate; server_no_context_takeover, permessage-deflate; server_max_window_bits=8",
			answer: "permessage-deflate", err: ErrServerWindowTooLarge,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := CheckDeflate(parseExtensions(t, tt.offer), parseExtensions(t, tt.answer))
			if !errors.Is(err, tt.err) {
				t.Fatalf("got error %v, want %v", err, tt.err)
			}
			if tt.err != nil || tt.declined {
				if got != nil {
					t.Errorf("got %+v, want nil", *got)
				}
				return
			}
			if want := filled(tt.want); *got != want {
				t.Errorf("got %+v, want %+v", *got, want)
			}
		})
	}
}

func TestDeflateWindows(t *testing.T) {
	d := Deflate{ServerNoContextTakeover: true, ClientMaxWindowBits: 9}
	for _, tt := range []struct {
		sender   Role
		bits     int
		takeover bool
	}{
		{sender: RoleServer, bits: 15, takeover: false},
		{sender: RoleClient, bits: 9, takeover: true},
	} {
		if bits, takeover := d.WindowBits(tt.sender), d.Takeover(tt.sender); bits != tt.bits || takeover != tt.takeover {
			t.Errorf("%s: got %d bits, takeover %t, want %d, %t", tt.sender, bits, takeover, tt.bits, tt.takeover)
		}
		w := d.NewWindow(tt.sender)
		w.Add(make([]byte, 1000))
		if want := map[bool]int{true: 512}[tt.takeover]; w.Len() != want {
			t.Errorf("%s: got a window of %d bytes, want %d", tt.sender, w.Len(), want)
		}
		h := d.NewHistory(tt.sender)
		h.Add(make([]byte, 1000))
		if h.Len() != w.Len() {
			t.Errorf("%s: got a history of %d bytes, want %d", tt.sender, h.Len(), w.Len())
		}
	}
}

func TestDeflateConfigValidate(t *testing.T) {
	for _, tt := range []struct {
		name string
		cfg  DeflateConfig
		want string
	}{
		{name: "zero"},
		{name: "smallest", cfg: DeflateConfig{ServerMaxWindowBits: 8, ClientMaxWindowBits: 8, Level: 1, MinSize: 1}},
		{name: "largest", cfg: DeflateConfig{ServerMaxWindowBits: 15, ClientMaxWindowBits: 15, Level: 9, MinSize: 1 << 30}},
		{name: "server window", cfg: DeflateConfig{ServerMaxWindowBits: 7}, want: "invalid window bits 7: want 8 to 15"},
		{name: "client window", cfg: DeflateConfig{ClientMaxWindowBits: 16}, want: "invalid window bits 16: want 8 to 15"},
		{name: "level", cfg: DeflateConfig{Level: 10}, want: "invalid compression level 10: want 1 to 9"},
		{name: "size", cfg: DeflateConfig{MinSize: -1}, want: "invalid minimum size -1: want 0 or more"},
	} {
		got := ""
		if err := tt.cfg.Validate(); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: got error %q, want %q", tt.name, got, tt.want)
		}
	}
}
