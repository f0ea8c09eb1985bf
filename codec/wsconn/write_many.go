package wsconn

import "wskit/codec"

// WriteMessages is WriteMessage for many: it sends what next returns, until that
// reports false, in as few writes as it fits. What next returns is read before next
// is called again; next must not use the connection. An error may leave some sent.
func (c *Conn) WriteMessages(op codec.Opcode, next func() (data []byte, ok bool)) error {
	if !op.Data() {
		return ErrOpcode
	}
	if !c.lockMessage() {
		return c.Err()
	}
	defer c.message.unlock()
	data, ok := next()
	for ok {
		if c.encodedSize(len(data)) > queueSize-slotReserve {
			if err := c.sendMessage(op, data); err != nil {
				return err
			}
			data, ok = next()
			continue
		}
		if err := c.beginWrite(); err != nil {
			return err
		}
		c.queueMu.Lock()
		out := c.takeDue(queueSize)
		for ok && c.encodedSize(len(data)) <= cap(out.b)-len(out.b) {
			c.appendMessage(out, op, data)
			data, ok = next()
		}
		c.queueMu.Unlock()
		err := c.writeOut(out)
		c.endWrite()
		if err != nil {
			return err
		}
	}
	return nil
}
