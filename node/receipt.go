package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"wangge/crdt"
	"wangge/node/freight"
	"wangge/node/policy"
	"wangge/sync/bundle"
	"wangge/sync/session"
	"wangge/sync/wire"
)

// Receipt says what became of a letter that was read.
type Receipt struct {
	Device   uint32   `json:"device"` // who wrote it
	Name     string   `json:"name"`
	Role     string   `json:"role"`
	New      uint64   `json:"new"`     // batches that were new here
	Known    uint64   `json:"known"`   // batches that were held already
	Refused  []string `json:"refused"` // what was not taken, and why
	Old      bool     `json:"old"`     // a later word of the writer's is known: levels are left as they are
	Unread   []string `json:"unread"`  // entries that cannot be read, and why
	Complete bool     `json:"complete"`
	Files    Files    `json:"files"`

	First []bundle.Entry `json:"-"` // what the answer is to begin with
}

// Read takes a letter that was begun at a moment of its writer's clock.
func (n letters) Read(ctx context.Context, card []byte, at int64, next func() (bundle.Entry, error)) (Receipt, error) {
	c, err := policy.NewAuthority(n.id.Root).Card(card)
	if err != nil {
		return Receipt{}, err
	}
	known := acquainted(n.config.Data, correspondent(c.Device))
	heard := int64(0)
	if c.Device.Role == policy.Hub {
		heard = n.store.Heard().Millis()
	}
	e := &ear{letters: n, peer: c.Device, card: card, at: at, latest: at >= known.At && at > heard}
	n.introduced(c.Device)
	e.files = n.carriage().Arrive(c.Device)
	defer e.files.Close()
	e.receipt = Receipt{Device: c.Device.Index, Name: c.Device.Name, Role: string(c.Device.Role), Old: !e.latest}
	for {
		entry, err := next()
		if errors.Is(err, io.EOF) {
			e.finish(ctx)
			return e.receipt, n.store.Flush()
		}
		if err == nil {
			err = e.take(ctx, entry)
		}
		if err != nil {
			return e.receipt, err
		}
	}
}

// ear listens to a letter.
type ear struct {
	letters
	peer    policy.Device
	card    []byte
	at      int64
	latest  bool
	talk    *session.Session
	witness *witness
	hello   wire.Hello
	files   *freight.Arrival
	receipt Receipt
}

// take takes an entry. One that cannot be read keeps none of the others from being taken.
func (e *ear) take(ctx context.Context, entry bundle.Entry) error {
	var unread error
	switch entry.Kind {
	case bundle.Message:
		m, err := wire.Decode(entry.Bytes)
		if err == nil {
			return e.hear(ctx, m)
		}
		unread = err
	case bundle.Word:
		m, err := wire.DecodeFileWord(entry.Bytes)
		if err == nil {
			e.files.Take(m)
		}
		unread = err
	case bundle.Load:
		load, err := bundle.ReadFreight(entry.Bytes)
		if err == nil {
			return e.heardOfFiles(load)
		}
		unread = err
	}
	if unread != nil && len(e.receipt.Unread) < unreadMax {
		e.receipt.Unread = append(e.receipt.Unread, fmt.Sprintf("an entry of kind %d cannot be read: %v", entry.Kind, unread))
	}
	return nil
}

// unreadMax bounds the entries of which a person is told that they cannot be read.
const unreadMax = 1000

func (e *ear) hear(ctx context.Context, m wire.Message) error {
	if hello, ok := m.(wire.Hello); ok {
		return e.greeted(ctx, hello)
	}
	switch m := m.(type) {
	case wire.Refusal:
		e.refused(m)
		return nil
	case wire.Done, wire.Kept, wire.Ack:
		return nil // the greeting says it better
	case wire.Chunk:
		return e.chunk(m)
	case wire.Doubt, wire.Fork, wire.Freeze:
		if e.talk == nil {
			return nil
		}
		out, err := e.talk.Step(m)
		e.answer(out, true)
		return err
	}
	return nil // of no use in a letter
}

