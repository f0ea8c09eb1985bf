package echo

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// A suite is a test suite that this program is a client of.
type suite struct {
	base, agent string
	deflate     Deflate
	client      func(url string, deflate Deflate, hear func(message []byte)) error
}

// visit runs all cases: it asks how many there are, echoes through each of them, and asks
// for the report. Each case is run by a process of its own, which args start.
func (s *suite) visit(args []string) error {
	count, heard := 0, errors.New("no message came")
	err := s.client(s.base+"/getCaseCount", Off, func(message []byte) {
		count, heard = strconv.Atoi(string(message))
	})
	if err == nil {
		err = heard
	}
	if err != nil {
		return fmt.Errorf("ask for the number of cases: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for n := 1; n <= count; n++ {
		// However it ends, the suite judges it.
		_ = exec.Command(self, append([]string{"-case", strconv.Itoa(n)}, args...)...).Run()
	}
	if err := s.client(s.base+"/updateReports?agent="+s.agent, Off, func([]byte) {}); err != nil {
		return fmt.Errorf("ask for the report: %w", err)
	}
	return nil
}

// run runs one case.
func (s *suite) run(n int) error {
	return s.client(fmt.Sprintf("%s/runCase?case=%d&agent=%s", s.base, n, s.agent), s.deflate, nil)
}

// connect is Main for a client. The case 0 is all of them.
func (l Library) connect(args, operands []string, deflate Deflate, n int) error {
	if l.Client == nil {
		return errors.New("this program is no client")
	}
	if len(operands) != 2 {
		return errors.New("a client needs the URL of a test suite, and its own name there")
	}
	s := &suite{strings.TrimSuffix(operands[0], "/"), url.QueryEscape(operands[1]), deflate, l.Client}
	if n > 0 {
		return s.run(n)
	}
	return s.visit(args)
}
