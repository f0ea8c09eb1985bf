package scripts

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/parser"
)

// A Failure is an error of a script.
type Failure struct {
	// Name is that of the script. Line and Column count from 1, in characters, and
	// are zero where the place is not known.
	Name         string
	Line, Column int
	// Message says what is wrong. It may quote what a peer sent: escape it.
	Message string
	// Source is the line of the script, "" where it is not known.
	Source string
	// Hint says what to do, or is empty.
	Hint string
	// Syntax says that the script could not be run at all.
	Syntax bool
	// Expectation says that an expectation was not met: Config.Expectation has been
	// told of it.
	Expectation bool

	unhandled func(*Failure) // of a failureInfo
}

// Error names the place and the problem: "chat.js:3:9: …".
func (f *Failure) Error() string {
	if f.Line == 0 {
		return f.Name + ": " + f.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", f.Name, f.Line, f.Column, f.Message)
}

// Caret returns the line that points at the column of Source, with the tabs of that.
func (f *Failure) Caret() string {
	var b strings.Builder
	for i, r := range []rune(f.Source) {
		if i >= f.Column-1 {
			break
		}
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String() + "^"
}

// What a source is wrapped in: an async function, for await at the top level.
const (
	scriptHead  = "(async () => {'use strict';"
	handlerHead = "on('connection', async ws => {'use strict';"
	scriptTail  = "\n})()"
	handlerTail = "\n})"
)

// A source is the text of a script.
type source struct {
	name, text string
	handler    bool
}

func (s *source) head() string {
	if s.handler {
		return handlerHead
	}
	return scriptHead
}

// compile returns the program, or a *Failure.
func (s *source) compile() (*goja.Program, error) {
	if !utf8.ValidString(s.text) {
		return nil, &Failure{Name: s.name, Message: "the script is not UTF-8", Syntax: true}
	}
	if f := s.tooDeep(); f != nil {
		return nil, f
	}
	text := s.text
	if strings.HasPrefix(text, "#!") {
		text = "//" + text[2:]
	}
	tail := scriptTail
	if s.handler {
		tail = handlerTail
	}
	tree, err := s.parse(text + tail)
	// What is well-formed only within the wrapping must not leave it.
	if err == nil && len(tree.Body) != 1 || err != nil && s.leaves(text) {
		return nil, &Failure{Name: s.name, Message: "a bracket is closed that was not opened", Syntax: true}
	}
	var program *goja.Program
	if err == nil {
		program, err = goja.CompileAST(tree, false)
	}
	if err == nil {
		return program, nil
	}
	return nil, s.syntax(err)
}

// parse parses text in the head of the wrapping.
func (s *source) parse(text string) (*ast.Program, error) {
	return parser.ParseFile(nil, s.name, s.head()+text, 0, parser.WithDisableSourceMaps)
}

// leaves reports whether text closes the brackets of the wrapping: it is well-formed with
// less of the tail than there is.
func (s *source) leaves(text string) bool {
	_, one := s.parse(text + "\n)")
	_, none := s.parse(text)
	return one == nil || none == nil
}

// maxBrackets is how deep the brackets of a source may be nested. The parser calls itself
// for each level, and has no limit of its own.
const maxBrackets = 1000

// tooDeep returns the failure of a source that is nested deeper, nil for others. It takes
// the brackets in texts for such of the source.
func (s *source) tooDeep() *Failure {
	depth, line, column := 0, 1, 0
	for _, r := range s.text {
		column++
		switch r {
		case '\n':
			line, column = line+1, 0
		case '(', '[', '{':
			if depth++; depth > maxBrackets {
				f := &Failure{Name: s.name, Line: line, Column: column, Syntax: true}
				f.Message = fmt.Sprintf("brackets are nested more than %d deep", maxBrackets)
				return f
			}
		case ')', ']', '}':
			depth = max(depth-1, 0)
		}
	}
	return nil
}

// syntax turns an error of the parser or of the compiler into a failure.
func (s *source) syntax(err error) *Failure {
	message, at := err.Error(), file.Position{}
	var list parser.ErrorList
	var compile *goja.CompilerSyntaxError
	switch {
	case errors.As(err, &list) && len(list) > 0:
		message, at = list[0].Message, list[0].Position
	case errors.As(err, &compile):
		message = compile.Message
		if compile.File != nil {
			at = compile.File.Position(compile.Offset)
		}
	}
	if at.Line > strings.Count(s.text, "\n")+1 {
		message = "the script ends too early: is a bracket or a quote not closed?" // it is the tail that does not fit
	}
	f := s.at(at.Line, at.Column, message)
	f.Syntax = true
	word, _, _ := strings.Cut(strings.TrimSpace(f.Source), " ")
	switch {
	case word == "import" || word == "export":
		f.Hint = "a script is one file: it has no import and no export"
	case strings.HasSuffix(s.name, ".ts"):
		f.Hint = "TypeScript is not run: compile it first, such as with esbuild"
	}
	return f
}

// column returns the column of the script for one of the wrapped source.
func (s *source) column(line, column int) int {
	if line == 1 {
		return max(column-len(s.head()), 1)
	}
	return column
}

// at returns a failure at a place of the wrapped source.
func (s *source) at(line, column int, message string) *Failure {
	f := &Failure{Name: s.name, Line: line, Column: s.column(line, column), Message: message}
	lines := strings.Split(s.text, "\n")
	if line > len(lines) {
		lines = strings.Split(strings.TrimRight(s.text, " \t\r\n"), "\n")
		f.Line, f.Column = len(lines), utf8.RuneCountInString(lines[len(lines)-1])+1
	}
	if f.Line >= 1 {
		f.Source = strings.TrimRight(lines[f.Line-1], "\r")
	}
	return f
}

// failure turns an error of a turn into a failure.
func (s *source) failure(err error) *Failure {
	var exception *goja.Exception
	var stop *goja.InterruptedError
	var overflow *goja.StackOverflowError
	var value thrown
	switch {
	case errors.As(err, &stop):
		f := s.where(stop.Stack(), fmt.Sprint(stop.Value()))
		f.Hint = "an await gives others their turn; --script-timeout allows more"
		if reason, _ := stop.Value().(error); errors.Is(reason, errMemory) {
			f.Hint = "--script-memory is for all that the process holds"
		}
		return f
	case errors.As(err, &overflow):
		return s.where(overflow.Stack(), "the script calls itself without end")
	case errors.As(err, &value):
		return s.failureOf(value.value, nil)
	case errors.As(err, &exception):
		return s.failureOf(exception.Value(), exception.Stack())
	}
	return &Failure{Name: s.name, Message: err.Error()}
}

// where returns a failure at the innermost frame that is of the script.
func (s *source) where(stack []goja.StackFrame, message string) *Failure {
	for i := range stack {
		if stack[i].SrcName() == s.name {
			p := stack[i].Position()
			return s.at(p.Line, p.Column, message)
		}
	}
	return &Failure{Name: s.name, Message: message}
}

// place finds the places in the stack of an error: "at f (chat.js:3:9(12))".
var place = regexp.MustCompile(`:(\d+):(\d+)\(\d+\)`)

// failureOf returns the failure for what was thrown, and where, if that is known.
func (s *source) failureOf(v goja.Value, stack []goja.StackFrame) *Failure {
	object, ok := v.(*goja.Object)
	if !ok {
		return s.where(stack, "uncaught "+v.String())
	}
	if info := infoOf(object); info != nil {
		f := s.at(info.line, info.column, info.message)
		f.Hint, f.Expectation, f.unhandled = info.hint, info.expectation, info.unhandled
		info.unhandled = nil // once is enough
		return f
	}
	message := object.String()
	if text := object.Get("stack"); text != nil {
		for line := range strings.Lines(text.String()) {
			_, rest, found := strings.Cut(line, s.name+":")
			if m := place.FindStringSubmatch(":" + rest); found && m != nil {
				l, _ := strconv.Atoi(m[1])
				c, _ := strconv.Atoi(m[2])
				return s.at(l, c, message)
			}
		}
	}
	return s.where(stack, message)
}
