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
	"strconv"
	"strings"
	"testing"

	"github.com/dop251/goja"
)

// names prints every name that a script can find by itself, with where it is. LANGUAGE
// is replaced by the globals of the language.
const names = `
const language = LANGUAGE
const tell = (where, o) => {
  for (; o && o !== Object.prototype && o !== Function.prototype; o = Object.getPrototypeOf(o)) {
    for (const name of Object.getOwnPropertyNames(o)) {
      if (!['constructor', 'prototype', 'length', 'name'].includes(name) || where === 'ws') console.log(where + '.' + name)
    }
  }
}
for (const name of Object.getOwnPropertyNames(globalThis).filter(name => !language.includes(name))) {
  const value = globalThis[name]
  console.log(name)
  if (!Array.isArray(value)) tell(name, value)
  if (value.prototype) tell(name, value.prototype)
}
on('connection', async ws => {
  ws.onping = e => tell('ping', e)
  ws.onpong = e => tell('pong', e)
  ws.onerror = e => tell('error', e)
  ws.onclose = e => tell('close', e)
  tell('ws', ws)
  tell('ws.raw', ws.raw)
  tell('req', ws.request)
  tell('message', await ws.receive())
  const next = ws.nextFrame()
  ws.send('go on')
  tell('frame', await next)
  ws.send('enough')
})`

// runningNames returns the names that the running engine defines.
func runningNames(t *testing.T) []string {
	t.Helper()
	language, err := json.Marshal(goja.New().GlobalObject().GetOwnPropertyNames())
	if err != nil {
		t.Fatal(err)
	}
	e, lines, failures := start(t, strings.Replace(names, "LANGUAGE", string(language), 1))
	c, ended := connect(t, e)
	say(t, c, 1, "a message")
	if err := c.Ping([]byte("a")); err != nil {
		t.Fatal(err)
	}
	if err := c.Pong([]byte("b")); err != nil {
		t.Fatal(err)
	}
	say(t, c, 1, "a frame")
	c.Abort()
	<-ended
	if f := failures(); len(f) > 0 {
		t.Fatalf("the script failed: %q", f)
	}
	return lines()
}

// sourceNames returns the names that the engine has in its source only: the properties
// that its objects make when they are asked for, and those of options.
func sourceNames(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	list := slices.Clone(listenerNames)
	add := func(e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			name, _ := strconv.Unquote(lit.Value)
			list = append(list, name)
		}
	}
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl: // Get of a goja.DynamicObject
				if n.Name.Name != "Get" || n.Recv == nil {
					return true
				}
				ast.Inspect(n.Body, func(n ast.Node) bool {
					if c, ok := n.(*ast.CaseClause); ok {
						for _, e := range c.List {
							add(e)
						}
					}
					return true
				})
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "property" && len(n.Args) == 2 {
					add(n.Args[1])
				}
			}
			return true
		})
	}
	return list
}

// TestNames checks that every name that a script can use is declared in wskit.d.ts and
// told of in README.md, and the global ones on the page of wskit help scripting, too.
func TestNames(t *testing.T) {
	running, inSource := runningNames(t), sourceNames(t)
	for _, name := range []string{"on", "console.log", "clients.get", "ws.send", "ws.OPEN", "ws.raw.frame", "req.header", "message.data", "frame.fin", "close.code", "error.message"} {
		if !slices.Contains(running, name) {
			t.Errorf("%s was not found by the script", name)
		}
	}
	for _, name := range []string{"onmessage", "readyState", "json", "fragment", "pingInterval"} {
		if !slices.Contains(inSource, name) {
			t.Errorf("%s was not found in the source", name)
		}
	}
	spans := regexp.MustCompile("`[^`\n]+`")
	prose := strings.Join(spans.FindAllString(fences.ReplaceAllString(read(t, "README.md"), ""), -1), "\n")
	help := read(t, "../commands/help_scripting.go")
	for _, full := range slices.Concat(running, inSource) {
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
