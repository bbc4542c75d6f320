package node

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"wangge/node/web"
	"wangge/schema"
)

const jpegHead = "\xff\xd8\xff\xe0\x00\x10JFIF\x00"

// sent keeps a file and returns it as a form refers to it.
func (d desk) sent(t *testing.T, content, media string) map[string]any {
	t.Helper()
	root, size, err := cabinet{d.store.Files(), nil}.Keep(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"root": fmt.Sprintf("%x", root), "size": float64(size), "media": media}
}

func TestAPhotoOfAFormShowsInItsRecord(t *testing.T) {
	d := newDesk(t)
	photo := d.sent(t, jpegHead+strings.Repeat("photo", 9000), "image/jpeg")
	photo["preview"] = d.sent(t, jpegHead+"small", "image/jpeg")
	name := d.mustSave(t, "grid_visit", form(map[string]any{"photos": []any{photo}}))
	shown := d.fields(t, name)["photos"]
	if shown.Merge != "attachment" || len(shown.Versions) != 1 || shown.Conflict {
		t.Fatalf("%+v", shown)
	}
	value := shown.Versions[0].Value.(map[string]any)
	if value["root"] != photo["root"] || value["preview"].(map[string]any)["size"] != int64(len(jpegHead)+5) {
		t.Errorf("got %v", value)
	}
	list, err := d.List("grid_visit", nil, 10)
	if err != nil || len(list.Items[0].Values["photos"].([]any)) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	if s := d.Status().Files; s.Count != 2 || s.Missing != 0 || s.Bytes < 45_000 {
		t.Errorf("status %+v", s)
	}
	other := d.sent(t, jpegHead+"another", "image/jpeg")
	if err := d.Edit(name, []web.Edit{{Field: "photos", Add: other}, {Field: "photos", Remove: value}}); err != nil {
		t.Fatal(err)
	}
	if left := d.fields(t, name)["photos"].Versions; len(left) != 1 || left[0].Value.(map[string]any)["root"] != other["root"] {
		t.Errorf("left %+v", left)
	}
}

func TestAFormRefersOnlyToWhatThisBoxHasAndAsWhatItIs(t *testing.T) {
	d := newDesk(t)
	photo := d.sent(t, jpegHead+"photo", "image/jpeg")
	page := d.sent(t, "<!doctype html><script>", "image/jpeg")
	change := func(m map[string]any) map[string]any {
		p := maps.Clone(photo)
		maps.Copy(p, m)
		return p
	}
	for what, refused := range map[string]map[string]any{
		"a file that is not here":    change(map[string]any{"root": strings.Repeat("ab", 32)}),
		"another size":               change(map[string]any{"size": photo["size"].(float64) + 1}),
		"a page as a photo":          page,
		"another sort of picture":    change(map[string]any{"media": "image/png"}),
		"a preview that is not here": change(map[string]any{"preview": change(map[string]any{"root": strings.Repeat("ab", 32)})}),
		"a page as a preview":        change(map[string]any{"preview": page}),
	} {
		var problems schema.Problems
		if _, err := d.Save("grid_visit", form(map[string]any{"photos": []any{photo, refused}})); !errors.As(err, &problems) || problems[0].Field != "photos" {
			t.Errorf("%s in a form: %v", what, err)
		}
		outcomes, err := d.Import("grid_visit", []map[string]any{form(map[string]any{"photos": []any{refused}}), form(map[string]any{"photos": []any{photo}})})
		if err != nil || outcomes[0].State != "refused" || outcomes[1].State == "refused" {
			t.Errorf("%s in an import: %+v, %v", what, outcomes, err)
		}
	}
	if list, _ := d.List("grid_visit", nil, 10); len(list.Items) != 1 {
		t.Errorf("%d forms were saved", len(list.Items))
	}
	name := d.mustSave(t, "grid_visit", form(nil))
	var problems schema.Problems
	if err := d.Edit(name, []web.Edit{{Field: "photos", Add: page}}); !errors.As(err, &problems) {
		t.Errorf("a page in an edit: %v", err)
	}
}
