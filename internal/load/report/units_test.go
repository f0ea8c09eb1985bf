package report

import (
	"testing"
	"time"
)

func TestUnits(t *testing.T) {
	for _, tt := range []struct{ name, got, want string }{
		{"no time", Duration(0), "0 s"},
		{"nanoseconds", Duration(120), "0.12 µs"},
		{"microseconds", Duration(41234), "41.2 µs"},
		{"rounded up to the next unit", Duration(999_960), "1.00 ms"},
		{"the last of a unit", Duration(999_400), "999 µs"},
		{"milliseconds", Duration(1_238_000), "1.24 ms"},
		{"seconds", Duration(2_010_000_000), "2.01 s"},
		{"many seconds", Duration(3600 * time.Second), "3600 s"},
		{"a whole span", Span(10 * time.Second), "10 s"},
		{"a hundred", Span(100 * time.Second), "100 s"},
		{"a span with decimals", Span(1500 * time.Millisecond), "1.5 s"},
		{"minutes", Span(5 * time.Minute), "5 min"},
		{"minutes and a half", Span(150 * time.Second), "150 s"},
		{"bytes", Bytes(125), "125 B"},
		{"a part of a byte", Bytes(0.5), "0.50 B"},
		{"kilobytes", Bytes(1000), "1.00 kB"},
		{"gigabytes", Bytes(1.54e9), "1.54 GB"},
		{"terabytes", Bytes(1.5e16), "15000 TB"},
		{"a small rate", Rate(12.5), "12.5"},
		{"a whole rate", Rate(100), "100"},
		{"a great rate", Rate(1234567.4), "1,234,567"},
		{"nothing", Count(0), "0"},
		{"three digits", Count(999), "999"},
		{"four digits", Count(1000), "1,000"},
		{"negative", Count(-123456), "-123,456"},
		{"a percentage", Percent(0.00012), "0.012 %"},
		{"all", Percent(1), "100 %"},
		{"more than all", Percent(998.3), "99,830 %"},
		{"hardly any", Percent(1e-7), "< 0.001 %"},
		{"none", Percent(0), "0 %"},
		{"one", Plural(1, "connection"), "1 connection"},
		{"several", Plural(1200, "connection"), "1,200 connections"},
		{"an axis from zero", short(0), "0"},
		{"thousands of an axis", short(1500), "1.5 k"},
		{"millions of an axis", short(2e6), "2 M"},
		{"billions of an axis", short(2.5e9), "2.5 G"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.got != tt.want {
				t.Errorf("got %q, want %q", tt.got, tt.want)
			}
		})
	}
}
