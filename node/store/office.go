package store

import (
	"errors"
	"maps"
	"slices"

	"wangge/crdt"
	"wangge/sync/wire"
)

// officeKey keeps, at a replica of the hub, the writer that has the county's office.
var officeKey = []byte("office")

// office carries out an entry of the office: who takes it, or what its holder decides.
// What a former holder decides comes too late.
func (t *transaction) office(m wire.Office) (wire.Ack, []wire.Refusal, error) {
	meta := t.bolt.Bucket(metaBucket)
	if len(m.Runs) == 0 {
		return wire.Ack{}, nil, putNumber(meta.Put, officeKey, uint64(m.Writer))
	}
	if holder, ok := numberOf(meta.Get, officeKey); ok && holder == uint64(m.Writer) {
		return t.apply(m.Chunk)
	}
	var refusals []wire.Refusal
	for _, run := range m.Runs {
		refusals = append(refusals, refusal(run, refuse(wire.WhyOther, "another replica has taken the county's office since")))
	}
	return wire.Ack{}, refusals, nil
}

// Draw makes the chunk in which a writer that has no file of its own, a replica of the
// hub for the county, writes ops into spaces: one batch a space, signed, after what of
// that writer is held here. It writes nothing.
func (s *Store) Draw(by Author, ops map[crdt.Space][]crdt.Op) (wire.Chunk, error) {
	s.mu.RLock()
	clock := s.mirror.clock
	s.mu.RUnlock()
	stamp := crdt.Next(clock, s.options.Now().UnixMilli())
	c := wire.Chunk{Credentials: [][]byte{by.Credential()}}
	for _, sp := range slices.SortedFunc(maps.Keys(ops), crdt.Space.Compare) {
		b := wire.AppendBatch(nil, crdt.Batch{Stamp: stamp, Ops: ops[sp]})
		if len(b) > wire.BatchMax {
			return wire.Chunk{}, errors.New("what the county is to write at once is too long: write less")
		}
		st := stream{sp, by.Name()}
		h := s.headOf(st)
		if h.seq == 0 {
			h.hash = wire.Origin(s.options.County, sp, by.Name())
		}
		message := wire.HeadMessage(s.options.County, sp, by.Name(), h.seq+1, h.hash.Next(b))
		c.Runs = append(c.Runs, wire.Run{Space: sp, Writer: by.Name(), First: h.seq + 1, Batches: [][]byte{b}, Signature: by.Sign(message)})
	}
	return c, nil
}
