package wire_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"wangge/crdt"
	. "wangge/sync/wire"
)

// comeBack sends batches of one stream and fails unless the same bytes arrive.
func comeBack(t *testing.T, batches ...[]byte) (size int) {
	t.Helper()
	m := Chunk{Runs: []Run{{Space: village, Writer: anna, First: 3, Batches: batches, Signature: noise(1, 65)}}}
	b := Encode(m)
	got, err := Decode(b)
	if err != nil || !equalMessages(got, m) {
		t.Fatalf("other batches arrive than were sent: %v", err)
	}
	if b[0] != 3 {
		t.Fatalf("%d batches travel unpacked", len(batches))
	}
	return len(b)
}

func filled(ops ...crdt.Op) []byte {
	return AppendBatch(nil, crdt.Batch{Stamp: crdt.NewStamp(1_800_000_000_000), Ops: ops})
}

func TestEveryValueArrivesAsItWas(t *testing.T) {
	var values []crdt.Value
	for e := -12; e < 22; e++ {
		for _, m := range []float64{1, -1, 1.5, 37.982489, 123456.7, 0.1 + 0.2, math.Pi} {
			values = append(values, crdt.Float(m*math.Pow(10, float64(e))), crdt.Int(int64(m*math.Pow(10, float64(min(e, 17))))))
		}
	}
	for _, x := range []float64{0, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64, 1 << 53, 1<<53 + 2} {
		values = append(values, crdt.Float(x))
	}
	for _, n := range []int64{0, 1, -1, math.MaxInt64, math.MinInt64, 1 << 62} {
		values = append(values, crdt.Int(n))
	}
	for _, s := range []string{"", "a", "aaa", "140581105211", "140581105211007", "老人独居", "\x00", "\U0010ffff", "\ufffd", strings.Repeat("燃气", 4000)} {
		values = append(values, crdt.Text(s))
	}
	values = append(values, "", "z", "\x00", "\x00\xff", "\xff\xff\xfe", "newer \x80\xbf\xc0", crdt.Bool(true), crdt.Bool(false), crdt.Ref(crdt.RecordID{15: 1}))
	var batches [][]byte
	for i, v := range slices.Concat(values, values) {
		batches = append(batches, filled(crdt.Op{Record: crdt.RecordID{byte(i)}, Kind: "k", Field: crdt.FieldID(i % 3), Type: crdt.Register, Value: v}))
	}
	comeBack(t, batches...)
}

func TestMomentsAndIdsOfAllExtremesArriveAsTheyWere(t *testing.T) {
	var batches [][]byte
	for _, s := range []crdt.Stamp{0, 1, 1 << 63, math.MaxUint64, crdt.NewStamp(1_800_000_000_000)} {
		for _, id := range []crdt.RecordID{{}, {0: 0xff}, {0: 0x80}, crdt.RecordID([]byte(strings.Repeat("\xff", 16)))} {
			op := crdt.Op{Record: id, Kind: "k", Field: 65535, Type: 255, Value: crdt.Ref(id), Replaces: []crdt.Dot{
				{Writer: 0, Seq: 1, Index: 1999}, {Writer: math.MaxUint64, Seq: 1 << 62},
			}}
			batches = append(batches, AppendBatch(nil, crdt.Batch{Stamp: s, Ops: []crdt.Op{op, op}}))
		}
	}
	comeBack(t, batches...)
}

func TestMoreKindsWritersAndShapesThanAreLearnedArrive(t *testing.T) {
	var batches [][]byte
	for i := range 700 {
		op := crdt.Op{Kind: fmt.Sprint("kind ", i), Field: crdt.FieldID(i), Type: crdt.Set, Value: crdt.Text(fmt.Sprint(i, string(rune(0x4e00+8*i))))}
		op.Replaces = []crdt.Dot{{Writer: crdt.Writer(i), Seq: 1}}
		batches = append(batches, filled(op))
	}
	comeBack(t, slices.Concat(batches, batches)...)
}

func TestABatchOfANewerVersionTravelsAsItIs(t *testing.T) {
	newer := []byte("\x02what version 2 has to say")
	comeBack(t, filled(visit().Ops...), newer, filled(visit().Ops...), []byte("\x01\x05\x00\x80\x00"), newer)
}

func TestAFormLikeThoseBeforeItTakesFewBytes(t *testing.T) {
	few := chunkOfVisits().Runs[0].Batches
	one := comeBack(t, few[:50]...)
	two := comeBack(t, few...)
	if each := (two - one) / 50; each > 40 { // two ids of 10 random bytes among them
		t.Errorf("a visit of %d bytes travels in %d", len(few[0]), each)
	}
}

