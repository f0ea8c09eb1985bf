package interop

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// fences finds the blocks of code of a document.
var fences = regexp.MustCompile("(?ms)^```(js|json)\n(.*?)^```$")

// TestTypes has the compiler of TypeScript check the built-in scripts and all examples
// against wskit scripts --types, in a folder as scripts/README.md describes it.
func TestTypes(t *testing.T) {
	t.Parallel()
	need(t, machine.node)
	dir := t.TempDir()
	write(t, dir, "wskit.d.ts", output(t, "scripts", "--types"))
	var builtins []struct{ Name string }
	if err := json.Unmarshal([]byte(output(t, "scripts", "--json")), &builtins); err != nil || len(builtins) == 0 {
		t.Fatalf("%d built-in scripts: %v", len(builtins), err)
	}
	for _, b := range builtins {
		write(t, dir, b.Name+".js", output(t, "scripts", b.Name))
	}
	for i, document := range []string{"scripts/README.md", "README.md"} {
		for j, block := range fences.FindAllStringSubmatch(read(t, "../../"+document), -1) {
			switch {
			case block[1] == "js":
				write(t, dir, fmt.Sprintf("example-%d-%d.js", i, j), block[2])
			case strings.Contains(block[2], "compilerOptions"):
				write(t, dir, "jsconfig.json", block[2])
			}
		}
	}
	write(t, dir, "types.js", read(t, "testdata/types.js"))
	write(t, dir, "dialogue.js", read(t, "testdata/dialogue.js"))

	for _, test := range []struct {
		name  string
		flags []string
	}{
		{"as documented", nil},
		{"not strict", []string{"--strict", "false"}},
		{"with the DOM", []string{"--lib", "es2022,dom"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if said, ok := tsc(dir, test.flags...); !ok {
				t.Errorf("tsc said:\n%s", said)
			}
		})
	}
	t.Run("strict", func(t *testing.T) {
		strict := t.TempDir()
		for _, name := range []string{"wskit.d.ts", "jsconfig.json", "types.js"} {
			write(t, strict, name, read(t, filepath.Join(dir, name)))
		}
		if said, ok := tsc(strict, "--noImplicitAny", "true", "--useUnknownInCatchVariables", "true"); !ok {
			t.Errorf("tsc said:\n%s", said)
		}
	})
	t.Run("a mistake is found", func(t *testing.T) {
		write(t, dir, "wrong.js", "on('connection', ws => ws.sent('x'))\n")
		if said, ok := tsc(dir); ok || !strings.HasPrefix(said, "wrong.js(1,27): error TS2339") {
			t.Errorf("it passed: %t; tsc said:\n%s", ok, said)
		}
	})
}

// tsc checks a folder, and returns what the compiler says and whether all is well.
func tsc(dir string, flags ...string) (said string, ok bool) {
	compiler, err := filepath.Abs(filepath.Join(peersDir, "node_modules", "typescript", "bin", "tsc"))
	if err != nil {
		return err.Error(), false
	}
	cmd := exec.Command(machine.node, append([]string{compiler, "--noEmit", "--pretty", "false", "-p", "jsconfig.json"}, flags...)...)
	cmd.Dir = dir
	cmd.SysProcAttr = dieWithParent()
	out, err := cmd.CombinedOutput()
	if err != nil && len(out) == 0 {
		return err.Error(), false
	}
	return string(out), err == nil
}

// output returns what wskit prints on stdout.
func output(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command(machine.wskit, args...).Output()
	if err != nil {
		t.Fatalf("wskit %v: %v", args, err)
	}
	return string(out)
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
