package gossip

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"

	"wangge/sync/link"
)

// carrier lets memberlist speak over the link. memberlist sends from the goroutines that detect
// failures, so a packet must never wait, and it takes an unexpected error for a fault of its own and
// stops suspecting: a packet that cannot be sent is lost without a word, as on any network.
type carrier struct {
	device  uint32
	link    *link.Link
	ctx     context.Context // ends with Shutdown
	cancel  context.CancelFunc
	packets chan *memberlist.Packet
	streams chan net.Conn
	running sync.WaitGroup
}

var _ memberlist.Transport = (*carrier)(nil)

func newCarrier(device uint32, l *link.Link) *carrier {
	c := &carrier{
		device:  device,
		link:    l,
		packets: make(chan *memberlist.Packet),
		streams: make(chan net.Conn),
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.running.Go(c.takePackets)
	c.running.Go(c.takeStreams)
	return c
}

func (c *carrier) takePackets() {
	for {
		d, err := c.link.Receive(c.ctx, link.Gossip)
		if err != nil {
			return
		}
		packet := &memberlist.Packet{Buf: d.Payload, From: identityAddr(d.From), Timestamp: time.Now()}
		select {
		case c.packets <- packet:
		case <-c.ctx.Done():
			return
		}
	}
}

func (c *carrier) takeStreams() {
	for {
		s, err := c.link.Accept(c.ctx, link.Gossip)
		if err != nil {
			return
		}
		stream := c.own(s)
		select {
		case c.streams <- stream:
		case <-c.ctx.Done():
			return // which also closes the stream
		}
	}
}

// ownedStream ends with the carrier, so that no conversation outlives it.
type ownedStream struct {
	*link.Stream
	disown func() bool
}

func (c *carrier) own(s *link.Stream) net.Conn {
	return &ownedStream{s, context.AfterFunc(c.ctx, func() { s.Close() })}
}

func (s *ownedStream) Close() error {
	s.disown()
	return s.Stream.Close()
}

// FinalAdvertiseAddr returns the made-up address of this device.
func (c *carrier) FinalAdvertiseAddr(string, int) (net.IP, int, error) {
	return identityIP(c.device), identityPort, nil
}

// WriteTo hands a packet to the link and returns at once.
func (c *carrier) WriteTo(packet []byte, addr string) (time.Time, error) {
	if device, err := deviceAt(addr); err == nil {
		c.link.Send(device, link.Gossip, packet)
	}
	return time.Now(), nil
}

// PacketCh returns where packets come in.
func (c *carrier) PacketCh() <-chan *memberlist.Packet { return c.packets }

// StreamCh returns where streams come in.
func (c *carrier) StreamCh() <-chan net.Conn { return c.streams }

// DialTimeout opens a stream to a device.
func (c *carrier) DialTimeout(addr string, timeout time.Duration) (net.Conn, error) {
	device, err := deviceAt(addr)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(c.ctx, timeout)
	defer cancel()
	s, err := c.link.Open(ctx, device, link.Gossip)
	if err != nil {
		return nil, fmt.Errorf("dial device %d for gossip: %w", device, err)
	}
	return c.own(s), nil
}

// Shutdown ends all streams and waits for the carrier's goroutines.
func (c *carrier) Shutdown() error {
	c.cancel()
	c.running.Wait()
	return nil
}
