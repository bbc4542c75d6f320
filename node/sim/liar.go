package sim

import (
	"bytes"
	"fmt"
	"math/rand/v2"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/sync/session"
	"wangge/sync/wire"
)

// liar is a device of the county, with a certificate and keys of its own, that
// does as it likes: it signs what it should not, and says what is not so.
type liar struct {
	world  *World
	id     *policy.Identity
	forged []stream // of which nobody may hold anything
	forks  []*forked
	told   map[crdt.Space]bool // spaces of which it said to hold everything
}

type stream struct {
	space  crdt.Space
	writer crdt.Writer
}

// forked is a stream that it signs twice.
type forked struct {
	by       *policy.Writer
	branches [2][]byte // first batches
	next     int       // the branch that is told next
}

func (w *World) newLiar() *liar {
	if w.cast.liar == nil {
		return &liar{}
	}
	own := *w.cast.liar
	own.Chance = newChance(w.seed, "liar")
	return &liar{world: w, id: &own, told: map[crdt.Space]bool{}}
}

// lie has the liar call a machine and lie to it.
func (w *World) lie(m *Machine, r *rand.Rand) {
	if m.store == nil {
		return
	}
	l := w.liar
	lies := []func(*visit){
		(*visit).misspell, (*visit).trespass, (*visit).skip, (*visit).babble, (*visit).outrun, (*visit).intrude, (*visit).pretend, (*visit).usurp, (*visit).steal,
		(*visit).equivocate, (*visit).equivocate, (*visit).postdate, (*visit).overspend, (*visit).boast, (*visit).swallow, (*visit).alter,
		(*visit).forge, (*visit).forge, (*visit).beg,
	}
	v := &visit{liar: l, at: m, Rand: r}
	n := r.IntN(len(lies))
	w.note("a liar calls %s, lie %d", m, n)
	device := l.id.Device
	if who := w.parts.Who; who != nil {
		device = who(device)
	}
	v.side, v.ended = m.party().Converse(device, false)
	lies[n](v)
	v.ended()
	if m.survives() && v.err == nil {
		v.attended()
	}
}

// visit is a conversation of the liar's. What it says comes at once.
type visit struct {
	*rand.Rand
	*liar
	at      *Machine
	side    *session.Session
	ended   func()
	err     error // that ended it
	answers []wire.Message
	refused stream // what must be refused, and stand where a person sees it
}

// mine is the space for which the liar may write.
func mine() crdt.Space { return village(0) }

// greet says what the liar holds.
func (v *visit) greet(holds map[crdt.Space]crdt.Frontier) []wire.Message {
	return v.say(wire.Hello{Protocol: wire.Protocol, County: v.id.County, Device: v.id.Device.Index, Epoch: 1, Holds: holds})
}

// say says something and returns what is answered.
func (v *visit) say(m wire.Message) (answers []wire.Message) { return v.send(wire.Encode(m)) }

func (v *visit) send(frame []byte) []wire.Message {
	if v.err != nil || v.at.store == nil {
		return nil
	}
	m, err := v.side.Decode(frame)
	var answers []wire.Message
	if err == nil {
		answers, err = v.side.Step(m)
	}
	for _, a := range answers {
		frame := v.side.Encode(a)
		v.world.hash.Write(frame)
		v.world.note("  %s answers %s", v.at, brief(a))
	}
	v.answers = append(v.answers, answers...)
	if v.err = err; err != nil {
		v.world.note("  %s ends it: %v", v.at, err)
	}
	return answers
}

// offer hands a run over, with a credential.
func (v *visit) offer(number uint64, credential []byte, run wire.Run) []wire.Message {
	return v.say(wire.Chunk{Number: number, Credentials: [][]byte{credential}, Runs: []wire.Run{run}})
}

// mint makes a writer.
func (v *visit) mint() *policy.Writer {
	by, err := v.id.NewWriter()
	if err != nil {
		v.world.violated("harness", "a liar mints no writer: %v", err)
	}
	return by
}

// record names a record of the liar's.
func (v *visit) record() crdt.RecordID {
	var id crdt.RecordID
	for i := copy(id[:], liesBegin); i < len(id); i++ {
		id[i] = byte(v.Uint32())
	}
	return id.Of(visitKind)
}

// liesBegin is what the ids of the liar's records begin with: a moment, so they keep it.
const liesBegin = "\x01lie"

func lied(id crdt.RecordID) bool { return bytes.HasPrefix(id[:], []byte(liesBegin)) }

// batch writes a batch.
func (v *visit) batch(at crdt.Stamp) []byte {
	op := crdt.Record{}.Assign(v.record(), visitKind, statusField, crdt.Text(fmt.Sprint("谎", v.Uint32())))
	return wire.AppendBatch(nil, crdt.Batch{Stamp: at, Ops: []crdt.Op{op}})
}

// run signs the first batches of a stream.
func (v *visit) run(s crdt.Space, by *policy.Writer, batches ...[]byte) wire.Run {
	h := wire.Origin(v.id.County, s, by.Name())
	for _, b := range batches {
		h = h.Next(b)
	}
	n := uint64(len(batches))
	return wire.Run{Space: s, Writer: by.Name(), First: 1, Batches: batches, Signature: by.Sign(wire.HeadMessage(v.id.County, s, by.Name(), n, h))}
}

func (v *visit) now() crdt.Stamp { return crdt.NewStamp(v.at.clock().UnixMilli()) }

// bad offers what must not be taken, after a stream that must.
func (v *visit) bad(credential []byte, run wire.Run) {
	v.refused = stream{run.Space, run.Writer}
	v.forged = append(v.forged, v.refused)
	v.greet(nil)
	good := v.mint()
	v.offer(1, good.Credential(), v.run(mine(), good, v.batch(v.now())))
	v.offer(2, credential, run)
	if v.err == nil && v.at.store != nil && v.at.mayHold(mine()) && !v.at.isHub() && !v.at.ails() && v.at.store.Held(mine(), good.Name()) != 1 {
		v.world.violated("F11", "%s does not take what is good beside what is not", v.at)
	}
}

// ails reports whether a machine's disk is about to fail.
func (m *Machine) ails() bool {
	return m.failing.doom > 0 || m.failing.dead || m.failing.until > m.world.now
}

// attended checks that what was refused stands where a person sees it.
func (v *visit) attended() {
	if v.refused == (stream{}) || v.at.isHub() || v.at.ails() {
		return
	}
	if v.at.store.Held(v.refused.space, v.refused.writer) > 0 {
		v.world.unforged()
		return
	}
	for _, q := range v.at.store.Quarantined() {
		if q.Mark.Space == v.refused.space && q.Mark.Writer == v.refused.writer {
			return
		}
	}
	v.world.violated("F11", "%s refused %s of a liar and shows it nowhere", v.at, v.refused.writer)
}

// unforged checks that nobody holds what must not be taken.
func (w *World) unforged() {
	for _, m := range w.machines {
		for _, f := range w.liar.forged {
			if m.store != nil && m.store.Held(f.space, f.writer) > 0 {
				w.violated("I4", "%s holds work of %s in %s, to which that had no right", m, f.writer, f.space)
			}
		}
	}
}
