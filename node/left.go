package node

import (
	"time"

	"wangge/node/web"
	"wangge/sync/session"
)

// leftEvery is how often a busy conversation says what is left: to count it costs a
// look at all streams.
const leftEvery = time.Second

// tell notes for the account what is left between the two ends, if that is due: once a
// second, and when nothing is under way any more.
func (c *conversation) tell(now time.Time) {
	if now.Sub(c.said) < leftEvery && !c.talk.Quiet() {
		return
	}
	c.said = now
	left := leftOf(c.talk.Left(), c.pace.rate)
	c.node.exchanges.with(c.peer.Index, func(x *exchange) { x.left = left })
}

// leftOf puts what is left into the words of the account; nil is nothing. How long it
// will take is not known before anything was answered.
func leftOf(p session.Progress, rate float64) *web.Left {
	if p.Send.Batches+p.Receive.Batches == 0 {
		return nil
	}
	left := &web.Left{
		Send: p.Send.Batches, SendBytes: p.Send.Bytes, Receive: p.Receive.Batches, ReceiveBytes: p.Receive.Bytes,
	}
	if rate > 0 {
		left.Seconds = float64(p.Send.Bytes+p.Receive.Bytes) / rate
	}
	return left
}
