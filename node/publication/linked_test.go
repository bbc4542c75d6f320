package publication_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"wangge/node/publication"
)

// matter is a record of a world that is published: where it is, what it is about, and how it ended.
type matter struct {
	person, town, topic int
	settled, cancelled  bool
}

// said is a figure that was published, with the pieces that are in it, for whoever attacks it.
type said struct {
	name   string
	pieces []int
}

// world is some matters, and the tables of which a county publishes some.
type world struct {
	matters []matter
	open    []publication.Open
	names   []string
}

func newWorld(chance *rand.Rand) *world {
	w := &world{}
	for i := range 10 + chance.IntN(40) {
		m := matter{person: i, town: chance.IntN(3), topic: chance.IntN(3)}
		if chance.IntN(6) == 0 {
			m.person = chance.IntN(i + 1)
		}
		switch chance.IntN(8) {
		case 0:
			m.cancelled = true
		case 1:
		default:
			m.settled = true
		}
		w.matters = append(w.matters, m)
	}
	all := func(matter) bool { return true }
	settled := func(m matter) bool { return m.settled }
	cancelled := func(m matter) bool { return m.cancelled }
	town := func(m matter) string { return fmt.Sprint("town", m.town) }
	topic := func(m matter) string { return fmt.Sprint("topic", m.topic) }
	ended := func(m matter) string { return fmt.Sprint("ended", m.settled, m.cancelled) }
	w.table("all", "", all, nil)
	w.table("all", "town", all, town)
	w.table("all", "topic", all, topic)
	w.table("all", "ended", all, ended)
	w.table("settled", "town", settled, town)
	w.table("settled", "topic", settled, topic)
	w.table("cancelled", "", cancelled, nil)
	w.table("cancelled", "town", cancelled, town)
	return w
}

// table counts those of which something holds; each matter is a piece.
func (w *world) table(name, by string, holds func(matter) bool, key func(matter) string) {
	rows := map[string][]int32{}
	var total []int32
	for i, m := range w.matters {
		if !holds(m) {
			continue
		}
		total = append(total, int32(i))
		if key != nil {
			rows[key(m)] = append(rows[key(m)], int32(i))
		}
	}
	t := publication.Open{By: by, Total: w.counted("", total)}
	var keys []string
	for key := range rows {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		t.Rows = append(t.Rows, w.counted(key, rows[key]))
	}
	if key == nil {
		t.Rows = append(t.Rows, w.counted("", total))
	}
	w.open, w.names = append(w.open, t), append(w.names, name)
}

func (w *world) counted(key string, pieces []int32) publication.Counted {
	return publication.Counted{Cell: publication.Cell{Key: key, Value: int64(len(pieces)), Persons: w.persons(pieces)}, Pieces: pieces}
}

func (w *world) persons(pieces []int32) int64 {
	all := map[int]bool{}
	for _, p := range pieces {
		all[w.matters[p].person] = true
	}
	return int64(len(all))
}

// publish returns the figures that go up, each table withheld for itself, or all together.
func (w *world) publish(t *testing.T, together bool) (all []said) {
	t.Helper()
	hidden := make([]publication.Hidden, len(w.open))
	if together {
		var err error
		if hidden, err = (publication.Linked{Tables: w.open, Persons: w.persons}).Withhold(publication.Least); err != nil {
			t.Fatal(err)
		}
	}
	for i, open := range w.open {
		if hidden[i].All {
			continue
		}
		var cells []publication.Cell
		for _, c := range open.Rows {
			cells = append(cells, c.Cell)
		}
		table, err := publication.Suppress(cells, open.Total.Cell, publication.Least, append(hidden[i].Keys, open.Hidden...)...)
		if err != nil {
			t.Fatal(err)
		}
		if table.Withheld {
			continue
		}
		all = append(all, w.said(w.names[i]+" total", open.Total.Pieces))
		var rest []int32
		for _, c := range open.Rows {
			if slices.Contains(table.Rows, c.Cell) {
				all = append(all, w.said(w.names[i]+" "+c.Key, c.Pieces))
			} else {
				rest = append(rest, c.Pieces...)
			}
		}
		all = append(all, w.said(w.names[i]+" rest by "+open.By, rest))
	}
	return all
}

func (w *world) said(name string, pieces []int32) said {
	s := said{name, make([]int, len(w.matters))}
	for _, p := range pieces {
		s.pieces[p]++
	}
	return s
}

// attack is the dumb attacker: it adds and subtracts up to so many figures, and looks for what
// comes to some records of too few people. It knows nothing of rules and elimination.
func (w *world) attack(all []said, most int) string {
	var try func(from, left int, sum []int, how string) string
	try = func(from, left int, sum []int, how string) string {
		if persons := w.behind(sum); persons > 0 && persons < publication.Least {
			return fmt.Sprintf("%s are %d people", how, persons)
		}
		if left == 0 {
			return ""
		}
		for i := from; i < len(all); i++ {
			for _, sign := range []int{1, -1} {
				next := make([]int, len(sum))
				for p := range sum {
					next[p] = sum[p] + sign*all[i].pieces[p]
				}
				if found := try(i+1, left-1, next, fmt.Sprintf("%s %+d × %s", how, sign, all[i].name)); found != "" {
					return found
				}
			}
		}
		return ""
	}
	return try(0, most, make([]int, len(w.matters)), "")
}

// behind returns how many people a sum of figures is about, 0 if it is no count of records.
func (w *world) behind(sum []int) int64 {
	var pieces []int32
	for p, n := range sum {
		if n != 0 && n != 1 {
			return 0
		}
		if n == 1 {
			pieces = append(pieces, int32(p))
		}
	}
	return w.persons(pieces)
}

// TestADumbAttackerFindsNobody lets it have a month's tables: withheld one by one they tell it
// of somebody in most worlds, together in none.
func TestADumbAttackerFindsNobody(t *testing.T) {
	chance := rand.New(rand.NewPCG(4, 4))
	worlds, apart, figures := 60, 0, 0
	for range worlds {
		w := newWorld(chance)
		if w.attack(w.publish(t, false), 3) != "" {
			apart++
		}
		all := w.publish(t, true)
		figures += len(all)
		if found := w.attack(all, 3); found != "" {
			t.Error(found)
		}
	}
	if apart < worlds/2 || figures < 5*worlds {
		t.Errorf("%d of %d worlds tell of somebody when tables are withheld one by one; %d figures are left", apart, worlds, figures)
	}
}
