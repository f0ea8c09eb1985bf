package inspect

import (
	"math"
	"reflect"
	"testing"
	"time"

	"wskit/codec"
	"wskit/internal/trace"
)

// TestBuckets checks that the buckets cover all numbers, each once and in order.
func TestBuckets(t *testing.T) {
	last := bucket(math.MaxInt64)
	next := int64(0)
	for b := uint16(0); b <= last; b++ {
		if got := bucket(next); got != b {
			t.Fatalf("bucket(%d) is %d, want %d", next, got, b)
		}
		end := top(b)
		if end < next || bucket(end) != b {
			t.Fatalf("bucket %d begins at %d, and its top is %d", b, next, end)
		}
		if end-next > next/128 {
			t.Fatalf("bucket %d goes from %d to %d: that is too wide", b, next, end)
		}
		next = end + 1
	}
	if next != math.MinInt64 { // that is, MaxInt64+1
		t.Errorf("the buckets end before %d", next)
	}
}

func TestPercentiles(t *testing.T) {
	var h histogram
	if got := h.percentiles(1); got != nil {
		t.Errorf("without values: got %+v", got)
	}
	for v := range int64(200) {
		h.add(199 - v)
	}
	h.add(-5)
	h.add(1_000_000)
	want := trace.Percentiles{Count: 202, P50: 99, P90: 180, P99: 198, Max: 1_000_000}
	if got := h.percentiles(1); *got != want {
		t.Errorf("got %+v, want %+v", *got, want)
	}
	want = trace.Percentiles{Count: 202, P50: 0.099, P90: 0.18, P99: 0.198, Max: 1000}
	if got := h.percentiles(1000); *got != want {
		t.Errorf("got %+v, want %+v", *got, want)
	}
}

func TestStats(t *testing.T) {
	zipped := deflate(&codec.Deflate{}, server, "compressed")[0]
	s := newSession(offerDeflate, offerDeflate).text(client, "hello").wait(10*time.Millisecond).text(client, "hi").
		control(client, codec.OpPing, "").wait(5*time.Millisecond).control(server, codec.OpPong, "").
		frame(server, codec.Header{Fin: true, RSV: codec.RSV1, Opcode: codec.OpText}, zipped)
	got := only[*trace.Stats](analyse(Config{}, s.chunks))[0]
	same := func(count uint64, v float64) *trace.Percentiles {
		return &trace.Percentiles{Count: count, P50: v, P90: v, P99: v, Max: v}
	}
	want := trace.Stats{
		Client: trace.Direction{
			Frames: 3, Messages: 2, Control: 1, Wire: 11 + 8 + 6, Inflated: 7,
			Size: &trace.Percentiles{Count: 2, P50: 2, P90: 5, P99: 5, Max: 5}, Gap: same(1, 10), RTT: same(1, 5),
		},
		Server: trace.Direction{
			Frames: 2, Messages: 1, Control: 1, Wire: uint64(2 + 2 + len(zipped)), Inflated: 10, Size: same(1, 10),
		},
	}
	got.Base = trace.Base{}
	if !reflect.DeepEqual(*got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", *got, want)
	}
}
