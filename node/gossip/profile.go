package gossip

import (
	"bytes"
	"log"
	"log/slog"
	"time"

	"github.com/hashicorp/memberlist"
)

// Profile says how often a ring speaks, and so how soon it notices and what it costs.
type Profile struct {
	Probe        time.Duration // each box checks one other so often
	ProbeTimeout time.Duration // and asks third boxes to try when it heard nothing for so long
	Suspicion    int           // a suspect has some Suspicion×Probe to speak up before it counts as gone
	Gossip       time.Duration // news is passed on so often
	Exchange     time.Duration // two boxes compare all they know of the ring so often
	Forget       time.Duration // one that is gone is told so for this long, then forgotten
	Rejoin       time.Duration // boxes that belong to the ring and are absent are called so often
	RejoinCalls  int           // and so many of them each time
}

// LAN returns the profile for boxes on one local network. An idle box sends about 500 bytes a second.
func LAN() Profile {
	return Profile{
		Probe:        time.Second,
		ProbeTimeout: 500 * time.Millisecond,
		Suspicion:    4,
		Gossip:       200 * time.Millisecond,
		Exchange:     30 * time.Second,
		Forget:       30 * time.Second,
		Rejoin:       5 * time.Second,
		RejoinCalls:  3,
	}
}

// Weak returns the profile for links with 600 ms round trips that lose a fifth of their packets:
// there the usual timers take the living for dead. It notices a real loss after some four minutes.
func Weak() Profile {
	return Profile{
		Probe:        15 * time.Second,
		ProbeTimeout: 5 * time.Second,
		Suspicion:    8,
		Gossip:       time.Second,
		Exchange:     time.Minute,
		Forget:       2 * time.Minute,
		Rejoin:       time.Minute,
		RejoinCalls:  1, // a call that nobody answers costs some 10 KB
	}
}

// packetMax leaves room in a datagram for the label and the checksum, which memberlist adds later.
const packetMax = 1100

// config returns memberlist's configuration. Its encryption stays off: every link is mutual TLS.
func (p Profile) config() *memberlist.Config {
	config := memberlist.DefaultWANConfig()
	config.ProbeInterval = p.Probe
	config.ProbeTimeout = p.ProbeTimeout
	config.SuspicionMult = p.Suspicion
	config.GossipInterval = p.Gossip
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
