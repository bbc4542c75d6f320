package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"wangge/node/city"
	"wangge/node/publication"
	"wangge/schema"
)

var receiveVerb = verb{
	name: "receive",
	does: "take at a city what its counties publish, or at a province what its cities do",
	help: `Usage: wangge receive --data DIR [flags] FILE...

Takes the files that wangge publish wrote, by whatever road they came. Each is held
against the root certificate of its area, which DIR/trusted has as AREA.pem: put the
county's county.crt there when somebody you know has brought it. What was taken is kept
as it came. To receive a file again is harmless; a restatement replaces what is shown,
and never what was said.

  --data DIR   the city's folder, which wangge init --area made
  --json       print what became of each file, an object a line

Exit codes: 0 all are here, 1 none could be taken, 3 some were refused.

Example:
  wangge init --county city --area 1405 --name 晋城市
  cp county.crt city/trusted/140581.pem
  wangge receive --data city 140581-2026-11-1.publication
  wangge report --data city --month 2026-11 grid_visit.visits
`,
	run: runReceive,
}

// brought is what became of one file.
type brought struct {
	File string `json:"file"`
	*city.Received
	Refused schema.Text `json:"refused,omitzero"` // why, and what to do
}

func runReceive(_ context.Context, a *arguments) error {
	f := a.flags()
	dir, asJSON := f.String("data", "", ""), f.Bool("json", false, "")
	files, err := a.parse(f, len(a.args))
	if err != nil {
		return err
	}
	if *dir == "" || len(files) == 0 {
		return misused("want --data DIR and a FILE")
	}
	folder, err := city.Open(*dir)
	if err != nil {
		return err
	}
	refused := 0
	for _, file := range files {
		t := brought{File: file}
		r, err := folder.Receive(file, time.Now())
		if err != nil {
			refused++
			t.Refused = publication.Say(err)
		} else {
			t.Received = &r
		}
		if err := a.sayBrought(t, *asJSON); err != nil {
			return err
		}
	}
	switch {
	case refused == 0:
		return nil
	case refused < len(files):
		return fmt.Errorf("%w: %d of %d files", errPartial, refused, len(files))
	}
	return fmt.Errorf("nothing was taken: %d of %d files were refused", refused, len(files))
}

func (a *arguments) sayBrought(t brought, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(a.stdout).Encode(t)
	}
	if !t.Refused.Empty() {
		_, err := fmt.Fprintf(a.stderr, "%s：%s\n%s: %s\n", t.File, t.Refused.Zh, t.File, t.Refused.En)
		return err
	}
	became := "taken"
	if t.Known {
		became = "here already"
	}
	if t.Latest > t.Number {
		became += fmt.Sprintf("; number %d is shown", t.Latest)
	}
	_, err := fmt.Fprintf(a.stdout, "%s: publication %d of %s for %s, %d tables, all work of %d of %d boxes: %s\n",
		t.File, t.Number, t.Area, t.Month, t.Tables, t.Boxes, t.Of, became)
	return err
}
