package report

import (
	"math"
	"strconv"
)

// A drawing is the content of an SVG element; page.html turns it into markup, which
// escapes every text. Places are in pixels from the top left corner.
type drawing struct {
	Name   string // for who does not see it
	Class  string
	Width  int
	Height int
	Lines  []segment
	Shapes []shape
	Marks  []mark
	Labels []label
	Hits   []hit
}

// A segment is a line of a grid or an axis.
type segment struct {
	X1, Y1, X2, Y2 float64
	Class          string
}

// A shape is a path of a series.
type shape struct{ Path, Class string }

// A mark is a dot on a series that tells more when it is pointed at.
type mark struct {
	X, Y  float64
	Class string
	Title string
}

// A label is text. Anchor is start, middle or end.
type label struct {
	X, Y   float64
	Anchor string
	Class  string
	Text   string
}

// A hit is an unseen area that tells more when it is pointed at.
type hit struct {
	X, Y, W, H float64
	Title      string
}

// A frame says where in a drawing the data goes.
type frame struct{ left, top, right, bottom float64 }

// A size is how large a plot is drawn: once for a screen and once for a phone, so
// that its text has one size on both.
type size struct {
	class         string
	width, height int
}

// wide reports whether there is room for everything.
func (s size) wide() bool { return s.class == "wide" }

var sizes = []size{
	{"wide", 760, 340},
	{"narrow", 360, 300},
}

// grid draws the ticks of a vertical axis, left of the frame.
func (d *drawing) grid(f frame, y axis) {
	for _, t := range y.ticks {
		at := round(y.at(t.value))
		d.Lines = append(d.Lines, segment{f.left, at, f.right, at, "grid"})
		d.Labels = append(d.Labels, label{f.left - 8, at + 4, "end", "tick", t.label})
	}
}

// scale draws a horizontal axis below the frame, with its title.
func (d *drawing) scale(f frame, x axis, title string) {
	d.Lines = append(d.Lines, segment{f.left, f.bottom, f.right, f.bottom, "axis"})
	for _, t := range x.ticks {
		at := round(x.at(t.value))
		d.Lines = append(d.Lines, segment{at, f.bottom, at, f.bottom + 5, "axis"})
		d.Labels = append(d.Labels, label{at, f.bottom + 19, "middle", "tick", t.label})
	}
	d.Labels = append(d.Labels, label{(f.left + f.right) / 2, f.bottom + 38, "middle", "title", title})
}

// A pen writes a path (SVG 1.1 §8.3).
type pen struct{ b []byte }

func (p *pen) to(command byte, coordinates ...float64) {
	p.b = append(p.b, command)
	for i, c := range coordinates {
		if i > 0 {
			p.b = append(p.b, ' ')
		}
		p.b = strconv.AppendFloat(p.b, round(c), 'f', -1, 64)
	}
}

// round keeps one decimal of a place.
func round(v float64) float64 { return math.Round(v*10) / 10 }
