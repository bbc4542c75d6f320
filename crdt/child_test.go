package crdt

import "testing"

func TestTwoReplicasThatMakeOneChildOfflineMakeOneRecord(t *testing.T) {
	household := RecordID{5}
	a, b := newSide(1), newSide(2)
	for s, name := range map[*side]string{a: "王", b: "李"} {
		id := ChildID(household, 12, Text("2026"))
		s.write(Op{id, "checkup", 1, Register, Text(name), nil})
	}
	if a.log[0].Record != b.log[0].Record {
		t.Fatalf("the child is %s at one and %s at the other", a.log[0].Record, b.log[0].Record)
	}
	meet(a, b)
	for _, s := range []*side{a, b} {
		if got := s.rec.Cells[1].Values(); len(got) != 2 {
			t.Errorf("at %s the child shows %q, want both replicas' work", s.writer, got)
		}
	}
}

func TestChildrenOfOtherPlacesAreOtherRecords(t *testing.T) {
	seen := map[RecordID]bool{}
	for _, parent := range []RecordID{{}, {1}, {15: 1}} {
		for _, field := range []FieldID{0, 1, 256} {
			for _, key := range []Value{"", Text(""), Text("1"), Int(1)} {
				seen[ChildID(parent, field, key)] = true
			}
		}
	}
	if len(seen) != 36 {
		t.Errorf("36 places give %d ids", len(seen))
	}
}

// Ids are stored for ever: whoever derives them otherwise makes a second child.
func TestAChildKeepsItsID(t *testing.T) {
	if got := ChildID(RecordID{1, 15: 2}, 300, Text("2026")).String(); got != "2c177293e38671764bce848443ee4f31" {
		t.Errorf("the id is %s, where old nodes have another", got)
	}
}
