package trace

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wskit/codec"
)

// A Topic is what [Explain] knows about a word. All of it is plain prose.
type Topic struct {
	// Word is the word in its usual spelling: "1006", "0x9 ping",
	// "unmasked-client-frame".
	Word string
	// Kind says what it is: "close code", "opcode" or the problem's severity.
	Kind string
	// Section is where the rule stands: "RFC 6455 §5.1".
	Section string
	// Title says it in a few words.
	Title string
	// Meaning, Cause and Remedy say what it means, why it usually happens and
	// what to try.
	Meaning, Cause, Remedy string
	// Answer says what an endpoint does when it meets the problem: "the other
	// side must close with 1002". It is empty for what is legal.
	Answer string
}

// Explain returns what is known about word: a close code, an opcode by its name or
// number, or a problem's name. A number below 16 is an opcode. Case, and spaces in
// place of hyphens, make no difference.
func Explain(word string) (Topic, bool) {
	word = strings.ToLower(strings.TrimSpace(word))
	digits, base := strings.TrimPrefix(word, "0x"), 10
	if digits != word {
		base = 16
	}
	if n, err := strconv.ParseUint(digits, base, 16); err == nil {
		if n < 16 {
			return explainOpcode(codec.Opcode(n)), true
		}
		return explainClose(int(n)), true
	}
	word = strings.ReplaceAll(word, " ", "-")
	if r, ok := rules[word]; ok {
		return r.topic(), true
	}
	for op := range codec.Opcode(16) {
		if !op.Reserved() && word == op.String() {
			return explainOpcode(op), true
		}
	}
	for code := codec.CloseNormal; word != "" && code <= codec.CloseTLSHandshake; code++ {
		if word == strings.ReplaceAll(strings.ToLower(code.Name()), " ", "-") {
			return explainClose(int(code)), true
		}
	}
	return Topic{}, false
}

// topic returns what Explain says about r.
func (r rule) topic() Topic {
	t := Topic{
		Word: r.code, Kind: string(r.severity), Section: r.section, Title: r.text,
		Meaning: r.meaning, Cause: r.cause, Remedy: r.remedy,
	}
	switch {
	case r.close != 0 && r.severity == Error:
		t.Answer = fmt.Sprintf("the other side must close with %d", r.close)
	case r.close != 0:
		t.Answer = fmt.Sprintf("the other side closes with %d", r.close)
	case r.status != 0:
		t.Answer = fmt.Sprintf("a server answers %d", r.status)
	}
	return t
}

func explainOpcode(op codec.Opcode) Topic {
	o, ok := opcodeTopics[op]
	if !ok {
		o = reservedOpcode
	}
	title := "data frame"
	if op.Control() {
		title = "control frame"
	}
	name := strings.TrimSuffix(op.String(), fmt.Sprintf(" 0x%X", uint8(op)))
	return Topic{
		Word: fmt.Sprintf("0x%X %s", uint8(op), name), Kind: "opcode", Section: o.section, Title: title,
		Meaning: o.meaning, Cause: o.cause, Remedy: o.remedy,
	}
}

// explainClose returns what is known about code, which fits two bytes.
func explainClose(code int) Topic {
	i, _ := slices.BinarySearchFunc(closeTopics, code, func(t closeTopic, code int) int { return t.last - code })
	t := closeTopics[i]
	return Topic{
		Word: strconv.Itoa(code), Kind: "close code", Section: t.section, Title: t.name(code),
		Meaning: t.meaning, Cause: t.cause, Remedy: t.remedy,
	}
}

// Words returns the words that Explain knows by name, in the order of a list for
// people: opcodes, close codes with a meaning, problems by name.
func Words() []string {
	var words []string
	for op := range codec.Opcode(16) {
		if !op.Reserved() {
			words = append(words, op.String())
		}
	}
	for _, t := range closeTopics {
		if t.first == t.last {
			words = append(words, strconv.Itoa(t.first))
		}
	}
	problems := make([]string, 0, len(rules))
	for code := range rules {
		problems = append(problems, code)
	}
	slices.Sort(problems)
	return append(words, problems...)
}

// maxSuggestions is how many words Suggest returns at most.
const maxSuggestions = 5

// Suggest returns the words of [Words] that word may have been meant for, the
// nearest first: those that differ in a few letters, and problems that have it as
// a part.
func Suggest(word string) []string {
	word = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(word)), " ", "-")
	if word == "" || len(word) > 64 {
		return nil
	}
	type near struct {
		word     string
		distance int
	}
	var found []near
	for _, w := range Words() {
		d := editDistance(word, w)
		if len(word) >= 3 && strings.Contains(w, word) {
			d = min(d, 1)
		}
		if d <= max(1, len(word)/4) {
			found = append(found, near{w, d})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return a.distance - b.distance })
	var words []string
	for _, n := range found[:min(len(found), maxSuggestions)] {
		words = append(words, n.word)
	}
	return words
}

// editDistance returns how many bytes must be inserted, removed, replaced or
// swapped with their neighbour to turn a into b.
func editDistance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
