package wsconn

import (
	"fmt"
	"io"
	"testing"

	"wskit/codec"
)

// TestReadInTurns reads messages that arrive at once in one way after the other: none
// is lost, whichever way decoded it, and a reader ends with the next message.
func TestReadInTurns(t *testing.T) {
	ways := map[string]func(c *Conn) (string, error){
		"message": func(c *Conn) (string, error) {
			_, data, err := c.NextMessage()
			return string(data), err
		},
		"frame": func(c *Conn) (string, error) {
			f, err := c.NextFrame()
			if err == nil && !f.Fin {
				return "", fmt.Errorf("%q is not the last frame", f.Data)
			}
			return string(f.Data), err
		},
		"reader": func(c *Conn) (string, error) {
			_, r, err := c.NextReader()
			if err != nil {
				return "", err
			}
			data, err := io.ReadAll(r)
			return string(data), err
		},
		"reader, unread": func(c *Conn) (string, error) {
			_, r, err := c.NextReader()
			if err != nil {
				return "", err
			}
			_, data, err := c.NextMessage()
			if n, stale := r.Read(make([]byte, 9)); stale != errStaleReader {
				return "", fmt.Errorf("the reader of the message before read %d bytes and %v, want %v", n, stale, errStaleReader)
			}
			return "and " + string(data), err
		},
	}
	for first, readFirst := range ways {
		for second, readSecond := range ways {
			t.Run(first+" then "+second, func(t *testing.T) {
				onNetworks(t, func(t *testing.T, n network) {
					c, p := against(t, n, Config{})
					var wire []byte
					for i := range 16 {
						wire = append(wire, p.text(fmt.Sprint(i))...)
						if i == 7 {
							wire = append(wire, p.frame(true, codec.OpPong, "between")...)
						}
					}
					sent := async(func() error { _, err := p.nc.Write(wire); return err })
					for i := 0; i < 12; {
						for _, read := range []func(*Conn) (string, error){readFirst, readSecond, ways["message"]} {
							got, err := read(c)
							if err != nil {
								t.Fatal(err)
							}
							want := fmt.Sprint(i)
							if i++; got == "and "+fmt.Sprint(i) {
								i++
								continue
							}
							if got != want {
								t.Fatalf("got %q, want %q", got, want)
							}
						}
					}
					if err := sent(); err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}

// TestDiscardReady drops messages that are decoded already.
func TestDiscardReady(t *testing.T) {
	onNetworks(t, func(t *testing.T, n network) {
		c, p := against(t, n, Config{})
		wire := append(append(p.text("one"), p.text("two")...), p.close(codec.CloseNormal, "")...)
		sent := async(func() error { _, err := p.nc.Write(wire); return err })
		if _, data, err := c.NextMessage(); err != nil || string(data) != "one" {
			t.Fatalf("got %q and %v, want one", data, err)
		}
		answered := async(func() bool { p.wantClose(codec.CloseNormal, ""); return true })
		err := c.Discard()
		wantEnded(t, err, CloseError{Code: codec.CloseNormal, By: Peer})
		if _, data, again := c.NextMessage(); again != err {
			t.Errorf("after Discard: message %q and %v, want %v", data, again, err)
		}
		if err := sent(); err != nil {
			t.Error(err)
		}
		answered()
	})
}
