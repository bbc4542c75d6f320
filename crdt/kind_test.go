package crdt_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	. "wangge/crdt"
)

var someKinds = []string{"visit", "wish", "visits", "aaa", "zzz", "a", "county_unit", "county_name"}

// twinIsOf says the same as IsOf, by what an id is called.
func twinIsOf(id RecordID, kind string) bool {
	name := id.String()
	if county := name[:8] == "ffffffff"; county || len(kind) > 7 && kind[:7] == "county_" {
		return county && len(kind) > 7 && kind[:7] == "county_"
	}
	head, _ := hex.DecodeString(name[:20])
	sum := sha256.Sum256([]byte("wangge kind 1\x00" + string(head) + kind))
	return name[20:] == hex.EncodeToString(sum[:])[:12]
}

func TestARecordsIDSaysOfWhatKindItIs(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 1))
	for n := range 200 {
		var given RecordID
		for i := range given {
			given[i] = byte(chance.Uint32())
		}
		if n%4 == 0 {
			copy(given[:], "\xff\xff\xff\xff")
		}
		for _, kind := range someKinds {
			id := given.Of(kind)
			if !id.IsOf(kind) || id.Of(kind) != id {
				t.Fatalf("%s of %s becomes %s, which is not of it", given, kind, id)
			}
			for _, other := range someKinds {
				if id.IsOf(other) != (kind == other || CountyKind(kind) && CountyKind(other)) || id.IsOf(other) != twinIsOf(id, other) {
					t.Fatalf("%s of %s is of %s: %v", id, kind, other, id.IsOf(other))
				}
			}
			for bit := range 8 * len(id) {
				spoilt := id
				if spoilt[bit/8] ^= 1 << (bit % 8); spoilt.IsOf(kind) != twinIsOf(spoilt, kind) || !CountyKind(kind) && spoilt.IsOf(kind) {
					t.Fatalf("%s, with bit %d changed, is of %s: %v", id, bit, kind, spoilt.IsOf(kind))
				}
			}
		}
	}
}

// The bytes of an id are for ever: another program must find the same.
func TestTheIDOfAKindStays(t *testing.T) {
	for given, want := range map[string]string{
		"019340a0ac4c7cae1ebe3b5e45e6c8b6": "019340a0ac4c7cae1ebe3b5e45e6c8b6", // it is of that kind already
		"019340a0ac4c00000000000000000001": "019340a0ac4c48ba62c737cea2759fad",
		"00000000000000000000000000000001": "6de686b0e0a3b9f0d0834ead769da83d",
	} {
		id, _ := ParseRecordID(given)
		if got := id.Of("grid_visit").String(); got != want {
			t.Errorf("%s of grid_visit is %s, want %s", given, got, want)
		}
	}
}

func TestIDsThatDifferStayDifferent(t *testing.T) {
	met := map[RecordID]string{}
	for n := range 20_000 {
		for what, id := range map[string]RecordID{
			"counted": {14: byte(n >> 8), 15: byte(n)}, "of one moment": {0: 1, 1: 0x93, 14: byte(n >> 8), 15: byte(n)},
		} {
			at := fmt.Sprintf("%d, %s", n, what)
			if other := met[id.Of("visit")]; other != "" {
				t.Fatalf("%s and %s become one", at, other)
			}
			met[id.Of("visit")] = at
		}
	}
}

func TestNeighboursInTimeStayNeighbours(t *testing.T) {
	early, late := RecordID{1, 0x93, 5, 15: 0xff}, RecordID{1, 0x93, 6, 15: 1}
	if early.Of("visit").Compare(late.Of("visit")) >= 0 {
		t.Errorf("%s comes behind %s", early.Of("visit"), late.Of("visit"))
	}
}

// Whoever refuses what strays shows each record under its kind: whatever is claimed, by
// whomever, in whatever order it comes, and before the record's first op too.
func TestNobodyTakesARecordOutOfItsKind(t *testing.T) {
	for seed := range uint64(300) {
		chance := rand.New(rand.NewPCG(seed, 1))
		var ops []added
		kindOf := map[RecordID]string{}
		for n := range uint64(30) {
			kind := someKinds[chance.IntN(len(someKinds))]
			id := RecordID{byte(chance.IntN(3))}.Of(kind)
			kindOf[id] = kind
			op := Op{Record: id, Kind: kind, Field: FieldID(chance.IntN(3)), Type: Register, Value: Int(int64(n))}
			if chance.IntN(2) == 0 && !CountyKind(kind) {
				op.Kind = someKinds[chance.IntN(len(someKinds))]
			}
			if op.Strays() != (op.Kind != kind) && !CountyKind(kind) {
				t.Fatalf("seed %d: an op of %s strays: %v", seed, op.Kind, op.Strays())
			}
			ops = append(ops, added{Dot{Writer: Writer(1 + chance.IntN(3)), Seq: n + 1}, NewStamp(1), op})
		}
		var shown []map[RecordID]Record
		for range 3 {
			chance.Shuffle(len(ops), func(i, j int) { ops[i], ops[j] = ops[j], ops[i] })
			records := map[RecordID]Record{}
			for _, a := range ops {
				if a.op.Strays() {
					continue
				}
				rec := records[a.op.Record]
				rec.Apply(a.dot, a.stamp, a.op, Frontier{})
				records[a.op.Record] = rec
			}
			shown = append(shown, records)
		}
		for id, rec := range shown[0] {
			if rec.Kind != kindOf[id] && !CountyKind(rec.Kind) {
				t.Fatalf("seed %d: %s is shown as %s, and is of %s", seed, id, rec.Kind, kindOf[id])
			}
		}
		if slices.ContainsFunc(shown, func(r map[RecordID]Record) bool { return !equalRecords(r, shown[0]) }) {
			t.Fatalf("seed %d: what is shown depends on the order", seed)
		}
	}
}
