// Package jsonreport reads the JSON documents that are reports: of bench and of check.
package jsonreport

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Read reads a document of at most limit bytes, whose field "format" must be format. One
// that is no JSON at all, or no object, passes: whoever decodes it says what is wrong.
func Read(r io.Reader, limit int64, format string) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read report: %w", err)
	case int64(len(b)) > limit:
		return nil, fmt.Errorf("read report: it is larger than %d bytes", limit)
	}
	var kind struct{ Format string }
	if json.Unmarshal(b, &kind) == nil && kind.Format != format {
		return nil, fmt.Errorf("read report: format is %.40q, want %q", kind.Format, format)
	}
	return b, nil
}

// Plainly says what encoding/json found wrong with a value without Go's types. Other
// errors are returned as they are.
func Plainly(err error) error {
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return err
	}
	field := strings.TrimPrefix(wrong.Field, "plain.") // a struct that load embeds
	if field == "" {
		return fmt.Errorf("a JSON %s is not what belongs here", wrong.Value)
	}
	return fmt.Errorf("%s: a JSON %s is not what belongs here", strings.ReplaceAll(field, ".", ": "), wrong.Value)
}
