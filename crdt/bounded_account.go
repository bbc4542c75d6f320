package crdt

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// tagAccount marks a value that is one writer's account of a bounded counter.
const tagAccount = 'q'

// What an account may hold, so that sums over any cell stay within 63 bits and
// an account stays within 10 KB.
const (
	amountMax   = 1 << 40
	dealingsMax = 256
)

// Account is one writer's word on a bounded counter: totals since the counter
// began, which only grow. The zero value is that of a writer who did nothing.
type Account struct {
	Earned   int64     // put into the counter by this writer
	Spent    int64     // taken out of it by this writer
	Dealings []Dealing // with other writers, in order, each once
}

// Dealing is what passed between an account's writer and another one.
type Dealing struct {
	With  Writer
	Given int64  // rights handed on to the other
	Taken int64  // rights that the other had handed on, as far as the author saw
	Seen  uint64 // the number of the other's batch that said so; 0 if nothing was taken
}

func compareDealing(d Dealing, w Writer) int { return cmp.Compare(d.With, w) }

// with returns the dealing with another writer, zero amounts if there is none.
func (a Account) with(w Writer) Dealing {
	if i, ok := slices.BinarySearchFunc(a.Dealings, w, compareDealing); ok {
		return a.Dealings[i]
	}
	return Dealing{With: w}
}

// put returns the account with a dealing put in its place.
func (a Account) put(d Dealing) Account {
	i, ok := slices.BinarySearchFunc(a.Dealings, d.With, compareDealing)
	dealings := slices.Clone(a.Dealings)
	if ok {
		dealings[i] = d
	} else {
		dealings = slices.Insert(dealings, i, d)
	}
	a.Dealings = dealings
	return a
}

// Value returns the account's canonical bytes: earned, spent, then each dealing
// with the writer's device and incarnation, given, taken and seen.
func (a Account) Value() Value {
	b := binary.AppendUvarint([]byte{tagAccount}, uint64(a.Earned))
	b = binary.AppendUvarint(b, uint64(a.Spent))
	for _, d := range a.Dealings {
		for _, n := range d.parts() {
			b = binary.AppendUvarint(b, n)
		}
	}
	return Value(b)
}

// Since returns what an account says beyond an earlier one of the same writer.
func (a Account) Since(before Account) Account {
	since := Account{Earned: max(0, a.Earned-before.Earned), Spent: max(0, a.Spent-before.Spent)}
	for _, d := range a.Dealings {
		old := before.with(d.With)
		d.Given, d.Taken = max(0, d.Given-old.Given), max(0, d.Taken-old.Taken)
		if d.Taken == 0 {
			d.Seen = 0
		}
		if d.Given+d.Taken > 0 {
			since.Dealings = append(since.Dealings, d)
		}
	}
	return since
}

func (d Dealing) parts() [5]uint64 {
	return [...]uint64{uint64(d.With.Device()), uint64(d.With.Incarnation()), uint64(d.Given), uint64(d.Taken), d.Seen}
}

// Account returns the account, and whether the value is one: in canonical bytes
// and within the limits.
func (v Value) Account() (Account, bool) {
	p, ok := v.payload(tagAccount)
	if !ok {
		return Account{}, false
	}
	numbers := uvarints(p)
	if len(numbers) < 2 || len(numbers)%5 != 2 || len(numbers) > 2+5*dealingsMax {
		return Account{}, false
	}
	a := Account{Earned: int64(numbers[0]), Spent: int64(numbers[1])}
	sound := max(numbers[0], numbers[1]) <= amountMax
	for n := range slices.Chunk(numbers[2:], 5) {
		d := Dealing{NewWriter(uint32(n[0]), uint32(n[1])), int64(n[2]), int64(n[3]), n[4]}
		last := len(a.Dealings) - 1
		sound = sound && max(n[0], n[1]) < 1<<32 && max(n[2], n[3]) <= amountMax && n[2]+n[3] > 0 &&
			(n[3] == 0) == (n[4] == 0) && (last < 0 || a.Dealings[last].With < d.With)
		a.Dealings = append(a.Dealings, d)
	}
	return a, sound && a.Value() == v
}

// uvarints reads numbers up to the end, or up to the first that is none. Who
// must know whether all was read, and spelled in the one way, writes them again.
func uvarints(p string) []uint64 {
	var numbers []uint64
	for b := []byte(p); len(b) > 0; {
		n, size := binary.Uvarint(b)
		if size <= 0 {
			break
		}
		numbers, b = append(numbers, n), b[size:]
	}
	return numbers
}
