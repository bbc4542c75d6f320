package node

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/web"
	"wangge/sync/wire"
)

// exchange is what this node knows of its dealings with one other machine. It is
// an account, and decides nothing.
type exchange struct {
	holds   map[crdt.Space]crdt.Frontier // what the peer is known to hold; nil before it greeted
	streams int                          // in holds
	greeted time.Time                    // when it did last
	skew    time.Duration                // its clock less this node's, if told
	told    bool                         // it has said what time it is
	left    *web.Left                    // in the conversation under way; nil without, or when nothing is
	failed  error                        // why the last conversation ended, or could not begin; nil since it greeted
}

// holdsMax bounds the streams of a peer that are remembered: more than a county
// has, and less than a liar can name.
const holdsMax = 1 << 16

// raise notes what a peer that has greeted holds besides.
func (x *exchange) raise(marks []wire.Mark) {
	for _, m := range marks {
		if x.holds != nil {
			x.raiseOne(m.Space, m.Writer, m.Seq)
		}
	}
}

func (x *exchange) raiseOne(sp crdt.Space, w crdt.Writer, seq uint64) {
	if x.holds[sp][w] == 0 {
		if x.streams == holdsMax {
			return
		}
		x.streams++
	}
	if x.holds[sp] == nil {
		x.holds[sp] = crdt.Frontier{}
	}
	x.holds[sp].Raise(w, seq)
}

// exchanges are those with all peers.
type exchanges struct {
	mu    sync.Mutex
	all   map[uint32]*exchange
	notes sync.Mutex // held while what is known of a peer is written down
}

// with changes the account of a peer.
func (e *exchanges) with(device uint32, change func(*exchange)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.all == nil {
		e.all = map[uint32]*exchange{}
	}
	if e.all[device] == nil {
		e.all[device] = &exchange{}
	}
	change(e.all[device])
}

// rumoured notes what a machine that was met before says that it holds by now.
func (e *exchanges) rumoured(r wire.Rumour) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if x := e.all[r.Device]; x != nil {
		x.raise(r.Heads)
	}
}

// of returns what is known of a peer, but for what it holds.
func (e *exchanges) of(device uint32) (known exchange) {
	e.with(device, func(x *exchange) { known = *x })
	known.holds = nil
	return known
}

// streamName is one writer's batches in one space.
type streamName struct {
	space  crdt.Space
	writer crdt.Writer
}

func (n streamName) compare(o streamName) int {
	return cmp.Or(n.space.Compare(o.space), cmp.Compare(n.writer, o.writer))
}

// greetedWith reports whether a peer holds anything of one of some spaces, by what it says.
func (e *exchanges) greetedWith(device uint32, spaces []crdt.Space) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	x := e.all[device]
	return x != nil && slices.ContainsFunc(spaces, func(s crdt.Space) bool { return len(x.holds[s]) > 0 })
}

// witness looks on at one conversation: it hands everything through, and notes
// what the peer holds, what was refused on either side, and by whom.
type witness struct {
	conversing
	node *node
	peer policy.Device
	// turned is what this side did not take and has not noted yet.
	turned map[streamName]wire.Refusal
	now    func() time.Time
}

func (n *node) witness(log conversing, peer policy.Device) *witness {
	return &witness{log, n, peer, map[streamName]wire.Refusal{}, time.Now}
}

// Met notes what the peer says that it holds.
func (w *witness) Met(hello wire.Hello, about func(crdt.Space) bool, proves wire.Level) {
	w.conversing.Met(hello, about, proves)
	w.overreach(hello)
	w.node.exchanges.with(w.peer.Index, func(x *exchange) {
		x.holds, x.streams, x.greeted, x.failed = map[crdt.Space]crdt.Frontier{}, 0, time.Now(), nil
		for sp, f := range hello.Holds {
			for w, seq := range f {
				x.raiseOne(sp, w, seq)
			}
		}
	})
	w.node.freight.Greeted(w.peer)
}

// overreach notes that a peer asks for a space that its certificate does not name.
// It is given nothing of it; who looks after the county may want to know.
func (w *witness) overreach(hello wire.Hello) {
	for sp, f := range hello.Holds {
		if len(f) == 0 && !w.peer.MayHold(sp) {
			w.node.log.Warn("a machine asks for a space that its certificate does not name, and is given nothing of it",
				"peer", w.peer.Index, "name", w.peer.Name, "space", sp.String())
		}
	}
}

// Reached notes what the peer is known to hold by now.
func (w *witness) Reached(marks []wire.Mark) {
	w.conversing.Reached(marks)
	w.node.exchanges.with(w.peer.Index, func(x *exchange) { x.raise(marks) })
}

