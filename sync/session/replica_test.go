package session

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"unsafe"

	"wangge/crdt"
	"wangge/sync/wire"
)

var (
	county  = wire.County{1, 2, 3}
	village = crdt.Space{Area: "140581105211", Class: crdt.Open}
	notes   = crdt.Space{Area: "140581105211", Class: crdt.Personal}
	street  = crdt.Space{Area: "140581105212", Class: crdt.Open}
	town    = []crdt.Space{village, notes, street}
)

const hub = 9 // the device whose word counts as the county's

// replica is a log in memory, with the faults that a test gives it. Its batches
// are any bytes, its signatures words.
type replica struct {
	device  uint32
	holds   []crdt.Space // what it is entitled to
	log     map[stream][][]byte
	reached map[stream]map[wire.Level]uint64
	refuses map[stream]string
	doubts  map[stream]int // how many more runs are called unproven
	refused []wire.Refusal
	met     []wire.Hello
	broken  error         // what Keep fails with
	keeps   []stream      // every run that Keep was handed
	during  func(*stream) // called while a run is being kept
	life    uint64        // of its store
	links   map[stream][]link
	minted  uint64                   // writers before the present one
	lives   map[uint32]uint64        // of the peers it met; nil where levels never fall
	recalls map[uint32][]wire.Ground // of its peers; nil where it remembers nothing
}

func newReplica(device uint32, holds ...crdt.Space) *replica {
	return &replica{
		device: device, holds: holds, log: map[stream][][]byte{},
		links: map[stream][]link{}, reached: map[stream]map[wire.Level]uint64{}, refuses: map[stream]string{}, doubts: map[stream]int{},
	}
}

func (r *replica) entitled(sp crdt.Space) bool { return slices.Contains(r.holds, sp) }

func (r *replica) own(sp crdt.Space) stream {
	return stream{sp, crdt.NewWriter(r.device, uint32(r.minted))}
}

func (r *replica) write(sp crdt.Space, size int) {
	st := r.own(sp)
	text := fmt.Sprintf("%s %s %d ", st.writer, sp, len(r.log[st])+1)
	r.log[st] = append(r.log[st], append([]byte(text), make([]byte, max(0, size-len(text)))...))
}

// word is a batch as short as can be.
func word(n byte) []byte { return []byte{n, n, n, n} }

func (r *replica) Frontiers(about func(crdt.Space) bool) map[crdt.Space]crdt.Frontier {
	all := map[crdt.Space]crdt.Frontier{}
	for st, batches := range r.log {
		if !about(st.space) {
			continue
		}
		if all[st.space] == nil {
			all[st.space] = crdt.Frontier{}
		}
		all[st.space][st.writer] = uint64(len(batches))
	}
	return all
}

func (r *replica) Run(sp crdt.Space, w crdt.Writer, after uint64, room int) (wire.Run, bool, error) {
	run := wire.Run{Space: sp, Writer: w, First: after + 1}
	for _, b := range r.log[stream{sp, w}][min(after, uint64(len(r.log[stream{sp, w}]))):] {
		if room -= len(b); room < 0 && len(run.Batches) > 0 {
			break
		}
		run.Batches = append(run.Batches, b)
	}
	if len(run.Batches) > 0 {
		run.Signature = r.vouch(stream{sp, w}, run.Last())
	}
	return run, len(run.Batches) > 0, nil
}

// vouch signs a head: the last of each stream in a tree over those of its writer.
func (r *replica) vouch(st stream, seq uint64) []byte {
	if seq < uint64(len(r.log[st])) {
		return sign(wire.HeadMessage(county, st.space, st.writer, seq, r.chain(st, seq)))
	}
	p := wire.Place{}
	var leaves []wire.Hash
	for _, sp := range town {
		if own := (stream{sp, st.writer}); len(r.log[own]) > 0 {
			if sp == st.space {
				p.Leaf = len(leaves)
			}
			n := uint64(len(r.log[own]))
			leaves = append(leaves, wire.Leaf(county, sp, st.writer, n, r.chain(own, n)))
		}
	}
	p.Leaves, p.Branches = len(leaves), wire.Prove(leaves, []int{p.Leaf})
	p.Signature = sign(wire.TreeMessage(county, st.writer, uint64(p.Leaves), wire.Root(leaves)))
	return p.Append(nil)
}

