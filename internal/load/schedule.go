package load

// A schedule says when the messages of an open loop are due: message k at
// base + k·interval, by connection k modulo stride. Times are nanoseconds since the
// beginning of the run. Nothing of it is stored for a message, so that a backlog is
// a number.
type schedule struct {
	base     int64
	interval float64
	stride   int64
	// limit is the number of messages, all connections together.
	limit int64
}

// due returns when message k is due.
func (s *schedule) due(k int64) int64 { return s.base + int64(float64(k)*s.interval) }

// A share is one connection's part of a schedule: its message from is message slot
// of the schedule, and so on in strides.
type share struct {
	*schedule
	slot int64
	from int64
}

// at returns when the connection's message seq is due. What is before from belonged
// to another schedule, and counts as due when this one began.
func (s *share) at(seq int64) int64 {
	if seq < s.from {
		return s.base
	}
	return s.due(s.slot + (seq-s.from)*s.stride)
}

// end returns the number after that of the connection's last message.
func (s *share) end() int64 { return s.from + s.upTo(s.limit) }

// dueBy returns the number after that of the connection's last message that is due
// by now.
func (s *share) dueBy(now int64) int64 {
	return s.from + s.upTo(min(s.before(now+1), s.limit))
}

// upTo returns how many of the connection's messages come before message k of the
// schedule.
func (s *share) upTo(k int64) int64 {
	if k <= s.slot {
		return 0
	}
	return (k - s.slot + s.stride - 1) / s.stride
}

// before returns the number of messages of the schedule that are due before t.
func (s *schedule) before(t int64) int64 {
	if t <= s.base {
		return 0
	}
	// The arithmetic of due decides, not its inverse.
	k := int64(float64(t-s.base) / s.interval)
	for s.due(k) < t {
		k++
	}
	for k > 0 && s.due(k-1) >= t {
		k--
	}
	return k
}
