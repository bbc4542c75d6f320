package wire_test

import (
	"math/rand/v2"
	"slices"

	"wangge/crdt"
	. "wangge/sync/wire"
)

var (
	county  = County{0xc0, 1, 2, 3, 4, 5, 6, 7}
	village = crdt.Space{Area: "140581105211", Class: crdt.Personal}
	town    = crdt.Space{Area: "140581105", Class: crdt.Open}
	anna    = crdt.NewWriter(7, 0)
	boris   = crdt.NewWriter(300, 0xdeadbeef)
)

// visit is a batch as a tablet makes one for a filled form: a person looked
// after and the visit to them.
func visit() crdt.Batch {
	person := crdt.RecordID{0x50, 15: 1}
	call := crdt.RecordID{0x56, 15: 2}
	seen := func(seq uint64) []crdt.Dot { return []crdt.Dot{{Writer: anna, Seq: seq, Index: 3}} }
	return crdt.Batch{Stamp: crdt.NewStamp(1_800_000_000_000) + 5, Ops: []crdt.Op{
		{Record: call, Kind: "grid_visit", Field: 0, Type: crdt.Register, Value: crdt.Bool(true)},
		{Record: call, Kind: "grid_visit", Field: 1, Type: crdt.Register, Value: crdt.Ref(person)},
		{Record: call, Kind: "grid_visit", Field: 2, Type: crdt.Register, Value: crdt.Int(1_800_000_000)},
		{Record: call, Kind: "grid_visit", Field: 3, Type: crdt.Register, Value: crdt.Text("老人独居，燃气管老化，已联系物业更换")},
		{Record: call, Kind: "grid_visit", Field: 4, Type: crdt.Set, Value: crdt.Text("gas")},
		{Record: call, Kind: "grid_visit", Field: 4, Type: crdt.Set, Value: crdt.Text("alone")},
		{Record: call, Kind: "grid_visit", Field: 5, Type: crdt.Register, Value: crdt.Float(36.6)},
		{Record: person, Kind: "person", Field: 3, Type: crdt.Register, Value: crdt.Text("13800138000"), Replaces: seen(41)},
		{Record: person, Kind: "person", Field: 8, Type: crdt.Counter, Value: crdt.Int(12), Replaces: seen(57)},
		{Record: person, Kind: "person", Field: 9, Type: crdt.Set, Replaces: seen(12)},
	}}
}

// generator makes random content within the limits.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 2))} }

func (g generator) bytes(limit int) []byte {
	b := make([]byte, g.IntN(limit+1))
	for i := range b {
		b[i] = byte(g.Uint32())
	}
	return b
}

func (g generator) value() crdt.Value {
	switch g.IntN(9) {
	case 0:
		return crdt.Text(string(g.bytes(40)))
	case 1:
		return crdt.Int(int64(g.Uint64()) >> g.IntN(64))
	case 2:
		return crdt.Float(g.NormFloat64())
	case 3:
		return crdt.Bool(g.IntN(2) == 1)
	case 4:
		return crdt.Ref(g.record())
	case 5:
		return crdt.Value("z" + string(g.bytes(9)))
	case 6:
		return crdt.Event(g.dots(2), crdt.Edit{At: g.IntN(9), Cut: g.IntN(3), Put: "网格"})
	case 7:
		return g.account()
	}
	return ""
}

func (g generator) account() crdt.Value {
	op, err := crdt.Record{}.Earn(crdt.RecordID{}, "", 0, g.writer(), 1+g.Int64N(1<<30))
	if err != nil {
		panic(err)
	}
	return op.Value
}

func (g generator) record() crdt.RecordID { return crdt.RecordID{byte(g.IntN(4)), 9: 1} }

func (g generator) writer() crdt.Writer { return crdt.Writer(g.Uint64() >> g.IntN(64)) }

func (g generator) seq() uint64 { return 1 + g.Uint64()>>(3+g.IntN(60)) }

func (g generator) dots(limit int) []crdt.Dot {
	var dots []crdt.Dot
	for range g.IntN(limit + 1) {
		dots = append(dots, crdt.Dot{Writer: g.writer(), Seq: g.seq(), Index: g.Uint32N(OpsMax)})
	}
	slices.SortFunc(dots, crdt.Dot.Compare)
	return slices.Compact(dots)
}

