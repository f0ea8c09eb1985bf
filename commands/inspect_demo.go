package commands

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/wsclient"
)

// demo is inspect echo: a session with each kind of frame, a fragmented and a
// compressed message.
func (o *inspectOptions) demo(ctx context.Context, env *Env, url string, watch *watcher) error {
	o.dial.compress.on = true
	conn, stop, err := o.open(ctx, env, url, watch, nil)
	defer stop()
	if conn == nil {
		return err
	}
	err = runDemo(conn)
	conn.Close(codec.CloseNormal, "that was all")
	var end *wsconn.CloseError
	errors.As(conn.Err(), &end)
	return o.finish(conn, watch, cmp.Or(closeFailure(end), err))
}

// runDemo sends one message after the other, each when the one before was answered.
func runDemo(conn *wsclient.Conn) error {
	type entry struct {
		ID    int    `json:"id"`
		Level string `json:"level"`
		Text  string `json:"text"`
	}
	log := struct {
		Log []entry `json:"log"`
	}{}
	for i := range 12 {
		log.Log = append(log.Log, entry{i, "info", "a line that repeats compresses well"})
	}
	long, err := json.Marshal(log)
	if err != nil {
		return err
	}
	if err := roundTrip(conn, codec.OpText, []byte("hello")); err != nil {
		return err
	}
	if err := fragments(conn, "a message ", "in three ", "frames"); err != nil {
		return err
	}
	if err := roundTrip(conn, codec.OpBinary, []byte{0, 1, 2, 3, 0xde, 0xad, 0xbe, 0xef}); err != nil {
		return err
	}
	return roundTrip(conn, codec.OpText, long)
}

func roundTrip(conn *wsclient.Conn, op codec.Opcode, data []byte) error {
	if err := conn.WriteMessage(op, data); err != nil {
		return err
	}
	_, _, err := conn.NextMessage()
	return err
}

// fragments sends a text message of a frame for each part, with a ping before the
// last one.
func fragments(conn *wsclient.Conn, parts ...string) error {
	for i, part := range parts {
		f := wsconn.Frame{Opcode: codec.OpContinuation, Fin: i == len(parts)-1, Data: []byte(part)}
		if i == 0 {
			f.Opcode = codec.OpText
		}
		if f.Fin {
			if err := conn.Ping([]byte("still there?")); err != nil {
				return err
			}
		}
		if err := conn.WriteFrame(f); err != nil {
			return err
		}
	}
	_, _, err := conn.NextMessage()
	return err
}
