package store

import (
	"fmt"
	"slices"

	"wangge/crdt"
	"wangge/sync/wire"
)

// armsMax is how many arms may leave one stream. More are no accident: a person
// must look.
const armsMax = 8

// arm is the signatory of a stream that begins inside another: its batches were
// signed by that one's writer, under its own name and numbers.
type arm struct {
	Signatory // of the writer that signed
	wire.Arm
	name crdt.Writer
	stem crdt.Writer // the stream that it leaves
	// turns lead from what the signer called its batches to how they are called
	// here, one for each time that a stream was left.
	turns []crdt.Turn
}

// signatory verifies a credential: a writer's, or an arm's around one.
func (o Options) signatory(credential []byte) (Signatory, error) {
	a, ok := wire.ReadArm(credential)
	if !ok {
		return o.Signatory(credential)
	}
	if depth := nesting(a); depth > wire.ArmDepth(^crdt.Writer(0)) {
		return nil, fmt.Errorf("the credential of an arm has %d arms inside", depth)
	}
	of, err := o.signatory(a.Of)
	if err != nil {
		return nil, err
	}
	name, ok := a.Name(o.County, of.Writer())
	if !ok {
		return nil, fmt.Errorf("arm of too many arms")
	}
	turn := crdt.Turn{Of: of.Writer(), After: a.After, To: name}
	if inner, ok := of.(*arm); ok {
		if inner.Space != a.Space {
			return nil, fmt.Errorf("the credential of an arm in %s is around one of %s", a.Space, inner.Space)
		}
		return &arm{inner.Signatory, a, name, of.Writer(), append(inner.turns[:len(inner.turns):len(inner.turns)], turn)}, nil
	}
	return &arm{of, a, name, of.Writer(), []crdt.Turn{turn}}, nil
}

func nesting(a wire.Arm) (n int) {
	for ok := true; ok; n++ {
		a, ok = wire.ReadArm(a.Of)
	}
	return n
}

// Writer returns the arm's own name.
func (a *arm) Writer() crdt.Writer { return a.name }

// MayWrite returns why the arm may not stand in a space, or nil.
func (a *arm) MayWrite(space crdt.Space) error {
	if space != a.Space {
		return fmt.Errorf("%s is an arm of a stream in %s and of no other", a.name, a.Space)
	}
	return a.Signatory.MayWrite(space)
}

// shift is how many batches the signer had signed before the arm's first.
func (a *arm) shift() (n uint64) {
	for _, t := range a.turns {
		n += t.After
	}
	return n
}

// here returns the name under which a batch of the signer's stands here.
func (a *arm) here(d crdt.Dot) crdt.Dot {
	for _, t := range a.turns {
		d = t.Dot(d)
	}
	return d
}

// originOf returns the hash that the chain of a stream starts from, as its
// credential says.
func originOf(county wire.County, sig Signatory, st stream) wire.Hash {
	if a, ok := sig.(*arm); ok {
		return a.Before
	}
	return wire.Origin(county, st.space, st.writer)
}

// vouches reports whether a signature vouches for a stream's head.
func vouches(county wire.County, sig Signatory, signed func(message, signature []byte) bool, st stream, h head, signature []byte) bool {
	w, seq := st.writer, h.seq
	if a, ok := sig.(*arm); ok {
		w, seq = a.Signatory.Writer(), seq+a.shift()
	}
	return wire.Vouches(signed, county, st.space, w, seq, h.hash, signature)
}

// lookup returns an op as it was signed, and whether it is at hand.
type lookup func(crdt.Dot) (crdt.Op, bool)

// turn returns a batch as it merges under the arm's name. What names the
// signer's batches from the fork on means the arm's own; what others wrote means
// the stem's. Running totals begin anew: up to the fork the stem counts them, and
// goes on showing what it had.
func (a *arm) turn(batch crdt.Batch, raw lookup) crdt.Batch {
	turned := crdt.Batch{Stamp: batch.Stamp, Ops: make([]crdt.Op, len(batch.Ops))}
	for i, op := range batch.Ops {
		if op.Type == crdt.Counter || op.Type == crdt.Bounded {
			op = a.anew(op, raw)
		}
		for _, t := range a.turns {
			op = t.Op(op)
		}
		turned.Ops[i] = op
	}
	return turned
}

