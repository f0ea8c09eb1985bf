package commands

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// overview is the page of "wskit --help".
func overview(all []*command) string {
	var b strings.Builder
	b.WriteString(`wskit is a toolkit for WebSocket: it serves, connects, inspects, measures, checks.

Examples:
  wskit connect echo:                     a prompt that echoes, nothing else needed
  wskit inspect echo:                     a short session, shown frame by frame
  wskit serve                             an echo server on port 8080
  wskit connect -x hello ws://localhost:8080/
  wskit inspect wss://example.com/socket
  wskit bench -c 64 ws://localhost:8080/  how many messages a second, and how late
  wskit check ws://localhost:8080/        whether a server keeps the rules

Commands:
`)
	for _, c := range all {
		if !c.part() {
			fmt.Fprintf(&b, "  %-9s %s\n", c.name, c.summary)
		}
	}
	b.WriteString(`  help      a command's page, or one of: exit-codes, scripting, urls

"wskit URL" is "wskit connect URL". "wskit COMMAND --help" lists the flags;
"wskit --version" tells the version.
`)
	return b.String()
}

// help is the page of one command.
func (cmd *command) help() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage: wskit %s %s\n\n%s\n", cmd.name, strings.TrimSpace("[flags] "+cmd.args), cmd.about)
	if len(cmd.examples) > 0 {
		b.WriteString("\nExamples:\n")
		for _, e := range cmd.examples {
			writeColumns(&b, e.line, e.about, 44)
		}
	}
	group := ""
	for _, o := range cmd.options {
		if o.group != group {
			group = o.group
			fmt.Fprintf(&b, "\n%s:\n", group)
		}
		usage := o.usage
		if o.def != "" {
			usage += " (default " + o.def + ")"
		}
		writeColumns(&b, o.spelling(), usage, 32)
	}
	return b.String()
}

// spelling returns "-w, --wait DURATION".
func (o *option) spelling() string {
	var short, long []string
	for _, n := range append([]string{o.name}, o.aliases...) {
		if len(n) == 1 {
			short = append(short, "-"+n)
		} else {
			long = append(long, "--"+n)
		}
	}
	s := strings.Join(append(short, long...), ", ")
	if len(short) == 0 {
		s = "    " + s
	}
	switch {
	case o.optional:
		s += "[=" + o.value + "]"
	case o.value != "":
		s += " " + o.value
	}
	return s
}

// writeColumns writes two columns, the second wrapped at 100 cells and begun on a
// line of its own when the first is too wide.
func writeColumns(b *strings.Builder, left, right string, width int) {
	line := fmt.Sprintf("  %-*s", width, left)
	if len(left) >= width {
		fmt.Fprintf(b, "  %s\n", left)
		line = strings.Repeat(" ", width+2)
	}
	length := len(line)
	b.WriteString(line)
	for i, word := range strings.Fields(right) {
		switch {
		case i > 0 && length+1+len(word) > 100:
			b.WriteString("\n" + strings.Repeat(" ", width+2))
			length = width + 2
		case i > 0:
			b.WriteByte(' ')
			length++
		}
		b.WriteString(word)
		length += len(word)
	}
	b.WriteByte('\n')
}

// helpCommand prints a page: a command's, or a topic's.
func helpCommand(env *Env, all []*command) *cli.Command {
	return &cli.Command{
		Name:     "help",
		HideHelp: true,
		Action: func(c *cli.Context) error {
			name := c.Args().First()
			if name == "" {
				return env.print(overview(all))
			}
			if cmd := find(all, strings.Join(c.Args().Slice(), " ")); cmd != nil {
				return env.print(cmd.help())
			}
			if c.NArg() > 1 {
				return usagef("one page is wanted, %d were asked for", c.NArg()).withHint("wskit help %s", name)
			}
			if page, ok := topics[name]; ok {
				return env.print(page)
			}
			return usagef("there is no help on %q", name).withHint("wskit help lists the commands; topics: exit-codes, scripting, urls")
		},
	}
}

// print writes text to stdout.
func (env *Env) print(text string) error {
	if _, err := env.Stdout.Write([]byte(text)); err != nil {
		return stdoutFailure(err)
	}
	return nil
}

var topics = map[string]string{
	"exit-codes": `Exit codes:
    0  done: the peer closed normally (1000, 1001 or without a code), or we did
    1  an expectation was not met: the number of messages, --expect, --expect-close, --expect-status;
       a script that fails, such as by an error thrown at its top level;
       of bench: errors beyond --max-error-rate, a latency beyond --max-p99; of check: what
       --fail-on says, a peer that does not echo, a run in which not a single case was run
    2  the command line is wrong; a script whose syntax is, which handles no connections or
       whose top level never ends
    3  no connection: DNS, TCP, TLS; of check, also a server that went away in the middle
    4  the handshake was refused or is invalid
    5  the peer broke the protocol, or a trace or a report for bench or check is damaged
    6  a limit on connecting, the handshake, a write or the close ran out
    7  local I/O: stdout, a file, a port that cannot be bound
    8  the connection was lost without a close frame (1006)
    9  the peer closed with another code, which is shown
  130  interrupted (SIGINT), after a clean close
  143  terminated (SIGTERM), after a clean close

How a connection ended (5, 8, 9) outranks 1. A script that calls exit(n) ends the command with
n. A server ends with 0 on a signal, or with 1 when a script has failed. bench counts how its
connections ended; it ends with 3, 4 or 6 when not a single one could be opened.
`,
	"scripting": scriptingPage,
	"urls": `URLs:
  ws://HOST[:PORT]/PATH    a WebSocket; http:// means the same
  wss://HOST[:PORT]/PATH   a WebSocket over TLS; https:// means the same
  HOST[:PORT][/PATH]       ws, or wss for port 443
  :PORT[/PATH]             this machine
  unix:SOCKET:/PATH        a unix socket
  echo:                    an echo server started inside the process
`,
}
