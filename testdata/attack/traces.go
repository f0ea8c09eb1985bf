//go:build linux

package main

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"os"
	"strings"
	"time"

	"wskit/codec"
)

func traceAttacks() []attack {
	return append([]attack{{
		id: "A20", what: "traces that are cut, false or endless, and a gzip bomb of 4 GiB", target: inspect,
		memory: 256 << 20, time: 40 * time.Second, ours: true, run: brokenTraces,
	}}, each(attack{
		id: "A17g", what: "a certificate whose names and issuer are escapes",
		memory: 8 << 20, time: 20 * time.Second, ours: true, run: hostileCertificate,
	}, connect, inspect)...)
}

// brokenTraces has inspect read files that say what is not so.
func brokenTraces(t *trial) error {
	good, err := t.record()
	if err != nil {
		return err
	}
	var files [][]byte
	for n := 0; n < len(good); n += max(1, len(good)/60) { // cut at many of its bytes
		files = append(files, good[:n])
	}
	for _, value := range []string{"-1", "0", "1e400", "9223372036854775808", "18446744073709551615", "null", `""`, "[]", "{}", `"` + strings.Repeat("a", 1<<20) + `"`} {
		for _, field := range []string{"v", "conn", "t", "time", "n", "msg", "payload_length", "wire_bytes", "opcode", "rsv", "size", "frames", "truncated"} {
			files = append(files, replaceField(good, field, value))
		}
	}
	files = append(files,
		bytes.Repeat([]byte("a"), 16<<20), bytes.Repeat([]byte("\n"), 16<<20), bytes.Repeat([]byte("["), 16<<20), make([]byte, 16<<20),
		append([]byte(`{"v":1,"kind":"frame","payload":"`), bytes.Repeat([]byte("a"), 300<<20)...),
		append([]byte(`{"v":1,"kind":"`), bytes.Repeat([]byte(`\u001b`), 1<<20)...),
		bytes.Repeat([]byte(`{"v":1,"kind":"open","conn":1}`+"\n"), 50_000),
		gzipped(nil, []byte("a"), 4<<10), gzipped(good, []byte("a"), 4<<10), gzipped(good, []byte("\n"), 64),
	)
	return spread(len(files), 2, func(i int) error {
		file := t.lab.name(".jsonl")
		if err := os.WriteFile(file, files[i], 0o600); err != nil {
			return err
		}
		defer os.Remove(file)
		c, err := t.client(inspect, "--no-color", file)
		if err != nil {
			return err
		}
		exit, err := c.wait(exitLimit)
		if err != nil {
			t.fault("file %d: %v", i, err)
			return nil
		}
		t.saw(fmt.Sprint("exit ", exit), fmt.Sprintf("file %d, %.60q", i, files[i]), "exit 5", "exit 0")
		if bad, ok := harmless(c.stderr.String()); !ok {
			t.fault("file %d: raw %s", i, bad)
		}
		return nil
	})
}

// record returns the trace of a session.
func (t *trial) record() ([]byte, error) {
	l, err := t.lure(func(c *caught) {
		c.accept("", script(textFrame("hello"), frame{op: codec.OpPing, payload: []byte("p")}, closeFrame(1000, "bye"))(codec.RoleServer))
		hearFrames(c.r)
	})
	if err != nil {
		return nil, err
	}
	c, err := t.client(inspect, "--json", l.url)
	if err != nil {
		return nil, err
	}
	_, err = c.wait(exitLimit)
	return []byte(c.stdout.String()), err
}

// replaceField replaces each value of a field in JSON Lines, up to the next comma or bracket.
func replaceField(trace []byte, name, value string) []byte {
	parts := strings.Split(string(trace), `"`+name+`":`)
	for i, part := range parts[1:] {
		if end := strings.IndexAny(part, ",}]"); end >= 0 {
			parts[i+1] = value + part[end:]
		}
	}
	return []byte(strings.Join(parts, `"`+name+`":`))
}

// gzipped compresses start and then a number of MiB of a byte.
func gzipped(start, with []byte, mib int) []byte {
	var head, chunk bytes.Buffer
	for _, part := range []struct {
		to   *bytes.Buffer
		data []byte
	}{{&head, start}, {&chunk, bytes.Repeat(with, 1<<20)}} {
		w := gzip.NewWriter(part.to)
		w.Write(part.data)
		w.Close()
	}
	// A file of gzip may have many members (RFC 1952 §2.2).
	return append(head.Bytes(), bytes.Repeat(chunk.Bytes(), mib)...)
}

// hostileCertificate has a client meet a server whose certificate is not for it.
func hostileCertificate(t *trial) error {
	names := strings.Join(sequences[:9], "")
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	subject := pkix.Name{CommonName: names, Organization: []string{names}}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: subject, Issuer: subject, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"x\x1b[2Jx", "evil\x07.example"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	cfg := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	l, err := t.lure(func(c *caught) {
		secure := tls.Server(c.Conn, cfg)
		defer secure.Close()
		c.Conn = secure
		c.r.Reset(secure)
		if c.accept("", closing(codec.RoleServer)) == nil {
			hearFrames(c.r)
		}
	})
	if err != nil {
		return err
	}
	url := "wss://" + l.tcp + "/"
	for _, args := range [][]string{{url}, {"-v", url}, {"-k", "-v", url}, {"-k", "-v", "--json", url}} {
		shown, exit, err := t.onScreen(false, append([]string{"--no-color"}, args...)...)
		if err != nil {
			return err
		}
		t.sawShown(harmless, shown, fmt.Sprintf("%q", args))
		if want := map[bool]int{false: 3, true: 0}[args[0] == "-k"]; exit != want {
			t.fault("%q: exit %d, want %d: %.200q", args, exit, want, shown)
		}
	}
	return nil
}
