package node

import (
	"testing"
)

// A township whose figure was withheld has no row in the restatement either: of two publications
// of one month that has one, the difference would tell what it was.
func TestWhatAPublicationWithheldItsRestatementsWithhold(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := parish(t)
		d.aids()
		d.close(0, "王会计")
		for person := 13; person < 19; person++ {
			d.aid("140581106", person)
		}
		d.eventually("the county counts the late ones", d.aided(26))
		if s := d.restate(0, "李会计"); s.Number != 2 {
			t.Fatalf("it was restated as %+v", s)
		}
		p, _ := d.publication(0, 2)
		wantTable(t, figure(t, p, "aid.aids", "area:9"), 26, 22, 19, "140581108 7/7")
		if s := d.restate(0, "又一人"); s.Number != 2 {
			t.Errorf("nothing changed, and it was restated as %+v", s)
		}
	})
}
