package codec_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wskit/codec"
)

// frameViolations are those that a Decoder and an Assembler can report, with
// what the RFCs say of each.
var frameViolations = []struct {
	violation *codec.Violation
	code      string
	section   string
	close     codec.CloseCode
	recovery  codec.Recovery
}{
	{codec.ErrReservedBits, "reserved-bits", "RFC 6455 §5.2", 1002, codec.Continue},
	{codec.ErrRSV1WithoutDeflate, "rsv1-without-deflate", "RFC 6455 §5.2", 1002, codec.Continue},
	{codec.ErrRSV1OnContinuation, "rsv1-on-continuation", "RFC 7692 §6.1", 1002, codec.Continue},
	{codec.ErrRSV1OnControl, "rsv1-on-control", "RFC 7692 §6.1", 1002, codec.Continue},
	{codec.ErrReservedOpcode, "reserved-opcode", "RFC 6455 §5.2", 1002, codec.DropFrame},
	{codec.ErrUnmaskedClientFrame, "unmasked-client-frame", "RFC 6455 §5.1", 1002, codec.Continue},
	{codec.ErrMaskedServerFrame, "masked-server-frame", "RFC 6455 §5.1", 1002, codec.Continue},
	{codec.ErrNonMinimalLength, "non-minimal-length", "RFC 6455 §5.2", 1002, codec.Continue},
	{codec.ErrLengthTopBit, "length-top-bit", "RFC 6455 §5.2", 1002, codec.StreamLost},
	{codec.ErrFragmentedControl, "fragmented-control-frame", "RFC 6455 §5.5", 1002, codec.Continue},
	{codec.ErrLongControl, "long-control-frame", "RFC 6455 §5.5", 1002, codec.Continue},
	{codec.ErrUnexpectedContinuation, "unexpected-continuation", "RFC 6455 §5.4", 1002, codec.DropFrame},
	{codec.ErrInterruptedMessage, "interrupted-message", "RFC 6455 §5.4", 1002, codec.AbandonMessage},
	{codec.ErrFrameAfterClose, "frame-after-close", "RFC 6455 §5.5.1", 1002, codec.Continue},
	{codec.ErrShortClosePayload, "short-close-payload", "RFC 6455 §5.5.1", 1002, codec.Continue},
	{codec.ErrInvalidCloseCode, "invalid-close-code", "RFC 6455 §7.4", 1002, codec.Continue},
	{codec.ErrInvalidUTF8, "invalid-utf8", "RFC 6455 §8.1", 1007, codec.Continue},
	{codec.ErrInvalidUTF8Reason, "invalid-utf8-reason", "RFC 6455 §5.5.1", 1007, codec.Continue},
	{codec.ErrFrameTooBig, "frame-too-big", "RFC 6455 §10.4", 1009, codec.Continue},
	{codec.ErrMessageTooBig, "message-too-big", "RFC 6455 §10.4", 1009, codec.AbandonMessage},
	{codec.ErrTooManyFragments, "too-many-fragments", "RFC 6455 §10.4", 1008, codec.AbandonMessage},
}

func TestFrameViolations(t *testing.T) {
	listed := codec.Violations()
	for i, want := range frameViolations {
		got := want.violation
		if got.Code != want.code || got.Section != want.section || got.Close != want.close || got.Recovery != want.recovery {
			t.Errorf("%s is %s, %v, %v; want %s, %s, %v, %v", got.Code,
				got.Section, got.Close, got.Recovery, want.code, want.section, want.close, want.recovery)
		}
		if got.Status != 0 {
			t.Errorf("%s has status %d, want none", got.Code, got.Status)
		}
		if listed[i] != got {
			t.Errorf("Violations()[%d] is %s, want %s", i, listed[i].Code, got.Code)
		}
	}
}

func TestViolations(t *testing.T) {
	name := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	section := regexp.MustCompile(`^RFC [0-9]{4} §[0-9]+(\.[0-9]+)*`)
	seen := map[string]bool{}
	for _, v := range codec.Violations() {
		if seen[v.Code] {
			t.Errorf("%s is listed twice", v.Code)
		}
		seen[v.Code] = true
		if !name.MatchString(v.Code) {
			t.Errorf("code %q is no name in words", v.Code)
		}
		if !section.MatchString(v.Section) {
			t.Errorf("%s: section %q is none", v.Code, v.Section)
		}
		if v.Reason == "" || len(v.Reason) > codec.MaxCloseReason {
			t.Errorf("%s: a reason of %d bytes does not fit a close frame", v.Code, len(v.Reason))
		}
		if v.Close != 0 && !v.Close.Sendable() {
			t.Errorf("%s: close code %v must not be sent", v.Code, v.Close)
		}
		if got := v.Error(); !strings.HasPrefix(got, v.Reason) || !strings.Contains(got, v.Section) {
			t.Errorf("%s: Error() = %q, want its reason and section", v.Code, got)
		}
		if err := fmt.Errorf("read frame: %w", v); !errors.Is(err, v) {
			t.Errorf("%s: errors.Is does not find it in a wrapped error", v.Code)
		}
	}
	codec.Violations()[0] = nil
	if codec.Violations()[0] == nil {
		t.Error("Violations returns a slice that is shared")
	}
}

// TestViolationsComplete reads the package's source: each Err… variable but
// ErrShort is a violation that Violations lists.
func TestViolationsComplete(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var declared []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		declared = append(declared, violationNames(f)...)
	}
	if got := len(codec.Violations()); got != len(declared) {
		t.Errorf("Violations lists %d, the source declares %d: %v", got, len(declared), declared)
	}
}

func violationNames(f *ast.File) (names []string) {
	for _, decl := range f.Decls {
		vars, ok := decl.(*ast.GenDecl)
		if !ok || vars.Tok != token.VAR {
			continue
		}
		for _, spec := range vars.Specs {
			for _, name := range spec.(*ast.ValueSpec).Names {
				if strings.HasPrefix(name.Name, "Err") && name.Name != "ErrShort" {
					names = append(names, name.Name)
				}
			}
		}
	}
	return names
}
