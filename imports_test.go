package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// layers says which package of ours may import which: those to its right in the
// chain of ARCHITECTURE.md. A package that is missing here fails the test.
var layers = map[string][]string{
	"wskit":                         {"wskit/commands"},
	"wskit/commands":                {"wskit/internal/load/report", "wskit/internal/load", "wskit/internal/conform/report", "wskit/internal/conform", "wskit/internal/junit", "wskit/scripts", "wskit/wsserver", "wskit/wsclient", "wskit/internal/inspect", "wskit/internal/trace", "wskit/internal/term", "wskit/codec/wsconn", "wskit/codec"},
	"wskit/scripts":                 {"wskit/wsserver", "wskit/wsclient", "wskit/internal/hub", "wskit/codec/wsconn", "wskit/codec"},
	"wskit/wsserver":                {"wskit/internal/hub", "wskit/codec/wsconn", "wskit/codec"},
	"wskit/wsclient":                {"wskit/codec/wsconn", "wskit/codec"},
	"wskit/internal/hub":            {"wskit/codec/wsconn", "wskit/codec"},
	"wskit/internal/inspect":        {"wskit/internal/trace", "wskit/codec"},
	"wskit/internal/trace":          {"wskit/internal/term", "wskit/codec"},
	"wskit/internal/term":           {},
	"wskit/internal/conform/report": {"wskit/internal/conform", "wskit/internal/junit", "wskit/internal/trace", "wskit/internal/term"},
	"wskit/internal/conform":        {"wskit/internal/jsonreport", "wskit/wsclient", "wskit/internal/inspect", "wskit/internal/trace", "wskit/codec/wsconn", "wskit/codec"},
	"wskit/internal/load/report":    {"wskit/internal/load", "wskit/internal/term"},
	"wskit/internal/load":           {"wskit/internal/jsonreport", "wskit/wsclient", "wskit/internal/trace", "wskit/codec/wsconn", "wskit/codec"},
	"wskit/internal/jsonreport":     {},
	"wskit/internal/junit":          {},
	"wskit/internal/markdown":       {},
	"wskit/internal/interop":        {},
	"wskit/internal/leaktest":       {},
	"wskit/codec/wsconn":            {"wskit/codec"},
	"wskit/codec":                   {},
}

// owners says which package of ours alone may import a library.
var owners = map[string][]string{
	"github.com/urfave/cli/v2":            {"wskit/commands"},
	"github.com/chzyer/readline":          {"wskit/internal/term"},
	"github.com/fatih/color":              {"wskit/internal/term"},
	"golang.org/x/term":                   {"wskit/internal/term"},
	"golang.org/x/text/width":             {"wskit/internal/term"},
	"golang.org/x/text/encoding/unicode":  {"wskit/scripts"},
	"golang.org/x/sys/unix":               {"wskit/wsserver", "wskit/internal/load", "wskit/internal/term"},
	"github.com/klauspost/compress/flate": {"wskit/codec"},
	"github.com/segmentio/asm/utf8":       {"wskit/codec"},

	"github.com/dop251/goja":        {"wskit/scripts"},
	"github.com/dop251/goja/ast":    {"wskit/scripts"},
	"github.com/dop251/goja/file":   {"wskit/scripts"},
	"github.com/dop251/goja/parser": {"wskit/scripts"},
	"github.com/dlclark/regexp2/v2": {"wskit/scripts"},

	"github.com/HdrHistogram/hdrhistogram-go": {"wskit/internal/load"},
}

// pure lists what codec may not import: it does no I/O and knows no clock.
var pure = []string{"net", "net/http", "os", "time", "sync", "log", "log/slog"}

func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		checkImports(t, p.ImportPath, p.Imports)
	}
}

func checkImports(t *testing.T, path string, imports []string) {
	allowed, known := layers[path]
	if !known {
		t.Errorf("%s: not in the house: add it to layers and to ARCHITECTURE.md", path)
	}
	for _, imp := range imports {
		host, _, _ := strings.Cut(imp, "/")
		switch {
		case imp == "wskit" || strings.HasPrefix(imp, "wskit/"):
			if !slices.Contains(allowed, imp) {
				t.Errorf("%s imports %s", path, imp)
			}
		case strings.Contains(host, "."):
			if !slices.Contains(owners[imp], path) {
				t.Errorf("%s imports %s", path, imp)
			}
		case path == "wskit/codec" && slices.Contains(pure, imp):
			t.Errorf("%s imports %s", path, imp)
		}
	}
}