func TestStreamsThatWereSignedTogetherShareTheSignature(t *testing.T) {
	m := Chunk{}
	for i := range 50 {
		run := Run{Space: village, Writer: crdt.NewWriter(7, uint32(i)), First: 1, Batches: [][]byte{filled(visit().Ops...)}}
		run.Signature = append([]byte{2, 50, byte(i)}, noise(1, 64)...)
		m.Runs = append(m.Runs, run)
	}
	together := len(Encode(m))
	for i := range m.Runs {
		copy(m.Runs[i].Signature[3:], noise(uint64(i), 64))
	}
	apart := len(Encode(m))
	if got, err := Decode(Encode(m)); err != nil || !equalMessages(got, m) {
		t.Errorf("they do not come back: %v", err)
	}
	if apart-together < 49*62 {
		t.Errorf("%d bytes signed together, %d apart", together, apart)
	}
}

func TestAPeerThatLacksWhatIsNamedTakesNothing(t *testing.T) {
	old := crdt.Dot{Writer: boris, Seq: 4}
	id := crdt.RecordID{3: 7}
	shared := func(s crdt.Space, d crdt.Dot) (crdt.RecordID, bool) { return id, s == village && d == old }
	op := crdt.Op{Record: id, Kind: "k", Type: crdt.Register, Value: crdt.Text("x"), Replaces: []crdt.Dot{old}}
	stranger := op
	stranger.Replaces = []crdt.Dot{{Writer: boris, Seq: 5}}
	batches := [][]byte{filled(visit().Ops...), filled(op), filled(stranger)}
	m := Chunk{Runs: []Run{{Space: village, Writer: anna, First: 1, Batches: batches, Signature: noise(1, 65)}}}
	b := EncodeFor(m, Shared{Record: shared})
	if got, err := DecodeFrom(b, Shared{Record: shared}); err != nil || !equalMessages(got, m) {
		t.Errorf("a peer that holds it reads %v, %v", got, err)
	}
	if got, err := Decode(b); err == nil {
		t.Errorf("one that does not reads %v", got)
	}
}

func TestEncodingLeavesTheChunkAlone(t *testing.T) {
	m := chunkOfVisits()
	m.Runs[0].Signature = noise(1, 65)
	same := Chunk{Runs: []Run{m.Runs[0]}}
	same.Runs[0].Batches = slices.Clone(m.Runs[0].Batches)
	same.Runs[0].Signature = slices.Clone(m.Runs[0].Signature)
	done := make(chan struct{})
	go func() { Encode(m); close(done) }() // the race detector looks on
	Encode(m)
	<-done
	if !equalMessages(m, same) {
		t.Error("encoding changed the chunk")
	}
}

func TestARecordIsToldByAnyOpAboutItThatBothEndsHold(t *testing.T) {
	m := Chunk{Runs: []Run{{Space: village, Writer: boris, First: 1, Signature: []byte{1}}}}
	dots, records := map[crdt.RecordID]crdt.Dot{}, map[crdt.Dot]crdt.RecordID{}
	for i := range 40 {
		id, d := crdt.RecordID{byte(i), byte(i * 7), 9: byte(i * 31)}, crdt.Dot{Writer: anna, Seq: uint64(i + 1)}
		dots[id], records[d] = d, id
		op := crdt.Op{Record: id, Kind: "grid_visit", Field: 11, Type: crdt.Counter, Value: crdt.Int(int64(i % 5))}
		b := AppendBatch(nil, crdt.Batch{Stamp: crdt.NewStamp(int64(i) * 60_000), Ops: []crdt.Op{op}})
		m.Runs[0].Batches = append(m.Runs[0].Batches, b)
	}
	held := Shared{
		Record: func(_ crdt.Space, d crdt.Dot) (crdt.RecordID, bool) { id, ok := records[d]; return id, ok },
		Dot:    func(_ crdt.Space, id crdt.RecordID) (crdt.Dot, bool) { d, ok := dots[id]; return d, ok },
	}
	short, long := EncodeFor(m, held), Encode(m)
	if len(short) > len(long)-40*8 {
		t.Errorf("%d bytes, and %d with every id told", len(short), len(long))
	}
	if got, err := DecodeFrom(short, Shared{Record: held.Record}); err != nil || !equalMessages(got, m) {
		t.Errorf("it does not come back: %v", err)
	}
	if _, err := Decode(short); err == nil {
		t.Error("who holds none of the records reads them")
	}
	delete(dots, crdt.RecordID{}) // the first record is one that the peer lacks
	if got, err := DecodeFrom(EncodeFor(m, held), Shared{Record: held.Record}); err != nil || !equalMessages(got, m) {
		t.Errorf("with one record that is not shared it does not come back: %v", err)
	}
}