func (g generator) kind() string { return []string{"person", "grid_visit", "台账"}[g.IntN(3)] }

func (g generator) mergeType() crdt.Type { return crdt.Type(1 + g.IntN(255)) }

func (g generator) batch() crdt.Batch {
	b := crdt.Batch{Stamp: crdt.Stamp(g.Uint64())}
	for range g.IntN(12) {
		b.Ops = append(b.Ops, crdt.Op{
			Record: g.record(), Kind: g.kind(), Field: crdt.FieldID(g.Uint32()), Type: g.mergeType(),
			Value: g.value(), Replaces: g.dots(3),
		})
	}
	return b
}

func (g generator) merged() crdt.Record {
	rec := crdt.Record{Kind: g.kind(), Cells: map[crdt.FieldID]crdt.Cell{}}
	for range g.IntN(6) {
		c := crdt.Cell{Type: g.mergeType(), Kills: g.dots(2)}
		for _, d := range g.dots(4) {
			if v := g.value(); v != "" {
				c.Entries = append(c.Entries, crdt.Entry{Dot: d, Stamp: crdt.Stamp(g.Uint64()), Value: v})
			}
		}
		rec.Cells[crdt.FieldID(g.Uint32())] = c
	}
	return rec
}

func (g generator) space() crdt.Space {
	return crdt.Space{Area: "140581105211"[:2+g.IntN(11)], Class: crdt.Class(g.IntN(3))}
}

func (g generator) mark() Mark {
	return Mark{Space: g.space(), Writer: g.writer(), Seq: g.seq(), Level: Level(g.IntN(4))}
}

func (g generator) hello() Hello {
	m := Hello{
		Protocol: Protocol, County: county, Device: g.Uint32(), Epoch: g.Uint64(),
		Holds: g.frontiers(), Floors: g.frontiers(), Budget: g.Uint64N(1 << 30),
	}
	copy(m.Print[:], g.bytes(len(m.Print)))
	if n := g.IntN(3); n > 0 {
		m.Epoch, m.Grounds = 0, []GroundName{{1}, {2, byte(n)}}[:n]
	}
	return m
}

func (g generator) frontiers() map[crdt.Space]crdt.Frontier {
	of := map[crdt.Space]crdt.Frontier{}
	for range g.IntN(5) {
		f := crdt.Frontier{}
		for range g.IntN(5) {
			f[g.writer()] = g.seq()
		}
		of[g.space()] = f
	}
	return of
}

func (g generator) hash() (h Hash) {
	copy(h[:], g.bytes(len(h)))
	return h
}

func (g generator) checkpoint() Checkpoint {
	m := Checkpoint{
		Space: g.space(), At: g.Int64N(1 << 50), Records: g.Uint64N(1 << 40), Sum: g.hash(),
		Seal: Seal{Credential: append([]byte{1}, g.bytes(300)...), Signature: append([]byte{1}, g.bytes(70)...)},
	}
	f := g.frontiers()[m.Space]
	for _, w := range f.Writers() {
		m.Heads = append(m.Heads, Head{Writer: w, Seq: f[w], Hash: g.hash()})
	}
	for range g.IntN(4) {
		m.Pages = append(m.Pages, PageName{Size: g.Uint64N(1000), Hash: g.hash()})
	}
	return m
}

// content makes a page of records as merging leaves them: all that is left of a
// batch has one stamp.
func (g generator) content() Content {
	c := Content{}
	for range g.IntN(3) {
		c.Credentials = append(c.Credentials, append([]byte{1}, g.bytes(300)...))
	}
	for i := range g.IntN(6) {
		rec := g.merged()
		for id, cell := range rec.Cells {
			for j, e := range cell.Entries {
				cell.Entries[j].Stamp = crdt.Stamp(uint64(e.Dot.Writer) ^ e.Dot.Seq)
			}
			if len(cell.Kills) == 0 {
				cell.Kills = nil
			}
			rec.Cells[id] = cell
		}
		if len(rec.Cells) > 0 {
			c.Records = append(c.Records, Merged{ID: crdt.RecordID{byte(i), 7: 1}, Record: rec})
		}
	}
	return c
}

