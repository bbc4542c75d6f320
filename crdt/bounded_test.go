package crdt

import (
	"errors"
	"strings"
	"testing"
)

func (s *side) must(t *testing.T, op Op, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	s.write(op)
}

func (s *side) earn(t *testing.T, n int64) {
	t.Helper()
	op, err := s.rec.Earn(RecordID{1}, "points", 1, s.writer, n)
	s.must(t, op, err)
}

func (s *side) spend(t *testing.T, n int64) {
	t.Helper()
	op, err := s.rec.Spend(RecordID{1}, "points", 1, s.writer, n)
	s.must(t, op, err)
}

func (s *side) handOn(t *testing.T, to *side, n int64) {
	t.Helper()
	op, err := s.rec.HandOn(RecordID{1}, "points", 1, s.writer, to.writer, n)
	s.must(t, op, err)
}

// stands compares what a side reads of a writer.
func (s *side) stands(t *testing.T, w Writer, rights, overdrawn int64, want Standing) {
	t.Helper()
	h := s.rec.Cells[1].Ledger().Of(w)
	if h.Rights() != rights || h.Overdrawn() != overdrawn || h.Standing != want {
		t.Errorf("at %s writer %s has %d, overdrew %d, is %s; want %d, %d, %s",
			s.writer, w, h.Rights(), h.Overdrawn(), h.Standing, rights, overdrawn, want)
	}
}

func (s *side) balance() int64 { return s.rec.Cells[1].Ledger().Balance() }

// points is a hub that earned 100 and handed 60 to a box, which handed 25 to a
// tablet; all three have met.
func points(t *testing.T) (hub, box, tablet *side) {
	hub, box, tablet = newSide(1), newSide(2), newSide(3)
	hub.earn(t, 100)
	hub.handOn(t, box, 60)
	box.pull(hub)
	box.handOn(t, tablet, 25)
	tablet.pull(hub)
	tablet.pull(box)
	hub.pull(box)
	return hub, box, tablet
}

func TestRightsAreHandedOnAndSpentOffline(t *testing.T) {
	hub, box, tablet := points(t)
	tablet.spend(t, 20)
	box.spend(t, 35)
	hub.spend(t, 1)
	hub.handOn(t, tablet, 4)
	for _, s := range []*side{hub, box, tablet} {
		for _, o := range []*side{tablet, box, hub} {
			s.pull(o)
		}
		s.stands(t, hub.writer, 35, 0, Sound)
		s.stands(t, box.writer, 0, 0, Sound)
		s.stands(t, tablet.writer, 9, 0, Sound)
		if s.balance() != 44 {
			t.Errorf("at %s the balance is %d, want 44", s.writer, s.balance())
		}
	}
	tablet.handOn(t, hub, 9)
	hub.pull(tablet)
	hub.spend(t, 44)
	if hub.balance() != 0 || len(hub.rec.Cells[1].Entries) != 3 {
		t.Errorf("%d left in %d entries, want nothing in an entry a writer", hub.balance(), len(hub.rec.Cells[1].Entries))
	}
}

func TestNobodySpendsOrHandsOnMoreThanItHasTheRightTo(t *testing.T) {
	hub, box, tablet := points(t)
	id := RecordID{1}
	for what, try := range map[string]func() (Op, error){
		"the box more than is left": func() (Op, error) { return box.rec.Spend(id, "points", 1, box.writer, 36) },
		"the box by handing on":     func() (Op, error) { return box.rec.HandOn(id, "points", 1, box.writer, tablet.writer, 36) },
		"the hub what it gave away": func() (Op, error) { return hub.rec.Spend(id, "points", 1, hub.writer, 41) },
		"a stranger":                func() (Op, error) { return hub.rec.Spend(id, "points", 1, NewWriter(9, 9), 1) },
	} {
		if _, err := try(); !errors.Is(err, ErrOverdraw) {
			t.Errorf("%s: %v, want ErrOverdraw", what, err)
		}
	}
	for what, try := range map[string]func() (Op, error){
		"spending nothing":        func() (Op, error) { return box.rec.Spend(id, "points", 1, box.writer, 0) },
		"spending less":           func() (Op, error) { return box.rec.Spend(id, "points", 1, box.writer, -5) },
		"earning less":            func() (Op, error) { return box.rec.Earn(id, "points", 1, box.writer, -5) },
		"earning beyond the end":  func() (Op, error) { return hub.rec.Earn(id, "points", 1, hub.writer, amountMax-99) },
		"handing on to oneself":   func() (Op, error) { return box.rec.HandOn(id, "points", 1, box.writer, box.writer, 1) },
		"handing on less":         func() (Op, error) { return box.rec.HandOn(id, "points", 1, box.writer, hub.writer, -1) },
		"spending beyond the end": func() (Op, error) { return box.rec.Spend(id, "points", 1, box.writer, 1<<62) },
	} {
		if _, err := try(); err == nil {
			t.Errorf("%s passes", what)
		}
	}
	hub.earn(t, amountMax-100)
}

func TestAGrantUnderWayIsToldFromAnOverdraft(t *testing.T) {
	hub, box, tablet := points(t)
	tablet.spend(t, 25)
	far := newSide(4)
	far.pull(tablet)
	far.stands(t, tablet.writer, 0, 25, Waiting)
	if far.balance() != 0 {
		t.Errorf("the balance is %d before anything of it arrived", far.balance())
	}
	far.pull(box)
	far.stands(t, tablet.writer, 0, 0, Sound)
	far.stands(t, box.writer, 0, 25, Waiting)
	far.pull(hub)
	far.stands(t, box.writer, 35, 0, Sound)
	if far.balance() != 75 {
		t.Errorf("the balance is %d, want 75", far.balance())
	}
}

