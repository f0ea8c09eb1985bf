package main

import "peers/internal/echo"

// floor is the server that all others are compared to, where a case does not say otherwise.
const floor = "raw TCP"

// ours is the server that the targets are for.
const ours = "wskit serve"

// A scenario is one load that all servers are put under.
type scenario struct {
	name    string
	load    string // flags of the load generator
	base    string // the server that is 1.00
	deflate echo.Deflate
	idle    bool
	target  target

	descriptors uint64 // that the server and the load need each; zero is few
}

// A target is what our server is to reach.
type target struct {
	cpu       float64 // CPU per message, of the base's; zero is no target
	belowAll  bool    // and below every Go library
	peak      float64 // RSS at most, in MB; zero is no target
	connected float64 // RSS of a connection after connecting, in KB; zero is no target
	answered  float64 // the same after one message
}

func scenarios() []scenario {
	return []scenario{
		{name: "64 × 1, 125 B", load: "-p 1 -size 125", base: floor, target: target{cpu: 1.10, belowAll: true}},
		{name: "64 × 32, 16 B", load: "-p 32 -size 16", base: floor, target: target{cpu: 1.20}},
		{name: "64 × 32, 125 B", load: "-p 32 -size 125", base: floor, target: target{cpu: 1.25}},
		{name: "64 × 32, 1 KiB", load: "-p 32 -size 1024", base: floor, target: target{cpu: 1.20}},
		{name: "64 × 32, 1 KiB text", load: "-p 32 -size 1024 -text", base: floor, target: target{cpu: 1.5}},
		{name: "64 × 1, 16 KiB", load: "-p 1 -size 16384", base: floor, target: target{cpu: 1.10}},
		{name: "64 × 32, 16 KiB", load: "-p 32 -size 16384", base: floor, target: target{cpu: 0.95}},
		{name: "64 × 1, 1 MiB", load: "-p 1 -size 1048576", base: floor, target: target{cpu: 0.70, peak: 25}},
		{
			name: "64 × 1, 1 KiB JSON, deflate without takeover", load: "-size 1024 -deflate no-takeover",
			base: "gws", deflate: echo.NoTakeover, target: target{cpu: 0.75},
		},
		{
			name: "64 × 1, 1 KiB JSON, deflate with takeover", load: "-size 1024 -deflate takeover",
			base: "coder", deflate: echo.Takeover, target: target{cpu: 0.9},
		},
		{
			name: "10,000 idle connections", load: "-idle -c 10000 -size 125",
			base: floor, idle: true, descriptors: 10_100, target: target{connected: 4.8, answered: 5.0},
		},
	}
}
