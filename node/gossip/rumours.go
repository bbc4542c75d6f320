package gossip

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"log/slog"
	"sync"

	"github.com/hashicorp/memberlist"
)

// MaxRumour is the most that a rumour may hold, in bytes.
const MaxRumour = 400

const (
	untoldMax   = 256  // rumours waiting for Options.Heard
	rememberMax = 1024 // rumours that are known when they come round again
)

// rumour is what travels: an id by chance, so that a rumour that comes round again is known, the
// device that began it, the one that tells it, and what it says.
type rumour struct {
	id     [8]byte
	origin uint32
	teller uint32
	text   []byte
}

const rumourHeader = 8 + 4 + 4

func (r rumour) encode() []byte {
	b := append(make([]byte, 0, rumourHeader+len(r.text)), r.id[:]...)
	b = binary.BigEndian.AppendUint32(b, r.origin)
	b = binary.BigEndian.AppendUint32(b, r.teller)
	return append(b, r.text...)
}

// decodeRumour copies what it keeps of b. It reports false for what no box of this version sends.
func decodeRumour(b []byte) (r rumour, ok bool) {
	if len(b) < rumourHeader || len(b) > rumourHeader+MaxRumour {
		return rumour{}, false
	}
	copy(r.id[:], b)
	r.origin, r.teller = binary.BigEndian.Uint32(b[8:]), binary.BigEndian.Uint32(b[12:])
	r.text = bytes.Clone(b[rumourHeader:])
	return r, true
}

// rumours passes rumours on: its own, and once each that it hears and that is news here.
type rumours struct {
	self uint32
	log  *slog.Logger
	whisper
	untold chan rumour

	mu     sync.Mutex
	known  map[[8]byte]struct{} // guarded by mu; the ids in recent
	recent [][8]byte            // guarded by mu; a ring, written at next
	next   int                  // guarded by mu
}

func newRumours(self uint32, near func() []uint32, log *slog.Logger) *rumours {
	return &rumours{
		self:    self,
		log:     log,
		whisper: newWhisper(self, near),
		untold:  make(chan rumour, untoldMax),
		known:   make(map[[8]byte]struct{}),
	}
}

func (r *rumours) spread(text []byte) {
	if len(text) > MaxRumour {
		r.log.Warn("rumour too long to spread", "bytes", len(text), "max", MaxRumour)
		return
	}
	own := rumour{origin: r.self, teller: r.self, text: text}
	rand.Read(own.id[:]) // never fails
	r.isNew(own.id)
	r.passOn(own)
}

// hear takes a rumour that came in. It is called by memberlist and must not wait.
func (r *rumours) hear(b []byte) {
	heard, ok := decodeRumour(b)
	if !ok || heard.origin == r.self {
		return
	}
	if !r.isNew(heard.id) {
		r.knows(heard.teller, heard.id)
		return
	}
	select {
	case r.untold <- heard:
	default:
		r.log.Debug("rumour lost: too many wait", "origin", heard.origin)
	}
}

// tell hands rumours to the node until the context ends, and passes on those that are news to it: of what is known
// here already, others have heard as well.
func (r *rumours) tell(ctx context.Context, heard func(uint32, []byte) bool) {
	for {
		select {
		case <-ctx.Done():
			return
		case one := <-r.untold:
			if heard(one.origin, one.text) {
				r.passOn(one)
			}
		}
	}
}

// isNew reports whether an id has not come by lately, and remembers it.
func (r *rumours) isNew(id [8]byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.known[id]; known {
		return false
	}
	if len(r.recent) < rememberMax {
		r.recent = append(r.recent, id)
	} else {
		delete(r.known, r.recent[r.next])
		r.recent[r.next] = id
		r.next = (r.next + 1) % rememberMax
	}
	r.known[id] = struct{}{}
	return true
}

// delegate is memberlist's view of the rumours and of what this box says about itself.
type delegate struct {
	rumours *rumours
	meta    func() meta
}

var _ memberlist.Delegate = (*delegate)(nil)

func (d *delegate) NodeMeta(limit int) []byte { return d.meta().encode(limit) }
func (d *delegate) NotifyMsg(b []byte)        { d.rumours.hear(b) }
func (d *delegate) LocalState(bool) []byte    { return nil }

// MergeRemoteState ignores what a newer version may send along: what a box missed it learns by sync.
func (d *delegate) MergeRemoteState([]byte, bool) {}

// GetBroadcasts has nothing to add to what memberlist says: rumours do not wait for its rounds.
func (d *delegate) GetBroadcasts(int, int) [][]byte { return nil }
