package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"wangge/schema"
	"wangge/schema/kindfile"
)

const springFile = `kind: spring
title: {zh: 泉, en: Spring}
class: open
area: {field: grid, level: community}
fields:
  - {id: 1, name: grid, title: {zh: 网格, en: Grid}, type: grid, required: true}
  - {id: 2, name: seen, title: {zh: 时间, en: Seen}, type: instant}
  - {id: 3, name: dug, title: {zh: 开挖, en: Dug}, type: date}
  - {id: 4, name: loc, title: {zh: 位置, en: Location}, type: text}
  - {id: 5, name: uses, title: {zh: 用途, en: Uses}, type: choices, options: [{value: drink, zh: 人 饮用, en: Drinking water}, {value: field, zh: 灌溉, en: Fields}]}
  - {id: 6, name: state, title: {zh: 状况, en: State}, type: choice, options: [{value: good, zh: 好, en: Good}, {value: bad, zh: 差, en: Poor}]}
  - {id: 7, name: photo, title: {zh: 照片, en: Photo}, type: photo}
  - {id: 8, name: homes, title: {zh: 用水户, en: Homes}, type: links, to: spring_home, inline: true}
`

const springHomeFile = `kind: spring_home
title: {zh: 用水户, en: Home}
class: open
area: {field: area, level: community}
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: door, title: {zh: 门牌, en: Door}, type: text, required: true}
`

const springID = "6b1d9a3e-54f0-4bb1-9a63-1d2a7a1b0c11"

func springs(t testing.TB) (*schema.Kind, *schema.Registry) {
	t.Helper()
	kinds, err := kindfile.Load(fstest.MapFS{"spring.yaml": {Data: []byte(springFile)}, "spring_home.yaml": {Data: []byte(springHomeFile)}})
	if err != nil {
		t.Fatal(err)
	}
	k, _ := kinds.Kind("spring")
	return k, kinds
}