// greeted begins a conversation with whom the letter speaks for.
func (e *ear) greeted(ctx context.Context, hello wire.Hello) error {
	n := e.letters
	side := n.side(e.peer, false)
	log := &attentive{n.witness(n.history(ctx, e.peer), e.peer), e}
	e.witness = log.witness
	side.Checkpoints, side.Forks = nil, log
	e.talk, e.hello = session.New(side, log), hello
	out, err := e.talk.Step(hello)
	if err != nil {
		return err
	}
	e.answer(out, false)
	e.files.Anew()
	if !e.latest {
		return nil
	}
	return n.acquaint(e.peer, func(a *acquaintance) { a.At, a.Card, a.Hello = e.at, e.card, wire.Encode(hello) })
}

// chunk takes what a chunk brings of the spaces that are for this machine.
func (e *ear) chunk(m wire.Chunk) error {
	if e.talk == nil {
		return fmt.Errorf("device %d wrote before it greeted: its program is broken", e.peer.Index)
	}
	m.Number = 0
	m.Runs = slices.DeleteFunc(m.Runs, func(run wire.Run) bool {
		if e.id.Device.MayHold(run.Space) {
			return false
		}
		e.receipt.Refused = append(e.receipt.Refused, fmt.Sprintf("%s is not for this machine", run.Space))
		return true
	})
	before := make([]uint64, len(m.Runs))
	for i, run := range m.Runs {
		before[i] = e.store.Held(run.Space, run.Writer)
	}
	out, err := e.talk.Step(m)
	for i, run := range m.Runs {
		now := e.store.Held(run.Space, run.Writer)
		if run.First <= before[i] {
			e.receipt.Known += min(run.Last(), before[i]) - run.First + 1
		}
		if now > before[i] {
			e.receipt.New += min(run.Last(), now) - before[i]
		}
	}
	e.answer(out, false)
	return err
}

// answer keeps what the answer must say beside its own greeting and chunks.
func (e *ear) answer(out []wire.Message, chunks bool) {
	for _, m := range out {
		switch m := m.(type) {
		case wire.Refusal:
			e.receipt.Refused = append(e.receipt.Refused, fmt.Sprintf("%s of %s from %d on: %s", m.Mark.Space, m.Mark.Writer, m.Mark.Seq, m.Reason))
		case wire.Chunk:
			if !chunks {
				continue
			}
			m.Number = 0
			e.first(m)
			continue
		case wire.Doubt, wire.Fork, wire.Freeze:
		default:
			continue
		}
		e.first(m)
	}
}

func (e *ear) first(m wire.Message) {
	e.receipt.First = append(e.receipt.First, bundle.Entry{Kind: bundle.Message, Bytes: wire.Encode(m)})
}

// refused notes what the peer did not take.
func (e *ear) refused(m wire.Refusal) {
	side := e.side(e.peer, false)
	if !e.latest || !side.Theirs(m.Mark.Space) {
		return
	}
	m.Mark.Level = side.Proves
	e.store.RefusedBy(wire.Quarantine{Device: e.peer.Index, Name: e.peer.Name, At: e.at, Refusal: m})
	e.receipt.Refused = append(e.receipt.Refused, fmt.Sprintf("%s (device %d) did not take %s of %s from %d on: %s",
		e.peer.Name, e.peer.Index, m.Mark.Space, m.Mark.Writer, m.Mark.Seq, m.Reason))
}

// finish has the county note that it has all that the letter's writer held.
func (e *ear) finish(ctx context.Context) {
	if e.witness != nil {
		e.witness.settle(ctx)
	}
	e.countFiles()
	for sp, f := range e.hello.Holds {
		for w, seq := range f {
			if e.store.Held(sp, w) < seq {
				return
			}
		}
	}
	e.receipt.Complete = e.talk != nil
	if e.receipt.Complete && e.latest {
		e.note(ctx, e.peer, time.UnixMilli(e.at))
	}
}

// attentive is the log of a machine that reads a letter. Nothing is sent to its
// writer now, and nothing of an old one is taken for the present.
type attentive struct {
	*witness
	ear *ear
}

// Met takes the greeting as one that was carried here.
func (l *attentive) Met(hello wire.Hello, about func(crdt.Space) bool, proves wire.Level) {
	l.ear.store.Told(hello, about, proves, crdt.NewStamp(l.ear.at), l.ear.latest)
}

// Reached leaves out what an old letter proved once.
func (l *attentive) Reached(marks []wire.Mark) {
	if l.ear.latest {
		l.witness.conversing.Reached(marks)
	}
}
