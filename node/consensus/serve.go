package consensus

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
)

// servedMax is how many requests of other replicas are in hand at once. Further
// ones wait unaccepted, so that entries of full size take 128 MiB at most.
const servedMax = 256

// serve answers the requests of other replicas until ctx ends or the network
// is closed.
func (c *Consensus) serve(ctx context.Context) error {
	var serving sync.WaitGroup
	defer serving.Wait()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(errClosing)
	slots := make(chan struct{}, servedMax)
	for {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		conn, from, err := c.options.Network.Accept(ctx, Propose)
		if ctx.Err() != nil && err != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("requests of other replicas cannot be accepted: %v", err)
		}
		serving.Go(func() {
			defer func() { <-slots }()
			c.answer(ctx, conn, from)
		})
	}
}

// answer holds one conversation, for as long as the other side waits for it.
func (c *Consensus) answer(ctx context.Context, conn net.Conn, from uint32) {
	defer conn.Close()
	if !c.options.May(from, Propose) {
		c.options.Log.Warn("refused a device that may not take part in the county's order", "device", from, "purpose", Propose.String())
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.attemptMax(), errSlow)
	defer cancel()
	defer context.AfterFunc(ctx, func() { conn.SetDeadline(longAgo) })()
	ask, body, err := readFrame(conn)
	if err != nil {
		c.options.Log.Debug("a request could not be read", "device", from, "error", err)
		return
	}
	answer, err := c.lead(ctx, ask, body)
	if err := writeFrame(conn, says(err), sentence(answer, err)); err != nil {
		c.options.Log.Debug("an answer could not be sent", "device", from, "error", err)
	}
}

// says returns the tag of an answer. A replica that has stopped is no refusal
// to its peers: the next leader may answer them.
func says(err error) byte {
	switch {
	case err == nil:
		return saysDone
	case err != errStopped && errors.As(err, new(refusal)):
		return saysRefused
	}
	return saysAgain
}

func sentence(answer []byte, err error) []byte {
	if err != nil {
		return []byte(err.Error())
	}
	return answer
}