// anew returns an op that writes a running total, less what the stem had counted,
// which it does not replace.
func (a *arm) anew(op crdt.Op, raw lookup) crdt.Op {
	total, counts := op.Value.Int()
	account, accounts := op.Value.Account()
	for _, before := range a.stems(op, raw) {
		n, _ := before.Value.Int()
		base, _ := before.Value.Account()
		total, account = total-n, account.Since(base)
	}
	switch {
	case counts:
		op.Value = crdt.Int(total)
	case accounts:
		op.Value = account.Value()
	}
	op.Replaces = slices.DeleteFunc(slices.Clone(op.Replaces), a.isStem)
	return op
}

func (a *arm) isStem(d crdt.Dot) bool {
	return d.Writer == a.Signatory.Writer() && d.Seq <= a.shift()
}

// stems returns the stem's totals that a running total was made of, following it
// back from op to op.
func (a *arm) stems(op crdt.Op, raw lookup) (all []crdt.Op) {
	for _, d := range op.Replaces {
		if d.Writer != a.Signatory.Writer() {
			continue
		}
		before, ok := raw(a.here(d))
		switch {
		case !ok || before.Type != op.Type:
		case a.isStem(d):
			all = append(all, before)
		default:
			all = append(all, a.stems(before, raw)...)
		}
	}
	return all
}

// armOf returns the arm that a stream is, or nil.
func (t *transaction) armOf(st stream) *arm {
	if a := t.arms[st]; a != nil {
		return a
	}
	t.store.mu.RLock()
	defer t.store.mu.RUnlock()
	return t.store.mirror.arms[st]
}

// armsOf returns the arms that leave a stream, those of this transaction too.
func (t *transaction) armsOf(stem stream) (arms []*arm) {
	t.store.mu.RLock()
	defer t.store.mu.RUnlock()
	for _, all := range []map[stream]*arm{t.store.mirror.arms, t.arms} {
		for st, a := range all {
			if st.space == stem.space && a.stem == stem.writer {
				arms = append(arms, a)
			}
		}
	}
	return arms
}

// turned returns a batch as it merges in a stream.
func (t *transaction) turned(st stream, batch crdt.Batch) crdt.Batch {
	a := t.armOf(st)
	if a == nil {
		return batch
	}
	return a.turn(batch, func(d crdt.Dot) (crdt.Op, bool) { return t.op(st.space, d) })
}

// op returns the op of a dot as it was signed.
func (t *transaction) op(name crdt.Space, d crdt.Dot) (op crdt.Op, ok bool) {
	sp, _ := t.space(name)
	if d.Seq > t.head(stream{name, d.Writer}).seq {
		return op, false
	}
	entry, err := t.layers().get(logLayer, logKey(sp.number, d.Writer, d.Seq))
	if err != nil {
		return op, false
	}
	_, b := splitEntry(entry)
	return opOf(b, d)
}

func opOf(b []byte, d crdt.Dot) (op crdt.Op, ok bool) {
	batch, err := wire.DecodeBatch(b)
	if err != nil || int(d.Index) >= len(batch.Ops) {
		return op, false
	}
	return batch.Ops[d.Index], true
}

// admit returns why an arm may not begin here, or nil. That it leaves its stem
// where it says follows from the chains; that the stem is another there keeps
// anybody from being counted twice.
func (t *transaction) admit(a *arm) error {
	stem := stream{a.Space, a.stem}
	h := t.head(stem)
	if h.seq < a.After {
		return astray(a, fmt.Sprintf("behind batch %d, and that is held up to %d", a.After, h.seq))
	}
	if t.store.options.Author == nil {
		if _, frozen := t.frozen(stem); !frozen {
			return refuse(wire.WhyArm, "the county knows of no fork of %s in %s: the proof must come first", a.stem, a.Space)
		}
	}
	if h.floor.batch > 0 && t.store.options.Author != nil {
		t.hollow(a.Space)
		return refuse(wire.WhyArm, "the arm %s leaves the stream of %s in %s, of which the log here holds only the end: the county is asked for all of the space", a.name, a.stem, a.Space)
	}
	if before := t.hashAfter(stem, a.After); before != a.Before {
		return astray(a, "where it is another than is held here")
	}
	if h.seq > a.After && t.hashAfter(stem, a.After+1) == a.First {
		return refuse(wire.WhyArm, "the arm %s is held in %s as the stream of %s itself", a.name, a.Space, a.stem)
	}
	if others := slices.DeleteFunc(t.armsOf(stem), func(b *arm) bool { return b.name == a.name }); len(others) >= armsMax {
		return refuse(wire.WhyArm, "the stream of %s in %s has %d arms already, which is no accident: a person must look", a.stem, a.Space, armsMax)
	}
	return nil
}

