package commands

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
)

// reportFileOption takes a file that a report is written into, beside stdout.
func reportFileOption(p *string, name, usage string) *option {
	o := stringOption(p, name, "FILE", usage)
	set := o.set
	o.set = func(s string) error {
		if s == "-" {
			return usagef("it goes to a file").withHint("stdout is for what the command prints")
		}
		return set(s)
	}
	return o
}

// checkWritable checks that a file can be written, before anything takes time. If path
// is empty, nothing is to be.
func checkWritable(path string) error {
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return failf(exitLocalIO, "write %s: %w", path, cause(err))
	}
	return nil
}

// writeReport writes a file, unless path is empty.
func writeReport(path string, write func(io.Writer) error) error {
	if path == "" {
		return nil
	}
	var b bytes.Buffer
	err := write(&b)
	if err == nil {
		err = os.WriteFile(path, b.Bytes(), 0o644)
	}
	if err != nil {
		return failf(exitLocalIO, "write %s: %w", path, cause(err))
	}
	return nil
}

// readReports reads reports that command printed from files, and from stdin for "-".
func readReports[R any](env *Env, command string, files []string, read func(io.Reader) (R, error)) ([]R, error) {
	if len(files) == 0 {
		return nil, usagef("a file is missing").withHint("%s --json URL > a.json makes one", command)
	}
	if i := slices.Index(files, "-"); i >= 0 && slices.Contains(files[i+1:], "-") {
		return nil, usagef("- is given twice, but there is one stdin")
	}
	var reports []R
	for _, path := range files {
		r, err := readReport(env, command, path, read)
		if err != nil {
			return nil, err
		}
		reports = append(reports, r)
	}
	return reports, nil
}

func readReport[R any](env *Env, command, path string, read func(io.Reader) (R, error)) (r R, err error) {
	in, name := env.Stdin, "stdin"
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return r, usagef("%w", err)
		}
		defer f.Close()
		in, name = f, path
	}
	r, err = read(in)
	switch {
	case errors.As(err, new(*fs.PathError)):
		return r, usagef("read %s: %w", name, cause(err))
	case err != nil:
		return r, failf(exitProtocol, "%s: %w", name, err).withHint("%s --json URL prints a report", command)
	}
	return r, nil
}