func TestWhoUsesWhatItNeverHadIsFoundOut(t *testing.T) {
	for what, lie := range map[string]Account{
		"by its own word":            {Spent: 50},
		"by a grant that never was":  {Spent: 50, Dealings: []Dealing{{NewWriter(2, 0), 0, 60, 1}}},
		"by what it gave itself":     {Spent: 50, Dealings: []Dealing{{NewWriter(3, 0), 0, 60, 9}}},
		"by handing on to others":    {Dealings: []Dealing{{NewWriter(1, 0), 500, 0, 0}}},
		"by a grant not so large":    {Spent: 26, Dealings: []Dealing{{NewWriter(2, 0), 0, 26, 1}}},
		"by more than it has by far": {Spent: amountMax},
	} {
		hub, box, tablet := points(t)
		tablet.write(tablet.rec.settleAccount(RecordID{1}, "points", 1, tablet.writer, lie))
		hub.pull(tablet)
		if h := hub.rec.Cells[1].Ledger().Of(tablet.writer); h.Standing != Faulty {
			t.Errorf("%s: the tablet is %s, want faulty", what, h.Standing)
		}
		hub.stands(t, box.writer, 35, 0, Sound)
	}
}

func TestAWriterWithTwoAccountsIsFaultyAndItsTotalsAreTheHighest(t *testing.T) {
	hub, _, tablet := points(t)
	one, _ := tablet.rec.Spend(RecordID{1}, "points", 1, tablet.writer, 5)
	other, _ := tablet.rec.Spend(RecordID{1}, "points", 1, tablet.writer, 3)
	tablet.write(one)
	tablet.write(other)
	hub.pull(tablet)
	hub.stands(t, tablet.writer, 20, 0, Faulty)
	tablet.spend(t, 1)
	hub.pull(tablet)
	hub.stands(t, tablet.writer, 19, 0, Sound)
}

func TestAnAccountStaysBoundedWhateverOthersGive(t *testing.T) {
	s, givers := newSide(1), dealingsMax+40
	for i := range givers {
		g := newSide(uint32(i + 2))
		g.earn(t, 10)
		g.handOn(t, s, 2)
		s.pull(g)
	}
	s.stands(t, s.writer, int64(2*givers), 0, Sound)
	s.spend(t, dealingsMax) // two of each grant that there is room for
	if _, err := s.rec.Spend(RecordID{1}, "points", 1, s.writer, 1); !errors.Is(err, ErrOverdraw) {
		t.Errorf("spending of grants without room: %v", err)
	}
	s.earn(t, 1000)
	for i := range dealingsMax / 2 {
		s.handOn(t, newSide(uint32(5000+i)), 1)
	}
	if _, err := s.rec.HandOn(RecordID{1}, "points", 1, s.writer, NewWriter(9999, 0), 1); err == nil {
		t.Errorf("an account takes more dealings than it has room for")
	}
	v := s.rec.Cells[1].Entries[0].Value
	if a, ok := v.Account(); !ok || len(a.Dealings) != dealingsMax || len(v) > 10<<10 {
		t.Errorf("the account has %d dealings in %d bytes", len(a.Dealings), len(v))
	}
}

func TestAnAccountHasOneSpelling(t *testing.T) {
	a := Account{300, 7, []Dealing{{NewWriter(1, 5), 4, 0, 0}, {NewWriter(2, 0), 0, amountMax, 9}, {NewWriter(2, 1), 1, 2, 3}}}
	v := a.Value()
	got, ok := v.Account()
	if !ok || !v.Valid() || got.Value() != v || got.with(NewWriter(2, 0)).Taken != amountMax {
		t.Errorf("%q reads as %v", v, got)
	}
	row := func(n ...uint64) Value {
		return Value(strings.TrimPrefix(string(Account{Dealings: []Dealing{{NewWriter(uint32(n[0]), uint32(n[1])), int64(n[2]), int64(n[3]), n[4]}}}.Value()), "q\x00\x00"))
	}
	for what, bad := range map[string]Value{
		"no numbers":           "q",
		"one number":           "q\x01",
		"half a dealing":       v[:len(v)-1],
		"a number too long":    "q\x81\x00\x00",
		"an unfinished number": v + "\x80",
		"too much earned":      Account{Earned: amountMax + 1}.Value(),
		"too much given":       "q\x00\x00" + row(1, 0, amountMax+1, 0, 0),
		"nothing dealt":        "q\x00\x00" + row(1, 0, 0, 0, 0),
		"taken from nowhere":   "q\x00\x00" + row(1, 0, 0, 5, 0),
		"nothing taken":        "q\x00\x00" + row(1, 0, 5, 0, 5),
		"out of order":         "q\x00\x00" + row(2, 0, 1, 0, 0) + row(1, 0, 1, 0, 0),
		"one writer twice":     "q\x00\x00" + row(2, 0, 1, 0, 0) + row(2, 0, 1, 0, 0),
	} {
		if bad.Valid() {
			t.Errorf("%s: %q passes", what, bad)
		}
	}
}
