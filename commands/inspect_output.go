package commands

import (
	"cmp"
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
)

// A target is where inspect writes: stdout, or the file of --output.
type target struct {
	out   *outlet
	wrote bool
	err   error    // the first of writing
	file  *os.File // nil for stdout
	path  string
	// temp is the path of the file until it is whole, if nobody is to see a part of
	// it.
	temp string
}

// outputOption is --output, of which - is stdout.
func (o *inspectOptions) outputOption() *option {
	return (&option{
		name: "output", value: "FILE", usage: "write into FILE, not to stdout; a script is written whole or not at all",
		set: func(s string) error {
			if o.output = s; s == "-" {
				o.output = ""
			}
			return nil
		},
	}).also("O")
}

// openTarget opens what --output names, so that nothing is recorded in vain.
func (o *inspectOptions) openTarget(ctx context.Context, env *Env) (*target, error) {
	t := &target{path: o.output}
	w := env.Stdout
	if t.path != "" {
		if err := t.create(o.format == formatScript); err != nil {
			os.Remove(t.temp)
			return nil, t.failure(err)
		}
		w = t.file
	}
	t.out = newOutlet(ctx, w)
	return t, nil
}

// create creates the file. What is no regular file, such as a device, is written as it
// is.
func (t *target) create(whole bool) (err error) {
	info, err := os.Stat(t.path)
	switch exists := err == nil; {
	case !whole, exists && !info.Mode().IsRegular():
		t.file, err = os.Create(t.path)
		return err
	case exists:
		// Its place is taken only by who may write it.
		f, err := os.OpenFile(t.path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		f.Close()
	}
	t.temp = filepath.Join(filepath.Dir(t.path), "."+filepath.Base(t.path)+"-"+rand.Text())
	t.file, err = os.OpenFile(t.temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err == nil && info != nil {
		err = t.file.Chmod(info.Mode().Perm())
	}
	return err
}

// Write writes b.
func (t *target) Write(b []byte) (int, error) {
	n, err := t.out.Write(b)
	t.wrote = true
	t.err = cmp.Or(t.err, err)
	return n, err
}

// end ends the file. Err is how the command ended so far. A file that is to be whole
// takes its place only if something was written.
func (t *target) end(err error) error {
	t.out.close()
	if t.file == nil {
		return err
	}
	t.err = cmp.Or(t.err, t.file.Close())
	if t.temp != "" {
		if t.err == nil && t.wrote {
			t.err = os.Rename(t.temp, t.path)
		}
		os.Remove(t.temp) // of which nothing is left when it has its place
	}
	if t.err != nil {
		return t.failure(t.err)
	}
	return err
}

// failure returns the error of the file.
func (t *target) failure(err error) error {
	return failf(exitLocalIO, "write %s: %w", t.path, cause(err))
}
