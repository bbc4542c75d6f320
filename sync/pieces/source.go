package pieces

import (
	"slices"

	"wangge/sync/wire"
)

// source is a device that can be asked.
type source struct {
	device uint32
	line   []*file // that it may be asked for
	told   map[name]*stock
	flying map[place]uint64 // pieces under way from it, and since when
	window int              // how many may be
	doubts int              // files of which it has not said what it has
}

// place names a piece.
type place struct {
	name
	number int
}

// stock is what a device holds of a file.
type stock struct {
	heard, whole bool
	pieces       []bool
}

// land notes that a piece came after so many milliseconds. Pieces that come soon
// are asked for further ahead; those that come late wait in a queue, where they
// hold up what is sent behind them.
func (p *source) land(at place, took uint64) {
	delete(p.flying, at)
	switch {
	case took < soon:
		p.window = min(p.window+1, windowMax)
	case took > late:
		p.window = max(p.window-1, windowMin)
	}
}

func (k *stock) holds(number int) bool {
	return k.whole || number < len(k.pieces) && k.pieces[number]
}

func (k *stock) any() bool { return k.whole || k.pieces != nil }

// stocked takes what a device holds of a file.
func (s *Seeker) stocked(p *source, m wire.Stock) {
	of := name{m.Root, m.Size}
	f, k := s.files[of], p.told[of]
	if f == nil || k == nil {
		return // given up meanwhile
	}
	if !k.heard {
		k.heard = true
		p.doubts--
	}
	k.whole, k.pieces = m.Whole, m.Pieces
	lists := f.lister == p.device && k.any() // a part of the list is still to come
	s.release(p, f, func(number int) bool { return !k.holds(number) })
	if lists {
		f.lister = p.device
	}
}

// listed takes the part of a file's list that was asked for.
func (s *Seeker) listed(p *source, m wire.List) error {
	f := s.files[name{m.Root, m.Size}]
	if f == nil || f.have != nil || f.lister != p.device || m.Part != f.parts {
		return nil // not asked for any more
	}
	f.lister = 0
	if !m.Proven(f.Size) {
		s.lied(p, f, wire.WhyUnproven, "the list of its pieces is not the file's")
		return nil
	}
	f.list, f.parts = append(f.list, m.Hashes...), f.parts+1
	if f.parts < wire.ListParts(f.Size) {
		return nil
	}
	return s.begin(f, f.list)
}

// fill says what is to be said, and asks every device for as much as its window has
// room for, unless the disk rests.
func (s *Seeker) fill(now uint64) (out []Word) {
	out, s.says = s.says, nil
	if now < s.rests {
		return out
	}
	for _, p := range s.inOrder() {
		for _, f := range p.line {
			if len(p.flying) >= s.windowOf(p) {
				break
			}
			if ask, ok := s.ask(p, f, now); ok {
				out = append(out, Word{p.device, ask})
			}
		}
		if len(p.flying) == 0 {
			out = append(out, s.double(p, now)...)
		}
	}
	return out
}

// windowOf returns how many pieces may be under way from a device: one, while it is
// not known whether the disk takes any.
func (s *Seeker) windowOf(p *source) int {
	if s.pause > 0 {
		return 1
	}
	return p.window
}

// inOrder returns the devices in the order of their numbers, so that equal steps
// lead to equal asking.
func (s *Seeker) inOrder() []*source {
	all := make([]*source, 0, len(s.sources))
	for _, p := range s.sources {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *source) int { return int(int64(a.device) - int64(b.device)) })
	return all
}

