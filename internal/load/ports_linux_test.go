package load

import "testing"

func TestParsePortRange(t *testing.T) {
	for s, want := range map[string]int{
		"32768\t60999\n": 28232, "1 65535": 65535, "7 7": 1,
		"": -1, "5": -1, "x y": -1, "9 8": -1, "0 5": -1, "1 65536": -1,
	} {
		if got := parsePortRange(s); got != want {
			t.Errorf("parsePortRange(%q) = %d, want %d", s, got, want)
		}
	}
}
