package crdt

import (
	"strings"
	"unicode/utf8"
)

// Edit is one change of a text: at position At, Cut characters go and Put takes
// their place. Positions and lengths count code points, which every machine
// counts alike; bytes and UTF-16 units they do not.
type Edit struct {
	At, Cut int
	Put     string
}

// touching is the runs of edits that are being joined. All that they put
// stands behind each other in one text, so that a run grows by moving its end.
type touching struct {
	runs []Edit // without Put
	ends []int  // where each run's Put ends in text
	size []int  // code points of each run's Put
	text strings.Builder
}

// joined makes one edit of each run of typing, of backspaces or of deletes, so
// that what a person did in one go is stored as one edit. The text that comes
// of the edits is the same, and so is its merge with what others write.
func joined(edits []Edit) []Edit {
	var t touching
	for _, e := range edits {
		if e.Cut == 0 && e.Put == "" {
			continue
		}
		if !t.extends(e) {
			t.runs = append(t.runs, Edit{At: e.At, Cut: e.Cut})
			t.ends, t.size = append(t.ends, 0), append(t.size, 0)
		}
		last := len(t.runs) - 1
		t.text.WriteString(e.Put)
		t.ends[last] = t.text.Len()
		t.size[last] += utf8.RuneCountInString(e.Put)
	}
	return t.edits()
}

// extends tells whether e goes on where the last run stopped, and takes what e
// cuts into that run.
func (t *touching) extends(e Edit) bool {
	if len(t.runs) == 0 {
		return false
	}
	last, size := &t.runs[len(t.runs)-1], t.size[len(t.runs)-1]
	switch {
	case e.Cut == 0:
		return size > 0 && e.At == last.At+size
	case e.Put != "" || size > 0:
		return false
	case e.At+e.Cut == last.At: // backspace
		last.At = e.At
	case e.At != last.At:
		return false
	}
	last.Cut += e.Cut
	return true
}

func (t *touching) edits() []Edit {
	text, from := t.text.String(), 0
	for i, end := range t.ends {
		t.runs[i].Put = text[from:end]
		from = end
	}
	return t.runs
}
