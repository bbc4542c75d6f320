package crdt_test

import . "wangge/crdt"

// rules are the merge rules under test: the product's own, or a mutant's in the
// place of one of them.
type rules struct {
	apply func(*Record, Dot, Stamp, Op, Frontier)
	join  func(a, b Record, seenA, seenB Seen) Record
	authors
	readers
}

// authors are the rules by which an op is made of what its author sees.
type authors struct {
	assign, addElement, removeElement func(Record, RecordID, string, FieldID, Value) Op
	attach, detach, appendLine        func(Record, RecordID, string, FieldID, Value) Op
	plus                              func(Record, RecordID, string, FieldID, Writer, int64) Op
	earn, spend                       func(Record, RecordID, string, FieldID, Writer, int64) (Op, error)
	handOn                            func(Record, RecordID, string, FieldID, Writer, Writer, int64) (Op, error)
	edit                              func(Record, RecordID, string, FieldID, []Dot, string) Op
	remove, restore                   func(Record, RecordID) Op
	sameAs, notSameAs                 func(Record, RecordID, RecordID) Op
}

// readers are the rules by which a state is shown.
type readers struct {
	values   func(Cell) []Value
	conflict func(Cell) bool
	sum      func(Cell) int64
	text     func(Cell) string
	ledger   func(Cell) Ledger
	log      func(Cell) []Entry
	fate     func(Record) Fate
	resolve  func(map[RecordID][]RecordID) Same
}

func product() rules {
	return rules{
		apply: (*Record).Apply,
		join:  Join,
		authors: authors{
			assign: Record.Assign, addElement: Record.AddElement, removeElement: Record.RemoveElement,
			attach: Record.Attach, detach: Record.Detach, appendLine: Record.Append, plus: Record.Add,
			earn: Record.Earn, spend: Record.Spend, handOn: Record.HandOn, edit: Record.EditText,
			remove: Record.Delete, restore: Record.Restore, sameAs: Record.SameAs, notSameAs: Record.NotSameAs,
		},
		readers: readers{
			values: Cell.Values, conflict: Cell.Conflict, sum: Cell.Sum, text: Cell.Text, ledger: Cell.Ledger,
			log: Cell.Log, fate: Record.Fate, resolve: Resolve,
		},
	}
}
