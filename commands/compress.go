package commands

import (
	"strconv"
	"strings"

	"wskit/codec"
)

// A compressFlag is --compress, alone or with parameters.
type compressFlag struct {
	on  bool
	cfg codec.DeflateConfig
}

func (c *compressFlag) option(usage string) *option {
	return &option{
		name: "compress", value: "level=6,bits=15,no-takeover,min=128", optional: true, usage: usage, set: c.set,
	}
}

func (c *compressFlag) set(s string) error {
	c.on = true
	if s == "" || s == "true" {
		return nil
	}
	for _, item := range strings.Split(s, ",") {
		if err := c.setOne(item); err != nil {
			return err
		}
	}
	return nil
}

func (c *compressFlag) setOne(item string) error {
	const hint = "--compress=level=1..9,bits=8..15,no-takeover,min=SIZE"
	name, value, _ := strings.Cut(item, "=")
	n, err := strconv.Atoi(value)
	switch {
	case name == "no-takeover" && value == "":
		c.cfg.ServerNoContextTakeover, c.cfg.ClientNoContextTakeover = true, true
	case name == "level" && err == nil && n >= 1 && n <= 9:
		c.cfg.Level = n
	case name == "bits" && err == nil && n >= 8 && n <= 15:
		c.cfg.ServerMaxWindowBits, c.cfg.ClientMaxWindowBits = n, n
	case name == "min":
		size, err := parseSize(value)
		if err != nil {
			return err
		}
		c.cfg.MinSize = max(int(size), 1) // zero would be the default
	default:
		return usagef("%q is not a parameter of compression", item).withHint(hint)
	}
	return nil
}

// config returns what was asked for, or nil for no compression.
func (c *compressFlag) config() *codec.DeflateConfig {
	if !c.on {
		return nil
	}
	return &c.cfg
}
