package main

import (
	"context"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"wangge/node/policy"
	"wangge/sync/link"
	"wangge/sync/weaklink"
)

// weakPair is two machines of a county, and a weak wire between them.
type weakPair struct {
	wire     *weaklink.Wire
	one, two *link.Link
	serving  errgroup.Group
}

const (
	weakWarm  = 4                     // exchanges before what is measured, as on any connection that is open
	weakLimit = 3 * time.Minute       // of one trial, after which it counts as this long
	plain     = link.Gossip           // carries bytes by QUIC's streams alone, for comparison
	weakRest  = 3 * time.Second       // until late packets of what went before have passed
	frameMax  = 256 << 10             // bytes
	trials    = 120                   // of each figure
	trialGap  = 50 * time.Millisecond // between their beginnings: else all would shake hands at once, and wait for the processor
)

// weakCounty makes the identities that all pairs share.
func weakCounty(dir string) (ids [2]*policy.Identity, err error) {
	county, err := policy.NewCounty(filepath.Join(dir, "county"), "评测县 140581", time.Now())
	if err != nil {
		return ids, err
	}
	for i := range ids {
		keys := filepath.Join(dir, fmt.Sprint("keys", i))
		if _, err := county.Enrol(policy.Device{Name: fmt.Sprint("站", i), Role: policy.Box, Ring: "140581105"}, keys, time.Now()); err != nil {
			return ids, err
		}
		if ids[i], err = policy.LoadIdentity(keys); err != nil {
			return ids, err
		}
	}
	return ids, nil
}

// newWeakPair opens both links. Device two answers whatever it is asked: a frame with a
// frame as long as the asker says, and plain bytes likewise.
func newWeakPair(seed uint64, ids [2]*policy.Identity, profile weaklink.Profile) (*weakPair, error) {
	p := &weakPair{wire: weaklink.New(seed, profile)}
	for i, to := range []**link.Link{&p.one, &p.two} {
		end, err := p.wire.Listen(fmt.Sprintf("10.0.0.%d:7400", i+1))
		if err != nil {
			return nil, err
		}
		roots := x509.NewCertPool()
		roots.AddCert(ids[i].Root)
		*to, err = link.Listen("", link.Options{
			Certificate: ids[i].Certificate, Roots: roots, ServerName: policy.ServerName, Secret: ids[i].LinkKey, Socket: end,
			Device: func(c *x509.Certificate) (uint32, error) {
				d, err := policy.ReadDevice(c)
				return d.Index, err
			},
		})
		if err != nil {
			return nil, err
		}
	}
	p.one.Learn(ids[1].Device.Index, p.two.Addr().String())
	for _, protocol := range []link.Protocol{link.Sync, plain} {
		p.serving.Go(func() error { return p.serve(protocol) })
	}
	return p, nil
}

func (p *weakPair) close() {
	p.one.Close()
	p.two.Close()
	p.serving.Wait()
}

func (p *weakPair) serve(protocol link.Protocol) error {
	for {
		s, err := p.two.Accept(context.Background(), protocol)
		if err != nil {
			return nil // closed
		}
		p.serving.Go(func() error {
			defer s.Close()
			for {
				b, err := readBytes(s, protocol)
				if err != nil {
					return nil // the asker has what it wanted
				}
				if err := sendBytes(s, protocol, make([]byte, 4+binary.BigEndian.Uint32(b))); err != nil {
					return nil
				}
			}
		})
	}
}

// sendBytes sends bytes as a frame, which the link carries as it sees fit, or on the stream
// itself.
func sendBytes(s *link.Stream, protocol link.Protocol, b []byte) error {
	if protocol != plain {
		return s.WriteFrame(b)
	}
	_, err := s.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...))
	return err
}

func readBytes(s *link.Stream, protocol link.Protocol) ([]byte, error) {
	if protocol != plain {
		return s.ReadFrame(frameMax)
	}
	var size [4]byte
	if _, err := io.ReadFull(s, size[:]); err != nil {
		return nil, err
	}
	b := make([]byte, binary.BigEndian.Uint32(size[:]))
	_, err := io.ReadFull(s, b)
	return b, err
}

// ask sends so many bytes in parts, and waits for an answer to each part.
func ask(s *link.Stream, protocol link.Protocol, up, down, part int) error {
	parts := 0
	for ; up > 0; up -= part {
		b := make([]byte, max(min(up, part), 4))
		binary.BigEndian.PutUint32(b, uint32(max(down-4, 0)))
		if err := sendBytes(s, protocol, b); err != nil {
			return err
		}
		parts++
	}
	for range parts {
		if _, err := readBytes(s, protocol); err != nil {
			return err
		}
	}
	return nil
}

// call opens a stream, and calls again where no handshake comes through, as a node does.
func (p *weakPair) call(ctx context.Context, device uint32, protocol link.Protocol) (*link.Stream, error) {
	for {
		s, err := p.one.Open(ctx, device, protocol)
		if err == nil {
			return s, s.SetDeadline(time.Now().Add(weakLimit))
		}
		if ctx.Err() != nil {
			return nil, err
		}
	}
}

// open opens a stream and warms it up.
func (p *weakPair) open(ctx context.Context, device uint32, protocol link.Protocol) (*link.Stream, error) {
	s, err := p.call(ctx, device, protocol)
	if err != nil {
		return nil, err
	}
	for range weakWarm {
		if err := ask(s, protocol, 600, 600, 600); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}
