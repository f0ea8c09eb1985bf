package term

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A HexDump says how AppendHexDump lays out its lines. The zero HexDump shows all
// bytes, from offset 0, plain.
type HexDump struct {
	// Indent is put before each line.
	Indent string
	// Offset is the number of the first byte.
	Offset int64
	// Max is how many bytes are shown at most. If zero, all are.
	Max int
	// More is how many bytes follow that the caller does not have.
	More int64
	// Palette colours the offsets and the line that counts what is left out.
	Palette Palette
}

// hexSpace is what may stand between the pairs of ParseHex.
const hexSpace = " \t\r\n,:"

// hexRow is the number of bytes on a line of a hex dump.
const hexRow = 16

// AppendHexDump appends b to dst as lines of sixteen bytes, each an offset, the
// bytes in hexadecimal and the printable ASCII among them, with · for the others:
//
//	00000000  00 01 02 03 de ad be ef  7f 80 ff 41 42 43   ···········ABC
//
// A last line "+N bytes" counts what is left out. Each line ends with a newline.
func AppendHexDump(dst, b []byte, d HexDump) []byte {
	more := d.More
	if d.Max > 0 && len(b) > d.Max {
		more += int64(len(b) - d.Max)
		b = b[:d.Max]
	}
	longest := min(len(b), hexRow)
	for off := d.Offset; len(b) > 0; off += hexRow {
		row := b[:min(len(b), hexRow)]
		dst = append(dst, d.Indent...)
		dst = d.Palette.Dim.Append(dst, fmt.Sprintf("%08x", off))
		dst = appendHexRow(dst, row, longest)
		b = b[len(row):]
	}
	if more > 0 {
		dst = append(dst, d.Indent...)
		dst = d.Palette.Dim.Append(dst, fmt.Sprintf("+%d bytes", more))
		dst = append(dst, '\n')
	}
	return dst
}

// appendHexRow appends the line of row after its offset, its text in the column
// where a row of longest bytes has it.
func appendHexRow(dst, row []byte, longest int) []byte {
	for i := range longest {
		dst = append(dst, ' ')
		if i%8 == 0 {
			dst = append(dst, ' ')
		}
		if i < len(row) {
			dst = append(dst, lowerHex[row[i]>>4], lowerHex[row[i]&15])
		} else {
			dst = append(dst, "  "...)
		}
	}
	dst = append(dst, "   "...)
	for _, c := range row {
		if ' ' <= c && c < 0x7f {
			dst = append(dst, c)
		} else {
			dst = append(dst, "·"...)
		}
	}
	return append(dst, '\n')
}

// ParseHex returns the bytes that s has as pairs of hexadecimal digits. White
// space, commas and colons between pairs are passed over, and so is 0x or \x before
// one, so that what people paste from dumps and source code is understood. The
// error names the character that is wrong and its position, from 1; the bytes
// before it are returned with it.
func ParseHex(s string) ([]byte, error) {
	dst := make([]byte, 0, len(s)/2)
	for i := 0; ; {
		for i < len(s) && strings.IndexByte(hexSpace, s[i]) >= 0 {
			i++
		}
		if i == len(s) {
			return dst, nil
		}
		if p := strings.ToLower(s[i:min(i+2, len(s))]); p == "0x" || p == `\x` {
			i += 2
		}
		high, low := hexDigit(s, i), hexDigit(s, i+1)
		switch {
		case high < 0:
			return dst, hexError(s, i)
		case low < 0 && (i+1 == len(s) || strings.IndexByte(hexSpace, s[i+1]) >= 0):
			return dst, fmt.Errorf("parse hex: %q at character %d stands alone, a byte has two digits", s[i:i+1], i+1)
		case low < 0:
			return dst, hexError(s, i+1)
		}
		dst = append(dst, byte(high<<4|low))
		i += 2
	}
}

// hexDigit returns the value of the digit s[i], −1 when there is none.
func hexDigit(s string, i int) int {
	if i >= len(s) {
		return -1
	}
	return hexValue(s[i])
}

// hexError returns the error for the character at s[i]. All before it are ASCII,
// so i counts characters too.
func hexError(s string, i int) error {
	if i == len(s) {
		return fmt.Errorf("parse hex: no digits after %q at character %d", s[i-2:], i-1)
	}
	_, size := utf8.DecodeRuneInString(s[i:])
	return fmt.Errorf(`parse hex: "%s" at character %d is not a hexadecimal digit`, Escape(s[i:i+size]), i+1)
}
