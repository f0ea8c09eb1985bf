package codec_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"wskit/codec"
)

// A situation is all that a rule may look at: a frame's raw bytes and what was
// agreed and sent before it.
type situation struct {
	server  bool // who receives is the server
	deflate bool // permessage-deflate was agreed
	before  before
	raw     []byte // the frame, or its beginning
	payload []byte // what is there of its payload, unmasked
	whole   bool   // the payload is
}

// before is what the peer sent before the frame.
type before uint8

const (
	nothing before = iota
	openText
	openBinary
	closeFrame
)

var beforeNames = [...]string{"nothing", "an open text message", "an open binary message", "a close frame"}

// openSize is the size in bytes of the open message so far, and sizeLimit the
// limit for a frame and for a message.
const (
	openSize  = 2
	sizeLimit = 65536
)

// What follows reads the raw bytes as the picture of RFC 6455 §5.2 has them.

func (s situation) fin() bool     { return s.raw[0]&0x80 != 0 }
func (s situation) opcode() byte  { return s.raw[0] % 16 }
func (s situation) control() bool { return s.opcode() >= 8 }
func (s situation) masked() bool  { return s.raw[1] >= 128 }
func (s situation) len7() byte    { return s.raw[1] % 128 }

func (s situation) length() uint64 {
	switch s.len7() {
	case 126:
		return uint64(binary.BigEndian.Uint16(s.raw[2:4]))
	case 127:
		return binary.BigEndian.Uint64(s.raw[2:10])
	}
	return uint64(s.len7())
}

func (s situation) open() bool { return s.before == openText || s.before == openBinary }

// begins and continues say which part the frame has in a message, if any.
func (s situation) begins() bool    { return s.opcode() == 1 || s.opcode() == 2 }
func (s situation) continues() bool { return s.opcode() == 0 && s.open() }

// compressed is true of the first frame of a compressed message (RFC 7692 §6).
func (s situation) compressed() bool { return s.deflate && s.raw[0]&0x40 != 0 && s.begins() }

// lost is true where the frame's end is unknown: nothing is said of its payload.
func (s situation) lost() bool { return s.length() >= 1<<63 }

func (s situation) messageTooBig() bool {
	switch {
	case s.lost():
		return false
	case s.continues():
		return s.length() > sizeLimit-openSize
	case s.compressed():
		return s.length() > sizeLimit+sizeLimit/256+64
	}
	return s.begins() && s.length() > sizeLimit
}

// closeBody reports whether a close frame has come with a code.
func (s situation) closeBody() bool {
	return s.opcode() == 8 && s.whole && s.length() >= 2
}

// A rule is one that a frame can break.
type rule struct {
	violation *codec.Violation
	section   string
	close     uint16
	broken    func(s situation) bool
}