// astray refuses an arm whose stem is not held as it is where the arm comes from. The stem
// is asked for, and the arm may come again behind it.
func astray(a *arm, where string) error {
	return refused{wire.WhyArm, fmt.Sprintf("the arm %s leaves the stream of %s in %s %s", a.name, a.stem, a.Space, where),
		wire.Doubt{Space: a.Space, Writer: a.stem}}
}

// countable returns why what an arm that is held counts further cannot be told here, or nil:
// its totals are followed back through its log and its stem's to what the stem counts.
func (t *transaction) countable(st stream, h head, batches []crdt.Batch) error {
	a := t.armOf(st)
	if a == nil || h.seq == 0 || t.store.options.Author == nil || h.floor.batch == 0 && t.head(stream{st.space, a.stem}).floor.batch == 0 {
		return nil
	}
	counts := func(op crdt.Op) bool { return op.Type == crdt.Counter || op.Type == crdt.Bounded }
	if !slices.ContainsFunc(batches, func(b crdt.Batch) bool { return slices.ContainsFunc(b.Ops, counts) }) {
		return nil
	}
	t.hollow(st.space)
	return refuse(wire.WhyArm, "the arm %s in %s counts on from what the log here holds no more: the county is asked for all of the space", st.writer, st.space)
}

// hollow has the county asked for a space as it is there: what an arm's ops say of
// running totals is read from its stem, and here that was trimmed.
func (t *transaction) hollow(name crdt.Space) {
	sp := t.enter(name)
	sp.hollow = true
	t.spaces[name] = sp
}

// own refuses batches of a stem that are held as one of its arms.
func (t *transaction) own(st stream, seq uint64, chain []wire.Hash) error {
	for _, a := range t.armsOf(st) {
		if i := a.After - seq; a.After >= seq && i < uint64(len(chain)) && a.First == chain[i] && t.head(stream{a.Space, a.name}).seq > 0 {
			return refuse(wire.WhyArm, "batch %d of %s in %s is held as an arm of its stream already", a.After+1, st.writer, st.space)
		}
	}
	return nil
}

// hashAfter returns the hash of a stream's chain after a batch, the zero hash if
// that is not at hand any more.
func (t *transaction) hashAfter(st stream, seq uint64) wire.Hash {
	h := t.head(st)
	sp, _ := t.space(st.space)
	return hashAfter(t.layers(), sp.number, st, t.origin(st), h, seq)
}

func hashAfter(log layers, sp uint32, st stream, origin wire.Hash, h head, seq uint64) wire.Hash {
	hash, from := origin, h.floor.batch
	if h.floor != (floor{}) {
		hash = h.floor.chain
	}
	switch {
	case seq == h.seq:
		return h.hash
	case seq > h.seq || seq < from:
		return wire.Hash{}
	}
	err := log.each(logLayer, logKey(sp, st.writer, from+1), logKey(sp, st.writer, seq+1), func(_, v []byte) error {
		_, b := splitEntry(v)
		hash = hash.Next(b)
		return nil
	})
	if err != nil {
		return wire.Hash{}
	}
	return hash
}

// origin returns the hash that a stream's chain starts from.
func (t *transaction) origin(st stream) wire.Hash {
	if a := t.armOf(st); a != nil {
		return a.Before
	}
	return wire.Origin(t.store.options.County, st.space, st.writer)
}

// origin returns what a stream's chain starts from, of one that is held. The
// caller holds the mirror.
func (m *mirror) origin(county wire.County, st stream) wire.Hash {
	if a := m.arms[st]; a != nil {
		return a.Before
	}
	return wire.Origin(county, st.space, st.writer)
}
