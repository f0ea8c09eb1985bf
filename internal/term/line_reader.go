package term

import (
	"errors"
	"io"
)

// MaxLine is the length in bytes of the longest line that a LineReader returns.
const MaxLine = 16 << 20

// ErrInterrupt is returned by ReadLine for a Ctrl-C on an empty line. A Ctrl-C on a
// line that is half typed clears the line.
var ErrInterrupt = errors.New("interrupted")

// ErrLineTooLong is returned by ReadLine for a line of more than MaxLine bytes.
var ErrLineTooLong = errors.New("line too long")

// A LineReader reads lines and prints text above the line that is being typed.
// ReadLine is for one goroutine; the other methods may be called from any.
type LineReader interface {
	// ReadLine returns the next line without its end. At the end of the input, or
	// for Ctrl-D on an empty line, the error is io.EOF, after Close os.ErrClosed;
	// see also ErrInterrupt and ErrLineTooLong.
	ReadLine() (string, error)

	// Write prints b, which must be safe to show, above the line being typed and
	// leaves that line as it was. Text after the last newline waits for the rest
	// of its line, or for Close.
	io.Writer

	// SetPrompt replaces the text before the line.
	SetPrompt(prompt string)

	// Close ends a ReadLine that waits, and gives the terminal back as it was.
	// No goroutine is left.
	Close() error
}

// LineConfig says how lines are read.
type LineConfig struct {
	// In is where lines are typed. It must stay open until Close.
	In io.Reader
	// Out is where the line and what is printed above it are shown.
	Out io.Writer
	// Prompt stands before the line. It must be safe to show.
	Prompt string
	// PromptStyle is how the prompt looks. If zero, plain.
	PromptStyle Style
	// Commands are what the Tab key completes at the start of a line. If empty,
	// Tab always inserts a tab.
	Commands []string
	// History has the lines that were typed before. If nil, there are none, and
	// none are kept after Close.
	History *History
	// Getenv is os.Getenv or a stand-in for it; TERM is asked for. If nil, the
	// environment is empty.
	Getenv func(string) string
}

// NewLineReader returns an Editor when In and Out are terminals that can place the
// cursor, and else a Scanner.
func NewLineReader(cfg LineConfig) (LineReader, error) {
	dumb := cfg.Getenv != nil && cfg.Getenv("TERM") == "dumb"
	if dumb || !IsTerminal(cfg.In) || !IsTerminal(cfg.Out) {
		return NewScanner(cfg.In, cfg.Out), nil
	}
	e, err := NewEditor(cfg)
	if errors.Is(err, errors.ErrUnsupported) {
		return NewScanner(cfg.In, cfg.Out), nil
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}
