package scripts

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dop251/goja"
)

// maxFile is the largest file that a script may read, in bytes.
const maxFile = 64 << 20

// defineOutside defines what shows the script something of the machine: files and the
// environment.
func (e *Engine) defineOutside() {
	e.vm.Set("env", func(name string) goja.Value {
		if !slices.Contains(e.cfg.AllowEnv, name) {
			panic(e.newNamedError("Error", fmt.Sprintf("env: %q is not allowed: --allow-env %s", name, name)))
		}
		if e.cfg.Getenv == nil {
			return goja.Undefined()
		}
		if value := e.cfg.Getenv(name); value != "" {
			return e.vm.ToValue(value)
		}
		return goja.Undefined()
	})
	e.vm.Set("readText", func(path string) goja.Value {
		return e.vm.ToValue(strings.TrimPrefix(decodeText(e.mustRead(path)), bom))
	})
	e.vm.Set("readBytes", func(path string) goja.Value { return e.bytes(e.mustRead(path)) })
}

// mustRead reads a file, or throws.
func (e *Engine) mustRead(path string) []byte {
	b, err := readFile(e.cfg.Dir, e.cfg.AllowRead, path)
	if err != nil {
		panic(e.newNamedError("Error", fmt.Sprintf("read %s: %v", path, err)))
	}
	return b
}

// The errors of a file that a script may not read.
var (
	errOutside = errors.New("the path is outside the script's folder: --allow-read DIR allows another")
	errNoDir   = errors.New("the script has no folder: --allow-read DIR allows one")
	errNotFile = errors.New("this is no file")
)

// readFile reads a file below dir, the script's own folder, or below one that is
// allowed. A relative path is one below dir; it may be below an allowed folder if there
// is no dir. Links do not lead out.
func readFile(dir string, allowed []string, path string) ([]byte, error) {
	roots := slices.Clone(allowed)
	if dir != "" {
		roots = append([]string{dir}, roots...)
	}
	if len(roots) == 0 {
		return nil, errNoDir
	}
	full := path
	if !filepath.IsAbs(path) {
		full = filepath.Join(roots[0], path)
	}
	full, err := filepath.Abs(full)
	if err != nil {
		return nil, err
	}
	for _, root := range roots {
		if root, err = filepath.Abs(root); err != nil {
			return nil, err
		}
		if name, err := filepath.Rel(root, full); err == nil && filepath.IsLocal(name) {
			return readBelow(root, name)
		}
	}
	return nil, errOutside
}

// readBelow reads a file of a folder.
func readBelow(dir, name string) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, bare(err)
	}
	defer root.Close()
	// Not even opened: a pipe would wait for who writes it.
	info, err := root.Stat(name)
	if err != nil {
		return nil, bare(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errNotFile
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, bare(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = fmt.Errorf("the file is larger than %d MiB", maxFile>>20)
	}
	return b, err
}

// bare returns the cause of an error of os, which names the path again.
func bare(err error) error {
	if path := (*os.PathError)(nil); errors.As(err, &path) {
		return path.Err
	}
	return err
}