// chain returns a stream's hash after batch seq.
func (r *replica) chain(st stream, seq uint64) wire.Hash {
	h, links := wire.Origin(county, st.space, st.writer), r.links[st]
	for i, b := range r.log[st][:seq] {
		at := unsafe.SliceData(b)
		if i == len(links) {
			links = append(links, link{})
		}
		if links[i].batch != at || links[i].before != h || at == nil {
			links[i] = link{at, h, h.Next(b)}
		}
		h = links[i].after
	}
	r.links[st] = links
	return h
}

// link is a step of a chain that was hashed before.
type link struct {
	batch         *byte
	before, after wire.Hash
}

// sign stands in for a signature: everybody could forge it, nobody does.
func sign(message []byte) []byte {
	h := wire.Hash{}.Next(message)
	return append([]byte{1}, h[:]...)
}

func (r *replica) Head(sp crdt.Space, w crdt.Writer) (uint64, wire.Hash) {
	n := uint64(len(r.log[stream{sp, w}]))
	return n, r.chain(stream{sp, w}, n)
}

func (r *replica) Prints(about func(crdt.Space) bool) map[crdt.Space]wire.Hash {
	prints := map[crdt.Space]wire.Hash{}
	for sp, f := range r.Frontiers(about) {
		prints[sp] = wire.SpacePrint(f, func(w crdt.Writer) wire.Hash { return r.chain(stream{sp, w}, f[w]) })
	}
	return prints
}

func (r *replica) Proven(sp crdt.Space, w crdt.Writer, level wire.Level) uint64 {
	if level == wire.AtBox && w.Device() != r.device {
		return uint64(len(r.log[stream{sp, w}]))
	}
	return r.reached[stream{sp, w}][level]
}

func (r *replica) Credential(w crdt.Writer) ([]byte, error) {
	return []byte("writer " + w.String()), nil
}

// Subject reads the record that an op is about, where the batch is one.
func (r *replica) Subject(sp crdt.Space, d crdt.Dot) (id crdt.RecordID, ok bool) {
	batches := r.log[stream{sp, d.Writer}]
	if d.Seq == 0 || d.Seq > uint64(len(batches)) {
		return id, false
	}
	b, err := wire.DecodeBatch(batches[d.Seq-1])
	if err != nil || int(d.Index) >= len(b.Ops) {
		return id, false
	}
	return b.Ops[d.Index].Record, true
}

// About looks through the batches of a space for an op about a record.
func (r *replica) About(sp crdt.Space, id crdt.RecordID, held func(crdt.Dot) bool) (first crdt.Dot, ok bool) {
	for st, batches := range r.log {
		for i := range batches {
			for index := range uint32(3) {
				d := crdt.Dot{Writer: st.writer, Seq: uint64(i + 1), Index: index}
				got, is := r.Subject(sp, d)
				if st.space == sp && is && got == id && held(d) && (!ok || d.Compare(first) < 0) {
					first, ok = d, true
				}
			}
		}
	}
	return first, ok
}

func (r *replica) Keep(c wire.Chunk) (ack wire.Ack, refusals []wire.Refusal, err error) {
	if r.broken != nil {
		return ack, nil, r.broken
	}
	for _, run := range c.Runs {
		st := stream{run.Space, run.Writer}
		r.keeps = append(r.keeps, st)
		if why := r.take(st, run); why != "" {
			mark := wire.Mark{Space: st.space, Writer: st.writer, Seq: run.First}
			no := wire.Refusal{Mark: mark, Reason: why}
			if why == unproven {
				no.Why = wire.WhyUnproven
			}
			refusals = append(refusals, no)
			continue
		}
		if r.during != nil {
			r.during(&st)
		}
		level := wire.AtBox
		if r.device == hub {
			level = wire.AtCounty
		}
		ack.Marks = append(ack.Marks, wire.Mark{Space: st.space, Writer: st.writer, Seq: uint64(len(r.log[st])), Level: level})
	}
	return ack, refusals, nil
}

func (r *replica) take(st stream, run wire.Run) (why string) {
	held := uint64(len(r.log[st]))
	if why := r.refuses[st]; why != "" {
		return why
	}
	if run.First > held+1 {
		return fmt.Sprintf("held up to batch %d", held)
	}
	if !r.proven(st, run, held) || r.doubts[st] > 0 {
		r.doubts[st] = max(r.doubts[st]-1, 0)
		return unproven
	}
	for i, b := range run.Batches {
		seq := run.First + uint64(i)
		switch {
		case seq > held:
			r.log[st] = append(r.log[st], bytes.Clone(b))
		case !bytes.Equal(r.log[st][seq-1], b):
			return fmt.Sprintf("two different batches %d", seq)
		}
	}
	return ""
}

