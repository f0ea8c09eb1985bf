package echo

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// visit runs all cases of the test suite at base: it asks how many there are, echoes
// through each of them, and asks for the report.
func (l Library) visit(base, agent string, deflate Deflate) error {
	if l.Client == nil {
		return errors.New("this program is no client")
	}
	base = strings.TrimSuffix(base, "/")
	count, heard := 0, errors.New("no message came")
	err := l.Client(base+"/getCaseCount", Off, func(message []byte) {
		count, heard = strconv.Atoi(string(message))
	})
	if err == nil {
		err = heard
	}
	if err != nil {
		return fmt.Errorf("ask for the number of cases: %w", err)
	}
	agent = url.QueryEscape(agent)
	for n := 1; n <= count; n++ {
		// A handshake that fails may be what the case is about.
		_ = l.Client(fmt.Sprintf("%s/runCase?case=%d&agent=%s", base, n, agent), deflate, nil)
	}
	if err := l.Client(base+"/updateReports?agent="+agent, Off, func([]byte) {}); err != nil {
		return fmt.Errorf("ask for the report: %w", err)
	}
	return nil
}
