package crdt_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	. "wangge/crdt"
)

// room is some people who write one text, and now and then hear from each other.
type room struct {
	*rand.Rand
	crowded bool // all write at one place, a letter at a time, forward and backward
	streams map[Writer][]Op
	people  []*person
}

type person struct {
	writer Writer
	held   Frontier
	cell   Cell
}

func newRoom(seed uint64) *room {
	r := &room{Rand: rand.New(rand.NewPCG(seed, 2)), streams: map[Writer][]Op{}}
	r.crowded = r.IntN(2) == 0
	for i := range 3 + r.IntN(3) {
		r.people = append(r.people, &person{writer: NewWriter(uint32(i+1), 0), held: Frontier{}})
	}
	return r
}

func (r *room) one() *person { return r.people[r.IntN(len(r.people))] }

// live lets people write and listen, and sometimes all meet before one goes on.
func (r *room) live(steps int) {
	for range steps {
		p := r.one()
		switch r.IntN(18) {
		case 0:
			r.settle()
			r.write(p)
			r.settle()
		case 1, 2, 3, 4, 5:
			r.hear(p, r.one().held)
		default:
			r.write(p)
		}
	}
}

// write adds an event; some authors look at an old version of the text, and
// some point beyond its end.
func (r *room) write(p *person) {
	heads := p.cell.TextHeads()
	if len(p.cell.Entries) > 0 && r.IntN(3) == 0 {
		heads = []Dot{p.cell.Entries[r.IntN(len(p.cell.Entries))].Dot}
	}
	size := len([]rune(p.cell.TextAt(heads)))
	var edits []Edit
	for range 1 + r.IntN(3)*r.IntN(2) {
		e := r.edit(size)
		edits = append(edits, e)
		size += len([]rune(e.Put)) - min(size-min(e.At, size), e.Cut)
	}
	if v := Event(heads, edits...); v.Valid() {
		r.streams[p.writer] = append(r.streams[p.writer], Op{Type: MergedText, Value: v})
		r.hear(p, Frontier{p.writer: p.held[p.writer] + 1})
	}
}

// edit changes a text of so many characters. In a crowd the end, the beginning and
// the place behind the first character see all the typing.
func (r *room) edit(size int) Edit {
	if r.crowded {
		at := []int{0, 0, 0, min(1, size), min(1, size), size}[r.IntN(6)]
		return Edit{At: at, Cut: r.IntN(9) / 8, Put: string(rune('a' + r.IntN(26)))}
	}
	e := Edit{At: r.IntN(size + 1), Put: r.word()}
	if r.IntN(3) == 0 {
		e.Cut = r.IntN(5)
	}
	if r.IntN(20) == 0 {
		e.At += r.IntN(9)
	}
	return e
}

// word returns up to four letters, often none.
func (r *room) word() string {
	word := make([]rune, max(0, r.IntN(7)-2))
	for i := range word {
		word[i] = []rune("abcdefgh网格é😀")[r.IntN(12)]
	}
	return string(word)
}

// hear takes of each stream some of what another holds.
func (r *room) hear(p *person, theirs Frontier) {
	for _, w := range theirs.Writers() {
		upTo := theirs[w]
		if w != p.writer && upTo > p.held[w] {
			upTo -= r.Uint64N(upTo-p.held[w]+1) / 2
		}
		for p.held[w] < upTo {
			p.take(w, r.streams[w])
		}
	}
}

func (p *person) take(w Writer, stream []Op) {
	seq := p.held[w] + 1
	p.cell = p.cell.Apply(Dot{Writer: w, Seq: seq}, 1, stream[seq-1], p.held)
	p.held.Raise(w, seq)
}

// settle gives everything to everyone, each in an order of their own.
func (r *room) settle() {
	for _, p := range r.people {
		for missing := p.missing(r); len(missing) > 0; missing = p.missing(r) {
			w := missing[r.IntN(len(missing))]
			p.take(w, r.streams[w])
		}
	}
}

// missing returns whose streams the person does not hold to the end.
func (p *person) missing(r *room) []Writer {
	var missing []Writer
	for _, other := range r.people {
		if p.held[other.writer] < uint64(len(r.streams[other.writer])) {
			missing = append(missing, other.writer)
		}
	}
	return missing
}

