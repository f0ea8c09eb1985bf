package load

import (
	"testing"
	"time"
)

// An alarm is not late by the milliseconds that the runtime's timers wait for: of
// some sleeps of 100 µs, at least one takes less than half of one.
func TestAlarm(t *testing.T) {
	a := newAlarm()
	defer a.Close()
	shortest := time.Hour
	for range 20 {
		began := time.Now()
		a.Sleep(100 * time.Microsecond)
		d := time.Since(began)
		if d < 100*time.Microsecond {
			t.Fatalf("a sleep took %v, want at least 100µs", d)
		}
		shortest = min(shortest, d)
	}
	if shortest > 500*time.Microsecond {
		t.Errorf("the shortest sleep took %v, want about 100µs", shortest)
	}
}
