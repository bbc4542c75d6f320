package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"wangge/schema/kindfile"
)

const wellFile = `kind: well
title: {zh: 水井, en: Well}
class: open
area: {field: grid, level: community}
fields:
  - {id: 1, name: grid, title: {zh: 网格, en: Grid}, type: grid, required: true}
  - {id: 2, name: seen, title: {zh: 日期, en: Seen}, type: instant}
  - {id: 3, name: depth, title: {zh: 深度, en: Depth}, type: decimal}
  - {id: 4, name: uses, title: {zh: 用途, en: Uses}, type: choices, options: [{value: drink, zh: 饮用, en: Drinking}, {value: field, zh: 灌溉, en: Fields}]}
  - {id: 5, name: told, title: {zh: 已告知, en: Told}, type: bool}
  - {id: 6, name: photo, title: {zh: 照片, en: Photo}, type: photo}
  - {id: 7, name: deep, title: {zh: 深井, en: Deep}, type: bool, is: depth > 30}
  - {id: 8, name: homes, title: {zh: 用水户, en: Homes}, type: links, to: well_home, inline: true}
`

const wellHomeFile = `kind: well_home
title: {zh: 用水户, en: Home}
class: open
area: {field: area, level: community}
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: door, title: {zh: 门牌, en: Door}, type: text, required: true}
`

// Exports of the two servers, and of the same submission.
var exports = map[string]string{
	"ODK CSV": "SubmissionDate,start,well-seen,well-depth,well-uses,told,photo,deep,meta-instanceID,KEY,ReviewState\n" +
		"2026-11-23T01:00:00.000Z,2026-11-22T01:29:00.000Z,2026-11-22T09:30:00.000+08:00,42.5,drink field,OK,1.jpg,true,uuid:6b1d9a3e-54f0-4bb1-9a63-1d2a7a1b0c11,uuid:6b1d9a3e-54f0-4bb1-9a63-1d2a7a1b0c11,\n",
	"Kobo CSV": `"start";"well/seen";"well/depth";"well/uses";"well/uses/drink";"well/uses/field";"told";"photo";"colour";"_id";"_uuid"` + "\n" +
		`"2026-11-22T09:29";"2026-11-22 09:30:00";"42.5";"drink field";"1";"1";"OK";"1.jpg";"blue";"17";"6b1d9a3e-54f0-4bb1-9a63-1d2a7a1b0c11"` + "\n",
	"Kobo labels": `"日期";"深度";"用途";"用途/饮用";"已告知";"_uuid"` + "\n" +
		`"2026-11-22 09:30";"42.5";"drink field";"1";"OK";"6b1d9a3e-54f0-4bb1-9a63-1d2a7a1b0c11"` + "\n",
	"Kobo JSON": `{"count": 1, "next": null, "results": [{"_id": 17, "formhub/uuid": "x", "well/seen": "2026-11-22T09:30:00.000+08:00", "well/depth": "42.5",
		"well/uses": "drink field", "told": "OK", "photo": "1.jpg", "_uuid": "6b1d9a3e-54f0-4bb1-9a63-1d2a7a1b0c11", "_attachments": [], "meta/instanceID": "uuid:6b1d9a3e-54f0-4bb1-9a63-1d2a7a1b0c11"}]}`,
	"ODK JSON": `{"@odata.context": "x", "value": [{"__id": "uuid:6b1d9a3e-54f0-4bb1-9a63-1d2a7a1b0c11", "__system": {"submitterName": "x"}, "told": "OK",
		"well": {"seen": "2026-11-22T09:30:00.000+08:00", "depth": 42.5, "uses": "drink field"}, "photo": "1.jpg", "homes": [{"door": "7", "__id": "a"}, {"door": "8"}]}]}`,
}

func TestSubmissionsOfOtherServersBecomeRecords(t *testing.T) {
	kinds, err := kindfile.Load(fstest.MapFS{"well.yaml": {Data: []byte(wellFile)}, "well_home.yaml": {Data: []byte(wellHomeFile)}})
	if err != nil {
		t.Fatal(err)
	}
	k, _ := kinds.Kind("well")
	for server, text := range exports {
		r, err := readSubmissions(bufio.NewReader(strings.NewReader(text)), k, kinds, map[string]any{"grid": "140581105211003"}, exportParts{})
		if err != nil {
			t.Errorf("%s: %v", server, err)
			continue
		}
		l, err := r.next()
		if err != nil || l.fault != "" {
			t.Errorf("%s: %v, %s", server, err, l.fault)
			continue
		}
		var form map[string]any
		if err := json.Unmarshal(l.form, &form); err != nil {
			t.Fatal(err)
		}
		filled, problems := kinds.Check("well", form)
		if problems != nil {
			t.Errorf("%s: %v", server, problems)
			continue
		}
		homes, _ := k.Field("homes")
		if want := map[string]int{"ODK JSON": 2}[server]; len(filled.Links[homes.ID]) != want {
			t.Errorf("%s: %d homes", server, len(filled.Links[homes.ID]))
		}
		want := map[string]any{"grid": "140581105211003", "seen": int64(1795311000000), "depth": 42.5, "uses": []any{"drink", "field"}, "told": true}
		if got := k.Form(filled.Values); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", server, got, want)
		}
		if filled.ID.String() != "6b1d9a3e54f04bb19a631d2a7a1b0c11" {
			t.Errorf("%s: the record is %s", server, filled.ID)
		}
		if _, err := r.next(); !errors.Is(err, io.EOF) {
			t.Errorf("%s: after the last comes %v", server, err)
		}
		left := map[string][]string{"Kobo CSV": {"colour", "photo"}, "Kobo labels": nil}
		wanted, ok := left[server]
		if !ok {
			wanted = []string{"photo"}
		}
		if got := r.forms.left.columns(); !slices.Equal(got, wanted) {
			t.Errorf("%s: left out %v, want %v", server, got, wanted)
		}
	}
}

func (l *leftOut) columns() (all []string) {
	for key := range l.lines {
		all = append(all, key[1])
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestExportThatIsNoneIsRefused(t *testing.T) {
	kinds, err := kindfile.Load(fstest.MapFS{"well.yaml": {Data: []byte(wellFile)}, "well_home.yaml": {Data: []byte(wellHomeFile)}})
	if err != nil {
		t.Fatal(err)
	}
	k, _ := kinds.Kind("well")
	for _, text := range []string{"", `{"value": 3}`, `{"count": 1}`, `{`} {
		r, err := readSubmissions(bufio.NewReader(strings.NewReader(text)), k, kinds, nil, exportParts{})
		if err == nil {
			_, err = r.next()
		}
		if err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

func FuzzSubmissions(f *testing.F) {
	kinds, err := kindfile.Load(fstest.MapFS{"well.yaml": {Data: []byte(wellFile)}, "well_home.yaml": {Data: []byte(wellHomeFile)}})
	if err != nil {
		f.Fatal(err)
	}
	k, _ := kinds.Kind("well")
	for _, text := range exports {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := readSubmissions(bufio.NewReader(strings.NewReader(text)), k, kinds, nil, exportParts{})
		for n := 0; err == nil && n <= len(text)+1; n++ {
			var l line
			if l, err = r.next(); err == nil && l.fault == "" && !json.Valid(l.form) {
				t.Fatalf("no JSON: %s", l.form)
			}
		}
		if err == nil {
			t.Fatal("the export has no end")
		}
	})
}
