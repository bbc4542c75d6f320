package session

import (
	"maps"

	"wangge/crdt"
	"wangge/sync/wire"
)

// A box may hold work of its own in a space that is not for it: it writes for an area
// that it does not hold, or has lost it. That is all that it is ever sent of such a
// space. If it was restored or copied, it would not find out else what became of its
// stream.

// gives reports whether a stream is offered to the peer.
func (s *Session) gives(st stream) bool { return s.side.Theirs(st.space) || s.returns(st) }

// returns reports whether a stream is the peer's own and the peer has named it.
func (s *Session) returns(st stream) bool {
	return s.side.Returns && st.writer.Device() == s.side.Peer && s.shows[st.space][st.writer] > 0
}

// takes reports whether a stream is taken from the peer.
func (s *Session) takes(st stream) bool {
	return s.side.Mine(st.space) || s.side.Returns && st.writer.Device() == s.side.Device
}

// handsIn reports whether a stream stands here that the peer, the county, is offered and
// is not to give: of a space that this side lost, or of another's work that it took in.
// Where the county holds another branch of it, its word is to be heard all the same, or
// the branch that is here could never be handed in.
func (s *Session) handsIn(st stream) bool {
	if !s.side.Returns || !s.side.Theirs(st.space) {
		return false
	}
	held, _ := s.log.Head(st.space, st.writer)
	return held > 0
}

// echo shows of others' streams in a space that is not for the peer no more than the peer
// named: with the tag of that place it learns that its own is held, which it could not of
// a longer one, and may have no batches any more to ask with.
func (s *Session) echo(sp crdt.Space, held, named crdt.Frontier) {
	for w, seq := range held {
		if w.Device() == s.side.Peer || named[w] >= seq || s.side.Forks == nil || s.side.Forks.Tag(sp, w, named[w]) == 0 {
			continue
		}
		held[w] = named[w]
	}
}

// silent lets a greeting of the county's say what is known of others' work whose batches
// are no longer at hand. Of a space that this side lost the county shows this side's own
// work alone. Of the rest it is asked by handing it in, but that cannot be handed in, and
// would be held for ever as what nobody else has.
func (s *Session) silent(m wire.Hello) wire.Hello {
	if !s.side.Returns || s.side.Proves < wire.AtCounty || s.side.Checkpoints == nil {
		return m
	}
	holds := map[crdt.Space]crdt.Frontier{}
	maps.Copy(holds, m.Holds)
	for sp, f := range s.side.Checkpoints.Floors(func(sp crdt.Space) bool { return s.side.Theirs(sp) && !s.side.Mine(sp) }) {
		shown := holds[sp].Clone()
		for w, floor := range f {
			if !s.takes(stream{sp, w}) {
				shown.Raise(w, min(floor, s.log.Proven(sp, w, s.side.Proves)))
			}
		}
		holds[sp] = shown
	}
	m.Holds = holds
	return m
}

// unsure has those streams offered once more of which the county shows more than is held
// here and of which it will not give the rest: only its answer tells whether the beginning
// is the same. Nor are its batches taken into a hollow space, and its checkpoint is not
// while anything stands here that it is not known to have.
func (s *Session) unsure(holds, same map[crdt.Space]crdt.Frontier) {
	for sp, f := range holds {
		for w, seq := range f {
			st := stream{sp, w}
			if same[sp][w] < seq && s.handsIn(st) && (!s.takes(st) || s.hollow(sp)) {
				s.sent[sp][w] = min(seq, s.log.Proven(sp, w, s.side.Proves))
			}
		}
	}
}

// hollow reports whether the county is asked for all of a space.
func (s *Session) hollow(sp crdt.Space) bool {
	return s.side.Proves >= wire.AtCounty && s.side.Mine(sp) && s.side.Checkpoints != nil && s.side.Checkpoints.Hollow(sp)
}

// given returns what is held here of the streams that are offered to the peer.
func (s *Session) given() map[crdt.Space]crdt.Frontier {
	all := s.log.Frontiers(func(sp crdt.Space) bool { return s.side.Theirs(sp) || s.side.Returns && s.shows[sp] != nil })
	for sp, f := range all {
		if !s.side.Theirs(sp) {
			maps.DeleteFunc(f, func(w crdt.Writer, _ uint64) bool { return !s.returns(stream{sp, w}) })
		}
	}
	return all
}
