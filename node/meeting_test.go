package node

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/schema/kindfile"
	"wangge/sync/session"
	"wangge/sync/wire"
)

// province is a county of machines without a network: real keys, real stores,
// real conversations, and a test that says who meets whom.
type province struct {
	t      *testing.T
	dir    string
	county *policy.County
	hub    *party
	boxes  []*party
}

// party is one machine of it.
type party struct {
	*node
	keys string
	at   *uint64 // the hub's: index of the last committed entry
	// poison tells what the machine will not take, beside what it checks.
	poison func(wire.Run) bool
	// most says at the hub which files most replicas have; nil where nobody can say.
	most func([]store.Spare) map[wire.Hash]bool
}

var field = crdt.Space{Area: "140581105211", Class: crdt.Personal}

func newProvince(t *testing.T, boxes int) *province {
	t.Helper()
	p := &province{t: t, dir: t.TempDir()}
	var err error
	if p.county, err = policy.NewCounty(filepath.Join(p.dir, "county"), "试验县", time.Now()); err != nil {
		t.Fatal(err)
	}
	p.hub = p.enrol(policy.Device{Name: "县中心", Role: policy.Hub, Holds: []policy.Pattern{"*"}})
	for i := range boxes {
		p.boxes = append(p.boxes, p.enrol(policy.Device{
			Name: fmt.Sprintf("站%d", i), Role: policy.Box, Holds: []policy.Pattern{"140581105*/personal"}, Writes: []policy.Pattern{"140581*/personal"},
		}))
	}
	return p
}

func (p *province) enrol(d policy.Device) *party {
	p.t.Helper()
	keys := filepath.Join(p.dir, d.Name)
	if _, err := p.county.Enrol(d, keys, time.Now()); err != nil {
		p.t.Fatal(err)
	}
	return p.open(keys, filepath.Join(keys, "data"))
}

// open begins a machine with the keys of one folder and the store of another.
func (p *province) open(keys, data string) *party {
	p.t.Helper()
	id, err := policy.LoadIdentity(keys)
	if err != nil {
		p.t.Fatal(err)
	}
	kinds, err := kindfile.Shipped()
	if err != nil {
		p.t.Fatal(err)
	}
	n := &node{kinds: kinds, config: Config{Keys: keys, Data: data}, id: id, log: slog.New(slog.DiscardHandler), devices: map[uint32]policy.Device{}}
	m := &party{node: n, keys: keys, at: new(uint64)}
	if err := n.openStore(); err != nil {
		p.t.Fatal(err)
	}
	*m.at = m.store.Applied()
	n.propose = m.hubLog(context.Background()).propose
	p.t.Cleanup(func() { m.store.Close() })
	return m
}