// rules are all of them, each as the RFC puts it.
var rules = []rule{
	{
		// "MUST be 0 unless an extension is negotiated that defines meanings
		// for non-zero values": of RSV2 and RSV3, none does.
		codec.ErrReservedBits, "RFC 6455 §5.2", 1002,
		func(s situation) bool { return s.raw[0]&0x30 != 0 },
	},
	{
		codec.ErrRSV1WithoutDeflate, "RFC 6455 §5.2", 1002,
		func(s situation) bool { return s.raw[0]&0x40 != 0 && !s.deflate },
	},
	{
		// "MUST NOT set the Per-Message Compressed bit of control frames and
		// non-first fragments of a data message".
		codec.ErrRSV1OnControl, "RFC 7692 §6.1", 1002,
		func(s situation) bool { return s.raw[0]&0x40 != 0 && s.deflate && s.control() },
	},
	{
		codec.ErrRSV1OnContinuation, "RFC 7692 §6.1", 1002,
		func(s situation) bool { return s.raw[0]&0x40 != 0 && s.deflate && s.opcode() == 0 },
	},
	{
		// "If an unknown opcode is received".
		codec.ErrReservedOpcode, "RFC 6455 §5.2", 1002,
		func(s situation) bool { return !slices.Contains([]byte{0, 1, 2, 8, 9, 10}, s.opcode()) },
	},
	{
		codec.ErrUnmaskedClientFrame, "RFC 6455 §5.1", 1002,
		func(s situation) bool { return s.server && !s.masked() },
	},
	{
		codec.ErrMaskedServerFrame, "RFC 6455 §5.1", 1002,
		func(s situation) bool { return !s.server && s.masked() },
	},
	{
		// "the minimal number of bytes MUST be used to encode the length".
		codec.ErrNonMinimalLength, "RFC 6455 §5.2", 1002,
		func(s situation) bool {
			return s.len7() == 126 && s.length() < 126 || s.len7() == 127 && s.length() < 65536
		},
	},
	{
		codec.ErrLengthTopBit, "RFC 6455 §5.2", 1002,
		func(s situation) bool { return s.len7() == 127 && s.raw[2] >= 128 },
	},
	{
		// "All control frames MUST have a payload length of 125 bytes or less
		// and MUST NOT be fragmented", reserved ones too.
		codec.ErrLongControl, "RFC 6455 §5.5", 1002,
		func(s situation) bool { return s.control() && s.length() > 125 },
	},
	{
		codec.ErrFragmentedControl, "RFC 6455 §5.5", 1002,
		func(s situation) bool { return s.control() && !s.fin() },
	},
	{
		codec.ErrUnexpectedContinuation, "RFC 6455 §5.4", 1002,
		func(s situation) bool { return s.opcode() == 0 && !s.open() && !s.lost() },
	},
	{
		codec.ErrInterruptedMessage, "RFC 6455 §5.4", 1002,
		func(s situation) bool { return s.begins() && s.open() && !s.lost() },
	},
	{
		// "MUST NOT send any more data frames after sending a Close frame"; a
		// data frame is one whose opcode's top bit is 0 (§5.6).
		codec.ErrFrameAfterClose, "RFC 6455 §5.5.1", 1002,
		func(s situation) bool { return s.before == closeFrame && !s.control() && !s.lost() },
	},
	{
		// "If there is a body, the first two bytes of the body MUST be a 2-byte
		// unsigned integer".
		codec.ErrShortClosePayload, "RFC 6455 §5.5.1", 1002,
		func(s situation) bool { return s.opcode() == 8 && s.length() == 1 },
	},
	{
		codec.ErrInvalidCloseCode, "RFC 6455 §7.4", 1002,
		func(s situation) bool {
			return s.closeBody() && !mayBeSent(int(binary.BigEndian.Uint16(s.payload)))
		},
	},
	{
		codec.ErrInvalidUTF8Reason, "RFC 6455 §5.5.1", 1007,
		func(s situation) bool { return s.closeBody() && !utf8.Valid(s.payload[2:]) },
	},
	{
		// The payloads of this test are wrong in their first byte or right.
		codec.ErrInvalidUTF8, "RFC 6455 §8.1", 1007,
		func(s situation) bool {
			text := s.opcode() == 1 && !s.compressed() || s.opcode() == 0 && s.before == openText
			return text && !s.lost() && !s.messageTooBig() && !utf8.Valid(s.payload)
		},
	},
	{
		codec.ErrFrameTooBig, "RFC 6455 §10.4", 1009,
		func(s situation) bool { return !s.control() && s.length() > sizeLimit && !s.lost() },
	},
	{
		codec.ErrMessageTooBig, "RFC 6455 §10.4", 1009,
		situation.messageTooBig,
	},
}

// broken returns the violations that the frame is.
func (s situation) broken() (set []*codec.Violation) {
	for _, r := range rules {
		if r.broken(s) {
			set = append(set, r.violation)
		}
	}
	return set
}

