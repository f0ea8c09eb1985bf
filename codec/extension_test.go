package codec

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestParseExtensions(t *testing.T) {
	name := func(names ...string) (list []Extension) {
		for _, n := range names {
			list = append(list, Extension{Name: n})
		}
		return list
	}
	tests := []struct {
		name   string
		values []string
		want   []Extension
		err    error
	}{
		{name: "no header"},
		{name: "one", values: []string{"a"}, want: name("a")},
		{name: "all characters of a token", values: []string{"aZ09!#$%&'*+-.^_`|~"}, want: name("aZ09!#$%&'*+-.^_`|~")},
		{name: "several", values: []string{"a, b,c"}, want: name("a", "b", "c")},
		{name: "several headers", values: []string{"a, b", "c"}, want: name("a", "b", "c")},
		{name: "white space", values: []string{" \ta\t, b "}, want: name("a", "b")},
		{name: "empty elements", values: []string{", ,a,, b,"}, want: name("a", "b")},
		{name: "an empty header beside another", values: []string{"", "a"}, want: name("a")},
		{
			name: "parameters", values: []string{"a; b; c=1 ;d = 2;b"},
			want: []Extension{{Name: "a", Params: []Param{
				{Name: "b"},
				{Name: "c", Value: "1", HasValue: true},
				{Name: "d", Value: "2", HasValue: true},
				{Name: "b"},
			}}},
		},
		{
			name: "quoted value", values: []string{`a; b="10"; c="\1\0", d`},
			want: []Extension{
				{Name: "a", Params: []Param{
					{Name: "b", Value: "10", HasValue: true},
					{Name: "c", Value: "10", HasValue: true},
				}},
				{Name: "d"},
			},
		},
		{name: "empty header", values: []string{""}, err: ErrExtensionsMalformed},
		{name: "commas only", values: []string{" , ,"}, err: ErrExtensionsMalformed},
		{name: "no comma", values: []string{"a, b c"}, want: name("a"), err: ErrExtensionsMalformed},
		{name: "no name", values: []string{"; b"}, err: ErrExtensionsMalformed},
		{name: "no parameter", values: []string{"a;"}, err: ErrExtensionsMalformed},
		{name: "no parameter before another", values: []string{"a;;b"}, err: ErrExtensionsMalformed},
		{name: "no value", values: []string{"a; b="}, err: ErrExtensionsMalformed},
		{name: "two values", values: []string{"a; b=1=2"}, err: ErrExtensionsMalformed},
		{name: "name with a slash", values: []string{"a/b"}, err: ErrExtensionsMalformed},
		{name: "name with a byte above 0x7F", values: []string{"caf\xC3\xA9"}, err: ErrExtensionsMalformed},
		{name: "name in quotes", values: []string{`"a"`}, err: ErrExtensionsMalformed},
		{name: "line break", values: []string{"a\r\n, b"}, err: ErrExtensionsMalformed},
		{name: "quoted value that is empty", values: []string{`a; b=""`}, err: ErrExtensionsMalformed},
		{name: "quoted value that is no token", values: []string{`a; b="1 0"`}, err: ErrExtensionsMalformed},
		{name: "quoted value with a quote", values: []string{`a; b="1\"0"`}, err: ErrExtensionsMalformed},
		{name: "quoted value without an end", values: []string{`a; b="10`}, err: ErrExtensionsMalformed},
		{name: "quoted value that ends in a backslash", values: []string{`a; b="10\`}, err: ErrExtensionsMalformed},
		{name: "quoted value over two headers", values: []string{`a; b="1`, `0"`}, err: ErrExtensionsMalformed},
		{name: "behind a quoted value", values: []string{`a; b="1"0`}, err: ErrExtensionsMalformed},
		{name: "as many as allowed", values: []string{"a" + strings.Repeat(",a", 15)}, want: slices.Repeat(name("a"), 16)},
		{
			name: "one too many", values: []string{"a" + strings.Repeat(",a", 15), "a"},
			want: slices.Repeat(name("a"), 16), err: ErrExtensionsTooLarge,
		},
		{name: "as long as allowed", values: []string{strings.Repeat("a", 4096)}, want: name(strings.Repeat("a", 4096))},
		{name: "too long", values: []string{strings.Repeat("a", 4000), strings.Repeat("a", 97)}, err: ErrExtensionsTooLarge},
		{name: "far too long", values: []string{strings.Repeat("a;", 350<<10)}, err: ErrExtensionsTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseExtensions(tt.values)
			if !errors.Is(err, tt.err) {
				t.Errorf("got error %v, want %v", err, tt.err)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestAppendExtensions(t *testing.T) {
	for _, tt := range []struct {
		name string
		list []Extension
		want string
	}{
		{name: "none"},
		{name: "one", list: []Extension{{Name: "a"}}, want: "a"},
		{
			name: "parameters",
			list: []Extension{{Name: "a", Params: []Param{{Name: "b"}, {Name: "c", Value: "1", HasValue: true}}}, {Name: "d"}},
			want: "a; b; c=1, d",
		},
	} {
		if got := AppendExtensions([]byte("before "), tt.list); string(got) != "before "+tt.want {
			t.Errorf("%s: got %q, want %q behind %q", tt.name, got, tt.want, "before ")
		}
	}
}

// TestExtensionViolations checks that the violations of this file are listed, and
// that those a server refuses with have a status.
func TestExtensionViolations(t *testing.T) {
	for _, v := range []*Violation{
		ErrExtensionsMalformed, ErrExtensionsTooLarge, ErrExtensionNotOffered, ErrDeflateRepeated,
		ErrDeflateParamUnknown, ErrDeflateParamRepeated, ErrDeflateParamInvalid,
		ErrServerTakeoverIgnored, ErrServerWindowTooLarge, ErrClientWindowNotOffered, ErrTooManyFinalBlocks,
	} {
		if !slices.Contains(Violations(), v) {
			t.Errorf("%s: not listed", v.Code)
		}
	}
	for _, v := range []*Violation{ErrExtensionsMalformed, ErrExtensionsTooLarge} {
		if v.Status != 400 {
			t.Errorf("%s: got status %d, want 400", v.Code, v.Status)
		}
	}
}
