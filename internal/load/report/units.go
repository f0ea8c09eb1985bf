package report

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration returns d with three digits and the unit that suits it: "41.2 µs",
// "1.24 ms", "120 s".
func Duration(d time.Duration) string {
	if d == 0 {
		return "0 s"
	}
	for _, u := range durationUnits[:len(durationUnits)-1] {
		if s, ok := digits(float64(d)/float64(u.of), 1000); ok {
			return s + " " + u.name
		}
	}
	last := durationUnits[len(durationUnits)-1]
	s, _ := digits(float64(d)/float64(last.of), math.Inf(1))
	return s + " " + last.name
}

var durationUnits = []struct {
	of   time.Duration
	name string
}{{time.Microsecond, "µs"}, {time.Millisecond, "ms"}, {time.Second, "s"}}

// Span returns d as a person would say it: "10 s", "200 ms", "1.5 s", "2 min".
func Span(d time.Duration) string {
	if d >= 2*time.Minute && d%time.Minute == 0 {
		return Count(int64(d/time.Minute)) + " min"
	}
	return trim(Duration(d))
}

// Bytes returns n with three digits and a decimal unit: "125 B", "1.54 GB".
func Bytes(n float64) string {
	for _, unit := range []string{"B", "kB", "MB", "GB"} {
		if unit == "B" && n == math.Trunc(n) && n < 1000 {
			return strconv.Itoa(int(n)) + " B"
		}
		if s, ok := digits(n, 1000); ok {
			return s + " " + unit
		}
		n /= 1000
	}
	s, _ := digits(n, math.Inf(1))
	return s + " TB"
}

// Rate returns a number a second: three digits below 1000, else a whole number
// with commas.
func Rate(f float64) string {
	if s, ok := digits(f, 1000); ok {
		return trim(s)
	}
	return Count(int64(math.Round(f)))
}

// Count returns n with commas: "1,234,567".
func Count(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Percent returns the share f as a percentage of three digits: "0.012 %".
func Percent(f float64) string {
	if f > 0 && f < 0.00001 {
		return "< 0.001 %"
	}
	if f >= 10 {
		return Count(int64(math.Round(100*f))) + " %" // without an exponent
	}
	return strconv.FormatFloat(100*f, 'g', 3, 64) + " %"
}

// Plural returns the number and the word, with an s unless there is one.
func Plural(n int64, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return Count(n) + " " + word + "s"
}

// digits returns f with three digits, unless that makes it limit or more.
func digits(f, limit float64) (s string, ok bool) {
	decimals := 2
	for _, past := range []float64{9.995, 99.95} {
		if f >= past {
			decimals--
		}
	}
	s = strconv.FormatFloat(f, 'f', decimals, 64)
	rounded, _ := strconv.ParseFloat(s, 64) // it has just been formatted
	return s, rounded < limit
}

// trim removes the zeros that end the decimals of a number, which a unit may follow.
func trim(s string) string {
	number, unit, _ := strings.Cut(s, " ")
	if strings.Contains(number, ".") {
		number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	return strings.TrimRight(number+" "+unit, " ")
}

// short returns a number for an axis: "0", "250", "1.5 k", "2 M".
func short(f float64) string {
	for _, unit := range []string{"", "k", "M"} {
		if s, ok := digits(f, 1000); ok {
			return strings.TrimRight(trim(s)+" "+unit, " ")
		}
		f /= 1000
	}
	s, _ := digits(f, math.Inf(1))
	return trim(s) + " G"
}