// accepted returns what becomes of a legal frame: the message or control frame
// that it completes, or the part of a message that has come.
func (s situation) accepted() (events []string, partial string) {
	op := codec.Opcode(s.opcode())
	if s.control() {
		return []string{fmt.Sprintf("%v %q", op, s.payload)}, s.openPart()
	}
	data := s.payload
	if s.continues() {
		data = append([]byte(strings.Repeat("o", openSize)), data...)
		op = codec.OpText
		if s.before == openBinary {
			op = codec.OpBinary
		}
	}
	packed := ""
	if s.compressed() {
		packed = "compressed "
	}
	if s.fin() && s.whole {
		return []string{packed + describe(op, data)}, ""
	}
	return nil, "part of " + packed + describe(op, data)
}

func (s situation) openPart() string {
	switch s.before {
	case openText:
		return "part of " + describe(codec.OpText, []byte("oo"))
	case openBinary:
		return "part of " + describe(codec.OpBinary, []byte("oo"))
	}
	return ""
}

// opening returns the legal frames before the frame.
func (s situation) opening() []byte {
	var f wireFrame
	switch s.before {
	case nothing:
		return nil
	case openText:
		f = wireFrame{first: 1, payload: "oo"}
	case openBinary:
		f = wireFrame{first: 2, payload: "oo"}
	case closeFrame:
		f = wireFrame{first: fin | 8}
	}
	f.bare = !s.server
	return wireOf(f)
}

func (s situation) String() string {
	role := "client"
	if s.server {
		role = "server"
	}
	return fmt.Sprintf("% x…, to a %s, deflate %v, after %s", s.raw[:min(len(s.raw), 18)], role, s.deflate, beforeNames[s.before])
}

// run gives the frame to fresh machines and returns them, and how many events
// there were before it.
func (s situation) run(t testing.TB, lenient bool) (m *machines, past int) {
	cfg := machineConfig{lenient: lenient, deflate: s.deflate, maxFrame: sizeLimit, maxMessage: sizeLimit}
	if !s.server {
		cfg.role = codec.RoleClient
	}
	m = newMachines(t, cfg)
	m.feed(s.opening())
	if m.err != nil || len(m.problems) > 0 {
		t.Fatalf("%v: what came before was refused: %v", s, m.err)
	}
	past = len(m.events)
	m.feed(s.raw)
	return m, past
}

// check runs the frame strictly and leniently and compares with the rules.
func (s situation) check(t *testing.T) {
	broken := s.broken()
	strict, past := s.run(t, false)
	switch {
	case len(broken) == 0:
		events, partial := s.accepted()
		if strict.err != nil || !slices.Equal(strict.events[past:], events) || strict.partial() != partial {
			t.Fatalf("%v: %q and %q, error %v; want %q and %q", s, strict.events[past:], strict.partial(), strict.err, events, partial)
		}
	case !slices.ContainsFunc(broken, func(v *codec.Violation) bool { return v == strict.err }):
		t.Fatalf("%v: strict says %v, want one of %v", s, strict.err, broken)
	}
	lenient, past := s.run(t, true)
	if !sameSet(lenient.problems, broken) {
		t.Fatalf("%v: lenient reports %v, want %v", s, lenient.problems, broken)
	}
	if lost := s.lost(); (lenient.err != nil) != lost {
		t.Fatalf("%v: lenient ends with %v, want an end: %v", s, lenient.err, lost)
	}
	if len(broken) == 0 && !slices.Equal(lenient.events[past:], strict.events[past:]) {
		t.Fatalf("%v: lenient says %q, strict %q", s, lenient.events[past:], strict.events[past:])
	}
}

// sameSet reports whether a and b hold the same violations, each once.
func sameSet(a, b []*codec.Violation) bool {
	if len(a) != len(b) {
		return false
	}
	for _, v := range b {
		if !slices.Contains(a, v) {
			return false
		}
	}
	return true
}

