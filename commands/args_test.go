package commands

import (
	"errors"
	"slices"
	"testing"
)

func TestArrange(t *testing.T) {
	var on, verbose bool
	var wait, header string
	options := []*option{
		boolOption(&on, "insecure", "").also("k"),
		boolOption(&verbose, "verbose", "").also("v"),
		stringOption(&wait, "wait", "DURATION", "").also("w", "patience"),
		stringOption(&header, "header", "FIELD", "").also("H"),
		(&compressFlag{}).option(""),
	}
	for _, test := range []struct {
		name string
		args []string
		want []string
		err  string
	}{
		{"nothing", nil, []string{"--"}, ""},
		{"flags behind the argument", []string{"url", "-k"}, []string{"--insecure=true", "--", "url"}, ""},
		{"bundle with a value attached", []string{"-kvw5"}, []string{"--insecure=true", "--verbose=true", "--wait=5", "--"}, ""},
		{"value in the next argument", []string{"-kw", "5"}, []string{"--insecure=true", "--wait=5", "--"}, ""},
		{"negative value", []string{"-w", "-1"}, []string{"--wait=-1", "--"}, ""},
		{"value after an equals sign", []string{"-w=5", "--wait=6"}, []string{"--wait=5", "--wait=6", "--"}, ""},
		{"empty value after an equals sign", []string{"-w=", "url"}, []string{"--wait=", "--", "url"}, ""},
		{"long alias", []string{"--patience", "5"}, []string{"--wait=5", "--"}, ""},
		{"commas stay", []string{"-H", "a: b,c"}, []string{"--header=a: b,c", "--"}, ""},
		{"optional value left out", []string{"--compress", "url"}, []string{"--compress=", "--", "url"}, ""},
		{"optional value", []string{"--compress=bits=9"}, []string{"--compress=bits=9", "--"}, ""},
		{"a switch with a value", []string{"--verbose=false"}, []string{"--verbose=false", "--"}, ""},
		{"nothing is a flag behind --", []string{"--", "-k", "--what"}, []string{"--", "-k", "--what"}, ""},
		{"a lone hyphen is an argument", []string{"-"}, []string{"--", "-"}, ""},
		{"unknown long flag", []string{"--wiat=3"}, nil, "unknown flag --wiat"},
		{"unknown short flag", []string{"-kz"}, nil, "unknown flag -z"},
		{"a long flag is not a short one", []string{"--k"}, nil, "unknown flag --k"},
		{"value missing", []string{"-w"}, nil, "-w wants a value"},
		{"long value missing", []string{"--wait"}, nil, "--wait wants a value"},
		{"empty argument", []string{""}, nil, "an argument is empty"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, _, err := arrange(test.args, options, nil)
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if text := errorText(err); text != test.err {
				t.Errorf("error %q, want %q", text, test.err)
			}
		})
	}
}

func TestArrangeHelp(t *testing.T) {
	var on bool
	options := []*option{boolOption(&on, "insecure", "").also("k")}
	for _, test := range []struct {
		name string
		args []string
		want bool
	}{
		{"long", []string{"url", "-k", "--help"}, true},
		{"short", []string{"-h", "url"}, true},
		{"an argument", []string{"--", "--help"}, false},
		{"none", []string{"help"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, got, err := arrange(test.args, options, nil); got != test.want || err != nil {
				t.Errorf("help %v, %v, want %v", got, err, test.want)
			}
		})
	}
}

func errorText(err error) string {
	var e *exitError
	if !errors.As(err, &e) {
		return ""
	}
	return e.msg
}

func TestNearest(t *testing.T) {
	words := []string{"--count", "--compress", "--close-timeout", "--wait"}
	for word, want := range map[string]string{
		"--cuont": "--count", "--counts": "--count", "--compres": "--compress", "--zebra": "", "--wiat": "--wait",
	} {
		if got := nearest(word, words); got != want {
			t.Errorf("nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestArrangeBehind(t *testing.T) {
	var behind []string
	got, _, err := arrange([]string{"/=echo", "--", "-x", "", "--"}, nil, &behind)
	if want := []string{"--", "/=echo"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if want := []string{"-x", "", "--"}; !slices.Equal(behind, want) {
		t.Errorf("behind: got %q, want %q", behind, want)
	}
}
