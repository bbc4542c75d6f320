package store

import (
	"bytes"
	"encoding/binary"
	"slices"

	"wangge/crdt"
	"wangge/sync/wire"
)

// printed is the hash of what a space held when it had so many changes.
type printed struct {
	changes uint64
	hash    wire.Hash
}

// Prints returns the hash of what is held of every space for which about is true
// and of which anything is; without arms it is as if the store held none. A space
// is hashed anew only after it has changed.
func (s *Store) Prints(about func(crdt.Space) bool, arms bool) map[crdt.Space]wire.Hash {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[crdt.Space]wire.Hash{}
	for name, sp := range s.mirror.spaces {
		if !about(name) {
			continue
		}
		cached := s.mirror.prints[arms]
		if p, ok := cached[name]; ok && p.changes == s.mirror.changes[name] {
			if p.hash != (wire.Hash{}) {
				all[name] = p.hash
			}
			continue
		}
		hash := s.mirror.print(name, sp.frontier, arms)
		cached[name] = printed{s.mirror.changes[name], hash}
		if hash != (wire.Hash{}) {
			all[name] = hash
		}
	}
	return all
}

// print returns the zero hash where nothing is held.
func (m *mirror) print(name crdt.Space, f crdt.Frontier, arms bool) wire.Hash {
	held := f.Clone()
	for w, seq := range f {
		if seq == 0 || !arms && wire.ArmDepth(w) > 0 {
			delete(held, w)
		}
	}
	if len(held) == 0 {
		return wire.Hash{}
	}
	return wire.SpacePrint(held, func(w crdt.Writer) wire.Hash { return m.heads[stream{name, w}].hash })
}

// Proven returns up to where a stream is known to have reached a level. What
// another device wrote and this one holds is at a box by that alone.
func (s *Store) Proven(name crdt.Space, w crdt.Writer, level wire.Level) uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	h := s.mirror.heads[stream{name, w}]
	switch {
	case level >= wire.AtCounty:
		return s.committed(h)
	case level == wire.AtBox && s.mirror.self != nil && w.Device() == s.mirror.self.Name().Device():
		return max(h.box, h.hub)
	}
	return h.seq
}

// Grounds is what is remembered of a peer: see wire.Ground. It is forgotten when
// streams were moved meanwhile, for then this store holds other batches.
type Grounds struct {
	Known []wire.Ground
	moved uint64 // how often streams had been moved by then
}

// Grounds returns what is remembered of a device.
func (s *Store) Grounds(device uint32) Grounds {
	s.mu.RLock()
	defer s.mu.RUnlock()
	known, err := wire.ReadGrounds(s.mirror.grounds[device])
	if err != nil {
		known = nil // it costs a greeting in full
	}
	return Grounds{known, s.mirror.moved}
}

// KeepGrounds remembers grounds of a device, which Grounds gave when the
// conversation began and which now are known. The next commit writes them; at the
// hub, whose file holds nothing but what was committed, they are in memory only.
func (s *Store) KeepGrounds(device uint32, began Grounds, known []wire.Ground) {
	b := wire.AppendGrounds(nil, known)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mirror.moved != began.moved || bytes.Equal(b, s.mirror.grounds[device]) {
		return
	}
	s.mirror.grounds[device] = b
	if s.options.Author != nil {
		s.mirror.unwritten[device] = true
	}
}

// flushGrounds writes what was learned of peers since the last commit, or nothing
// of any once streams were moved.
func (t *transaction) flushGrounds() error {
	bucket := t.bolt.Bucket(peerBucket)
	t.store.mu.RLock()
	defer t.store.mu.RUnlock()
	if t.moves {
		for device := range t.store.mirror.grounds {
			if err := bucket.Delete(groundKey(device)); err != nil {
				return err
			}
		}
		return nil
	}
	t.grounds = map[uint32][]byte{}
	for device := range t.store.mirror.unwritten {
		t.grounds[device] = t.store.mirror.grounds[device]
		if err := bucket.Put(groundKey(device), t.grounds[device]); err != nil {
			return err
		}
	}
	return nil
}

// grounded notes what a transaction wrote of grounds, and which spaces it changed.
func (m *mirror) grounded(t *transaction) {
	for name := range t.spaces {
		m.changes[name]++
	}
	for _, heads := range []map[stream]head{t.heads, t.quiet} {
		for st := range heads {
			m.changes[st.space]++
		}
	}
	if t.moves {
		m.moved++
		clear(m.grounds)
		clear(m.unwritten)
	}
	for device, b := range t.grounds {
		if slices.Equal(b, m.grounds[device]) {
			delete(m.unwritten, device)
		}
	}
}

// groundKey stands behind the device's own key.
func groundKey(device uint32) []byte { return append(deviceKey(device), 'g') }

func (m *mirror) loadGrounds(k, v []byte) {
	if len(k) == 5 && k[4] == 'g' {
		m.grounds[binary.BigEndian.Uint32(k)] = bytes.Clone(v)
	}
}
