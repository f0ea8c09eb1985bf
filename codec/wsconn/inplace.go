package wsconn

import "wskit/codec"

// inPlaceSize is the size of a message, in bytes, from which it pays to send a view
// of the read buffer from where it lies.
const inPlaceSize = 8 << 10

// sendInPlace sends data at once if it is the message that Next… has just returned
// and there is nothing to gather it with: nothing is queued and nothing else has
// arrived. Its header then fits where the peer's was, which had a key besides. It
// reports false, and has done nothing, if any of that is not so.
func (c *Conn) sendInPlace(op codec.Opcode, data []byte) (done bool, err error) {
	if len(data) != c.viewSize || c.role != codec.RoleServer || c.deflater != nil || c.fragmentSize > 0 {
		return false, nil
	}
	if !c.reading.CompareAndSwap(false, true) {
		return false, nil
	}
	defer c.endRead()
	h := codec.Header{Fin: true, Opcode: op, Length: uint64(len(data))}
	start, end := c.in.r-len(data), c.in.r
	if start < h.Size() || end != c.in.w || &c.in.b[start] != &data[0] || !c.message.try() {
		return false, nil
	}
	defer c.message.unlock()
	if !c.write.try() {
		return false, nil
	}
	defer c.endWrite()
	c.queueMu.Lock()
	free := c.queued == nil && !c.due.Load() && c.mayWrite() == nil
	if free {
		c.countFrame(true)
	}
	c.queueMu.Unlock()
	if !free {
		return false, nil
	}
	start -= h.Size()
	codec.AppendHeader(c.in.b[start:start], h)
	return true, c.transmit(c.in.b[start:end])
}
