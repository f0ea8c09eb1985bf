package commands

import (
	"bufio"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"wskit/codec"
	"wskit/internal/term"
)

// connectOptions are the flags of connect, and of inspect URL, which is a connect
// that shows frames.
type connectOptions struct {
	dial *dialOptions
	out  outputOptions
	all  []*option // of the command

	items    []item
	enc      encoding
	nul      bool
	whole    bool
	echo     bool
	count    int
	skip     int
	expect   string
	printAll bool
	closes   string
	status   int
	noWait   bool
	wait     time.Duration
	limit    time.Duration
	json     bool

	file, code string // of a script
	script     scriptOptions
}

// The headings of help that say something of a client in a pipe.
const (
	sending = "Sending"
	waiting = "Waiting"
)

func newConnectOptions() *connectOptions {
	return &connectOptions{dial: newDialOptions(), count: -1, wait: 10 * time.Second}
}

func (o *connectOptions) sendOptions() []*option {
	return in(sending,
		o.itemOption("execute", "MESSAGE", "send MESSAGE and do not read stdin (repeatable)", false).also("x"),
		o.itemOption("file", "FILE", "send the content of FILE as one binary message (repeatable)", true),
		boolOption(&o.enc.binary, "binary", "send binary messages; all of stdin is one, and output has no line ends").also("b"),
		boolOption(&o.enc.hex, "hex", "what is sent is hex, a binary message for each -x or line"),
		boolOption(&o.enc.base64, "base64", "what is sent is base64, a binary message for each -x or line"),
		boolOption(&o.nul, "null", "messages of stdin and of the output end with NUL, not with a line end").also("0"),
		boolOption(&o.whole, "whole", "all of stdin is one message"),
		boolOption(&o.echo, "echo", "send each message that comes back; stdin is not read and no message is printed"),
	)
}

// itemOption appends to one list for two flags, so that their order is kept.
func (o *connectOptions) itemOption(name, value, usage string, file bool) *option {
	return &option{name: name, value: value, usage: usage, set: func(s string) error {
		it := item{text: s}
		if file {
			it = item{path: s}
		}
		o.items = append(o.items, it)
		return nil
	}}
}

func (o *connectOptions) waitOptions() []*option {
	wait := durationOption(&o.wait, "wait", "how long to wait for what is missing after the last message is sent; -1 is for ever").also("w")
	set := wait.set
	wait.set = func(s string) error {
		if s == "-1" {
			o.wait = -1
			return nil
		}
		return set(s)
	}
	return in(waiting,
		wait,
		intOption(&o.count, "count", "N", 0, math.MaxInt, "wait for N messages (default: as many as were sent)"),
		intOption(&o.skip, "skip", "N", 0, math.MaxInt, "ignore the first N messages"),
		stringOption(&o.expect, "expect", "REGEX", "wait for a message that matches, and print only that").
			once("one REGEX may have alternatives: 'a|b'; a script can expect one after the other"),
		boolOption(&o.printAll, "all", "print what --expect does not match and --skip ignores as well"),
		stringOption(&o.closes, "expect-close", "CODES", "wait for a close with one of these codes: 1000,4001").
			once("one may list several: --expect-close 1000,4001"),
		intOption(&o.status, "expect-status", "STATUS", 100, 999, "expect the handshake to be answered with this HTTP status"),
		boolOption(&o.noWait, "no-wait", "leave as soon as all is sent"),
		limitOption(&o.limit, "duration", "end normally after this time, unless something expected is missing"),
	)
}

// check checks the flags against each other.
func (o *connectOptions) check(env *Env) error {
	if o.scripted() {
		return o.checkScript()
	}
	if err := noScript(o.all, "--script FILE or -e CODE gives one"); err != nil {
		return err
	}
	rules := []rule{
		{flags: []string{"whole"}, not: []string{"execute", "file"}, hint: "--whole is about stdin, which -x and --file leave alone"},
		{flags: []string{"hex"}, not: []string{"base64"}},
		{flags: []string{"null"}, not: []string{"binary"}, hint: "with -b nothing stands between messages"},
		{flags: []string{"no-wait"}, not: []string{"wait", "count", "skip", "expect", "expect-close", "all"}},
		{flags: []string{"all"}, needs: []string{"expect", "skip"}},
		{flags: []string{"json"}, not: []string{"all", "escape"}, hint: "--json prints every message, escaped"},
		{flags: []string{"echo"}, not: []string{"escape"}, hint: "--echo prints no message; --json does"},
	}
	if len(o.items) > 0 {
		rules = append(rules, rule{flags: []string{"hex", "base64"}, needs: []string{"execute"}, hint: "--file sends a file as it is"})
	}
	if err := checkRules(o.all, rules); err != nil {
		return err
	}
	if err := o.dial.check(o.all); err != nil {
		return err
	}
	headings := []string{sending, waiting}
	if bad := firstGiven(o.all, headings, []string{"echo", "duration"}); o.echo && bad != nil {
		return usagef("--%s contradicts --echo", bad.name).withHint("--echo sends what comes and waits for the close; --json shows it")
	}
	if !o.interactive(env) {
		return nil
	}
	if bad := firstGiven(o.all, headings, []string{"expect-status"}); bad != nil {
		return usagef("--%s has no effect at a prompt", bad.name).withHint("send with -x, or from a pipe; at the prompt, /help lists the commands")
	}
	if o.out.escape == term.Never {
		return usagef("--escape never has no effect at a prompt, which is always safe")
	}
	return nil
}

// expectation checks the flags about waiting.
func (o *connectOptions) expectation() (expectation, error) {
	want := expectation{
		count: o.count, skip: o.skip, all: o.printAll, wait: o.wait, limit: o.limit,
		pending: o.count >= 0 || o.expect != "" || o.closes != "" || o.noWait,
	}
	var err error
	if o.expect != "" {
		if want.match, err = regexp.Compile(o.expect); err != nil {
			return want, usagef("--expect: %w", err)
		}
	}
	if o.closes != "" {
		if want.closes, err = parseCloseCodes(o.closes); err != nil {
			return want, err
		}
	}
	if o.noWait {
		want.count = 0
	}
	return want, nil
}

// parseCloseCodes reads a list of codes. Those that are never sent may be expected
// as well: 1005 is a close without a code, 1006 a lost connection.
func parseCloseCodes(s string) ([]codec.CloseCode, error) {
	var codes []codec.CloseCode
	for _, word := range strings.Split(s, ",") {
		n, err := strconv.ParseUint(strings.TrimSpace(word), 10, 16)
		if err != nil || n < 1000 || n > 4999 {
			return nil, usagef("--expect-close: %q is not a close code", word).withHint("numbers from 1000 to 4999: --expect-close 1000,1001")
		}
		codes = append(codes, codec.CloseCode(n))
	}
	return codes, nil
}

// sender returns what the piped and one-shot client sends.
func (o *connectOptions) sender(env *Env) (sender, error) {
	switch {
	case len(o.items) > 0:
		return newListSender(o.items, o.enc)
	case term.IsTerminal(env.Stdin):
		return silentSender{}, nil
	case o.whole || o.enc.binary:
		return &wholeSender{r: env.Stdin, enc: o.enc}, nil
	}
	delimiter := byte('\n')
	if o.nul {
		delimiter = 0
	}
	return &lineSender{r: bufio.NewReaderSize(env.Stdin, 64<<10), delimiter: delimiter, enc: o.enc}, nil
}
