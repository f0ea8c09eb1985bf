package inspect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"wskit/codec"
	"wskit/internal/trace"
)

// readTrace returns the events of a trace.
func readTrace(t testing.TB, lines string) []trace.Event {
	t.Helper()
	var events []trace.Event
	r := trace.NewReader(strings.NewReader(lines))
	for {
		e, err := r.Read()
		if errors.Is(err, io.EOF) {
			return events
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, lines)
		}
		events = append(events, e)
	}
}

// texts returns the events as each kind of text shows them.
func texts(t testing.TB, events []trace.Event) string {
	t.Helper()
	var b strings.Builder
	for _, text := range []trace.Text{
		{},
		{Width: 80, Headers: true, Stats: true, ShowSecrets: true},
		{Messages: true, Payload: trace.PayloadHex},
		{NoControl: true, Payload: trace.PayloadPretty, MaxBytes: 50},
	} {
		w := trace.NewText(&b)
		w.Width, w.Headers, w.Stats, w.ShowSecrets = text.Width, text.Headers, text.Stats, text.ShowSecrets
		w.Messages, w.NoControl, w.Payload, w.MaxBytes = text.Messages, text.NoControl, text.Payload, text.MaxBytes
		for _, e := range events {
			if err := w.Write(e); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b.String()
}

// checkReader checks that what is written of the events is read again: the same
// events, which give the same lines and the same texts.
func checkReader(t testing.TB, events []trace.Event) {
	t.Helper()
	lines := jsonLines(t, events)
	checkLines(t, "read and written again", jsonLines(t, readTrace(t, lines)), lines)

	again := readTrace(t, jsonLinesWithSecrets(t, events))
	if len(again) != len(events) {
		t.Fatalf("%d events, want %d", len(again), len(events))
	}
	for i, want := range events {
		if got := canonical(again[i]); !reflect.DeepEqual(got, canonical(want)) {
			t.Errorf("event %d: got\n%s\nwant\n%s", i, describe(got), describe(want))
		}
	}
	checkLines(t, "text of what was read", texts(t, again), texts(t, events))
}

// checkLines compares texts, and shows the first line that differs.
func checkLines(t testing.TB, what, got, want string) {
	t.Helper()
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(gotLines), len(wantLines)) {
		if gotLines[i] != wantLines[i] {
			t.Fatalf("%s: line %d: got\n%.2000s\nwant\n%.2000s", what, i+1, gotLines[i], wantLines[i])
		}
	}
	if len(gotLines) != len(wantLines) {
		t.Fatalf("%s: %d lines, want %d", what, len(gotLines), len(wantLines))
	}
}

// describe returns e with what its pointers lead to, shortened.
func describe(e trace.Event) string {
	s := fmt.Sprintf("%+v", reflect.ValueOf(e).Elem())
	if f, ok := e.(*trace.Frame); ok && f.Message != nil {
		s += fmt.Sprintf(" message %+v", *f.Message)
	}
	return fmt.Sprintf("%.2000s", s)
}

// canonical changes e to what a trace has of it: times of a microsecond, text that is
// UTF-8, nil for what is empty, and close frames at the end without what only their
// payload tells.
func canonical(e trace.Event) trace.Event {
	if c, ok := e.(*trace.Close); ok {
		for _, f := range []**trace.CloseFrame{&c.Client, &c.Server} {
			if *f != nil {
				plain := **f // the frame's event has the same one
				plain.Empty = plain.Code == codec.CloseNoStatus
				*f = &plain
			}
		}
	}
	micro := func(v reflect.Value) { v.SetInt(v.Int() / 1000 * 1000) }
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Struct:
			switch v.Addr().Interface().(type) {
			case *trace.Time:
				at := v.Field(0).Interface().(time.Time)
				v.Field(0).Set(reflect.ValueOf(time.UnixMicro(at.UnixMicro()).UTC()))
				return
			case *time.Time:
				return
			}
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		case reflect.Slice:
			if v.Len() == 0 {
				v.SetZero()
			}
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Array:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.String:
			v.SetString(string([]rune(v.String())))
		case reflect.Int64:
			switch v.Interface().(type) {
			case trace.Seconds, trace.Millis:
				micro(v)
			}
		}
	}
	walk(reflect.ValueOf(e))
	return e
}

// TestReaderGivesEqualEvents reads what was written of the sample captures.
func TestReaderGivesEqualEvents(t *testing.T) {
	for _, name := range captures {
		t.Run(name, func(t *testing.T) {
			for i, f := range readCapture(t, name) {
				checkReader(t, analyse(Config{Conn: i + 1}, f.chunks))
			}
		})
	}
}

func jsonLinesWithSecrets(t testing.TB, events []trace.Event) string {
	t.Helper()
	var b bytes.Buffer
	w := trace.NewWriter(&b)
	w.ShowSecrets = true
	for _, e := range events {
		if err := w.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}
