package link

import (
	"testing"
	"time"
)

func TestAParcelIsConfirmedThoughThoseBeforeItWereGivenUp(t *testing.T) {
	now, n := time.Now(), intake{parcels: map[uint64]*incoming{}}
	content := appendLetter(nil, letter{stream: 4, number: 9, frame: []byte("after the cut")})
	cutting, _ := cutOf(len(content))
	n.note(7, now)
	if err := n.take(symbol{parcel: 5, size: len(content), data: cutting.symbols(content)[0]}, now); err != nil {
		t.Fatal(err)
	}
	var got []letter
	n.deliver(func(l letter) bool { got = append(got, l); return true })
	if r := n.report(now); r.next != 6 || len(got) != 1 || got[0].number != 9 {
		t.Errorf("parcels before %d are reported as delivered and %d letters were, want 6 and 1", r.next, len(got))
	}
}
