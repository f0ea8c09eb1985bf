package inspect

import (
	"math/bits"
	"time"

	"wskit/internal/trace"
)

// stats are the figures of one direction.
type stats struct {
	frames, messages, control, wire, inflated uint64

	sizes, gaps, trips histogram
	lastMessage        time.Time
}

func (s *stats) frame(f *trace.Frame) {
	s.frames++
	if f.Header.Opcode.Control() {
		s.control++
	}
	s.wire += f.WireBytes()
}

func (s *stats) message(m *trace.Message, at time.Time) {
	if s.messages > 0 {
		s.gaps.add(at.Sub(s.lastMessage).Microseconds())
	}
	s.lastMessage = at
	s.messages++
	s.inflated += m.Size
	s.sizes.add(int64(m.Size))
}

// answered takes the round trip of a ping of this side.
func (s *stats) answered(rtt time.Duration) { s.trips.add(rtt.Microseconds()) }

func (s *stats) figures() trace.Direction {
	return trace.Direction{
		Frames: s.frames, Messages: s.messages, Control: s.control, Wire: s.wire, Inflated: s.inflated,
		Size: s.sizes.percentiles(1), Gap: s.gaps.percentiles(1000), RTT: s.trips.percentiles(1000),
	}
}

// A histogram counts values that are not negative in buckets, which grow with the
// values, so that it takes little memory for any number of them. A value is known
// to within 1 in 128, one below 256 exactly.
type histogram struct {
	counts map[uint16]uint64
	total  uint64
	max    int64
}

// subBits gives each power of two 128 buckets.
const subBits = 7

// bucket returns the number of the bucket of v. The numbers go with the values.
func bucket(v int64) uint16 {
	shift := max(0, bits.Len64(uint64(v))-subBits-1)
	return uint16(shift<<subBits + int(v>>shift))
}

// top returns the largest value of a bucket.
func top(b uint16) int64 {
	if b < 2<<subBits {
		return int64(b)
	}
	shift := b>>subBits - 1
	return int64(b-shift<<subBits+1)<<shift - 1
}

func (h *histogram) add(v int64) {
	v = max(v, 0) // clocks of two directions may differ
	if h.counts == nil {
		h.counts = make(map[uint16]uint64)
	}
	h.counts[bucket(v)]++
	h.total++
	h.max = max(h.max, v)
}

// percentiles returns the figures of h divided by unit, nil when it is empty.
func (h *histogram) percentiles(unit float64) *trace.Percentiles {
	if h.total == 0 {
		return nil
	}
	return &trace.Percentiles{
		Count: h.total, P50: float64(h.at(50)) / unit, P90: float64(h.at(90)) / unit,
		P99: float64(h.at(99)) / unit, Max: float64(h.max) / unit,
	}
}

// at returns the value that p percent of the values do not exceed.
func (h *histogram) at(p uint64) int64 {
	rank := (h.total*p + 99) / 100
	var seen uint64
	last := bucket(h.max)
	for b := uint16(0); b < last; b++ {
		if seen += h.counts[b]; seen >= rank {
			return min(top(b), h.max)
		}
	}
	return h.max
}
