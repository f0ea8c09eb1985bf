package wsconn

import "net"

// plain is the transport of TLS, of pipes, and of all connections on systems
// without source_unix.go.
type plain struct {
	nc  net.Conn
	d   deadliner
	one [1]byte
}

// fill waits for one byte before it takes a buffer: a frame has at least two. Within a
// frame, of which whoever drains the connection takes each byte as it comes, it does not:
// that would be a read for each byte.
func (t *plain) fill(in *input) (int, error) {
	if !in.empty() || in.full || in.inside {
		return t.read(in.room())
	}
	in.drop()
	n, err := t.read(t.one[:])
	if n > 0 {
		copy(in.room(), t.one[:])
	}
	return n, err
}

func (t *plain) read(p []byte) (int, error) {
	for {
		n, err := t.nc.Read(p)
		if n > 0 {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

func (t *plain) write(p []byte) error {
	defer t.d.disarmWrite()
	for len(p) > 0 {
		t.d.armWrite()
		n, err := t.nc.Write(p[:min(len(p), pieceSize)])
		if err != nil {
			return err
		}
		p = p[n:]
	}
	return nil
}

// writeBoth fills up head's capacity with the first of body: TLS would make a
// record of a short head.
func (t *plain) writeBoth(head, body []byte) error {
	n := copy(head[len(head):cap(head)], body)
	if err := t.write(head[:len(head)+n]); err != nil {
		return err
	}
	return t.write(body[n:])
}
