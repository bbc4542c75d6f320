package sim

import (
	"wangge/crdt"
	"wangge/node/store"
	"wangge/sync/pieces"
	"wangge/sync/wire"
)

// forge names a file that is not there, or a photo with another size than it has, and gives
// something else to a machine that asks for what it lacks.
func (v *visit) forge() {
	f := crdt.File{Size: 1 + v.Int64N(6*wire.PieceSize), Media: "image/jpeg"}
	for i := range f.Root {
		f.Root[i] = byte(v.Uint32())
	}
	if photos := v.at.world.photos; len(photos) > 0 && v.IntN(2) == 0 {
		f.Root = photos[v.IntN(len(photos))].Root
	}
	a := crdt.Attachment{File: f}
	if v.IntN(2) == 0 { // a box asks for previews alone
		a.Preview, a.Root[0] = f, f.Root[0]^1
	}
	by := v.mint()
	op := crdt.Record{}.Attach(v.record(), visitKind, photosField, a.Value())
	v.greet(nil)
	v.offer(1, by.Credential(), v.run(mine(), by, wire.AppendBatch(nil, crdt.Batch{Stamp: v.now(), Ops: []crdt.Op{op}})))
	if m := v.at; v.err == nil && m.survives() && m.partners[v.id.Device.Index] == nil {
		v.falsify(m)
	}
}

// falsify answers all that a machine asks with something else.
func (v *visit) falsify(m *Machine) {
	w, me := m.world, v.id.Device.Index
	m.files.Met(v.id.Device, nil)
	m.seek()
	if !m.survives() {
		return
	}
	words := m.files.Join(me, uint64(w.now))
	var lied []wire.Ask
	for n := 0; len(words) > 0 && n < 200; n++ {
		word := words[0]
		words = words[1:]
		ask, asks := word.Say.(wire.Ask)
		if word.To != me || !asks {
			m.say([]pieces.Word{word})
			continue
		}
		for _, said := range v.instead(ask) {
			more, err := m.files.Step(me, said, uint64(w.now))
			if !m.survives() {
				return
			}
			if err != nil {
				w.violated("F11", "a liar's %T ends all that %s asks: %v", said, m, err)
			}
			words = append(words, more...)
		}
		if len(ask.Pieces) > 0 || ask.List > 0 {
			lied = append(lied, ask)
		}
	}
	w.note("  a liar gives something else than %d files", len(lied))
	m.say(m.files.Leave(me, uint64(w.now)))
	for _, ask := range lied {
		if !m.files.Told(me, ask.Root) && !m.ails() {
			w.violated("F11", "%s was given something else than the file %x, and tells nobody", m, ask.Root[:4])
		}
	}
}

// instead is what is said instead of what was asked for.
func (v *visit) instead(a wire.Ask) []wire.FileWord {
	said := []wire.FileWord{wire.Stock{Root: a.Root, Size: a.Size, Whole: true}}
	if a.List > 0 {
		list := wire.List{Root: a.Root, Size: a.Size, Part: a.List - 1}
		for range min(wire.ListPart, wire.Pieces(a.Size)) {
			list.Hashes = append(list.Hashes, wire.Hash{byte(v.Uint32())})
		}
		said = append(said, list)
	}
	for _, n := range a.Pieces {
		b := make([]byte, max(1, wire.PieceLength(a.Size, n)-v.IntN(2)))
		b[v.IntN(len(b))] = byte(1 + v.IntN(255))
		said = append(said, wire.Piece{Root: a.Root, Size: a.Size, Number: n, Bytes: b})
	}
	return said
}

// beg asks for photos of which it knows the names, whether it may have them or not.
func (v *visit) beg() {
	m, w := v.at, v.at.world
	giver := m.giver(v.id.Device)
	for _, p := range w.photos {
		if v.IntN(3) == 0 {
			continue
		}
		if err := giver.Step(wire.Ask{Root: p.Root, Size: p.Size, List: 1, Pieces: []int{0}}); err != nil {
			w.violated("harness", "%s answers no question: %v", m, err)
		}
		for said, ok := giver.Next(); ok; said, ok = giver.Next() {
			if stock, ok := said.(wire.Stock); ok && !stock.Whole && stock.Pieces == nil {
				continue
			}
			if !m.names(p.Root, mine()) {
				w.violated("I4", "%s gives a photo of %s to who may not have it: %T", m, p.space, said)
			}
		}
		if !m.survives() {
			return
		}
	}
}

// names reports whether a record of a space refers to a file at a machine.
func (m *Machine) names(root wire.Hash, s crdt.Space) (named bool) {
	m.store.Referring(root, func(f store.Wanted) bool {
		named = f.Space == s
		return !named
	})
	return named
}
