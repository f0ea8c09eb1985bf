package commands

import "strings"

// arrange brings the arguments of a command into the order that cli wants: every
// flag as --name or --name=value, then "--", then the arguments. Flags may stand
// anywhere before a "--"; switches of one letter bundle, and a one-letter flag's
// value may be attached: -kvw5 is -k -v -w 5. Help reports that the flags ask for
// help, whatever else there is. What follows "--" goes to behind, unless that is nil.
func arrange(args []string, options []*option, behind *[]string) (arranged []string, help bool, err error) {
	byName := map[string]*option{}
	for _, o := range options {
		byName[o.name] = o
		for _, a := range o.aliases {
			byName[a] = o
		}
	}
	var flags, rest []string
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		switch {
		case arg == "--" && behind != nil:
			*behind, args = args, nil
		case arg == "--":
			rest, args = append(rest, args...), nil
		case arg == "-" || !strings.HasPrefix(arg, "-"):
			rest = append(rest, arg)
		case arg == "--help" || arg == "-h":
			return nil, true, nil
		case strings.HasPrefix(arg, "--"):
			out, left, err := longFlag(arg[2:], args, byName)
			if err != nil {
				return nil, false, err
			}
			flags, args = append(flags, out), left
		default:
			out, left, err := shortFlags(arg[1:], args, byName)
			if err != nil {
				return nil, false, err
			}
			flags, args = append(flags, out...), left
		}
	}
	for _, arg := range rest {
		if arg == "" {
			return nil, false, usagef("an argument is empty").withHint("is a shell variable unset?")
		}
	}
	return append(append(flags, "--"), rest...), false, nil
}

// longFlag reads --name, --name=value or --name with its value in the next
// argument, and returns the arguments that it left.
func longFlag(arg string, args []string, byName map[string]*option) (string, []string, error) {
	name, value, attached := strings.Cut(arg, "=")
	o := byName[name]
	if o == nil || len(name) < 2 {
		return "", nil, unknownFlag("--"+name, byName)
	}
	if !o.wantsValue() || attached {
		if !attached && o.value == "" {
			value = "true"
		}
		return "--" + o.name + "=" + value, args, nil
	}
	if len(args) == 0 {
		return "", nil, missingValue("--"+name, o)
	}
	return "--" + o.name + "=" + args[0], args[1:], nil
}

// shortFlags reads a bundle of one-letter flags.
func shortFlags(bundle string, args []string, byName map[string]*option) (out, left []string, err error) {
	for i, r := range bundle {
		o := byName[string(r)]
		if o == nil {
			return nil, nil, unknownFlag("-"+string(r), byName)
		}
		if !o.wantsValue() {
			out = append(out, "--"+o.name+"=true")
			continue
		}
		value, attached := strings.CutPrefix(bundle[i+len(string(r)):], "=")
		if value == "" && !attached {
			if len(args) == 0 {
				return nil, nil, missingValue("-"+string(r), o)
			}
			value, args = args[0], args[1:]
		}
		return append(out, "--"+o.name+"="+value), args, nil
	}
	return out, args, nil
}

func missingValue(given string, o *option) error {
	return usagef("%s wants a value", given).withHint("%s %s: %s", given, o.value, o.usage)
}

func unknownFlag(given string, byName map[string]*option) error {
	e := usagef("unknown flag %s", given)
	var names []string
	for name := range byName {
		if len(name) > 1 {
			names = append(names, "--"+name)
		}
	}
	if near := nearest(given, names); near != "" {
		return e.withHint("did you mean %s?", near)
	}
	return e.withHint("--help lists the flags; what follows -- is never a flag")
}

// nearest returns the word that s was most likely meant to be, or "".
func nearest(s string, words []string) string {
	best, bestAt := 3, ""
	for _, w := range words {
		d := distance(s, w)
		if d < best && d < len(w)/2 || d == best && bestAt != "" && w < bestAt {
			best, bestAt = d, w
		}
	}
	return bestAt
}

// distance returns the number of letters to insert, delete or replace that turns
// a into b (Levenshtein's distance).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j]+1, row[j+1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
