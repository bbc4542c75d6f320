// Package pieces is how files travel, as two pure state machines: a Seeker asks for what its machine lacks, of several others at once, and a Giver answers one that asks.
package pieces

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"wangge/sync/wire"
)

// Keeper keeps the files of a machine that seeks.
type Keeper interface {
	// Pieces returns which pieces of a file are on disk; nil when it was not begun.
	Pieces(root wire.Hash) ([]bool, error)
	// Begin makes room for a file. The hashes of its pieces give its root.
	Begin(root wire.Hash, size int64, list []wire.Hash) error
	// Put keeps a piece of a file that was begun. fits is false when it is not
	// that piece. Once whole is true, all of the file is on disk.
	Put(root wire.Hash, number int, piece []byte) (fits, whole bool, err error)
	// Declined notes that what a device sent of a file was not taken.
	Declined(device uint32, d wire.Decline)
}

// Wish is a file that is lacking.
type Wish struct {
	Root wire.Hash
	Size int64
	// From tells which devices may be asked: those that may know of the file.
	From func(device uint32) bool
}

// name is what names a file. Records may announce one root with several sizes: only one of
// them is the file's, and nobody knows which before it has come.
type name struct {
	root wire.Hash
	size int64
}

func (n name) compare(o name) int {
	return cmp.Or(bytes.Compare(n.root[:], o.root[:]), cmp.Compare(n.size, o.size))
}

func (w Wish) name() name { return name{w.Root, w.Size} }

// Word is what to send to a device.
type Word struct {
	To  uint32
	Say wire.FileWord
}

// Seeker decides which pieces to ask of whom: files in the order of the wishes, of
// one file first the pieces that the fewest have. A piece is asked of one device
// at a time, and of a second one only when that has nothing else to do. Its methods
// must not run at the same time; now is in milliseconds from any moment on.
type Seeker struct {
	keeper  Keeper
	files   map[name]*file
	order   []*file
	sources map[uint32]*source
	says    []Word // about what was not taken
	pause   uint64 // of the disk, after it took nothing
	rests   uint64 // until when
}

// file is one that is sought.
type file struct {
	Wish
	have   []bool // pieces that are here; nil until the list is
	left   int    // pieces that are not
	list   []wire.Hash
	parts  int    // of the list, that came
	lister uint32 // who was asked for the next part; 0 for nobody
	asked  map[int][]uint32
	liars  map[uint32]bool // devices that sent something else
	rests  uint64          // until when it is left alone, since the disk fails where it is
}

const (
	windowMin  = 2  // pieces under way from one device: one arrives while the next is asked for
	windowMax  = 32 // of 16 KB: what a quick line holds in half a second
	soon, late = 1000, 4000
	// restTime is for how long a file is left alone that the disk does not read or
	// take: the others go on.
	restTime = 60_000
	// pauseMin is for how long nothing is asked after the disk took nothing, twice as
	// long each time in a row: what a full disk does not take is not sent all day.
	pauseMin, pauseMax = 1000, restTime
	// doubtsMax bounds the files about which a device was asked and did not say
	// yet what it has: enough to keep a line busy that is full of previews.
	doubtsMax = 8
	// toldMax is how many files a device is asked about at one time: fewer than a
	// Giver puts up with.
	toldMax = askedMax / 2
)

// NewSeeker returns one that seeks nothing yet.
func NewSeeker(k Keeper) *Seeker {
	return &Seeker{keeper: k, files: map[name]*file{}, sources: map[uint32]*source{}}
}

