package commands

import (
	"slices"
	"strings"
)

// A rule says that flags do not go together, because one would be without effect.
type rule struct {
	flags []string
	not   []string // each of the flags contradicts each of these
	needs []string // or: each of the flags needs one of these
	hint  string
}

// checkRules returns an error of the first rule that the given flags break.
func checkRules(options []*option, rules []rule) error {
	given := func(name string) bool { return isGiven(options, name) }
	for _, r := range rules {
		for _, flag := range r.flags {
			if !given(flag) {
				continue
			}
			if i := slices.IndexFunc(r.not, given); i >= 0 {
				return r.broken("--" + flag + " contradicts --" + r.not[i])
			}
			if r.needs != nil && !slices.ContainsFunc(r.needs, given) {
				return r.broken("--" + flag + " needs --" + strings.Join(r.needs, " or --"))
			}
		}
	}
	return nil
}

// isGiven reports whether the option of that name was given.
func isGiven(options []*option, name string) bool {
	return slices.ContainsFunc(options, func(o *option) bool { return o.given && o.name == name })
}

func (r rule) broken(msg string) error {
	e := usagef("%s", msg)
	e.hint = r.hint
	return e
}

// firstGiven returns the first option that was given of those that help lists under
// one of the headings and that are no exception, or nil.
func firstGiven(options []*option, headings, except []string) *option {
	i := slices.IndexFunc(options, func(o *option) bool {
		return o.given && slices.Contains(headings, o.group) && !slices.Contains(except, o.name)
	})
	if i < 0 {
		return nil
	}
	return options[i]
}