// eachRoom runs the law in a fifth as many rooms as there are worlds, for the
// twin is slow.
func eachRoom(t *testing.T, law func(*room) string) {
	end := *seed + uint64(*runs+4)/5
	t.Logf("seeds %d to %d", *seed, end-1)
	for s := *seed; s < end; s++ {
		if fault := law(newRoom(s)); fault != "" {
			t.Fatalf("seed %d: %s (again: go test -run '%s' -seed %d -runs 1)", s, fault, t.Name(), s)
		}
	}
}

// laws lets people write and holds their text against the twin: at any moment,
// while events are missing, in old versions, and once all have heard all.
func (r *room) laws() string {
	r.live(20)
	p := r.one()
	twin := newTwin(p.cell.Entries)
	if p.cell.Text() != twin.text() {
		return "a text differs from its twin while events are missing"
	}
	if p.cell.TextAt(p.cell.TextHeads()) != p.cell.Text() {
		return "the heads do not give the text"
	}
	var heads []Dot
	for _, e := range p.cell.Entries {
		if r.IntN(6) == 0 {
			heads = append(heads, e.Dot)
		}
	}
	if p.cell.TextAt(heads) != twin.textAt(heads) {
		return "an old version of a text differs from its twin"
	}
	r.settle()
	want := newTwin(r.people[0].cell.Entries).text()
	for _, p := range r.people {
		if p.cell.Text() != want {
			return "a text differs from the twin that knows all"
		}
	}
	return ""
}

func TestAnEventThatIsMissingIsMissedUntilItComes(t *testing.T) {
	eachRoom(t, func(r *room) string {
		r.live(20)
		c := r.one().cell
		if len(c.Entries) == 0 {
			return ""
		}
		i := r.IntN(len(c.Entries))
		less := Cell{Type: c.Type, Entries: slices.Delete(slices.Clone(c.Entries), i, i+1)}
		if less.Text() != newTwin(less.Entries).text() {
			return "a text without one event differs from its twin"
		}
		e := c.Entries[i]
		again := less.Apply(e.Dot, e.Stamp, Op{Type: MergedText, Value: e.Value}, Frontier{})
		if again.Text() != c.Text() {
			return "a text differs after an event came late"
		}
		return ""
	})
}

func TestEditingATextGivesTheTextWanted(t *testing.T) {
	eachRoom(t, func(r *room) string {
		r.live(10)
		p := r.one()
		heads, want := p.cell.TextHeads(), r.word()+r.word()+r.word()
		if r.IntN(2) == 0 {
			old := []rune(p.cell.Text())
			i := r.IntN(len(old) + 1)
			want = string(old[:i]) + r.word() + string(old[i+r.IntN(len(old)-i+1):]) + r.word()
		}
		op := Record{Cells: map[FieldID]Cell{7: p.cell}}.EditText(RecordID{}, "k", 7, heads, want)
		if p.cell.Text() == want {
			if op.Value != "" {
				return "an edit that changes nothing has a value"
			}
			return ""
		}
		after := p.cell.Apply(Dot{Writer: 99, Seq: 1}, 1, op, p.held)
		if after.Text() != want || after.TextAt(heads) != p.cell.Text() {
			return "the edited text is not the one wanted"
		}
		return ""
	})
}

func TestJoiningTouchingEditsChangesNothing(t *testing.T) {
	eachRoom(t, func(r *room) string {
		r.live(6)
		p := r.one()
		size := len([]rune(p.cell.Text()))
		var edits []Edit
		for at := r.IntN(size + 1); len(edits) < 12; at = max(0, min(size, at+r.IntN(3)-1)) {
			e := Edit{At: at, Cut: r.IntN(2) * r.IntN(min(2, size-at)+1), Put: r.word()}
			if e.Cut == 0 && e.Put == "" {
				continue
			}
			edits = append(edits, e)
			size += len([]rune(e.Put)) - e.Cut
			at += len([]rune(e.Put))
		}
		with := func(v Value) string {
			op := Op{Type: MergedText, Value: v}
			return p.cell.Apply(Dot{Writer: 99, Seq: 1}, 1, op, p.held).Text()
		}
		if with(Event(p.cell.TextHeads(), edits...)) != with(AppendEvent(p.cell.TextHeads(), edits)) {
			return "joined edits make another text"
		}
		return ""
	})
}
