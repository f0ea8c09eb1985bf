package wsconn

// An input is the read buffer of a connection: bytes that have arrived and are not
// decoded yet, b[r:w], and before them the part of a frame, from keep on, that must
// stay in one piece with what follows. It holds no memory when there is nothing to
// hold.
type input struct {
	p    *buffer // nil when b is
	b    []byte  // all of p's capacity
	r, w int
	// keep is where the frame in progress begins if holding, else unused.
	keep int
	// size is the smallest buffer to read into and sizeMax the largest. Frames
	// of up to size bytes can be held.
	size, sizeMax int32
	holding       bool
	// full says that the last read filled the buffer: more is likely there.
	full bool
	// inside says that the rest of a frame is to come.
	inside bool
}

// empty reports whether nothing must be kept.
func (in *input) empty() bool { return in.r == in.w && !in.holding }

// start returns where the bytes that must be kept begin.
func (in *input) start() int {
	if in.holding {
		return in.keep
	}
	return in.r
}

// hold keeps the n bytes before r, which are decoded, in one piece with what
// follows.
func (in *input) hold(n int) { in.keep, in.holding = in.r-n, true }

// held ends hold and returns the bytes.
func (in *input) held() []byte {
	in.holding = false
	return in.b[in.keep:in.r:in.r]
}

// room returns space to read into, taking a buffer or moving what is kept to the
// front of one where that is little.
func (in *input) room() []byte {
	start := in.start()
	size := int(in.size)
	want := size
	if in.full {
		want = int(in.sizeMax)
	}
	switch {
	case len(in.b) < size, len(in.b) != want && in.w-start < size:
		in.move(getBuffer(want))
	case start > 0 && (start == in.w || len(in.b)-in.w < len(in.b)/2):
		copy(in.b, in.b[start:in.w])
		in.shift(start)
	}
	return in.b[in.w:]
}

// refill takes a buffer from the pool, unless there is one already, and reports false
// when the pool has none.
func (in *input) refill() bool {
	if in.p == nil {
		p := pooledBuffer(class(int(in.size)))
		if p == nil {
			return false
		}
		in.p, in.b = p, p.b[:cap(p.b)]
	}
	return true
}

// took takes n bytes into the space that room returned.
func (in *input) took(n int) []byte {
	b := in.b[in.w : in.w+n]
	in.w += n
	// A large buffer stays as long as it is of use.
	in.full = in.w == len(in.b) || len(in.b) > int(in.size) && n > int(in.size)
	return b
}

// park prepares for waiting: what is kept moves to a buffer of no more than twice
// its size, and the buffer goes if there is nothing.
func (in *input) park() {
	in.full = false
	kept := in.w - in.start()
	switch {
	case kept == 0 && !in.holding:
		in.drop()
	case 2*kept <= len(in.b) && len(in.b) > 1<<minClass:
		in.move(getBuffer(kept))
	}
}

// drop gives the buffer back, with all that is in it.
func (in *input) drop() {
	putBuffer(in.p)
	in.detach()
}

// leave moves what is not decoded to a buffer of its own, because somebody may
// still hold a view of the one that it is in.
func (in *input) leave() {
	in.holding = false
	var p *buffer
	if in.r < in.w {
		p = getBuffer(in.w - in.r)
		p.b = append(p.b, in.b[in.r:in.w]...)
	}
	in.detach()
	if p != nil {
		in.p, in.b, in.w = p, p.b[:cap(p.b)], len(p.b)
	}
}

// detach forgets the buffer, and all that is in it.
func (in *input) detach() {
	in.p, in.b = nil, nil
	in.keep, in.r, in.w, in.holding = 0, 0, 0, false
}

// move moves what is kept into p.
func (in *input) move(p *buffer) {
	start := in.start()
	b := p.b[:cap(p.b)]
	copy(b, in.b[start:in.w])
	putBuffer(in.p)
	in.p, in.b = p, b
	in.shift(start)
}

func (in *input) shift(n int) {
	in.keep -= n
	in.r -= n
	in.w -= n
}
