package wire_test

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"wangge/crdt"
	. "wangge/sync/wire"
)

// The bytes of every kind of message read as the message, and there is no kind
// without them.
func TestEveryKindOfMessageIsPinnedAndReadsBack(t *testing.T) {
	pinned := map[byte]bool{}
	for name, m := range goldenMessages() {
		b := fromHex(t, filepath.Join("testdata", "message_"+name+".hex"))
		pinned[b[0]] = true
		if got, err := Decode(b); err != nil || !equalMessages(got, m) {
			t.Errorf("%s reads as %#v, %v", name, got, err)
		}
	}
	files, err := filepath.Glob(filepath.Join("testdata", "message_*.hex"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		pinned[fromHex(t, path)[0]] = true
	}
	for tag := range 256 {
		_, err := Decode([]byte{byte(tag)})
		known := err == nil || !strings.Contains(err.Error(), "message tag")
		if known != pinned[byte(tag)] {
			t.Errorf("message tag %d is known: %t; its bytes are pinned: %t", tag, known, pinned[byte(tag)])
		}
	}
}

func TestRecordsAndRumoursReadBackFromTheirBytes(t *testing.T) {
	b := fromHex(t, filepath.Join("testdata", "record.hex"))
	if r, err := DecodeRecord(b); err != nil || !reflect.DeepEqual(AppendRecord(nil, r), b) {
		t.Errorf("the record reads as %v, %v", r, err)
	}
	b = fromHex(t, filepath.Join("testdata", "rumour.hex"))
	if r, err := DecodeRumour(b); err != nil || !reflect.DeepEqual(AppendRumour(nil, r), b) {
		t.Errorf("the rumour reads as %v, %v", r, err)
	}
}

// Every merge type has an op whose bytes are pinned.
func TestEveryTypeOfOpIsPinned(t *testing.T) {
	preview := crdt.File{Root: [32]byte{9}, Size: 700, Media: "image/webp"}
	photo := crdt.Attachment{File: crdt.File{Root: [32]byte{7}, Size: 1 << 20, Media: "image/jpeg"}, Preview: preview}
	attach := crdt.Batch{Stamp: 1, Ops: []crdt.Op{
		{Record: crdt.RecordID{1}, Kind: "visit", Field: 4, Type: crdt.Attachments, Value: photo.Value()},
	}}
	golden(t, "batch_attach", AppendBatch(nil, attach))
	pinned := map[crdt.Type]bool{}
	files, err := filepath.Glob(filepath.Join("testdata", "batch_*.hex"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		b := fromHex(t, path)
		got, err := DecodeBatch(b)
		if err != nil || !reflect.DeepEqual(AppendBatch(nil, got), b) {
			t.Errorf("%s reads as %v, %v", filepath.Base(path), got, err)
		}
		for _, op := range got.Ops {
			pinned[op.Type] = true
		}
	}
	for typ := crdt.Register; !strings.HasPrefix(typ.String(), "type"); typ++ {
		if !pinned[typ] {
			t.Errorf("no op of type %s is pinned", typ)
		}
	}
}
