package jsonreport

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	const document = `{"format":"a/1"}`
	for _, tt := range []struct {
		name, document string
		limit          int64
		err            string // "" for none
	}{
		{"right", document, 100, ""},
		{"as large as may be", document, int64(len(document)), ""},
		{"too large", document, int64(len(document)) - 1, "read report: it is larger than 15 bytes"},
		{"another format", `{"format":"b/1"}`, 100, `read report: format is "b/1", want "a/1"`},
		{"no format", `{}`, 100, `read report: format is "", want "a/1"`},
		{"no object", `[1]`, 100, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Read(strings.NewReader(tt.document), tt.limit, "a/1")
			if tt.err == "" && (err != nil || string(got) != tt.document) {
				t.Errorf("got %q, %v", got, err)
			}
			if tt.err != "" && (err == nil || err.Error() != tt.err) {
				t.Errorf("got %v, want %s", err, tt.err)
			}
		})
	}
}

func TestPlainly(t *testing.T) {
	for document, want := range map[string]string{
		`[]`:              "a JSON array is not what belongs here",
		`{"a":{"b":"x"}}`: "a: b: a JSON string is not what belongs here",
		`{`:               "unexpected end of JSON input",
	} {
		var v struct{ A struct{ B int } }
		if got := Plainly(json.Unmarshal([]byte(document), &v)); !strings.EqualFold(got.Error(), want) {
			t.Errorf("%s: got %q, want %q", document, got, want)
		}
	}
}
