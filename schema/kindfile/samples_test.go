package kindfile_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"wangge/schema/kindfile"
)

const bed = `kind: bed
title: {zh: 苗床, en: Bed}
class: open
area: {field: area, level: community}
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: rows, title: {zh: 行, en: Rows}, type: int, range: [1, 9]}
  - {id: 3, name: plants, title: {zh: 株, en: Plants}, type: int, is: rows * 10}
  - {id: 4, name: waterings, title: {zh: 浇水, en: Waterings}, type: int, merge: counter}
  - {id: 5, name: note, title: {zh: 备注, en: Note}, type: text, merge: text, multiline: true}
`

func TestSamplesAreTriedAndWhatDiffersIsSaid(t *testing.T) {
	for text, want := range map[string]string{
		`- {area: "140581105211", rows: 3}`:                                         "",
		`- {area: "140581105211", rows: 30}`:                                        "is refused: rows: ",
		`- {form: {area: "140581105211", rows: 30}, problem: rows}`:                 "",
		`- {form: {area: "140581105211", rows: 3}, problem: rows}`:                  "is taken, and is to be refused for rows",
		`- {form: {rows: 3}, problem: rows}`:                                        "is to be refused for rows, and is refused: area: ",
		`- {form: {area: "140581105211", rows: 3}, shows: {plants: 30, rows: 3}}`:   "",
		`- {form: {area: "140581105211", rows: 3}, shows: {plants: 31}}`:            "plants shows 30 and is to show 31",
		`- {form: {area: "140581105211"}, shows: {plants: 0}}`:                      "plants shows nothing and is to show 0",
		`- {form: {area: "140581105211"}, shows: {plants: null}}`:                   "",
		`- {form: {area: "140581105211", waterings: 2, note: 湿}, shows: {note: 湿}}`: "",
		`- {form: {area: "140581105211"}, shows: {}, problem: rows}`:                "error: samples/bed.yaml:1: a form that is refused",
		`- {form: {area: "140581105211"}, works: true}`:                             "error: samples/bed.yaml:1: works: ",
		"- {area: \"140581105211\"}\n- {form: {}, shows: 3}":                        "error: samples/bed.yaml:2: shows: ",
		`{area: "140581105211"}`:                                                    "error: samples/bed.yaml: write a list",
		`- [`:                                                                       "error: samples/bed.yaml:1: ",
	} {
		files := fstest.MapFS{"bed.yaml": {Data: []byte(bed)}, "samples/bed.yaml": {Data: []byte(text)}}
		registry, err := kindfile.Load(files)
		if err != nil {
			t.Fatal(err)
		}
		samples, err := kindfile.Samples(files, "bed")
		var got string
		if err != nil {
			got = "error: " + err.Error()
		}
		for _, s := range samples {
			got += strings.Join(s.Try(registry, "bed"), "; ")
		}
		if !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