// Refused notes who refused.
func (w *witness) Refused(r wire.Refusal) {
	w.node.log.Warn("a peer did not take a stream", "peer", w.peer.Index, "space", r.Mark.Space.String(),
		"writer", r.Mark.Writer.String(), "from", r.Mark.Seq, "why", r.Why.String(), "reason", r.Reason)
	w.node.store.RefusedBy(w.note(r))
}

// Keep remembers what this side did not take.
func (w *witness) Keep(c wire.Chunk) (wire.Ack, []wire.Refusal, error) {
	ack, refusals, err := w.conversing.Keep(c)
	for _, r := range refusals {
		name := streamName{r.Mark.Space, r.Mark.Writer}
		held := w.node.store.Held(name.space, name.writer)
		if r.Why != wire.WhyForked {
			r.Mark.Seq = max(r.Mark.Seq, held+1) // a run may begin with what is held: the rest of it is lacking
		}
		if first, ok := w.turned[name]; !ok || r.Mark.Seq <= first.Mark.Seq || held >= first.Mark.Seq {
			w.turned[name] = r // what follows the first is refused for want of it, and says nothing more
		}
	}
	return ack, refusals, err
}

func (w *witness) note(r wire.Refusal) wire.Quarantine {
	r.Beside = nil
	return wire.Quarantine{Device: w.peer.Index, Name: w.peer.Name, At: w.now().UnixMilli(), Refusal: r}
}

// settle puts into quarantine what is still not taken when nothing more is under
// way: of runs that were refused first, many come a second time and are taken.
func (w *witness) settle(ctx context.Context) {
	names := slices.SortedFunc(maps.Keys(w.turned), streamName.compare) // notes at the hub are commits, and a run is to be lived again
	for _, name := range names {
		r := w.turned[name]
		if q := w.note(r); !w.node.store.Quarantines(q) {
			w.node.log.Warn("a part of a stream was not taken", "peer", w.peer.Index, "space", name.space.String(),
				"writer", name.writer.String(), "from", r.Mark.Seq, "why", r.Why.String(), "reason", r.Reason)
			if err := w.node.quarantine(ctx, q); err != nil {
				w.node.log.Error("what was not taken could not be noted; it is tried again", "error", err)
				return // nor would the others be, and this conversation is not to wait for each
			}
		}
		delete(w.turned, name)
	}
}

// end settles what a conversation leaves that was cut.
func (w *witness) end() {
	ctx, cancel := context.WithTimeout(context.Background(), noteTimeout)
	defer cancel()
	w.settle(ctx)
}

// hears notes how far the peer's clock is from this node's. What the way took
// makes it seem late, by seconds.
func (w *witness) hears(clock wire.Clock) {
	skew := time.Until(time.UnixMilli(clock.At))
	w.node.exchanges.with(w.peer.Index, func(x *exchange) { x.skew, x.told = skew, true })
	if err := w.node.spoke(w.peer, clock.At); err != nil {
		w.node.log.Error("when a machine last spoke could not be noted: a letter of before may be taken for its latest word", "peer", w.peer.Index, "error", err)
	}
}

// quarantine notes what was not taken: at a box on its disk, at the hub by commit,
// so that every replica can say it.
func (n *node) quarantine(ctx context.Context, q wire.Quarantine) error {
	if !n.isHub() {
		return n.store.Quarantine(q)
	}
	ctx, cancel := context.WithTimeout(ctx, noteTimeout)
	defer cancel()
	_, err := n.propose(ctx, wire.Encode(q))
	return err
}

// lacks returns how many batches a peer lacks of what this node, which holds here,
// would give it, and how many this node lacks of what the peer held when it last
// spoke; known is false before the peer has greeted.
func (n *node) lacks(peer policy.Device, here map[crdt.Space]crdt.Frontier) (its, ours uint64, known bool) {
	side := n.side(peer, false)
	n.exchanges.with(peer.Index, func(x *exchange) {
		if known = x.holds != nil; !known {
			return
		}
		for sp, f := range here {
			if side.Theirs(sp) {
				its += missing(f, x.holds[sp])
			}
		}
		for sp, f := range x.holds {
			if side.Mine(sp) {
				ours += missing(f, here[sp])
			}
		}
	})
	return its, ours, known
}

// missing returns how many batches of one frontier another has not.
func missing(of, from crdt.Frontier) (n uint64) {
	for w, seq := range of {
		n += seq - min(seq, from[w])
	}
	return n
}

func (n *node) holds() map[crdt.Space]crdt.Frontier {
	return n.store.Frontiers(func(crdt.Space) bool { return true })
}
