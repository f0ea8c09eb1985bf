//go:build linux

package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

func maskAttacks() []attack {
	return append(each(attack{
		id: "A16", what: "the mask keys of 4,096 frames of one connection: repeated, zero, predictable",
		memory: 8 << 20, time: 20 * time.Second, run: maskKeys,
	}, connect, inspect), attack{
		id: "A16b", what: "the nonces and first mask keys of 1,000 connections", target: bench,
		memory: 16 << 20, time: 20 * time.Second, run: nonces,
	})
}

// maskedFrames is how many keys are looked at.
const maskedFrames = 4096

func maskKeys(t *trial) error {
	var keys []uint32
	l, err := t.lure(func(c *caught) {
		if c.accept("", nil) == nil {
			keys = readKeys(c.r, maskedFrames)
			c.Write(closing(0))
			io.Copy(io.Discard, c.r)
		}
	})
	if err != nil {
		return err
	}
	var lines strings.Builder
	for range maskedFrames {
		lines.WriteString("the same line\n")
	}
	c, err := t.launch([]string{t.lab.wskit, t.target, "--no-wait", l.url}, func(cmd *exec.Cmd) {
		cmd.Stdin = strings.NewReader(lines.String())
	})
	if err != nil {
		return err
	}
	if exit, err := c.wait(exitLimit); err != nil || exit != 0 {
		return fmt.Errorf("%s: exit %d: %v: %s", t.target, exit, err, c.stderr.String())
	}
	t.end() // the lure is over: keys are there
	t.judgeKeys(keys, maskedFrames)
	return nil
}

// readKeys reads frames and returns the mask key of each.
func readKeys(r *bufio.Reader, n int) (keys []uint32) {
	for range n {
		h, err := readHeader(r)
		if err != nil || !h.Masked {
			return keys
		}
		keys = append(keys, binary.BigEndian.Uint32(h.Key[:]))
		r.Discard(int(h.Length))
	}
	return keys
}

// judgeKeys looks for what a key of a good generator is not: missing, zero, there already,
// a constant step from the last one, or with a bit that is mostly the same.
func (t *trial) judgeKeys(keys []uint32, want int) {
	if len(keys) != want {
		t.fault("%d of %d frames were masked", len(keys), want)
		return
	}
	seen, steps, differences := make(map[uint32]int), make(map[uint32]int), make(map[uint32]int)
	var ones [32]int
	for i, k := range keys {
		seen[k]++
		if k == 0 {
			t.fault("key %d is zero", i)
		}
		for bit := range ones {
			ones[bit] += int(k >> bit & 1)
		}
		if i > 0 {
			steps[k-keys[i-1]]++
			differences[k^keys[i-1]]++
		}
	}
	// Of 4,096 fair keys two are alike once in 500 runs, three never.
	for name, counts := range map[string]map[uint32]int{"keys": seen, "steps between keys": steps, "differences of keys": differences} {
		if repeated := want - len(counts); repeated > 2 {
			t.fault("%d %s occur more than once", repeated, name)
		}
	}
	for bit, n := range ones { // half of them, within seven deviations
		if d := 2*n - want; d*d > 49*want {
			t.fault("bit %d is set in %d of %d keys", bit, n, want)
		}
	}
	t.saw(fmt.Sprintf("%d keys, %d different", want, len(seen)), "keys",
		fmt.Sprintf("%d keys, %d different", want, want), fmt.Sprintf("%d keys, %d different", want, want-1))
}

func nonces(t *trial) error {
	const conns = 1000
	var mu sync.Mutex
	var keys []uint32
	nonces := make(map[string]bool)
	l, err := t.lure(func(c *caught) {
		key, _, err := c.request()
		if err != nil {
			return
		}
		c.Write(append(welcome(key, ""), frame{op: 9}.append(nil, 0)...))
		first := readKeys(c.r, 1)
		mu.Lock()
		defer mu.Unlock()
		nonces[key] = true
		keys = append(keys, first...)
	})
	if err != nil {
		return err
	}
	c, err := t.client(bench, "-q", "--idle", "-c", fmt.Sprint(conns), "--duration", "1", l.url)
	if err != nil {
		return err
	}
	if _, err := c.wait(exitLimit); err != nil {
		return err
	}
	t.end()
	t.saw(fmt.Sprintf("%d nonces", len(nonces)), "nonces", fmt.Sprintf("%d nonces", conns))
	t.judgeKeys(keys, conns)
	return nil
}