// ask returns what to ask a device of a file, if there is anything.
func (s *Seeker) ask(p *source, f *file, now uint64) (a wire.Ask, ok bool) {
	if f.liars[p.device] || now < f.rests {
		return a, false
	}
	k := p.told[f.name()]
	first := k == nil
	if first && (p.doubts >= doubtsMax || len(p.told) >= toldMax) || !first && !k.any() {
		return a, false
	}
	if f.have == nil && s.resume(f) != nil { // the keeper tells of it
		f.rests = now + restTime
		return a, false
	}
	a = wire.Ask{Root: f.Root, Size: f.Size}
	if first {
		k = &stock{}
		p.told[f.name()] = k
		p.doubts++
	}
	if f.have == nil && wire.Pieces(f.Size) > 1 {
		if f.lister == 0 {
			f.lister, a.List = p.device, f.parts+1
		}
		return a, first || a.List > 0
	}
	for len(p.flying) < s.windowOf(p) && len(a.Pieces) < wire.AskMax {
		number, found := s.rarest(f, func(n int) bool { return len(f.asked[n]) == 0 && (first || k.holds(n)) })
		if !found {
			break
		}
		s.take(p, f, number, now)
		a.Pieces = append(a.Pieces, number)
	}
	slices.Sort(a.Pieces)
	return a, first || len(a.Pieces) > 0
}

func (s *Seeker) take(p *source, f *file, number int, now uint64) {
	p.flying[place{f.name(), number}] = now
	f.asked[number] = append(f.asked[number], p.device)
}

// rarest returns of the pieces that a file lacks, and that may be asked for, the
// one that the fewest devices hold.
func (s *Seeker) rarest(f *file, may func(number int) bool) (number int, found bool) {
	fewest := 0
	for n := range wire.Pieces(f.Size) {
		if f.have != nil && f.have[n] || !may(n) {
			continue
		}
		holders := 0
		for _, p := range s.sources {
			if k := p.told[f.name()]; k != nil && k.holds(n) && !f.liars[p.device] {
				holders++
			}
		}
		if !found || holders < fewest {
			number, found, fewest = n, true, holders
		}
	}
	return number, found
}

// double asks a device that has nothing else to do for one piece that is late from
// another, the most urgent first. No piece is asked of three.
func (s *Seeker) double(p *source, now uint64) []Word {
	for _, f := range p.line {
		k := p.told[f.name()]
		if k == nil || !k.any() || f.have == nil || f.liars[p.device] {
			continue
		}
		number, found := s.rarest(f, func(n int) bool {
			return k.holds(n) && len(f.asked[n]) == 1 && f.asked[n][0] != p.device &&
				now-s.sources[f.asked[n][0]].flying[place{f.name(), n}] > late
		})
		if found {
			s.take(p, f, number, now)
			return []Word{{p.device, wire.Ask{Root: f.Root, Size: f.Size, Pieces: []int{number}}}}
		}
	}
	return nil
}

// Again asks a second device for what is late, if one has nothing else to do. It is
// for when time passes and no word comes.
func (s *Seeker) Again(now uint64) []Word { return s.fill(now) }

// Rouse asks at once for what rests because the disk took nothing of it, as after somebody
// made room.
func (s *Seeker) Rouse(now uint64) []Word {
	s.pause, s.rests = 0, 0
	for _, f := range s.files {
		f.rests = 0
	}
	return s.fill(now)
}

// Lacks reports whether a device may be asked for anything that is still sought.
func (s *Seeker) Lacks(device uint32) bool {
	p := s.sources[device]
	return p != nil && len(p.line) > 0
}

// Awaits reports whether a device owes an answer.
func (s *Seeker) Awaits(device uint32) bool {
	p := s.sources[device]
	lists := func(f *file) bool { return f.lister == device }
	return p != nil && (len(p.flying) > 0 || p.doubts > 0 || slices.ContainsFunc(p.line, lists))
}

// Sought is how a file that is sought is doing.
type Sought struct {
	Root wire.Hash
	Size int64
	Left int64    // bytes that are not here
	At   []uint32 // devices that hold some of it, in order
}

// Sought returns the files that are sought, in order of urgency.
func (s *Seeker) Sought() []Sought {
	all := make([]Sought, 0, len(s.order))
	devices := s.inOrder()
	for _, f := range s.order {
		so := Sought{Root: f.Root, Size: f.Size, Left: f.Size}
		for n, have := range f.have {
			if have {
				so.Left -= int64(wire.PieceLength(f.Size, n))
			}
		}
		for _, p := range devices {
			if k := p.told[f.name()]; k != nil && k.any() {
				so.At = append(so.At, p.device)
			}
		}
		all = append(all, so)
	}
	return all
}
