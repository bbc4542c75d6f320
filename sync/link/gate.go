package link

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"

	"github.com/quic-go/quic-go"
)

// A handshake costs 2 ms and, until it ends, 50 KB. Anybody on the network can begin one, so they
// are counted: when many run at once a newcomer first has to show that its address is its own,
// which costs it a round trip and this machine nothing; beyond the maximum, nobody enters.
const (
	handshakesFree = 32
	handshakesMax  = 256
)

// gate counts the handshakes that others have begun and not ended. The zero value is open.
type gate struct {
	inside atomic.Int64
}

type gateKey struct{}

// crowded reports whether a newcomer has to prove its address.
func (g *gate) crowded(net.Addr) bool { return g.inside.Load() >= handshakesFree }

// enter counts a handshake until leave is called or it fails, which ends its context.
func (g *gate) enter(ctx context.Context, _ *quic.ClientInfo) (context.Context, error) {
	if g.inside.Add(1) > handshakesMax {
		g.inside.Add(-1)
		return nil, errors.New("too many handshakes at once")
	}
	leave := sync.OnceFunc(func() { g.inside.Add(-1) })
	context.AfterFunc(ctx, leave)
	return context.WithValue(ctx, gateKey{}, leave), nil
}

// leave takes a handshake that has succeeded off the count.
func (g *gate) leave(ctx context.Context) {
	leave, ok := ctx.Value(gateKey{}).(func())
	if !ok {
		panic("a connection was accepted that did not enter by the gate")
	}
	leave()
}
