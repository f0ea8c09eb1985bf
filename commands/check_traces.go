package commands

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"wskit/internal/conform"
)

// writeTraces writes a trace for each result that is to be looked at, and notes its file
// in the result. With several agents, each has a directory of its own.
func (o *checkReport) writeTraces(r *conform.Report) error {
	if o.traces == "" {
		return nil
	}
	taken := map[string]bool{}
	for _, a := range r.Agents {
		dir := o.traces
		if len(r.Agents) > 1 {
			dir = filepath.Join(dir, freeName(fileName(a.Name), taken))
		}
		for i := range a.Results {
			switch a.Results[i].Verdict {
			case conform.Informational, conform.NonStrict, conform.Fail:
				if err := writeTrace(dir, &a.Results[i]); err != nil {
					return failf(exitLocalIO, "write a trace: %w", err)
				}
			}
		}
	}
	return nil
}

// writeTrace writes the trace of a result, if it has one. It holds what went over the
// connection, so that nobody else may read it.
func writeTrace(dir string, r *conform.Result) error {
	f := lateFile{path: filepath.Join(dir, fileName(r.Case)+".jsonl")}
	ok, err := r.WriteTrace(&f)
	if e := f.close(); err == nil {
		err = e
	}
	if ok && err == nil {
		r.Trace = f.path
	}
	return err
}

// A lateFile is made with its directory when something is written.
type lateFile struct {
	path string
	f    *os.File
}

func (l *lateFile) Write(b []byte) (n int, err error) {
	if l.f == nil {
		if err := os.MkdirAll(filepath.Dir(l.path), 0o700); err != nil {
			return 0, err
		}
		if l.f, err = os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fs.FileMode(0o600)); err != nil {
			return 0, err
		}
	}
	return l.f.Write(b)
}

func (l *lateFile) close() error {
	if l.f == nil {
		return nil
	}
	return l.f.Close()
}

// maxFileName keeps room for a suffix in the 255 bytes that systems allow.
const maxFileName = 100

// fileName makes a name that no system takes for anything but one, of a name that may
// come from a peer.
func fileName(s string) string {
	name := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '.' || r == '_' {
			return r
		}
		return '-'
	}, s)
	name = strings.TrimLeft(name[:min(len(name), maxFileName)], ".")
	if name == "" {
		return "agent"
	}
	return name
}

// freeName returns name, with a number if it is taken by one that differs in the case of
// letters at most.
func freeName(name string, taken map[string]bool) string {
	free := name
	for n := 2; taken[strings.ToLower(free)]; n++ {
		free = fmt.Sprintf("%s-%d", name, n)
	}
	taken[strings.ToLower(free)] = true
	return free
}
