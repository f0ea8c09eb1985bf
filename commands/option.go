package commands

import (
	"flag"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
)

// An option is one flag of a command. It is a cli.Flag; the help page, the
// reordering of arguments and the error messages are made from the same value.
type option struct {
	name    string   // the long name
	aliases []string // other long names, and one-letter ones
	value   string   // what help calls the value: "DURATION"; empty for a switch
	// optional says that the value may be left out: --compress or
	// --compress=bits=12. Set then gets "".
	optional bool
	usage    string
	group    string // the heading in help
	def      string // the default as help shows it
	set      func(string) error

	given bool  // and, for a switch, on
	err   error // of the last Set, with its hint; the flag package keeps only text
}

var _ cli.DocGenerationFlag = (*option)(nil)

// wantsValue reports whether the next argument is the flag's value.
func (o *option) wantsValue() bool { return o.value != "" && !o.optional }

// String returns the line of the flag in help.
func (o *option) String() string { return o.name }

// Names returns the canonical name only: the aliases are resolved before cli
// sees the arguments.
func (o *option) Names() []string        { return []string{o.name} }
func (o *option) IsSet() bool            { return o.given }
func (o *option) TakesValue() bool       { return o.value != "" }
func (o *option) GetUsage() string       { return o.usage }
func (o *option) GetValue() string       { return "" }
func (o *option) GetDefaultText() string { return o.def }
func (o *option) GetEnvVars() []string   { return nil }
func (o *option) GetCategory() string    { return o.group }

// Apply adds the flag to a flag set.
func (o *option) Apply(fs *flag.FlagSet) error {
	fs.Var(optionValue{o}, o.name, o.usage)
	return nil
}

// An optionValue is the flag.Value of an option.
type optionValue struct{ *option }

func (v optionValue) String() string   { return "" }
func (v optionValue) IsBoolFlag() bool { return v.option != nil && !v.wantsValue() }

func (v optionValue) Set(s string) error {
	v.given = true
	if v.wantsValue() && s == "" {
		v.err = usagef("--%s: the value is empty", v.name).withHint("is a shell variable unset?")
		return v.err
	}
	v.err = usageAt("--"+v.name, v.set(s))
	return v.err
}

// The constructors of the usual kinds of options. Each writes what it read to its
// target, whose value before is the default.

func boolOption(p *bool, name, usage string) *option {
	o := &option{name: name, usage: usage}
	o.set = func(s string) (err error) {
		if *p, err = strconv.ParseBool(s); err != nil {
			return usagef("%q is neither true nor false", s)
		}
		o.given = *p
		return nil
	}
	return o
}

func stringOption(p *string, name, value, usage string) *option {
	return &option{name: name, value: value, usage: usage, def: *p, set: func(s string) error {
		*p = s
		return nil
	}}
}

func stringsOption(p *[]string, name, value, usage string) *option {
	return &option{name: name, value: value, usage: usage, set: func(s string) error {
		*p = append(*p, s)
		return nil
	}}
}

func durationOption(p *time.Duration, name, usage string) *option {
	def := ""
	if *p != 0 {
		def = p.String()
	}
	return &option{name: name, value: "DURATION", usage: usage, def: def, set: func(s string) error {
		d, err := parseDuration(s)
		if err == nil && d < 0 {
			err = usagef("%q is negative", s)
		}
		*p = d
		return err
	}}
}

// limitOption is a durationOption that takes no zero: there is always a limit.
func limitOption(p *time.Duration, name, usage string) *option {
	o := durationOption(p, name, usage)
	set := o.set
	o.set = func(s string) error {
		if err := set(s); err != nil || *p > 0 {
			return err
		}
		return usagef("%q is no time at all", s)
	}
	return o
}

func sizeOption(p *int64, name, def string, low int64, usage string) *option {
	return &option{name: name, value: "SIZE", usage: usage, def: def, set: func(s string) (err error) {
		if *p, err = parseSize(s); err == nil && *p < low {
			return usagef("%q is less than %d", s, low)
		}
		return err
	}}
}

func intOption(p *int, name, value string, low, high int, usage string) *option {
	return &option{name: name, value: value, usage: usage, set: func(s string) error {
		n, err := strconv.Atoi(s)
		switch {
		case (err != nil || n < low) && high == math.MaxInt:
			return usagef("%q is not a number of at least %d", s, low)
		case err != nil || n < low || n > high:
			return usagef("%q is not a number from %d to %d", s, low, high)
		}
		*p = n
		return nil
	}}
}

// choiceOption takes one of several words.
func choiceOption(p *string, name, usage string, choices ...string) *option {
	words := strings.Join(choices, "|")
	return &option{name: name, value: words, usage: usage, def: *p, set: func(s string) error {
		for _, c := range choices {
			if s == c {
				*p = s
				return nil
			}
		}
		return usagef("%q is none of %s", s, strings.Join(choices, ", "))
	}}
}

// also gives the option other names.
func (o *option) also(aliases ...string) *option {
	o.aliases = append(o.aliases, aliases...)
	return o
}

// once makes it an error to give the option again, where the first value would be missed.
func (o *option) once(hint string) *option {
	before := false
	return o.check(func(string) error {
		if before {
			return usagef("it is given twice").withHint("%s", hint)
		}
		before = true
		return nil
	})
}

// check has each value checked before it is taken.
func (o *option) check(check func(string) error) *option {
	set := o.set
	o.set = func(s string) error {
		if err := check(s); err != nil {
			return err
		}
		return set(s)
	}
	return o
}

// in sets the heading under which help lists the options.
func in(group string, options ...*option) []*option {
	for _, o := range options {
		o.group = group
	}
	return options
}
