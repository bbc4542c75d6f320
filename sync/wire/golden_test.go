package wire_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"wangge/crdt"
	. "wangge/sync/wire"
)

var update = flag.Bool("update", false, "write the golden files anew; old nodes in the field will not follow")

// golden compares with the bytes that every node ever shipped reads and writes.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name+".hex")
	if *update {
		if err := os.WriteFile(path, []byte(lines(got)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := fromHex(t, path); !bytes.Equal(got, want) {
		t.Errorf("%s changed:\n%swant\n%s", name, lines(got), lines(want))
	}
}

// lines writes 32 bytes a line, so that a change shows where it is.
func lines(b []byte) string {
	var s strings.Builder
	for len(b) > 0 {
		n := min(32, len(b))
		s.WriteString(hex.EncodeToString(b[:n]) + "\n")
		b = b[n:]
	}
	return s.String()
}

func fromHex(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := hex.DecodeString(strings.ReplaceAll(string(text), "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBatchesKeepTheirBytes(t *testing.T) {
	stamp := crdt.NewStamp(1_800_000_000_000) + 5
	op := func(typ crdt.Type, v crdt.Value, replaces ...crdt.Dot) crdt.Op {
		return crdt.Op{Record: crdt.RecordID{0: 0xaa, 15: 0xbb}, Kind: "person", Field: 300, Type: typ, Value: v, Replaces: replaces}
	}
	old := crdt.Dot{Writer: boris, Seq: 200, Index: 1}
	for name, ops := range map[string][]crdt.Op{
		"empty":          nil,
		"assign":         {op(crdt.Register, crdt.Text("网格"), old)},
		"clear":          {op(crdt.Register, "", old)},
		"add_element":    {op(crdt.Set, crdt.Ref(crdt.RecordID{1: 9}))},
		"remove_element": {op(crdt.Set, "", crdt.Dot{Writer: anna, Seq: 1}, old)},
		"add":            {op(crdt.Counter, crdt.Int(-150), old)},
		"values":         {op(crdt.Set, crdt.Float(36.6)), op(crdt.Set, crdt.Bool(true)), op(crdt.Set, crdt.Text(""))},
		"edit_text":      {op(crdt.MergedText, crdt.Event([]crdt.Dot{old}, crdt.Edit{At: 3, Cut: 1, Put: "网格"}))},
		"hand_on":        {handOn(t)},
		"append":         {op(crdt.Log, crdt.Text("已上门"))},
		"same_as":        {crdt.Record{Kind: "person"}.SameAs(crdt.RecordID{1}, crdt.RecordID{2})},
		"delete":         {deleted().Delete(crdt.RecordID{1})},
		"newer":          {op(200, "z from a newer form")},
		"visit":          visit().Ops,
	} {
		b := AppendBatch(nil, crdt.Batch{Stamp: stamp, Ops: ops})
		golden(t, "batch_"+name, b)
		if got, err := DecodeBatch(b); err != nil || got.Stamp != stamp || !reflect.DeepEqual(got.Ops, ops) {
			t.Errorf("%s reads as %v, %v", name, got, err)
		}
	}
}

// handOn is what a box writes that earned points, was handed others by anna and
// hands some on to boris.
func handOn(t *testing.T) crdt.Op {
	id, box := crdt.RecordID{0: 0xaa}, crdt.NewWriter(9, 0xb0c)
	points := crdt.Record{}
	do := func(w crdt.Writer, seq uint64, op crdt.Op, err error) crdt.Op {
		if err != nil {
			t.Fatal(err)
		}
		points.Apply(crdt.Dot{Writer: w, Seq: seq}, 1, op, crdt.Frontier{w: seq - 1})
		return op
	}
	op, err := points.Earn(id, "points", 4, anna, 5000)
	do(anna, 1, op, err)
	op, err = points.HandOn(id, "points", 4, anna, box, 600)
	do(anna, 2, op, err)
	op, err = points.Spend(id, "points", 4, box, 20)
	do(box, 1, op, err)
	op, err = points.HandOn(id, "points", 4, box, boris, 300)
	return do(box, 2, op, err)
}

func deleted() crdt.Record {
	entry := crdt.Entry{Dot: crdt.Dot{Writer: boris, Seq: 300, Index: 2}, Stamp: 1, Value: crdt.Text("x")}
	return crdt.Record{Kind: "person", Cells: map[crdt.FieldID]crdt.Cell{3: {Type: crdt.Register, Entries: []crdt.Entry{entry}}}}
}

func TestRecordsKeepTheirBytes(t *testing.T) {
	golden(t, "record", AppendRecord(nil, crdt.Record{Kind: "person", Cells: map[crdt.FieldID]crdt.Cell{
		0: {Type: crdt.Register, Entries: []crdt.Entry{{Dot: crdt.Dot{Writer: anna, Seq: 1}, Stamp: 1 << 16, Value: crdt.Bool(true)}}},
		3: {Type: crdt.Register, Entries: []crdt.Entry{
			{Dot: crdt.Dot{Writer: anna, Seq: 2}, Stamp: 2 << 16, Value: crdt.Text("a")},
			{Dot: crdt.Dot{Writer: boris, Seq: 1, Index: 4}, Stamp: 3 << 16, Value: crdt.Text("b")},
		}},
		8: {Type: crdt.Set},
		9: {Type: crdt.Set, Kills: []crdt.Dot{{Writer: boris, Seq: 7, Index: 1}}},
	}}))
}

func goldenMessages() map[string]Message {
	run := Run{Space: village, Writer: anna, First: 12, Batches: [][]byte{AppendBatch(nil, crdt.Batch{})}, Signature: []byte{1, 0xab}}
	return map[string]Message{
		"hello": Hello{Protocol: Protocol, County: county, Device: 7, Epoch: 1 << 40, Holds: map[crdt.Space]crdt.Frontier{
			village: {anna: 11, boris: 300}, town: {},
		}, Floors: map[crdt.Space]crdt.Frontier{village: {boris: 299}}, Tags: map[crdt.Space]map[crdt.Writer]Tag{village: {anna: 0x0a0b0c0d, boris: 0}}},
		"chunk":   Chunk{Number: 5, Credentials: [][]byte{{0xce, 0xde}}, Runs: []Run{run}},
		"ack":     Ack{Marks: []Mark{{Space: village, Writer: anna, Seq: 12, Level: AtCounty}}},
		"kept":    Kept{Chunk: 300, Level: AtCounty, Not: []int{0, 1, 200}},
		"refusal": Refusal{Mark: Mark{Space: town, Writer: boris, Seq: 301}, Why: WhyStranger, Reason: "no credential"},
		"done":    Done{Print: Print{1, 15: 2}, Left: Amount{Batches: 300, Bytes: 40000}},
		"hello_known": Hello{Protocol: Protocol, County: county, Device: 7, Grounds: []GroundName{{1}, {7: 2}}, Print: Print{3}, Budget: 100000,
			Holds: map[crdt.Space]crdt.Frontier{village: {anna: 11}}, Floors: map[crdt.Space]crdt.Frontier{},
			Tags: map[crdt.Space]map[crdt.Writer]Tag{village: {anna: 0x0a0b0c0d}}},
		"checkpoint": Checkpoint{
			Space: village, At: 1763805600000, Heads: []Head{{anna, 11, Hash{1}}, {boris, 300, Hash{2}}}, Records: 40, Sum: [32]byte{3},
			Pages: []PageName{{Size: 9000, Hash: Hash{4}}}, Seal: Seal{Credential: []byte{0xce}, Signature: []byte{1, 0xab}},
		},
		"want":  Want{Space: village, Checkpoint: Hash{5}, Page: 1},
		"page":  Page{Space: village, Checkpoint: Hash{5}, Number: 1, Data: []byte{1, 0, 0, 0}},
		"doubt": Doubt{Space: village, Writer: anna, Seq: 11, Rungs: []Tag{1, 0x0a0b0c0d}},
		"fork": Fork{Credential: []byte{0xce, 0xde}, Space: village, Writer: anna, Seq: 12, Before: Hash{6}, Branches: [2]Branch{
			{run.Batches, run.Signature}, {[][]byte{AppendBatch(nil, crdt.Batch{Stamp: 1})}, []byte{1, 0xcd}},
		}},
		"freeze":   Freeze{Space: village, Writer: anna, Seq: 13, Hash: Hash{7}, Signature: []byte{1, 0xef}},
		"complete": Complete{Device: 7, Name: "城东站", At: 1763805600000},
		"heard":    Heard{Device: 7, Name: "城东站", At: 1763805600000, Told: true, Skew: -600001, Greeted: true, Wants: 17},
		"aside":    Aside{ID: "rights-0123456789abcdef", By: "王秀英", Reason: "县里已补发权限", At: 1763805600000, Zh: "无权在这个区域登记", En: "may not write for that area"},
		"troubles": Troubles{Device: 2, At: 1763805600000, All: []Trouble{{
			ID: "room-0123456789abcdef", Sort: "room", Grave: true, At: 1763805500000, What: Words{Zh: "磁盘放不下", En: "no room on the disk"},
			Do: Words{Zh: "清理磁盘", En: "make room"}, Detail: "3 files", Records: []TroubleRecord{{village, crdt.RecordID{1: 9}}},
		}, {Sort: "disk"}}},
		"quarantine": Quarantine{Device: 7, Name: "城东站", At: 1763805600000, Refusal: Refusal{
			Mark: Mark{Space: village, Writer: anna, Seq: 12}, Why: WhyRights, Reason: "the writer was revoked",
		}},
		"clock":  Clock{At: 1763805600000},
		"office": Office{Writer: anna, Chunk: Chunk{Credentials: [][]byte{{0xce, 0xde}}, Runs: []Run{run}}},
	}
}

func TestArmsKeepTheirBytesAndNames(t *testing.T) {
	arm := Arm{Of: []byte{0xce, 0xde}, Space: village, After: 11, Before: Hash{6}, First: Hash{8}}
	name, ok := arm.Name(county, anna)
	inner, ok2 := arm.Name(county, name)
	if !ok || !ok2 || ArmDepth(anna) != 0 || ArmDepth(name) != 1 || ArmDepth(inner) != 2 {
		t.Errorf("arms %s and %s of %s", name, inner, anna)
	}
	golden(t, "arm", fmt.Appendf(arm.Append(nil), " %s %s", name, inner))
	if got, ok := ReadArm(arm.Append(nil)); !ok || !reflect.DeepEqual(got, arm) {
		t.Errorf("got %+v, want %+v", got, arm)
	}
	if _, ok := ReadArm(arm.Append(nil)[:70]); ok {
		t.Error("an arm of nothing was read")
	}
}

func TestAnArmsNameFollowsFromWhereItLeaves(t *testing.T) {
	arm := Arm{Of: []byte{1}, Space: village, After: 11, Before: Hash{6}, First: Hash{8}}
	want, _ := arm.Name(county, anna)
	for what, change := range map[string]func(*Arm){
		"space": func(a *Arm) { a.Space = town }, "number": func(a *Arm) { a.After++ }, "batch": func(a *Arm) { a.First[0]++ },
	} {
		other := arm
		change(&other)
		if name, ok := other.Name(county, anna); !ok || name == want {
			t.Errorf("another %s has the same name %s", what, name)
		}
	}
	other := arm
	other.Of = []byte{2} // a renewed certificate
	if name, _ := other.Name(county, anna); name != want {
		t.Errorf("a renewed certificate makes the name %s of %s", name, want)
	}
	w, ok := anna, true
	for depth := 0; ok; depth++ {
		if w, ok = arm.Name(county, w); depth > 20 {
			t.Fatal("arms of arms without end")
		}
	}
}

func TestMessagesKeepTheirBytes(t *testing.T) {
	for name, m := range goldenMessages() {
		golden(t, "message_"+name, Encode(m))
	}
}

// The packed and the pressed form depend on the packer's taste; what is pinned is that a chunk
// once packed stays readable.
func TestAPackedChunkStaysReadable(t *testing.T) {
	want := Chunk{Runs: []Run{{Space: village, Writer: anna, First: 1, Signature: []byte{1}}}}
	for range 4 {
		want.Runs[0].Batches = append(want.Runs[0].Batches, AppendBatch(nil, visit()))
	}
	stays(t, "message_packed_chunk", packedTag, Encode(want), Shared{}, want)
	stays(t, "message_pressed_chunk", pressedTag, EncodePressed(want, nil), Shared{}, want)
}

// stays holds that a chunk once packed reads as it did.
func stays(t *testing.T, name string, tag byte, packed []byte, shared Shared, want Chunk) {
	t.Helper()
	path := filepath.Join("testdata", name+".hex")
	if *update {
		if err := os.WriteFile(path, []byte(lines(packed)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b := fromHex(t, path)
	got, err := DecodeFrom(b, shared)
	if err != nil || !equalMessages(got, want) || b[0] != tag {
		t.Errorf("tag %d reads as %v, %v", b[0], got, err)
	}
}

func TestTheChainKeepsItsBytes(t *testing.T) {
	origin := Origin(county, village, boris)
	next := origin.Next(AppendBatch(nil, visit()))
	golden(t, "chain_origin", origin[:])
	golden(t, "chain_next", next[:])
	golden(t, "head_message", HeadMessage(county, village, boris, 300, next))
}

func TestRumoursKeepTheirBytes(t *testing.T) {
	golden(t, "rumour", AppendRumour(nil, Rumour{Device: 300, Heads: []Mark{{Space: town, Writer: anna, Seq: 5}}}))
}

func TestStreamsOfOtherPlacesStartElsewhere(t *testing.T) {
	seen := map[Hash]bool{}
	for _, c := range []County{county, {}} {
		for _, s := range []crdt.Space{village, town, {Area: village.Area, Class: crdt.Open}} {
			for _, w := range []crdt.Writer{anna, boris, crdt.NewWriter(7, 1)} {
				seen[Origin(c, s, w)] = true
			}
		}
	}
	if len(seen) != 18 {
		t.Errorf("%d of 18 streams have an origin of their own", len(seen))
	}
}

func TestLevelsHaveNames(t *testing.T) {
	for l, want := range map[Level]string{Saved: "saved", AtBox: "box", AtCounty: "county", 9: "level9"} {
		if l.String() != want {
			t.Errorf("level %d is called %s, want %s", byte(l), l, want)
		}
	}
}