// lengthForms are the second byte, less its top bit, and the extended length.
var lengthForms = []struct {
	len7     byte
	extended uint64
}{
	{len7: 0},
	{len7: 1},
	{len7: 2},
	{len7: 124},
	{len7: 125},
	{len7: 126, extended: 0},
	{len7: 126, extended: 1},
	{len7: 126, extended: 125},
	{len7: 126, extended: 126},
	{len7: 126, extended: sizeLimit - openSize},
	{len7: 126, extended: 65535},
	{len7: 127, extended: 0},
	{len7: 127, extended: 125},
	{len7: 127, extended: 126},
	{len7: 127, extended: 65535},
	{len7: 127, extended: 65536},
	{len7: 127, extended: 65537},
	{len7: 127, extended: 1 << 32},
	{len7: 127, extended: 1 << 62},
	{len7: 127, extended: math.MaxInt64},
	{len7: 127, extended: 1 << 63},
	{len7: 127, extended: math.MaxUint64},
}

// frameBytes writes a frame of the given length: its payload is right as a text
// and as that of a close frame, or wrong from its first byte. Of a long payload
// only the beginning comes, unless all is asked for.
func frameBytes(first, len7 byte, extended uint64, masked, wrong, all bool) (raw, payload []byte, whole bool) {
	raw = []byte{first, len7}
	length := uint64(len7)
	switch len7 {
	case 126:
		length, raw = extended, binary.BigEndian.AppendUint16(raw, uint16(extended))
	case 127:
		length, raw = extended, binary.BigEndian.AppendUint64(raw, extended)
	}
	if masked {
		raw[1] |= 0x80
		raw = append(raw, wireKey[:]...)
	}
	n := min(length, 150)
	if all {
		n = length
	}
	fill := "a"
	switch {
	case wrong:
		fill = "\xFF"
	case first%16 == 8:
		fill = "\x03\xE8"
	}
	payload = []byte(fill + strings.Repeat(fill[:1], int(n)))[:n]
	if !wrong && first%16 == 8 {
		for i := 2; i < len(payload); i++ {
			payload[i] = 'r'
		}
	}
	for i, c := range payload {
		if masked {
			c ^= wireKey[i%4]
		}
		raw = append(raw, c)
	}
	return raw, payload, n == length
}

// TestEveryFrame sends every first byte with every form of length, masked and
// not, to both roles, with permessage-deflate agreed and not, at every point of a
// conversation, with a right and a wrong payload.
func TestEveryFrame(t *testing.T) {
	legal := 0
	seen := map[*codec.Violation]bool{}
	for first := range 256 {
		for _, form := range lengthForms {
			for variant := range 64 {
				masked, wrong := variant&1 != 0, variant&2 != 0
				s := situation{server: variant&4 != 0, deflate: variant&8 != 0, before: before(variant >> 4)}
				s.raw, s.payload, s.whole = frameBytes(byte(first), form.len7, form.extended, masked, wrong, false)
				broken := s.broken()
				for _, v := range broken {
					seen[v] = true
				}
				if len(broken) == 0 {
					legal++
					s.raw, s.payload, s.whole = frameBytes(byte(first), form.len7, form.extended, masked, wrong, true)
				}
				s.check(t)
			}
		}
	}
	for _, r := range rules {
		if !seen[r.violation] {
			t.Errorf("no frame breaks %s", r.violation.Code)
		}
	}
	if all := 256 * len(lengthForms) * 64; legal == 0 || legal == all {
		t.Errorf("%d of %d frames are legal", legal, all)
	}
}

// TestRulesAgree compares the rules as written down here with what the
// violations say of themselves.
func TestRulesAgree(t *testing.T) {
	for _, r := range rules {
		if r.violation.Section != r.section || uint16(r.violation.Close) != r.close {
			t.Errorf("%s: %s, %v; want %s, %d", r.violation.Code, r.violation.Section, r.violation.Close, r.section, r.close)
		}
	}
	for _, v := range frameViolations {
		known := slices.ContainsFunc(rules, func(r rule) bool { return r.violation == v.violation })
		// One frame alone cannot be too many.
		if !known && v.violation != codec.ErrTooManyFragments {
			t.Errorf("no rule for %s", v.code)
		}
	}
}