// copyOf copies a machine's store as it is, its writer's key and all, as who
// copies a disk does. The machine must not be saving.
func (p *province) copyOf(m *party, name string) (data string) {
	p.t.Helper()
	data = filepath.Join(p.dir, name)
	b, err := os.ReadFile(filepath.Join(m.config.Data, "store.db"))
	if err == nil {
		err = os.MkdirAll(data, 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(data, "store.db"), b, 0o600)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return data
}

// conversation returns a machine's side of one. The hub commits at once, through
// bytes as in the county's log.
func (m *party) conversation(peer policy.Device, first bool) (*session.Session, *witness) {
	if !m.isHub() {
		return m.begin(context.Background(), peer, first)
	}
	log := m.witness(picky{m.hubLog(context.Background()), m.poison}, peer)
	side := m.side(peer, first)
	side.Forks, side.Grounds = log, m.store.Grounds(peer.Index).Known
	return session.New(side, log), log
}

// picky refuses what is poison to it.
type picky struct {
	conversing
	poison func(wire.Run) bool
}

func (l picky) Keep(c wire.Chunk) (wire.Ack, []wire.Refusal, error) {
	var refusals []wire.Refusal
	c.Runs = slices.DeleteFunc(slices.Clone(c.Runs), func(run wire.Run) bool {
		if l.poison == nil || !l.poison(run) {
			return false
		}
		mark := wire.Mark{Space: run.Space, Writer: run.Writer, Seq: run.First}
		refusals = append(refusals, wire.Refusal{Mark: mark, Why: wire.WhyRights, Reason: "the certificate does not cover it"})
		return true
	})
	ack, more, err := l.conversing.Keep(c)
	return ack, append(refusals, more...), err
}

// commit commits an entry at the hub, through bytes as in the county's log.
func (m *party) commit(entry []byte) (answer []byte) {
	*m.at++
	return machine{m.store}.Apply(*m.at, entry)
}

func (m *party) hubLog(ctx context.Context) hubLog {
	return hubLog{boxLog{m.store, wire.AtCounty, false}, ctx, &m.grown, func(_ context.Context, entry []byte) ([]byte, error) {
		return m.commit(entry), nil
	}}
}

// line is a conversation between two machines, frame by frame: what is under way
// arrives when the test says so, or never.
type line struct {
	t         *testing.T
	sides     [2]*session.Session
	witnesses [2]*witness
	underWay  [2][][]byte // frames towards each end
	at        [2]*party
	began     [2]store.Grounds // what each remembered
}

// call begins a conversation; a speaks first.
func (p *province) call(a, b *party) *line {
	p.t.Helper()
	l := &line{t: p.t, at: [2]*party{a, b}}
	l.began = [2]store.Grounds{a.store.Grounds(b.id.Device.Index), b.store.Grounds(a.id.Device.Index)}
	l.sides[0], l.witnesses[0] = a.conversation(b.id.Device, true)
	l.sides[1], l.witnesses[1] = b.conversation(a.id.Device, false)
	l.says(0, l.sides[0].Start(), nil)
	return l
}

func (l *line) says(end int, out []wire.Message, err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
	for _, m := range out {
		l.underWay[1-end] = append(l.underWay[1-end], l.sides[end].Encode(m))
	}
}

// hears has an end hear the next frame, if one is under way.
func (l *line) hears(end int) bool {
	l.t.Helper()
	if len(l.underWay[end]) == 0 {
		return false
	}
	m, err := l.sides[end].Decode(l.underWay[end][0])
	l.underWay[end] = l.underWay[end][1:]
	var out []wire.Message
	if err == nil {
		out, err = l.sides[end].Step(m)
	}
	l.says(end, out, err)
	return true
}

// runs lets both hear until nothing is under way.
func (l *line) runs() {
	l.t.Helper()
	for more := true; more; {
		a, b := l.hears(0), l.hears(1)
		more = a || b
	}
}

// ends hangs up: what is under way is lost.
func (l *line) ends() {
	for i, w := range l.witnesses {
		w.end()
		l.at[i].store.KeepGrounds(l.at[1-i].id.Device.Index, l.began[i], l.sides[i].Grounds())
	}
}

// meet lets two machines talk until nothing is under way; a speaks first.
func (p *province) meet(a, b *party) {
	p.t.Helper()
	l := p.call(a, b)
	l.runs()
	l.ends()
}

// write saves one text in a record's field at a machine.
func (p *province) write(m *party, record int, text string) {
	p.t.Helper()
	err := m.store.Save(func(d *store.Draft) error {
		rec, err := d.Record(field, recordOf(record))
		d.Write(field, rec.Assign(recordOf(record), "visit", 1, crdt.Text(text)))
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

func recordOf(n int) crdt.RecordID { return crdt.RecordID{0: 7, 15: byte(n)}.Of("visit") }

// shows returns the texts of a record's field, the winner first.
func (p *province) shows(m *party, record int) (texts []string) {
	p.t.Helper()
	rec, err := m.store.Record(field, recordOf(record))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, v := range rec.Cells[1].Values() {
		text, _ := v.Text()
		texts = append(texts, text)
	}
	return texts
}

// agree fails unless all machines have the same digest and refuse nothing.
func (p *province) agree(all ...*party) {
	p.t.Helper()
	for _, m := range all {
		if a, b := m.store.Spaces()[0], all[0].store.Spaces()[0]; a.Digest != b.Digest {
			p.t.Errorf("%s holds %+v, %s %+v", m.id.Device.Name, a, all[0].id.Device.Name, b)
		}
		if refusals := m.store.Refusals(); len(refusals) > 0 {
			p.t.Errorf("%s is refused %+v", m.id.Device.Name, refusals)
		}
	}
}

// level returns how far a record has come, as a machine shows it.
func (p *province) level(m *party, record int) wire.Level {
	p.t.Helper()
	rec, err := m.store.Record(field, recordOf(record))
	if err != nil || rec.Kind == "" {
		p.t.Fatalf("record %d is not at %s: %v", record, m.id.Device.Name, err)
	}
	return m.store.RecordLevel(field, rec)
}