// Seek sets what is sought, the most urgent first, and returns what to say. What
// was sought before and is no more is given up.
func (s *Seeker) Seek(wishes []Wish, now uint64) []Word {
	before, were := s.files, s.order
	s.files, s.order = make(map[name]*file, len(wishes)), nil
	for _, w := range wishes {
		if s.files[w.name()] != nil || wire.Pieces(w.Size) == 0 {
			continue
		}
		f := before[w.name()]
		if f == nil {
			f = &file{asked: map[int][]uint32{}, liars: map[uint32]bool{}}
		}
		f.Wish = w
		s.files[w.name()] = f
		s.order = append(s.order, f)
	}
	var out []Word
	for _, f := range were {
		if s.files[f.name()] != f {
			out = append(out, s.forget(f.name())...)
		}
	}
	for _, p := range s.sources {
		p.line = s.lineFor(p.device)
	}
	return append(out, s.fill(now)...)
}

// lineFor returns what a device may be asked for.
func (s *Seeker) lineFor(device uint32) (line []*file) {
	for _, f := range s.order {
		if f.From(device) {
			line = append(line, f)
		}
	}
	return line
}

// Join adds a device that can be asked.
func (s *Seeker) Join(device uint32, now uint64) []Word {
	s.sources[device] = &source{
		device: device, line: s.lineFor(device), told: map[name]*stock{}, flying: map[place]uint64{}, window: windowMin,
	}
	return s.fill(now)
}

// Came has it looked anew what of a file is here: some of it came by another way.
func (s *Seeker) Came(root wire.Hash) {
	for _, f := range s.order {
		if f.Root != root {
			continue
		}
		if s.resume(f); f.have != nil { // what cannot be read the keeper tells of
			f.lister = 0
		}
	}
}

// Leave takes a device off. What it was asked for is asked of others.
func (s *Seeker) Leave(device uint32, now uint64) []Word {
	p := s.sources[device]
	if p == nil {
		return nil
	}
	delete(s.sources, device)
	for at := range p.flying {
		s.files[at.name].unask(at.number, device)
	}
	for _, f := range s.order {
		if f.lister == device {
			f.lister = 0
		}
	}
	return s.fill(now)
}

// Step takes a device's word. An error is that device's fault: the conversation with
// it is over, and Leave is to be called.
func (s *Seeker) Step(device uint32, m wire.FileWord, now uint64) (out []Word, err error) {
	p := s.sources[device]
	if p == nil {
		return nil, fmt.Errorf("device %d speaks of files without being asked", device)
	}
	switch m := m.(type) {
	case wire.Stock:
		s.stocked(p, m)
	case wire.List:
		s.failed(p, name{m.Root, m.Size}, s.listed(p, m), now)
	case wire.Piece:
		out, err = s.arrived(p, m, now)
		s.failed(p, name{m.Root, m.Size}, err, now)
	default:
		return nil, fmt.Errorf("device %d answers with a %T", device, m)
	}
	return append(out, s.fill(now)...), nil
}

// failed leaves the disk alone that took nothing of a file, and the file for longer:
// should the fault be its alone, the others go on.
func (s *Seeker) failed(p *source, of name, err error, now uint64) {
	f := s.files[of]
	if f == nil || err == nil {
		return
	}
	s.pause = min(max(2*s.pause, pauseMin), pauseMax)
	s.rests, f.rests = now+s.pause, now+restTime
	s.decline(p, f, wire.WhyRoom, err.Error(), "its disk has no room, or fails")
}

// decline notes that what a device sent of a file is not taken, and tells the device: what
// the disk here is called, and what is on it, is not its business.
func (s *Seeker) decline(p *source, f *file, why wire.Why, reason, told string) {
	s.keeper.Declined(p.device, wire.Decline{Root: f.Root, Why: why, Reason: reason})
	s.says = append(s.says, Word{p.device, wire.Decline{Root: f.Root, Why: why, Reason: told}})
}

