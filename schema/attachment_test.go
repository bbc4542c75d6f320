package schema_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"wangge/crdt"
	"wangge/schema"
	"wangge/schema/kindfile"
)

// picture is a photo as a form's JSON has it.
func picture(changes map[string]any) map[string]any {
	p := map[string]any{
		"root": strings.Repeat("ab", 32), "size": 200_000.0, "media": "image/jpeg",
		"preview": map[string]any{"root": strings.Repeat("cd", 32), "size": json.Number("9000"), "media": "image/webp"},
	}
	maps.Copy(p, changes)
	return p
}

func TestAPhotoOfAFormIsStoredAndReadsBack(t *testing.T) {
	form := visits(t)[0]
	form["photos"] = []any{picture(nil), picture(nil), picture(map[string]any{"root": strings.Repeat("ef", 32), "preview": nil})}
	filled, problems := shipped(t).Check("grid_visit", form)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	f, _ := filled.Kind.Field("photos")
	values := filled.Values[f.ID]
	if len(values) != 2 {
		t.Fatalf("%d photos are stored, want the two different ones", len(values))
	}
	a, ok := values[0].Attachment()
	if !ok || a.Root[0] != 0xab || a.Size != 200_000 || a.Preview.Root[31] != 0xcd || a.Preview.Media != "image/webp" {
		t.Errorf("stored as %+v", a)
	}
	shown := filled.Kind.Form(filled.Values)
	again, complaint := f.Read(shown["photos"])
	if !complaint.Empty() || !reflect.DeepEqual(again, values) {
		t.Errorf("it reads back as %v, %v", again, complaint)
	}
	if filled.Kind.Fields[0].Files.Count != 0 || f.Merge != crdt.Attachments {
		t.Errorf("photos merge as %s", f.Merge)
	}
}

func TestWhatIsNoPhotoIsRefusedInWords(t *testing.T) {
	f := &schema.Field{Type: schema.TypePhoto, Merge: crdt.Attachments, Files: schema.TypePhoto.DefaultFiles()}
	f.Files.Count, f.Files.Size = 2, 1<<20
	small := func(changes map[string]any) map[string]any {
		p := maps.Clone(picture(nil)["preview"].(map[string]any))
		maps.Copy(p, changes)
		return picture(map[string]any{"preview": p})
	}
	for what, value := range map[string]any{
		"no list":                  picture(nil),
		"a name":                   []any{"IMG_1.jpg"},
		"too many":                 []any{picture(nil), picture(nil), picture(nil)},
		"a number":                 []any{7.0},
		"nothing":                  []any{nil},
		"no root":                  []any{picture(map[string]any{"root": nil})},
		"a short root":             []any{picture(map[string]any{"root": "abcd"})},
		"a root that is no hex":    []any{picture(map[string]any{"root": strings.Repeat("zz", 32)})},
		"half a byte":              []any{picture(map[string]any{"size": 1.5})},
		"an empty file":            []any{picture(map[string]any{"size": 0.0})},
		"less than nothing":        []any{picture(map[string]any{"size": -5.0})},
		"a large file":             []any{picture(map[string]any{"size": 1<<20 + 1.0})},
		"more than any number":     []any{picture(map[string]any{"size": 1e300})},
		"another sort":             []any{picture(map[string]any{"media": "image/svg+xml"})},
		"no sort":                  []any{picture(map[string]any{"media": ""})},
		"a preview that is none":   []any{picture(map[string]any{"preview": "x"})},
		"a preview of another":     []any{small(map[string]any{"media": "text/html"})},
		"a drawing as preview":     []any{small(map[string]any{"media": "image/svg+xml"})},
		"a preview that is larger": []any{small(map[string]any{"size": 70_000.0})},
	} {
		values, complaint := f.Read(value)
		if complaint.Zh == "" || complaint.En == "" || len(values) > 0 {
			t.Errorf("%s: %v, %v", what, values, complaint)
		}
	}
	for _, none := range []any{nil, "", []any{}} {
		if values, complaint := f.Read(none); len(values) > 0 || !complaint.Empty() {
			t.Errorf("%v is not left out: %v, %v", none, values, complaint)
		}
	}
}

func TestTheSamePhotoIsNotAddedAgainForAnotherPreview(t *testing.T) {
	form := visits(t)[0]
	form["photos"] = []any{picture(nil)}
	registry := shipped(t)
	var rec crdt.Record
	for i, preview := range []any{picture(nil)["preview"], nil} {
		form["photos"] = []any{picture(map[string]any{"preview": preview})}
		filled, _ := registry.Check("grid_visit", form)
		ops := filled.Ops(rec, crdt.NewWriter(1, 0))
		for n, op := range ops {
			rec.Apply(crdt.Dot{Writer: 1, Seq: uint64(i + 1), Index: uint32(n)}, crdt.NewStamp(1), op, crdt.Frontier{1: uint64(i)})
		}
		if i == 1 && len(ops) > 0 {
			t.Errorf("the form adds %v", ops)
		}
	}
}

func TestKindsThatTakeAnythingAreRefused(t *testing.T) {
	kind := func(files string) error {
		_, err := kindfile.Load(fstest.MapFS{"tree.yaml": {Data: []byte(`kind: tree
title: {zh: 树, en: Tree}
class: open
area: {field: grid, level: community}
fields:
  - {id: 1, name: grid, title: {zh: 网格, en: Grid}, type: grid, required: true}
  - {id: 2, name: x, title: {zh: 照片, en: Photo}, ` + files + `}
`)}})
		return err
	}
	for _, good := range []string{"type: photo", "type: file", "type: photo, files: {count: 1, size: 5, media: [image/jpeg]}", "type: file, files: {media: [audio/mpeg]}"} {
		if err := kind(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"type: photo, files: {count: 51}", "type: photo, files: {count: -1}", "type: photo, files: {size: 21}", "type: photo, files: {size: 17592186044417}",
		"type: photo, files: {size: -1}", "type: photo, files: {media: []}", "type: photo, files: {media: [application/pdf]}",
		"type: photo, files: {media: [image/svg+xml]}", "type: file, files: {media: [text/html]}", "type: file, files: {media: [pdf]}",
		"type: text, files: {count: 2}", "type: photo, merge: set", "type: text, merge: attachment",
	} {
		if kind(bad) == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}
