package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"wangge/schema/kindfile"
)

// forms reads all lines of an input, and the numbers of those that are no form.
func forms(t *testing.T, in io.Reader, name, kind string) (all []map[string]any, bad []int) {
	t.Helper()
	kinds, err := kindfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	k, _ := kinds.Kind(kind)
	lines, err := readLines(in, name, "", k, kinds, nil, exportParts{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		l, err := lines.next()
		if errors.Is(err, io.EOF) {
			return all, bad
		}
		if err != nil {
			t.Fatal(err)
		}
		if l.fault != "" {
			bad = append(bad, l.number)
			continue
		}
		var form map[string]any
		if err := json.Unmarshal(l.form, &form); err != nil {
			t.Fatalf("line %d: %v", l.number, err)
		}
		all = append(all, form)
	}
}

func TestATableBecomesForms(t *testing.T) {
	csv := "grid,主题,tags,followups,visited_at,note\n" +
		"140581105211007,用电安全,独居；残疾,2,2026-11-22 09:30,\"两行\n笔记\"\n" +
		"140581105211008,独居老人,,,1730448085841,\n"
	kinds, _ := kindfile.Shipped()
	k, _ := kinds.Kind("grid_visit")
	topic, _ := k.Field("topic")
	csv = strings.Replace(csv, "主题", topic.Title.Zh, 1)
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(csv)
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write([]byte(csv))
	z.Close()
	want, _ := forms(t, strings.NewReader(csv), "a.csv", "grid_visit")
	if len(want) != 2 || want[0]["topic"] != "用电安全" || want[0]["followups"] != 2.0 || want[0]["visited_at"] != "2026-11-22T09:30" ||
		!reflect.DeepEqual(want[0]["tags"], []any{"独居", "残疾"}) || want[0]["note"] != "两行\n笔记" || len(want[1]) != 3 {
		t.Fatalf("got %v", want)
	}
	for name, in := range map[string]io.Reader{
		"GB18030.csv": strings.NewReader(gb), "mark.csv": strings.NewReader("\ufeff" + csv), "zipped.csv.gz": &zipped,
	} {
		if got, _ := forms(t, in, name, "grid_visit"); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestLinkedFormsHaveColumnsToo(t *testing.T) {
	csv := "area,person.id_number,姓名,consent\n140581105211,14058119920307151X,高飞,是\n"
	got, _ := forms(t, strings.NewReader(csv), "a.csv", "newjob_checkin")
	want := map[string]any{"area": "140581105211", "consent": true, "person": map[string]any{"id_number": "14058119920307151X", "name": "高飞"}}
	if len(got) != 1 || !reflect.DeepEqual(got[0], want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func TestBadLinesAreNamedAndTheOthersGoOn(t *testing.T) {
	in := "{\"grid\":\"1\"}\n\nno form\n[1]\n{\"note\":\"" + strings.Repeat("长", lineMax) + "\"}\n{\"grid\":\"2\"}"
	got, bad := forms(t, strings.NewReader(in), "a.ndjson", "grid_visit")
	if len(got) != 2 || !reflect.DeepEqual(bad, []int{3, 4, 5}) {
		t.Fatalf("%d forms, bad lines %v; want 2 and 3, 4, 5", len(got), bad)
	}
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("{\"grid\":\"1\"}\n"), "a.ndjson")
	f.Add([]byte("grid,note\n1,\"x\n"), "a.csv")
	kinds, err := kindfile.Shipped()
	if err != nil {
		f.Fatal(err)
	}
	k, _ := kinds.Kind("grid_visit")
	f.Fuzz(func(t *testing.T, in []byte, name string) {
		lines, err := readLines(bytes.NewReader(in), name, "", k, kinds, nil, exportParts{})
		for n := 0; err == nil && n <= len(in)+1; n++ {
			_, err = lines.next()
		}
		if err == nil {
			t.Fatal("more lines than bytes")
		}
	})
}
