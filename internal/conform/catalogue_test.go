package conform

import (
	"regexp"
	"strings"
	"testing"
)

// TestCatalogue keeps what the catalogue promises of every case.
func TestCatalogue(t *testing.T) {
	id := regexp.MustCompile(`^(6455|7692|9110|9112)-[0-9]+(\.[0-9]+)*-[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	for _, c := range Catalogue() {
		switch {
		case !id.MatchString(c.ID):
			t.Errorf("%s: the ID does not name a section and say a word", c.ID)
		case seen[c.ID]:
			t.Errorf("%s: the ID is another case's too", c.ID)
		case !c.Server && !c.Client:
			t.Errorf("%s: is for no peer", c.ID)
		case c.Group == "" || c.Title == "" || c.Why == "" || len(c.steps) == 0:
			t.Errorf("%s: got group %q, title %q, why %q and %d steps, want all of them", c.ID, c.Group, c.Title, c.Why, len(c.steps))
		}
		seen[c.ID] = true
		for _, line := range c.Steps() {
			if line == "" || strings.Contains(line, "\n") || len(line) > 1000 {
				t.Errorf("%s: got a step of %d bytes, want a line: %.100q", c.ID, len(line), line)
			}
		}
	}
}
