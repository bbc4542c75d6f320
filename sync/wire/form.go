package wire

import (
	"encoding/binary"
	"slices"

	"wangge/crdt"
)

// form codes a batch's content.
func (p *packer) form(w crdt.Writer, b crdt.Batch) crdt.Batch {
	b.Stamp = p.stampOf(w, b.Stamp)
	p.stamp = b.Stamp
	p.draft = 0
	groups := groupsOf(b.Ops)
	n := p.count(&p.forms.groups, len(groups), OpsMax, opMin, "a number of records")
	var rows []subject
	var ops []crdt.Op
	for i := 0; i < n && p.err == nil; i++ {
		var group []crdt.Op
		if !p.reading {
			group = groups[i]
		}
		group = p.group(&rows, group)
		if i == 0 {
			ops = group
		} else {
			ops = append(ops, group...)
		}
	}
	b.Ops = ops
	return b
}

// groupsOf parts ops where the record changes.
func groupsOf(ops []crdt.Op) (groups [][]crdt.Op) {
	first := 0
	for i := range ops {
		if i+1 == len(ops) || ops[i+1].Record != ops[i].Record || ops[i+1].Kind != ops[i].Kind {
			groups = append(groups, ops[first:i+1])
			first = i + 1
		}
	}
	return groups
}

func (p *packer) stampOf(w crdt.Writer, s crdt.Stamp) crdt.Stamp {
	last := p.stamps[w]
	if last == 0 {
		last = p.stamp
	}
	ms := last.Millis() + p.signed(&p.header.jump, s.Millis()-last.Millis())
	tick := p.upTo(&p.header.tick, uint64(s&0xffff), 0xffff, "a stamp")
	s = crdt.Stamp(ms)<<16 | crdt.Stamp(tick)
	p.stamps[w] = s
	return s
}

// group codes the ops of one record that stand together.
func (p *packer) group(rows *[]subject, ops []crdt.Op) []crdt.Op {
	sh := p.shape(ops)
	about := subject{kind: sh.kind}
	row := len(*rows)
	if !p.reading {
		about.id = ops[0].Record
		if row = slices.Index(*rows, about); row < 0 {
			row = len(*rows)
		}
	}
	back := p.upTo(&p.forms.row, uint64(len(*rows)-row), uint64(len(*rows)), "a record's place")
	for _, s := range sh.slots {
		p.outline(opMin + dotMin*s.replaces)
	}
	if p.err != nil {
		return nil
	}
	ops = sized(p, ops, len(sh.slots))
	first := p.replaced(sh, ops)
	if back == 0 {
		about.id = p.about(first, about.id)
		*rows = append(*rows, about)
	} else {
		about = (*rows)[len(*rows)-int(back)]
	}
	for i, s := range sh.slots {
		op := &ops[i]
		op.Record, op.Kind, op.Field, op.Type = about.id, sh.kind, s.field, s.merge
		if s.tag != 0 {
			op.Value = p.value(s.column, byte(s.tag-1), op.Value)
		}
		p.outline(len(op.Value))
	}
	return ops
}

// replaced codes the dots that ops replace and returns the first.
func (p *packer) replaced(sh shape, ops []crdt.Op) (first crdt.Dot) {
	var last crdt.Dot
	for i, s := range sh.slots {
		dots := sized(p, ops[i].Replaces, s.replaces)
		for j, d := range dots {
			last = p.dot(&s.column.place, last, d)
			dots[j] = last
			if first.Seq == 0 {
				first = last
			}
		}
		ops[i].Replaces = dots
	}
	return first
}

// about codes a record's id. An op that the peer holds tells it: one that is
// replaced, or else any.
func (p *packer) about(first crdt.Dot, id crdt.RecordID) crdt.RecordID {
	if first.Seq == 0 {
		return p.record(id)
	}
	known, ok := p.recordOf(first)
	if !p.flag(&p.forms.dots.told, ok && known == id) {
		return p.record(id)
	}
	if !ok {
		p.fail("a record that this side does not hold")
	}
	return known
}

func (p *packer) recordOf(d crdt.Dot) (id crdt.RecordID, ok bool) {
	if p.shared.Record == nil {
		return id, false
	}
	return p.shared.Record(p.space, d)
}

// named codes the id of a record that the chunk has not named before by an op
// that both sides hold, and reports whether there is one.
func (p *packer) named(id crdt.RecordID) (crdt.RecordID, bool) {
	t := &p.forms.dots
	d, ok := crdt.Dot{}, false
	if !p.reading && p.shared.Dot != nil {
		d, ok = p.shared.Dot(p.space, id)
	}
	if !p.flag(&t.named, ok) {
		return id, false
	}
	d = p.dot(&t.any, crdt.Dot{}, d)
	if id, ok = p.recordOf(d); !ok {
		p.fail("a record that this side does not hold")
	}
	return id, true
}

// outline notes n bytes of the batch being read, before they are made.
func (p *packer) outline(n int) {
	if p.draft += n; p.reading && p.draft > min(p.room, BatchMax) {
		p.fail("a batch larger than its chunk")
	}
}

func (p *packer) dot(place *number, last, d crdt.Dot) crdt.Dot {
	t := &p.forms.dots
	if last.Seq == 0 || !p.flag(&t.same, d.Writer == last.Writer && d.Seq == last.Seq) {
		last.Writer = p.writer(&t.writer, d.Writer)
		last.Seq = p.upTo(&t.seq, d.Seq, seqMax, "a batch's number")
	}
	last.Index = uint32(p.upTo(place, uint64(d.Index), OpsMax-1, "a dot's place"))
	return last
}

// met are the records that a chunk has named, in the order of their coming.
type met struct {
	places map[crdt.RecordID]int
	list   []crdt.RecordID
	again  odds
	back   number
	moment number
}

// record codes a record's id: met before in the chunk, held by both, or new. New
// ids begin with their moment, which is near the batch's.
func (p *packer) record(id crdt.RecordID) crdt.RecordID {
	m := &p.met
	place, met := m.places[id]
	if p.flag(&m.again, met) {
		back := p.upTo(&m.back, uint64(len(m.list)-1-place), uint64(len(m.list)), "a record")
		if int(back) >= len(m.list) {
			p.fail("a record that was not met")
			return id
		}
		return m.list[len(m.list)-1-int(back)]
	}
	if known, ok := p.named(id); ok {
		m.add(known)
		return known
	}
	moment := int64(binary.BigEndian.Uint64(id[:8]) >> 16)
	moment = p.stamp.Millis() + p.signed(&m.moment, moment-p.stamp.Millis())
	tail := binary.BigEndian.Uint16(id[6:8])
	binary.BigEndian.PutUint64(id[:8], uint64(moment)<<16|p.plain(uint64(tail), 16))
	binary.BigEndian.PutUint64(id[8:], p.plain(binary.BigEndian.Uint64(id[8:]), 64))
	m.add(id)
	return id
}

func (m *met) add(id crdt.RecordID) {
	m.places[id] = len(m.list)
	m.list = append(m.list, id)
}
