package link

import (
	"net"
	"testing"
	"time"
)

func place(port int) *net.UDPAddr { return &net.UDPAddr{IP: net.IPv4(10, 0, 0, 1), Port: port} }

// Somebody on the way who sends a packet on from a stranger's address must not turn this machine against the stranger.
func TestWhoHasNotShownWhereItIsGetsThreeTimesWhatCameFromThere(t *testing.T) {
	known, elsewhere, now := place(1), place(2), time.Unix(1, 0)
	var (
		x outbox
		r roam
	)
	x.pace.presume(50*time.Millisecond, true)
	x.put(letter{stream: 4, frame: make([]byte, 30_000)}, now)
	send := func() (bytes int) {
		for o, _ := x.next(); o != nil; o, _ = x.next() {
			_, data := o.symbol()
			x.left(o, len(data)+symbolCost, now)
			bytes += len(data) + symbolCost
		}
		return bytes
	}
	r.heard(elsewhere, known, 1000, &x)
	if n := send(); n < 1500 || n > 3000 {
		t.Errorf("%d bytes go to where 1000 came from", n)
	}
	r.heard(elsewhere, known, 1000, &x)
	if n := send(); n < 1500 || n > 3500 {
		t.Errorf("%d bytes more go to where 1000 more came from", n)
	}
	r.answered(x.number-1, &x)
	if n := send(); n < 5000 || r.to == nil {
		t.Errorf("%d bytes go to %v, which has shown that it is there", n, r.to)
	}
	if r.heard(known, known, 1000, &x); r.to != nil || x.credit != 0 {
		t.Error("who is back where QUIC knows it is not believed")
	}
}

func TestAReportOnWhatWentElsewhereProvesNoPlace(t *testing.T) {
	var r roam
	x := outbox{number: 7}
	r.heard(place(2), place(1), 100, &x)
	if r.answered(6, &x); x.credit == 0 {
		t.Error("a report on a packet from before the move counts")
	}
	if r.answered(7, &x); x.credit != 0 {
		t.Error("a report on a packet that went there does not count")
	}
}