// carriedOver is what an export comes to: its forms by their ids, and what was said of the rest.
func carriedOver(t testing.TB, parts exportParts) (forms []map[string]any, faults []string, left string) {
	t.Helper()
	k, kinds := springs(t)
	in, _, err := parts.open(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if parts.media != nil {
		parts.media.send = func(content []byte) (map[string]any, error) {
			return map[string]any{"root": strings.Repeat("ab", 32), "size": len(content), "media": "image/jpeg"}, nil
		}
	}
	lines, err := readLines(in, parts.main, "odk", k, kinds, map[string]any{"grid": "140581105211003"}, parts)
	if err != nil {
		t.Fatal(err)
	}
	for {
		l, err := lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if l.fault != "" {
			faults = append(faults, l.fault)
			continue
		}
		var form map[string]any
		if err := json.Unmarshal(l.form, &form); err != nil {
			t.Fatal(err)
		}
		if _, problems := kinds.Check("spring", form); problems != nil {
			t.Errorf("%s: %v", l.form, problems)
		}
		forms = append(forms, form)
	}
	var out strings.Builder
	lines.leftOut(&out)
	return forms, faults, out.String()
}

// files writes an export's files into a folder.
func files(t testing.TB, all map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range all {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func exportOf(t testing.TB, path string, repeats []string, media string) exportParts {
	t.Helper()
	parts, err := openExport(path, repeats, media)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { parts.close() })
	return parts
}

// One spring with all that a form can hold, as each server writes it.
var springExports = map[string]map[string]string{
	"ODK": {
		"springs.csv": "SubmissionDate,start,g-seen,g-dug,g-loc-Latitude,g-loc-Longitude,g-loc-Altitude,g-loc-Accuracy,uses,uses/drink,uses/field,state,photo,SET-OF-homes,KEY\n" +
			"2026-11-23T01:00:00.000Z,2026-11-22T01:29:00.000Z,2026-11-22T09:30:15.000+08:00,2019-03-12,35.79,112.92,850.5,4.8,drink field,1,1,bad,1.jpg,x,uuid:" + springID + "\n",
		"springs-homes.csv":   "door,PARENT_KEY,KEY\n7,uuid:" + springID + ",uuid:" + springID + "/homes[1]\n8,uuid:" + springID + ",uuid:" + springID + "/homes[2]\n",
		"media/1.jpg":         "a picture",
		"springs - audit.csv": "instance ID,event\nx,form start\n",
	},
	"Kobo": {
		"springs.csv": `"start";"g/seen";"g/dug";"g/loc";"_g/loc_latitude";"_g/loc_longitude";"_g/loc_altitude";"_g/loc_precision";"uses";"uses/drink";"uses/field";"state";"photo";"_id";"_uuid";"_index"` + "\n" +
			`"2026-11-22T09:29:00";"2026-11-22T09:30:15.000+0800";"2019/3/12";"35.79 112.92 850.5 4.8";"35.79";"112.92";"850.5";"4.8";"drink field";"1";"1";"bad";"1.jpg";"17";"` + springID + `";"1"` + "\n",
		"homes.csv":                       `"door";"_index";"_parent_table_name";"_parent_index";"_submission__id";"_submission__uuid"` + "\n" + `"7";"1";"springs";"1";"17";"` + springID + `"` + "\n" + `"8";"2";"springs";"1";"17";"` + springID + `"` + "\n",
		"pictures/" + springID + "/1.jpg": "a picture",
		"pictures/another/1.jpg":          "another picture",
	},
	"labels": { // only split columns, names of questions and options as people call them, rewritten by Excel
		"springs.csv": "时间,开挖,_位置_latitude,_位置_longitude,_位置_altitude,_位置_precision,用途/人 饮用,用途/Fields,状况,照片,_uuid,_index\r\n" +
			"2026/11/22 9:30:15,2019/3/12,35.79,112.92,850.5,4.8,1,TRUE,差,1.jpg," + springID + ",1\r\n",
		"homes.csv": "门牌,_parent_index\r\n7,1\r\n8,1\r\n", "1.jpg": "a picture",
	},
	"JSON": {
		"springs.json": `{"value": [{"__id": "uuid:` + springID + `", "__system": {"submitterName": "x"}, "g": {"seen": "2026-11-22T01:30:15.000Z", "dug": "2019-03-12",
			"loc": {"type": "Point", "coordinates": [112.92, 35.79, 850.5], "properties": {"accuracy": 4.8}}}, "uses": "drink field", "state": "bad", "photo": "1.jpg",
			"homes": [{"door": "7", "__id": "a"}, {"g2": {"door": "8"}, "people": [{"name": "x"}]}], "others@odata.navigationLink": "Submissions('x')/others"}]}`,
		"1.jpg": "a picture",
	},
}

func TestEveryServersExportOfAFormComesToTheSameRecord(t *testing.T) {
	for server, all := range springExports {
		dir := files(t, all)
		parts := exportParts{}
		if server == "JSON" {
			parts = exportOf(t, filepath.Join(dir, "springs.json"), nil, dir)
		} else {
			parts = exportOf(t, dir, nil, "")
		}
		forms, faults, left := carriedOver(t, parts)
		if len(forms) != 1 || len(faults) != 0 {
			t.Errorf("%s: %v, %v", server, forms, faults)
			continue
		}
		form := forms[0]
		k, kinds := springs(t)
		filled, problems := kinds.Check("spring", form)
		if problems != nil {
			continue
		}
		got := k.Form(filled.Values)
		delete(got, "photo")
		slices.SortFunc(got["uses"].([]any), func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
		want := map[string]any{"grid": "140581105211003", "seen": int64(1795311015000), "dug": "2019-03-12", "loc": "35.79 112.92 850.5 4.8", "uses": []any{"drink", "field"}, "state": "bad"}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", server, got, want)
		}
		if homes := form["homes"].([]any); len(homes) != 2 || homes[0].(map[string]any)["door"] != "7" || homes[1].(map[string]any)["door"] != "8" {
			t.Errorf("%s: homes %v", server, homes)
		}
		if photos, _ := form["photo"].([]any); len(photos) != 1 || photos[0].(map[string]any)["size"] != 9.0 {
			t.Errorf("%s: photo %v", server, form["photo"])
		}
		if form["id"] != strings.ReplaceAll(springID, "-", "") {
			t.Errorf("%s: id %v", server, form["id"])
		}
		wanted := map[string]string{
			"JSON": "column others, line 1: left out: it stands behind a link of the server: export with $expand=*\ncolumn people, line 1: left out: the kind spring_home has no such field\n",
		}[server]
		if told, note, _ := strings.Cut(left, "not taken, since"); told != wanted || note == "" {
			t.Errorf("%s: left out\n%s\nwant\n%s", server, left, wanted)
		}
	}
}

// What cannot be carried over is named by column and line, each thing that is there.
func TestWhatIsLeftOutIsNamedByColumnAndLine(t *testing.T) {
	dir := files(t, map[string]string{
		"springs.csv": "door,state,state,colour,photo,KEY,\n7,good,bad,blue,1.jpg,uuid:e,x\n,,,,,uuid:b\n,,bad,,../secret.jpg,uuid:c\n,good,,red,2.jpg,uuid:d\n",
		"homes.csv":   "door,PARENT_KEY,KEY\n1,uuid:gone,uuid:gone/homes[1]\n2,uuid:a/homes[1],uuid:a/homes[1]/people[1]\n3,,\n",
		"media/2.jpg": "x", "media/a/1.jpg": "x", "media/b/1.jpg": "y", "secret.jpg": "z",
	})
	forms, faults, left := carriedOver(t, exportOf(t, filepath.Join(dir, "springs.csv"), []string{filepath.Join(dir, "homes.csv")}, filepath.Join(dir, "media")))
	want := `column 7, line 2: left out: the first line gives it no name
column colour, lines 2, 5: left out: the kind spring has no such field
column door, line 2: left out: the kind spring has no such field
column photo, line 2: left out: several files in the folder of pictures have this name
column photo, line 4: left out: the file is not in the folder of pictures
column state, line 2: left out: a column before it is called the same
homes.csv, column (all), line 3: left out: it is a repeat within a repeat, which no kind asks for: make records of their own of it
homes.csv, column (all), line 4: left out: it does not say to which submission it belongs: PARENT_KEY or _submission__uuid is missing
homes.csv, column (all), line 2: left out: no submission of this export is the one to which it belongs
`
	if got, _, _ := strings.Cut(left, "not taken"); len(forms) != 4 || len(faults) != 0 || !sameLines(got, want) {
		t.Errorf("%d forms, faults %v, left out\n%s\nwant\n%s", len(forms), faults, left, want)
	}
}

func sameLines(a, b string) bool {
	count := map[string]int{}
	for _, l := range strings.Split(a, "\n") {
		count[l]++
	}
	for _, l := range strings.Split(b, "\n") {
		count[l]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

func TestTablesAreReadInTheEncodingsOfOffices(t *testing.T) {
	const text = "状况,位置,KEY\n差,东街水塔旁,uuid:" + springID + "\n"
	gb, _ := simplifiedchinese.GB18030.NewEncoder().String(text)
	utf16, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(strings.ReplaceAll(text, ",", "\t"))
	for name, bytes := range map[string]string{"UTF-8": text, "with a mark": "\ufeff" + text, "GB18030": gb, "UTF-16 and tabs": utf16, "semicolons": strings.ReplaceAll(text, ",", ";")} {
		forms, faults, left := carriedOver(t, exportOf(t, filepath.Join(files(t, map[string]string{"a.csv": bytes}), "a.csv"), nil, ""))
		if len(forms) != 1 || forms[0]["state"] != "bad" || forms[0]["loc"] != "东街水塔旁" || forms[0]["id"] == nil || strings.Contains(left, "left out") {
			t.Errorf("%s: %v, %v, %s", name, forms, faults, left)
		}
	}
	broken := "loc,KEY\n" + strings.Repeat("a well,\n", 10_000) + "\xb6\xab,\n"
	forms, faults, _ := carriedOver(t, exportOf(t, filepath.Join(files(t, map[string]string{"a.csv": broken}), "a.csv"), nil, ""))
	if len(forms) != 10_000 || len(faults) != 1 || !strings.Contains(faults[0], "save the file as UTF-8") {
		t.Errorf("%d forms, faults %v", len(forms), faults)
	}
}

// What is too large is refused before it costs memory: rows, columns, archives that swell.
func TestAnExportIsBounded(t *testing.T) {
	k, kinds := springs(t)
	endless := io.MultiReader(strings.NewReader("loc,KEY\n\""), zeros{})
	for name, in := range map[string]io.Reader{
		"a quote that is never closed": endless, "a line without an end": io.MultiReader(strings.NewReader("loc\n"), zeros{}), "a first line without an end": zeros{},
		"a million columns": strings.NewReader(strings.Repeat("a,", 1_000_000) + "\n"), "twenty thousand columns": strings.NewReader(strings.Repeat("a,", 20_000) + "\n"),
		"a submission without an end": io.MultiReader(strings.NewReader(`[{"loc": "`), zeros{}),
	} {
		r, err := readSubmissions(bufio.NewReaderSize(in, 2*lineMax), k, kinds, nil, exportParts{})
		for err == nil {
			_, err = r.next()
		}
		if errors.Is(err, io.EOF) || !strings.Contains(err.Error(), "than") && !strings.Contains(err.Error(), "at most") {
			t.Errorf("%s: %v", name, err)
		}
	}
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	w, err := z.CreateRaw(&zip.FileHeader{Name: "springs.csv", Method: zip.Deflate, CompressedSize64: 1 << 17, UncompressedSize64: 130 << 20})
	if err != nil {
		t.Fatal(err)
	}
	w.Write(make([]byte, 1<<17)) // what it says is judged, so there need be no more
	z.Close()
	path := filepath.Join(files(t, map[string]string{"springs.zip": file.String()}), "springs.zip")
	if _, err := openExport(path, nil, ""); err == nil || !strings.Contains(err.Error(), "unpacks to") {
		t.Errorf("an archive of %d bytes that swells: %v", file.Len(), err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

// An option's column is no answer to its question, in whatever letters it is written.
func TestAnOptionsColumnIsNoAnswer(t *testing.T) {
	k, kinds := springs(t)
	for text, want := range map[string]string{
		"g-uses,g-uses/灌溉\ndrink,1\n": `{"uses":["drink"]}`, "g-uses/灌溉,g-uses/人 饮用,g-uses/other\n1,0,1\n": `{"uses":["field"]}`, "用途.灌溉\nFALSE\n": `{}`,
	} {
		r, err := readSubmissions(bufio.NewReader(strings.NewReader(text)), k, kinds, nil, exportParts{})
		if err != nil {
			t.Fatal(err)
		}
		if l, err := r.next(); err != nil || string(l.form) != want {
			t.Errorf("%q became %s (%v), want %s", text, l.form, err, want)
		}
	}
}

// A kind that asks for latitude and longitude as numbers gets them of a place.
func TestAPlaceGoesIntoNumbersWhereAKindAsksForThese(t *testing.T) {
	kinds, err := kindfile.Load(fstest.MapFS{"spring.yaml": {Data: []byte(strings.Replace(springFile, "{id: 4, name: loc, title: {zh: 位置, en: Location}, type: text}",
		"{id: 4, name: lat, title: {zh: 纬度, en: Latitude}, type: decimal}\n  - {id: 9, name: lon, title: {zh: 经度, en: Longitude}, type: decimal}", 1))}, "spring_home.yaml": {Data: []byte(springHomeFile)}})
	if err != nil {
		t.Fatal(err)
	}
	k, _ := kinds.Kind("spring")
	for _, text := range []string{
		"g-loc-Latitude,g-loc-Longitude,g-loc-Altitude\n35.79,112.92,850\n", "_loc_latitude,_loc_longitude,_loc_altitude,_loc_precision\n35.79,112.92,850,\n",
		"loc\n35.79 112.92 850\n", `[{"g": {"loc": {"type": "Point", "coordinates": [112.92, 35.79, 850]}}}]`,
	} {
		r, err := readSubmissions(bufio.NewReader(strings.NewReader(text)), k, kinds, nil, exportParts{})
		if err != nil {
			t.Fatal(err)
		}
		l, err := r.next()
		if err != nil || string(l.form) != `{"lat":35.79,"lon":112.92}` || len(r.forms.left.columns()) != 1 || !strings.HasSuffix(r.forms.left.columns()[0], "loc-Altitude") {
			t.Errorf("%q became %s (%v), left out %v", text, l.form, err, r.forms.left.columns())
		}
	}
}
