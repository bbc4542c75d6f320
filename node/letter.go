package node

import (
	"context"
	"errors"
	"sort"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/sync/bundle"
	"wangge/sync/session"
	"wangge/sync/wire"
)

// A letter is one side of a conversation told in one go: a greeting with all that
// this machine holds, and the chunks that the addressee lacks as far as is known.
// It is the conversation of sync/session; what is missing is the other side, so
// this one takes for answered what it has said, and for the truth only what comes
// back in the other's letter.

// Order says what a letter is to hold.
type Order struct {
	Card  []byte         // of the addressee
	All   bool           // also what the addressee is known to hold
	Since time.Time      // of what it is not known to hold, only what was saved since; not before the zero time
	Has   []bundle.Entry // the notes of what it holds already: Acks, and Asks for pieces
	First []bundle.Entry // what to begin with
	Wait  bool           // for the hub's replicas to have the files that they are asked about
}

// letters are where a node writes and reads them.
type letters struct {
	*node
	history func(ctx context.Context, peer policy.Device) conversing
	note    func(ctx context.Context, box policy.Device, at time.Time) // that the county has all of a box's work
	now     func() time.Time
	// most returns, at a replica of the hub, of which files most of them have read their
	// copy; nil where nobody can be asked.
	most func(ctx context.Context, files []store.Spare, wait bool) map[wire.Hash]bool
}

func (n *node) letters() letters {
	l := letters{node: n, history: n.sessionLog, note: n.note, now: time.Now}
	if n.hub != nil {
		l.most = n.mostHave
	}
	return l
}

// Write tells a letter, one entry after the other: records, then files.
func (n letters) Write(ctx context.Context, o Order, send func(bundle.Entry) error) error {
	card, err := policy.NewAuthority(n.id.Root).Card(o.Card)
	if err != nil {
		return err
	}
	peer := card.Device
	for _, e := range o.First {
		if err := send(e); err != nil {
			return err
		}
	}
	named := referred{}
	if err := n.writeRecords(ctx, o, peer, func(m wire.Message) error {
		named.note(m)
		return send(bundle.Entry{Kind: bundle.Message, Bytes: wire.Encode(m)})
	}); err != nil {
		return err
	}
	return n.writeFiles(ctx, o, peer, named, send)
}

func (n letters) writeRecords(ctx context.Context, o Order, peer policy.Device, send func(wire.Message) error) error {
	believed, err := n.believed(o, peer)
	if err != nil {
		return err
	}
	log := &mouth{conversing: n.history(ctx, peer)}
	side := n.side(peer, !n.isHub())
	side.Checkpoints, side.Forks = nil, log
	s := speech{session.New(side, log), send}
	if err := s.say(s.talk.Start(), nil); err != nil {
		return err
	}
	if !n.isHub() {
		log.device = n.id.Device.Index // what was written here goes first
	}
	if err := s.say(s.talk.Step(believed)); err != nil {
		return err
	}
	log.device = 0
	return s.say(s.talk.Wake())
}

// speech sends what a session says and takes it for answered.
type speech struct {
	talk *session.Session
	send func(wire.Message) error
}

func (s speech) say(out []wire.Message, err error) error {
	for ; len(out) > 0 && err == nil; out = out[1:] {
		switch m := out[0].(type) {
		case wire.Done:
		case wire.Chunk:
			number := m.Number
			m.Number = 0
			if err = s.send(m); err != nil {
				return err
			}
			var more []wire.Message
			more, err = s.talk.Step(wire.Kept{Chunk: number, Level: wire.Saved})
			out = append(out, more...)
		default:
			err = s.send(m)
		}
	}
	return err
}

// believed returns the greeting that the addressee is taken to have sent.
func (n *node) believed(o Order, peer policy.Device) (wire.Hello, error) {
	m := wire.Hello{
		Protocol: wire.Protocol, County: n.id.County, Device: peer.Index, Epoch: 1, Holds: map[crdt.Space]crdt.Frontier{},
	}
	switch known, err := wire.Decode(acquainted(n.config.Data, correspondent(peer)).Hello); {
	case o.All:
	case peer.Role == policy.Hub:
		m.Holds = n.store.FrontiersAt(peer.MayHold, wire.AtCounty)
	case err == nil:
		m.Holds = known.(wire.Hello).Holds
	}
	raise := func(mark wire.Mark) {
		if m.Holds[mark.Space] == nil {
			m.Holds[mark.Space] = crdt.Frontier{}
		}
		m.Holds[mark.Space].Raise(mark.Writer, mark.Seq)
	}
	for _, e := range o.Has {
		if e.Kind != bundle.Message {
			continue
		}
		has, err := wire.Decode(e.Bytes)
		ack, ok := has.(wire.Ack)
		if err != nil || !ok {
			return m, errNote
		}
		for _, mark := range ack.Marks {
			raise(mark)
		}
	}
	if o.Since.IsZero() {
		return m, nil
	}
	return m, n.before(crdt.NewStamp(o.Since.UnixMilli()), raise)
}

var errNote = errors.New("what the bundle holds already cannot be read: make another one")

// before tells of every stream the last batch that was saved before a moment.
func (n *node) before(moment crdt.Stamp, told func(wire.Mark)) (err error) {
	floors := n.store.Floors(func(crdt.Space) bool { return true })
	for sp, f := range n.store.Frontiers(func(crdt.Space) bool { return true }) {
		for w, head := range f {
			floor := floors[sp][w]
			older := sort.Search(int(head-floor), func(i int) bool { // a stream's stamps never fall
				run, ok, failed := n.store.Run(sp, w, floor+uint64(i), 1)
				if failed != nil || !ok {
					err = errors.Join(err, failed)
					return true
				}
				b, failed := wire.DecodeBatch(run.Batches[0])
				return failed != nil || b.Stamp >= moment
			})
			if seq := floor + uint64(older); seq > 0 {
				told(wire.Mark{Space: sp, Writer: w, Seq: seq})
			}
		}
	}
	return err
}

// mouth is a log that is only read: nothing comes back while a letter is written.
type mouth struct {
	conversing
	device uint32 // whose streams go now; 0 for all
}

func (mouth) Met(wire.Hello, func(crdt.Space) bool, wire.Level) {}
func (mouth) Reached([]wire.Mark)                               {}
func (mouth) Refused(wire.Refusal)                              {}

// Frontiers leaves out what does not go yet.
func (l *mouth) Frontiers(about func(crdt.Space) bool) map[crdt.Space]crdt.Frontier {
	all := l.conversing.Frontiers(about)
	for _, f := range all {
		for w := range f {
			if l.device != 0 && w.Device() != l.device {
				delete(f, w)
			}
		}
	}
	return all
}