// arrived takes a piece. One that is not asked for any more is let go.
func (s *Seeker) arrived(p *source, m wire.Piece, now uint64) ([]Word, error) {
	of := name{m.Root, m.Size}
	f, at := s.files[of], place{of, m.Number}
	asked, flying := p.flying[at]
	if f == nil {
		return nil, nil
	}
	if !flying {
		if !f.From(p.device) && p.told[of] == nil {
			s.lied(p, f, wire.WhyRights, "it may not have the file, and was not asked for it")
		}
		return nil, nil
	}
	p.land(at, now-asked)
	f.unask(m.Number, p.device)
	if ready, err := s.ready(p, f, m); !ready || err != nil {
		return nil, err
	}
	fits, whole, err := s.keeper.Put(m.Root, m.Number, m.Bytes)
	if err != nil { // what is here is to be looked at anew
		f.have = nil
		return nil, err
	}
	if !fits {
		s.lied(p, f, wire.WhyUnproven, fmt.Sprintf("piece %d is not the file's", m.Number))
		return nil, nil
	}
	s.pause = 0
	if !f.have[m.Number] {
		f.have[m.Number] = true
		f.left--
	}
	if whole {
		return s.done(of), nil
	}
	return nil, nil
}

// ready makes room for a file of which a piece has come. The only piece of a file
// says itself what it is; of others the list is here, unless what was here went.
func (s *Seeker) ready(p *source, f *file, m wire.Piece) (bool, error) {
	if f.have != nil {
		return true, nil
	}
	if wire.Pieces(f.Size) > 1 {
		return false, nil
	}
	list := []wire.Hash{wire.PieceHash(m.Bytes)}
	if wire.FileRoot(f.Size, list) != m.Root {
		s.lied(p, f, wire.WhyUnproven, "its only piece is not the file's")
		return false, nil
	}
	err := s.begin(f, list)
	return f.have != nil, err // the disk may have lost it at once
}

// lied declines what a device sent instead of the file. It is not asked for it again,
// and told of it once.
func (s *Seeker) lied(p *source, f *file, why wire.Why, reason string) {
	if !f.liars[p.device] {
		s.decline(p, f, why, reason, reason)
	}
	f.liars[p.device] = true
	s.release(p, f, func(int) bool { return true })
}

// release forgets what was asked of a device of a file: the list, and pieces.
func (s *Seeker) release(p *source, f *file, which func(number int) bool) {
	for at := range p.flying {
		if at.name == f.name() && which(at.number) {
			delete(p.flying, at)
			f.unask(at.number, p.device)
		}
	}
	if f.lister == p.device {
		f.lister = 0
	}
}

func (f *file) unask(number int, device uint32) {
	left := slices.DeleteFunc(f.asked[number], func(d uint32) bool { return d == device })
	if f.asked[number] = left; len(left) == 0 {
		delete(f.asked, number)
	}
}

// done forgets a file that is whole here.
func (s *Seeker) done(of name) []Word {
	f := s.files[of]
	delete(s.files, of)
	s.order = slices.DeleteFunc(s.order, func(o *file) bool { return o == f })
	return s.forget(of)
}

// forget tells who was asked for a file that it is not sought any more.
func (s *Seeker) forget(of name) (out []Word) {
	for _, p := range s.inOrder() {
		p.line = slices.DeleteFunc(p.line, func(f *file) bool { return f.name() == of })
		for at := range p.flying {
			if at.name == of {
				delete(p.flying, at)
			}
		}
		k := p.told[of]
		if k == nil {
			continue
		}
		if !k.heard {
			p.doubts--
		}
		delete(p.told, of)
		out = append(out, Word{p.device, wire.Stock{Root: of.root, Size: of.size, Whole: true}})
	}
	return out
}

// begin makes room for a file whose list is known.
func (s *Seeker) begin(f *file, list []wire.Hash) error {
	f.list, f.parts = nil, 0
	if err := s.keeper.Begin(f.Root, f.Size, list); err != nil {
		return err
	}
	return s.resume(f)
}

// resume finds out what of a file is here already. A record may announce a file with
// another size than it has: nothing of that one is here.
func (s *Seeker) resume(f *file) error {
	have, err := s.keeper.Pieces(f.Root)
	if err != nil || len(have) != wire.Pieces(f.Size) {
		return err
	}
	f.have, f.left = have, 0
	for _, h := range have {
		if !h {
			f.left++
		}
	}
	return nil
}
