package node

import (
	"testing"
	"time"

	"wangge/sync/wire"
)

// Whoever has forgotten what the first greeting rests on listens to nothing until
// it is greeted in full: what time it is there is told once more.
func TestWhoHasForgottenAPeerStillHearsWhatTimeItIsThere(t *testing.T) {
	p := newProvince(t, 2)
	box, other := p.boxes[0], p.boxes[1]
	p.write(box, 1, "一")
	for range 3 {
		p.meet(box, other)
	}
	other.store.KeepGrounds(box.id.Device.Index, other.store.Grounds(box.id.Device.Index), nil)
	l := p.call(box, other)
	defer l.ends()
	l.underWay = [2][][]byte{} // told again below, with the time behind it
	told := func(end int, out []wire.Message) { l.says(end, clocked(out), nil) }
	told(0, l.sides[0].Start())
	for len(l.underWay[0])+len(l.underWay[1]) > 0 {
		for end := range 2 {
			for len(l.underWay[end]) > 0 {
				m, err := l.sides[end].Decode(l.underWay[end][0])
				l.underWay[end] = l.underWay[end][1:]
				if err != nil {
					t.Fatal(err)
				}
				if clock, ok := m.(wire.Clock); ok {
					l.witnesses[end].hears(clock)
					continue
				}
				out, err := l.sides[end].Step(m)
				if err != nil {
					t.Fatal(err)
				}
				told(end, out)
			}
		}
	}
	if known := other.exchanges.of(box.id.Device.Index); !known.told || known.skew.Abs() > time.Minute {
		t.Errorf("after it was greeted in full it knows %+v", known)
	}
}
