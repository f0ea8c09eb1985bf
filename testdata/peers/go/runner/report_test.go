package main

import (
	"errors"
	"strings"
	"testing"
)

// sampled is a report on one scenario: what the rounds took, in µs of CPU a message.
func sampled(sc scenario, rounds map[string][]float64) *report {
	b := &bench{scenarios: []scenario{sc}}
	all := results{sc.name: {}}
	for _, name := range []string{floor, ours, "gws", "coder"} {
		if rounds[name] == nil {
			continue
		}
		b.servers = append(b.servers, server{name: name, goLibrary: name != floor && name != ours})
		for _, us := range rounds[name] {
			got := sample{rate: 1e6 / us, cpu: us * 1e3, peak: 20e6, connected: us * 1e3, answered: us * 2e3}
			if us == 0 {
				got = sample{err: errors.New("it crashed")}
			}
			all[sc.name][name] = append(all[sc.name][name], got)
		}
	}
	return newReport(b, all, []string{"a note"})
}

func TestTargets(t *testing.T) {
	plain := scenario{name: "plain", base: floor, target: target{cpu: 1.1}}
	below := scenario{name: "below", base: floor, target: target{cpu: 1.1, belowAll: true}}
	memory := scenario{name: "memory", base: floor, target: target{cpu: 1.1, peak: 19}}
	idle := scenario{name: "idle", base: floor, idle: true, target: target{connected: 4, answered: 5}}
	for _, tt := range []struct {
		name   string
		sc     scenario
		rounds map[string][]float64
		want   string
	}{
		{
			"ratios are taken within each round", plain,
			map[string][]float64{floor: {1, 2, 4}, ours: {1.1, 2, 3.6}, "gws": {3, 8, 8}},
			"| plain | raw TCP 2.00 µs | 1.00 (2.00 µs, ±10 %) | gws 3.00 | ≤ 1.10 | yes |",
		},
		{
			"a round that failed is left out", plain,
			map[string][]float64{floor: {1, 0, 1}, ours: {1, 5, 2}, "gws": {3, 3, 0}},
			"| plain | raw TCP 1.00 µs | 1.50 (2.00 µs, ±33 %) | gws 3.00 | ≤ 1.10 | no, but within the spread |",
		},
		{
			"missed", plain,
			map[string][]float64{floor: {1}, ours: {1.2}, "coder": {30}},
			"| plain | raw TCP 1.00 µs | 1.20 (1.20 µs) | coder 30 | ≤ 1.10 | no |",
		},
		{
			"below all", below,
			map[string][]float64{floor: {1}, ours: {1.05}, "gws": {1.06}, "coder": {2}},
			"| below | raw TCP 1.00 µs | 1.05 (1.05 µs) | gws 1.06 | ≤ 1.10, below every Go library | yes |",
		},
		{
			"a tie with the best", below,
			map[string][]float64{floor: {1}, ours: {1.05}, "gws": {1}},
			"| ≤ 1.10, below every Go library | yes; a tie with gws |",
		},
		{
			"above the best", below,
			map[string][]float64{floor: {1}, ours: {1.05}, "gws": {0.5}},
			"| ≤ 1.10, below every Go library | no: above gws |",
		},
		{
			"all rounds failed", plain,
			map[string][]float64{floor: {1}, ours: {0}},
			"| plain | raw TCP 1.00 µs | failed | ? | ≤ 1.10 | ? |",
		},
		{
			"peak", memory,
			map[string][]float64{floor: {1}, ours: {1}, "gws": {1}},
			"| memory, peak RSS | raw TCP 20.0 MB | 20.0 MB | gws 20.0 MB | ≤ 19 MB | no |",
		},
		{
			"idle after connecting", idle,
			map[string][]float64{floor: {2}, ours: {3}, "gws": {9}},
			"| idle, after connecting | raw TCP 2.0 KB | 3.0 KB | gws 9.0 KB | ≤ 4.0 KB | yes |",
		},
		{
			"idle after a message", idle,
			map[string][]float64{floor: {2}, ours: {3}, "gws": {9}},
			"| idle, after one message each | raw TCP 4.0 KB | 6.0 KB | gws 18.0 KB | ≤ 5.0 KB | no |",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := sampled(tt.sc, tt.rounds).markdown(); !strings.Contains(got, tt.want) {
				t.Errorf("got\n%s\nwant in it\n%s", got, tt.want)
			}
		})
	}
}

func TestMarkdown(t *testing.T) {
	sc := scenario{name: "plain", base: floor, target: target{cpu: 1.1}}
	r := sampled(sc, map[string][]float64{floor: {1, 1}, ours: {2, 2}, "gws": {0, 0}})
	want := `### Targets

| case | is 1.00 | wskit serve | best Go library | target | met |
| --- | --- | --- | --- | --- | --- |
| plain | raw TCP 1.00 µs | 2.00 (2.00 µs, ±0 %) | ? | ≤ 1.10 | no |

### Server CPU per message

| case | raw TCP | wskit serve | gws |
| --- | --- | --- | --- |
| plain | 1.00 (1.00 µs) | 2.00 (2.00 µs, ±0 %) | failed |

### Messages per second

| case | raw TCP | wskit serve | gws |
| --- | --- | --- | --- |
| plain | 1.00 (1,000,000) | 0.50 (500,000, ±0 %) | failed |

Failed:

- plain, gws: it crashed
- plain, gws: it crashed

- a note
`
	if got := r.markdown(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