const unproven = "nothing vouches for it"

func (r *replica) proven(st stream, run wire.Run, held uint64) bool {
	merged := slices.ContainsFunc(r.log[st], func(b []byte) bool { return b == nil }) // from a checkpoint: no chain
	if merged || run.Last() <= held {
		return true
	}
	h := r.chain(st, held)
	for _, b := range run.Batches[held+1-run.First:] {
		h = h.Next(b)
	}
	signed := func(message, signature []byte) bool { return bytes.Equal(sign(message), signature) }
	return wire.Vouches(signed, county, st.space, st.writer, run.Last(), h, run.Signature)
}

func (r *replica) Reached(marks []wire.Mark) {
	for _, m := range marks {
		st := stream{m.Space, m.Writer}
		if r.reached[st] == nil {
			r.reached[st] = map[wire.Level]uint64{}
		}
		seq := min(m.Seq, uint64(len(r.log[st])))
		r.reached[st][m.Level] = max(r.reached[st][m.Level], seq)
	}
}

func (r *replica) Met(hello wire.Hello, about func(crdt.Space) bool, proves wire.Level) {
	r.met = append(r.met, hello)
	r.fall(hello, about, proves)
}

func (r *replica) Refused(m wire.Refusal) { r.refused = append(r.refused, m) }

// lacks returns what a replica does not hold of another's spaces for which
// about is true.
func (r *replica) lacks(of *replica, about func(crdt.Space) bool) (missing []stream) {
	for st, batches := range of.log {
		if about(st.space) && len(r.log[st]) < len(batches) {
			missing = append(missing, st)
		}
	}
	return missing
}

// talk is one conversation: two sides and what is under way between them.
type talk struct {
	t       *testing.T
	at      [2]*replica
	side    [2]*Session
	queue   [2][][]byte // to each side
	observe func(from int, m wire.Message)
}

func sideOf(me, peer *replica, first bool) Side {
	side := Side{
		County: county, Device: me.device, Epoch: me.life + 1, Peer: peer.device, First: first, Proves: wire.AtBox, Mine: me.entitled,
		Grounds: me.recalls[peer.device],
		Theirs:  func(sp crdt.Space) bool { return me.entitled(sp) && peer.entitled(sp) },
	}
	if peer.device == hub {
		side.Theirs, side.Proves = peer.entitled, wire.AtCounty
	}
	side.Returns = (me.device == hub) != (peer.device == hub)
	return side
}

// meet opens a conversation, in which a speaks first.
func meet(t *testing.T, a, b *replica) *talk {
	c := &talk{t: t, at: [2]*replica{a, b}}
	c.open()
	return c
}

// open begins a conversation; what was under way in one before is lost.
func (c *talk) open() {
	c.remember()
	a, b := c.at[0], c.at[1]
	c.side = [2]*Session{New(sideOf(a, b, true), a), New(sideOf(b, a, false), b)}
	c.queue = [2][][]byte{}
	c.say(0, c.side[0].Start(), nil)
	c.say(1, c.side[1].Start(), nil)
}

// remember has both keep what they learned of each other.
func (c *talk) remember() {
	for i, s := range c.side {
		if me := c.at[i]; s != nil && me.recalls != nil {
			me.recalls[c.at[1-i].device] = s.Grounds()
		}
	}
}

func (c *talk) say(from int, out []wire.Message, err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
	for _, m := range out {
		if c.observe != nil {
			c.observe(from, m)
		}
		c.queue[1-from] = append(c.queue[1-from], c.side[from].Encode(m))
	}
}

// deliver hands a side its next message and reports whether there was one.
func (c *talk) deliver(to int) bool {
	c.t.Helper()
	if len(c.queue[to]) == 0 {
		return false
	}
	m, err := c.side[to].Decode(c.queue[to][0])
	if err != nil {
		c.t.Fatal(err)
	}
	c.queue[to] = c.queue[to][1:]
	out, err := c.side[to].Step(m)
	c.say(to, out, err)
	return true
}

// finish delivers until nothing is under way.
func (c *talk) finish() {
	c.t.Helper()
	for c.deliver(0) || c.deliver(1) {
	}
}

func (c *talk) wake(side int) {
	c.t.Helper()
	out, err := c.side[side].Wake()
	c.say(side, out, err)
}