func (g generator) chunk() Chunk {
	var m Chunk
	for range g.IntN(3) {
		m.Credentials = append(m.Credentials, g.bytes(300))
	}
	for range g.IntN(4) {
		run := Run{Space: g.space(), Writer: g.writer(), First: g.seq(), Signature: g.bytes(70)}
		for range 1 + g.IntN(4) {
			run.Batches = append(run.Batches, AppendBatch(nil, g.batch()))
		}
		m.Runs = append(m.Runs, run)
	}
	return m
}

func (g generator) refusal() Refusal {
	return Refusal{Mark: g.mark(), Why: Why(g.IntN(14)), Reason: "写入者无权"}
}

func (g generator) troubles() Troubles {
	m := Troubles{Device: g.Uint32(), At: g.Int64N(1 << 50)}
	for range g.IntN(4) {
		t := Trouble{Sort: "room", Grave: g.IntN(2) == 0, What: Words{Zh: "放不下", En: "no room"}, Do: Words{Zh: "清理", En: "make room"}, Detail: "disk full"}
		if g.IntN(2) == 0 {
			t.ID, t.At = "room-0123", g.Int64N(1<<50)
		}
		for range g.IntN(3) {
			t.Records = append(t.Records, TroubleRecord{g.space(), crdt.RecordID{byte(g.Uint32())}})
		}
		m.All = append(m.All, t)
	}
	return m
}

func (g generator) message() Message {
	switch g.IntN(18) {
	case 17:
		return g.troubles()
	case 16:
		if g.IntN(2) == 0 {
			return Heard{Device: g.Uint32(), Name: "城东站", At: g.Int64N(1 << 50)}
		}
		return Heard{Device: g.Uint32(), Name: "城东站", At: g.Int64N(1 << 50), Told: true, Skew: g.Int64N(1<<40) - 1<<39, Greeted: true, Wants: g.Uint64N(1 << 40)}
	case 14:
		return Office{Writer: g.writer(), Chunk: g.chunk()}
	case 15:
		return Aside{ID: "rights-0123", By: "王秀英", Reason: "已补发权限", At: g.Int64N(1 << 50), Zh: "无权", En: "no right"}
	case 13:
		return Quarantine{Device: g.Uint32(), Name: "城东站", At: g.Int64N(1 << 50), Refusal: g.refusal()}
	case 12:
		return Clock{At: g.Int64N(1 << 50)}
	case 11:
		d := Doubt{Space: g.space(), Writer: g.writer(), Seq: g.Uint64N(1 << 40)}
		for range g.IntN(9) {
			d.Rungs = append(d.Rungs, Tag(g.Uint32()))
		}
		return d
	case 10:
		f := Fork{Credential: append([]byte{1}, g.bytes(300)...), Space: g.space(), Writer: g.writer(), Seq: g.seq(), Before: g.hash()}
		for i := range f.Branches {
			f.Branches[i] = Branch{[][]byte{AppendBatch(nil, g.batch())}, append([]byte{1}, g.bytes(70)...)}
		}
		return f
	case 9:
		return Freeze{Space: g.space(), Writer: g.writer(), Seq: g.seq(), Hash: g.hash(), Signature: append([]byte{1}, g.bytes(70)...)}
	case 8:
		return g.checkpoint()
	case 7:
		return Want{Space: g.space(), Checkpoint: g.hash(), Page: g.Uint64N(100)}
	case 6:
		return Page{Space: g.space(), Checkpoint: g.hash(), Number: g.Uint64N(100), Data: append([]byte{1}, g.bytes(300)...)}
	case 0:
		return g.hello()
	case 1:
		var m Ack
		for range g.IntN(5) {
			m.Marks = append(m.Marks, g.mark())
		}
		return m
	case 2:
		return g.refusal()
	case 3:
		return Done{Print: Print{byte(g.Uint32())}, Left: Amount{g.Uint64N(1 << 20), g.Uint64N(1 << 40)}}
	case 4:
		m := Kept{Chunk: g.seq(), Level: Level(g.IntN(4))}
		for i := range g.IntN(50) {
			if g.IntN(3) == 0 {
				m.Not = append(m.Not, i)
			}
		}
		return m
	}
	return g.chunk()
}
