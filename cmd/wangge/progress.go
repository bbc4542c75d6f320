package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// progress shows how far long work has come: on a terminal in one line that it
// writes over, elsewhere as a line every few seconds.
type progress struct {
	out   io.Writer
	term  bool
	size  int64 // of the whole, in bytes; 0 if unknown
	taken func() int64
	began time.Time
	last  time.Time
	open  bool // the terminal's line is not ended
}

func newProgress(out io.Writer, quiet bool, size int64, taken func() int64) *progress {
	p := &progress{out: out, size: size, taken: taken, began: time.Now()}
	if quiet {
		p.out = io.Discard
	}
	if f, ok := out.(*os.File); ok && !quiet {
		info, err := f.Stat()
		p.term = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

func (p *progress) show(t tally) {
	now := time.Now()
	every := 5 * time.Second
	if p.term {
		every = 200 * time.Millisecond
	}
	if now.Sub(p.last) < every {
		return
	}
	p.last = now
	text := fmt.Sprintf("%d lines, %.0f/s: %d new, %d known, %d refused", t.Lines,
		float64(t.Lines)/now.Sub(p.began).Seconds(), t.New, t.Known, t.Refused)
	if p.size > 0 {
		text = fmt.Sprintf("%3d%%  %s", 100*p.taken()/p.size, text)
	}
	if p.term {
		fmt.Fprintf(p.out, "\r\x1b[K%s", text)
		p.open = true
		return
	}
	fmt.Fprintln(p.out, text)
}

// pause ends the open line, before something else is printed.
func (p *progress) pause() {
	if p.open {
		fmt.Fprintln(p.out)
		p.open = false
	}
}

func (p *progress) end() { p.pause() }
