package codec

// Recovery says what a lenient machine does after a violation.
type Recovery uint8

// The recoveries, from mild to fatal.
const (
	// Continue reads the frame as if the rule had been kept.
	Continue Recovery = iota
	// DropFrame shows the frame and keeps it out of any message.
	DropFrame
	// AbandonMessage gives up the message that was open.
	AbandonMessage
	// StreamLost ends the direction: where the next frame begins is not known.
	StreamLost
)

// A Violation is a rule of the protocol that a peer broke. All violations are
// the package-level values of this package, listed by [Violations]; compare them
// with errors.Is or errors.As. A Violation is never changed.
type Violation struct {
	// Code is the stable name of the problem, such as "unmasked-client-frame".
	Code string
	// Section names the rule: "RFC 6455 §5.1".
	Section string
	// Close is the code to close the connection with. It is zero for a
	// handshake's violations.
	Close CloseCode
	// Status is the HTTP status with which a server refuses a handshake that
	// breaks the rule. It is zero where no server answers.
	Status int
	// Reason says in a few words what the rule asks. It fits a close frame.
	Reason string
	// Recovery is what a lenient machine does.
	Recovery Recovery
}

// Error returns the reason and the section.
func (v *Violation) Error() string { return v.Reason + " (" + v.Section + ")" }

// The violations of framing, masking and messages.
var (
	ErrReservedBits           = framing("reserved-bits", "RFC 6455 §5.2", "RSV bits must be 0 unless an extension defines them", Continue)
	ErrRSV1WithoutDeflate     = framing("rsv1-without-deflate", "RFC 6455 §5.2", "RSV1 is set but permessage-deflate was not agreed", Continue)
	ErrRSV1OnContinuation     = framing("rsv1-on-continuation", "RFC 7692 §6.1", "RSV1 must be 0 on a continuation frame", Continue)
	ErrRSV1OnControl          = framing("rsv1-on-control", "RFC 7692 §6.1", "RSV1 must be 0 on a control frame", Continue)
	ErrReservedOpcode         = framing("reserved-opcode", "RFC 6455 §5.2", "the opcode is reserved", DropFrame)
	ErrUnmaskedClientFrame    = framing("unmasked-client-frame", "RFC 6455 §5.1", "a client must mask every frame", Continue)
	ErrMaskedServerFrame      = framing("masked-server-frame", "RFC 6455 §5.1", "a server must not mask any frame", Continue)
	ErrNonMinimalLength       = framing("non-minimal-length", "RFC 6455 §5.2", "a payload length must use the fewest bytes", Continue)
	ErrLengthTopBit           = framing("length-top-bit", "RFC 6455 §5.2", "the top bit of a 64-bit length must be 0", StreamLost)
	ErrFragmentedControl      = framing("fragmented-control-frame", "RFC 6455 §5.5", "a control frame must not be fragmented", Continue)
	ErrLongControl            = framing("long-control-frame", "RFC 6455 §5.5", "a control frame carries at most 125 bytes", Continue)
	ErrUnexpectedContinuation = framing("unexpected-continuation", "RFC 6455 §5.4", "a continuation frame without a message to continue", DropFrame)
	ErrInterruptedMessage     = framing("interrupted-message", "RFC 6455 §5.4", "a new message inside an unfinished one", AbandonMessage)
	ErrFrameAfterClose        = framing("frame-after-close", "RFC 6455 §5.5.1", "no data frame may follow a close frame", Continue)
	ErrShortClosePayload      = framing("short-close-payload", "RFC 6455 §5.5.1", "a close payload is empty or begins with a 2-byte code", Continue)
	ErrInvalidCloseCode       = framing("invalid-close-code", "RFC 6455 §7.4", "the close code must not be sent", Continue)

	ErrInvalidUTF8       = violation("invalid-utf8", "RFC 6455 §8.1", CloseInvalidPayload, "a text message must be valid UTF-8", Continue)
	ErrInvalidUTF8Reason = violation("invalid-utf8-reason", "RFC 6455 §5.5.1", CloseInvalidPayload, "a close reason must be valid UTF-8", Continue)
	ErrFrameTooBig       = violation("frame-too-big", "RFC 6455 §10.4", CloseMessageTooBig, "the frame is larger than the limit", Continue)
	ErrMessageTooBig     = violation("message-too-big", "RFC 6455 §10.4", CloseMessageTooBig, "the message is larger than the limit", AbandonMessage)
	ErrTooManyFragments  = violation("too-many-fragments", "RFC 6455 §10.4", ClosePolicyViolation, "the message has more fragments than the limit", AbandonMessage)
)

// The violations of permessage-deflate that only show when a message is
// inflated.
var (
	ErrCorruptDeflate = violation("corrupt-deflate", "RFC 7692 §7.2.2", CloseInvalidPayload, "the compressed message is corrupt", AbandonMessage)
	ErrInflatedTooBig = violation("inflated-too-big", "RFC 7692 §8", CloseMessageTooBig, "the message is larger than the limit once inflated", AbandonMessage)

	ErrTooManyFinalBlocks = violation("too-many-final-blocks", "RFC 7692 §8", ClosePolicyViolation, "the compressed message has more final blocks than the limit", AbandonMessage)
)

func violation(code, section string, cl CloseCode, reason string, r Recovery) *Violation {
	return &Violation{Code: code, Section: section, Close: cl, Reason: reason, Recovery: r}
}

func framing(code, section, reason string, r Recovery) *Violation {
	return violation(code, section, CloseProtocolError, reason, r)
}

// Violations returns every violation of the package: framing and messages first,
// then compression, then the handshake. The slice is the caller's.
func Violations() []*Violation {
	all := []*Violation{
		ErrReservedBits, ErrRSV1WithoutDeflate, ErrRSV1OnContinuation, ErrRSV1OnControl,
		ErrReservedOpcode, ErrUnmaskedClientFrame, ErrMaskedServerFrame, ErrNonMinimalLength,
		ErrLengthTopBit, ErrFragmentedControl, ErrLongControl, ErrUnexpectedContinuation,
		ErrInterruptedMessage, ErrFrameAfterClose, ErrShortClosePayload, ErrInvalidCloseCode,
		ErrInvalidUTF8, ErrInvalidUTF8Reason, ErrFrameTooBig, ErrMessageTooBig, ErrTooManyFragments,
		ErrCorruptDeflate, ErrInflatedTooBig, ErrTooManyFinalBlocks,
	}
	return append(all, handshakeViolations()...)
}
