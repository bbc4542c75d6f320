package gossip

import (
	"bytes"
	"log"
	"log/slog"
	"time"

	"github.com/hashicorp/memberlist"
)

// Profile says how often a ring speaks while nothing happens, and so how soon it notices who has gone and what it
// costs. Rumours do not wait for it.
type Profile struct {
	Probe        time.Duration // each box checks one other so often
	ProbeTimeout time.Duration // and asks a third box to try, and tries by a stream, when it heard nothing for so long
	Suspicion    int           // a suspect has some Suspicion×Probe to speak up before it counts as gone
	Gossip       time.Duration // who has come or gone is passed on so often, while it is news
	Exchange     time.Duration // two boxes compare all they know of the ring so often
	Forget       time.Duration // one that is gone is told so for this long, then forgotten
	Rejoin       time.Duration // of the boxes that belong to the ring and are absent one is called after about so long,
	RejoinMax    time.Duration // another after twice as long, and in the end one in so long
	RejoinCalls  int           // a box that is alone calls so many at a time
}

// Township returns the profile for the boxes of one township, whether a cable joins them or links with 600 ms round
// trips that lose every fifth packet, which take the living for dead if asked more hastily. A box that says nothing
// for itself sends some 25 bytes a second; one that has gone without a farewell is noticed after about seven minutes.
func Township() Profile {
	return Profile{
		Probe:        time.Minute,
		ProbeTimeout: 4 * time.Second,
		Suspicion:    4,
		Gossip:       time.Second,
		Exchange:     15 * time.Minute,
		Forget:       5 * time.Minute,
		Rejoin:       5 * time.Second,
		RejoinMax:    30 * time.Minute, // a call that nobody answers costs over 20 KB
		RejoinCalls:  3,
	}
}

// packetMax leaves room in a datagram for the label and the checksum, which memberlist adds later.
const packetMax = 1100

// config returns memberlist's configuration. Its encryption stays off: every link is mutual TLS.
func (p Profile) config() *memberlist.Config {
	config := memberlist.DefaultWANConfig()
	config.ProbeInterval = p.Probe
	config.ProbeTimeout = p.ProbeTimeout
	config.IndirectChecks = 1 // for roads that are cut; lost packets are made up for by the stream
	config.SuspicionMult = p.Suspicion
	config.GossipInterval = p.Gossip
	config.RetransmitMult = 6 // what is missed waits for the next exchange
	config.GossipToTheDeadTime = p.Forget
	config.PushPullInterval = p.Exchange
	config.UDPBufferSize = packetMax
	return config
}

// debugLogger turns what memberlist writes into records at debug level.
func debugLogger(to *slog.Logger) *log.Logger { return log.New(debugWriter{to}, "", 0) }

type debugWriter struct{ to *slog.Logger }

func (w debugWriter) Write(line []byte) (int, error) {
	w.to.Debug("memberlist", "line", string(bytes.TrimSpace(line)))
	return len(line), nil
}
