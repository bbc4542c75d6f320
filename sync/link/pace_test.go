package link

import (
	"testing"
	"time"
)

// Who accepts a call on a bad road may write its first frame before anything has measured the road: that is no reason to
// take it for a good one for as long as the connection lasts, nor to believe the guess once there is a measure.
func TestARoadThatNobodyHasMeasuredIsTakenForALongOne(t *testing.T) {
	var p pace
	p.presume(0, false)
	p.counted(5, 0)
	if p.rtt == 0 || p.loss() < lossyFrom {
		t.Errorf("an unmeasured road: round trip %v, loss %v", p.rtt, p.loss())
	}
	if p.seen(700*time.Millisecond, time.Unix(1, 0)); p.rtt != 700*time.Millisecond || p.minRTT != p.rtt {
		t.Errorf("after a measure of 700 ms: %v, least %v", p.rtt, p.minRTT)
	}
}
