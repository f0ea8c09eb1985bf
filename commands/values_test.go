package commands

import (
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	for _, test := range []struct {
		in   string
		want time.Duration
		ok   bool
	}{
		{"5", 5 * time.Second, true},
		{"0.25", 250 * time.Millisecond, true},
		{"-1", -time.Second, true},
		{"0", 0, true},
		{"500ms", 500 * time.Millisecond, true},
		{"1m30s", 90 * time.Second, true},
		{"", 0, false},
		{"soon", 0, false},
		{"NaN", 0, false},
		{"1e300", 0, false},
		{"5 s", 0, false},
	} {
		got, err := parseDuration(test.in)
		if got != test.want || (err == nil) != test.ok {
			t.Errorf("parseDuration(%q) = %v, %v, want %v", test.in, got, err, test.want)
		}
	}
}

func TestParseSize(t *testing.T) {
	for _, test := range []struct {
		in   string
		want int64
		ok   bool
	}{
		{"0", 0, true},
		{"512", 512, true},
		{"64k", 64 << 10, true},
		{"64K", 64 << 10, true},
		{"1m", 1 << 20, true},
		{"2GiB", 2 << 30, true},
		{"10b", 10, true},
		{"", 0, false},
		{"k", 0, false},
		{"-1", 0, false},
		{"1.5m", 0, false},
		{"1tb", 0, false},
		{"1kk", 0, false},
		{"9223372036854775807", 1<<63 - 1, true},
		{"9223372036854775807k", 0, false},
	} {
		got, err := parseSize(test.in)
		if got != test.want || (err == nil) != test.ok {
			t.Errorf("parseSize(%q) = %v, %v, want %v", test.in, got, err, test.want)
		}
	}
}

func TestCompressFlag(t *testing.T) {
	for in, ok := range map[string]bool{
		"": true, "level=9": true, "bits=8,no-takeover,min=1k": true, "level=0": false, "level=10": false,
		"bits=7": false, "bits=16": false, "bits": false, "min=x": false, "no-takeover=1": false, "what": false, ",": false,
	} {
		var c compressFlag
		if err := c.set(in); (err == nil) != ok {
			t.Errorf("set(%q) = %v, want ok %v", in, err, ok)
		}
	}
	var c compressFlag
	if err := c.set("level=3,bits=9,no-takeover,min=1k"); err != nil {
		t.Fatal(err)
	}
	got := *c.config()
	if got.Level != 3 || got.ServerMaxWindowBits != 9 || got.ClientMaxWindowBits != 9 || !got.ServerNoContextTakeover ||
		!got.ClientNoContextTakeover || got.MinSize != 1024 {
		t.Errorf("config %+v", got)
	}
}
