// Package markdown keeps generated text up to date in documents that people write.
package markdown

import (
	"fmt"
	"os"
	"strings"
)

// Update replaces what stands between two lines of a file, begin and end, by what text
// makes of it. Both lines end with a line feed.
func Update(path, begin, end string, text func(old string) (string, error)) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("update: %w", err)
	}
	updated, err := replace(string(b), begin, end, text)
	if err != nil {
		return fmt.Errorf("update %s: %w", path, err)
	}
	if err := os.WriteFile(path, []byte(updated), 0o644); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	return nil
}

func replace(document, begin, end string, text func(old string) (string, error)) (string, error) {
	before, rest, found := strings.Cut(document, begin)
	old, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		return "", fmt.Errorf("it lacks the markers %q and %q", strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	updated, err := text(old)
	if err != nil {
		return "", err
	}
	return before + begin + "\n" + updated + "\n" + end + after, nil
}
