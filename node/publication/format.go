package publication

import (
	"bytes"
	"encoding/json"
	"errors"
)

// Most is how many bytes a publication has at the most, before it is read.
const Most = 8 << 20

// Publication is what one area publishes of one closed month. No field of it is free text
// of a record; By is whoever closed the month, an official.
type Publication struct {
	Format int      `json:"format"` // 1
	Area   string   `json:"area"`   // of whoever publishes: a county's six digits, a city's four, a province's two
	Month  string   `json:"month"`  // 2026-11
	Number int      `json:"number"` // 1 of the month's first publication, one more with each restatement
	At     string   `json:"at"`     // when the month was closed or restated, RFC 3339
	By     string   `json:"by"`
	Boxes  int      `json:"boxes"`           // whose work until then was all there
	Of     int      `json:"of"`              // all boxes
	Least  int64    `json:"least"`           // persons for whom a figure stands at the fewest
	Lacks  []string `json:"lacks,omitempty"` // of a city or province: its areas that had published nothing, so no figure has theirs
	Tables []Figure `json:"tables"`
}

// Figure is one table of one report. Parts of ratios and averages are reports themselves,
// so a city divides sums and never averages.
type Figure struct {
	Report   string `json:"report"`             // grid_visit.visits
	Title    string `json:"title"`              // how it reads: 走访次数
	By       string `json:"by"`                 // a grouping such as area:9, "" for the total alone
	Unit     string `json:"unit"`               // 次
	Decimals int    `json:"decimals,omitempty"` // places behind the point: a value of 8199 with two is 81.99
	Own      bool   `json:"own,omitempty"`      // counts persons once: never added up with another area's
	// Apart says that the rows are areas' own figures, which nobody may add up: there is no
	// total and no rest.
	Apart bool     `json:"apart,omitempty"`
	Lacks []string `json:"lacks,omitempty"` // areas whose figure this one lacks, beside those that the publication does
	Table Table    `json:"table"`
}

// Append appends the publication's bytes, which are the same for equal publications.
func Append(b []byte, p *Publication) ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	text, err := json.Marshal(p)
	return append(b, text...), err
}

// ErrDamaged is what bytes come down to that Append did not make.
var ErrDamaged = errors.New("no publication of format 1")

func damaged(what string) error {
	if what != "" {
		what = " (" + what + ")"
	}
	return Refuse(ErrDamaged, "这不是格式 1 的报送文件，或已损坏：请该地区重新生成%s", "this is no publication of format 1, or it is damaged: have the county write it again%s", what)
}

func tooLarge(most, size int) error {
	return Refuse(ErrDamaged, "报送文件最大 %d 字节，这个有 %d 字节：请核对文件，或请该地区重新生成", "a publication has %d bytes at the most, this has %d: look which file it is, or have the county write it again", most, size)
}

// Read reads a publication that Append made, of Most bytes at the most.
func Read(b []byte) (*Publication, error) {
	if len(b) > Most {
		return nil, tooLarge(Most, len(b))
	}
	p := &Publication{}
	if err := json.Unmarshal(b, p); err != nil {
		return nil, damaged("")
	}
	if again, err := Append(nil, p); err != nil || !bytes.Equal(again, b) {
		return nil, damaged("")
	}
	return p, nil
}
