package term

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestScanner(t *testing.T) {
	broken := errors.New("broken")
	long := strings.Repeat("x", 1<<20)
	longest := strings.Repeat("x", MaxLine)
	tests := []struct {
		name string
		in   io.Reader
		want []string
		err  error
	}{
		{name: "empty", in: strings.NewReader(""), err: io.EOF},
		{name: "lines", in: strings.NewReader("one\ntwo\r\n\n three \n"), want: []string{"one", "two", "", " three "}, err: io.EOF},
		{name: "no newline at the end", in: strings.NewReader("one\ntwo\r"), want: []string{"one", "two\r"}, err: io.EOF},
		{name: "byte by byte", in: iotest.OneByteReader(strings.NewReader("one\ntwo")), want: []string{"one", "two"}, err: io.EOF},
		{name: "end with the data", in: iotest.DataErrReader(strings.NewReader("one\ntwo")), want: []string{"one", "two"}, err: io.EOF},
		{name: "long", in: strings.NewReader(long + "\n" + long), want: []string{long, long}, err: io.EOF},
		{name: "longest", in: strings.NewReader(longest + "\r\n" + longest), want: []string{longest, longest}, err: io.EOF},
		{name: "too long", in: strings.NewReader("one\nx" + longest + "\ntwo\n"), want: []string{"one"}, err: ErrLineTooLong},
		{name: "broken", in: io.MultiReader(strings.NewReader("one\ntwo"), iotest.ErrReader(broken)), want: []string{"one"}, err: broken},
		{name: "not text", in: strings.NewReader("\x00\xff\x1b\n"), want: []string{"\x00\xff\x1b"}, err: io.EOF},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := NewScanner(tt.in, io.Discard)
			for _, want := range tt.want {
				got, err := s.ReadLine()
				if got != want || err != nil {
					t.Fatalf("ReadLine: %.40q, %v, want %.40q", got, err, want)
				}
			}
			for range 2 {
				if got, err := s.ReadLine(); got != "" || err != tt.err {
					t.Fatalf("ReadLine: %.40q, %v, want %v", got, err, tt.err)
				}
			}
		})
	}
}
