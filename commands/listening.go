package commands

import (
	"crypto/tls"
	"encoding/json"
	"os"
	"path/filepath"
)

// serverTLS are the flags of whatever listens with TLS.
type serverTLS struct {
	cert, key  string
	selfSigned bool
}

func (t *serverTLS) options() []*option {
	return []*option{
		stringOption(&t.cert, "tls-cert", "FILE", "the certificate chain (PEM); makes it wss"),
		stringOption(&t.key, "tls-key", "FILE", "its private key (PEM)"),
		boolOption(&t.selfSigned, "tls-self-signed", "make a certificate for localhost on the spot"),
	}
}

// tlsRules are those of the flags of a serverTLS.
func tlsRules() []rule {
	return []rule{{flags: []string{"tls-self-signed"}, not: []string{"tls-cert", "tls-key"}}}
}

// config returns what the files hold, or nil without any.
func (t *serverTLS) config() (*tls.Config, error) {
	switch {
	case t.cert == "" && t.key == "":
		return nil, nil
	case t.key == "":
		return nil, usagef("--tls-cert needs --tls-key").withHint("--tls-key FILE: the private key of the certificate")
	case t.cert == "":
		return nil, usagef("--tls-key needs --tls-cert").withHint("--tls-cert FILE: the certificate of the key")
	}
	cert, err := tls.LoadX509KeyPair(t.cert, t.key)
	if err != nil {
		return nil, usagef("load the certificate %s and the key %s: %w", t.cert, t.key, err).withHint("both are PEM files, and belong together")
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, nil
}

// readyOptions are the flags that tell a script when there is somebody to connect to.
type readyOptions struct {
	line bool
	file string
}

func (r *readyOptions) options() []*option {
	return []*option{
		boolOption(&r.line, "ready", "print one JSON line on stdout, with the URLs, once it listens"),
		stringOption(&r.file, "ready-file", "FILE", "write that line into FILE"),
	}
}

// tell prints and writes the line.
func (r *readyOptions) tell(env *Env, urls []string) error {
	line, err := json.Marshal(struct {
		Ready bool     `json:"ready"`
		URLs  []string `json:"urls"`
		PID   int      `json:"pid"`
	}{true, urls, os.Getpid()})
	if err != nil {
		return err
	}
	line = append(line, '\n')
	if r.file != "" {
		if err := writeWhole(r.file, line); err != nil {
			return failf(exitLocalIO, "write %s: %w", r.file, cause(err))
		}
	}
	if !r.line {
		return nil
	}
	return env.print(string(line))
}

// writeWhole writes a file that nobody ever sees a part of.
func writeWhole(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
