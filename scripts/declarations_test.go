package scripts

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dop251/goja"
)

// names prints every name that a script can use, with where it is. Some objects make their
// properties when they are asked for: they are asked for all the words of our source.
const names = `
const [language, words] = [LANGUAGE, WORDS]
const tell = (where, o) => {
  const found = new Set(words.filter(word => word in o && !(word in {})))
  for (let p = o; p && p !== Object.prototype && p !== Function.prototype; p = Object.getPrototypeOf(p)) {
    for (const name of Object.getOwnPropertyNames(p)) found.add(name)
  }
  for (const name of ['constructor', 'prototype', 'length']) found.delete(name)
  if (typeof o === 'function') found.delete('name')
  for (const name of found) console.log(where + '.' + name)
}
for (const name of Object.getOwnPropertyNames(globalThis).filter(name => !language.includes(name))) {
  const value = globalThis[name]
  console.log(name)
  if (Object(value) !== value || Array.isArray(value)) continue
  tell(name, value)
  if (value.prototype) tell(name, value.prototype)
}
on('connection', async ws => {
  tell('ws', ws)
  tell('ws.raw', ws.raw)
  tell('req', ws.request)
  tell('message', await ws.receive(/message/))
  const next = ws.nextFrame()
  ws.send('go on')
  tell('frame', await next)
  ws.onerror = e => tell('error', e)
  ws.onclose = e => tell('close', e)
  ws.send('enough')
})`

// runningNames returns the names that the running engine has.
func runningNames(t *testing.T, words []string) []string {
	t.Helper()
	list := func(words []string) string {
		b, err := json.Marshal(words)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	language := goja.New().GlobalObject().GetOwnPropertyNames()
	e, lines, failures := start(t, strings.NewReplacer("LANGUAGE", list(language), "WORDS", list(words)).Replace(names))
	c, ended := connect(t, e)
	say(t, c, 1, "a message")
	say(t, c, 1, "a frame")
	c.Abort()
	<-ended
	if f := failures(); len(f) > 0 {
		t.Fatalf("the script failed: %q", f)
	}
	return lines()
}

// sourceWords returns the words that stand in the source of the engine as strings, those
// that may be events with an "on" before them as well, and the names of options.
func sourceWords(t *testing.T) (words, options []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	word := regexp.MustCompile(`^"(\w+)"$`)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if m := word.FindStringSubmatch(n.Value); m != nil {
					words = append(words, m[1], "on"+m[1])
				}
			case *ast.CallExpr:
				f, ok := n.Fun.(*ast.Ident)
				if !ok || !slices.Contains([]string{"property", "isTrue", "durationOf", "countOf"}, f.Name) || len(n.Args) < 2 {
					break
				}
				if lit, ok := n.Args[1].(*ast.BasicLit); ok {
					options = append(options, strings.Trim(lit.Value, `"`))
				}
			}
			return true
		})
	}
	return words, options
}

// TestNames checks that every name that a script can use is declared in wskit.d.ts and
// told of in README.md, and the global ones on the page of wskit help scripting, too.
func TestNames(t *testing.T) {
	words, options := sourceWords(t)
	running := runningNames(t, words)
	for _, name := range []string{
		"on", "console.log", "clients.get", "ws.send", "ws.OPEN", "ws.raw.frame", "ws.onmessage", "ws.readyState",
		"req.header", "message.json", "message.match", "frame.fin", "close.code", "error.message",
	} {
		if !slices.Contains(running, name) {
			t.Errorf("the script has not found %s", name)
		}
	}
	for _, name := range []string{"fragment", "pingInterval"} {
		if !slices.Contains(options, name) {
			t.Errorf("the option %s was not found", name)
		}
	}
	spans := regexp.MustCompile("`[^`\n]+`")
	prose := strings.Join(spans.FindAllString(fences.ReplaceAllString(read(t, "README.md"), ""), -1), "\n")
	help := read(t, "../commands/help_scripting.go")
	for _, full := range slices.Concat(running, options) {
		name := regexp.QuoteMeta(full[strings.LastIndexByte(full, '.')+1:])
		if !regexp.MustCompile(`(?m)^\s*(declare (function|var) |readonly )?` + name + `\??[(:<]`).MatchString(Declarations()) {
			t.Errorf("wskit.d.ts does not declare %s", full)
		}
		word := regexp.MustCompile(`\b` + name + `\b`)
		if !word.MatchString(prose) {
			t.Errorf("README.md does not tell of %s", full)
		}
		if slices.Contains(running, full) && !strings.Contains(full, ".") && !word.MatchString(help) {
			t.Errorf("wskit help scripting does not tell of %s", full)
		}
	}
}

// fences finds the blocks of code.
var fences = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")

// TestExamples runs the top level of every example of README.md.
func TestExamples(t *testing.T) {
	count := 0
	for _, block := range fences.FindAllStringSubmatch(read(t, "README.md"), -1) {
		if block[1] != "js" {
			continue
		}
		count++
		e, err := Start(t.Context(), Config{Name: "README.md", Source: block[2]})
		if err != nil {
			t.Errorf("%v in\n%s", err, block[2])
			continue
		}
		e.Close()
	}
	if count < 5 {
		t.Errorf("%d examples", count)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestDeclared checks that the engine has every global name that wskit.d.ts declares.
func TestDeclared(t *testing.T) {
	declared := regexp.MustCompile(`(?m)^declare (?:function|var) (\w+)`).FindAllStringSubmatch(Declarations(), -1)
	var source strings.Builder
	for _, d := range declared {
		source.WriteString("console.log('" + d[1] + "', typeof " + d[1] + ")\n")
	}
	_, lines, _ := start(t, source.String()+"on('connection', () => {})")
	if len(lines()) != len(declared) || len(declared) < 20 {
		t.Errorf("%d names are declared, %d were tried", len(declared), len(lines()))
	}
	for _, line := range lines() {
		if strings.HasSuffix(line, " undefined") {
			t.Errorf("declared, but not there: %s", line)
		}
	}
}
