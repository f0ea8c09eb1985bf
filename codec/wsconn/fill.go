package wsconn

// fill waits for more bytes and reads them.
func (c *Conn) fill() error {
	for {
		if err := c.beforeRead(); err != nil {
			return err
		}
		c.in.inside = c.rx != nil && c.rx.Decoder.Inside()
		n, err := c.tr.fill(&c.in)
		if n > 0 {
			c.arrived(c.in.took(n))
			if c.rx == nil {
				c.takeReceiver()
			}
			return nil
		}
		if err := c.readFailed(err); err != nil {
			return err
		}
	}
}

// fillDirect is fill for bytes that go to p.
func (c *Conn) fillDirect(p []byte) (int, error) {
	for {
		if err := c.beforeRead(); err != nil {
			return 0, err
		}
		n, err := c.tr.read(p)
		if n > 0 {
			c.arrived(p[:n])
			return n, nil
		}
		if err := c.readFailed(err); err != nil {
			return 0, err
		}
	}
}

// beforeRead does what must be done before waiting: send what is due, publish the
// counts and see to the deadline.
func (c *Conn) beforeRead() error {
	if c.ended {
		return c.Err()
	}
	if c.onWait != nil && !c.taken {
		c.onWait()
	}
	c.sendQueued()
	c.publish()
	if t, set := c.readDeadline(); set {
		c.armRead(t)
	}
	return nil
}
