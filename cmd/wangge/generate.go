package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"wangge/schema"
	"wangge/schema/kindfile"
)

var generateVerb = verb{
	name: "generate",
	does: "make up what a county writes down in a year, to try things out",
	help: `Usage: wangge generate --out DIR [flags]
       wangge generate --data DIR [--keys DIR] [flags]

Makes up a county's year from a seed; the same seed gives the same forms. A whole
year of 111 communities is 1,923,435 forms: visits, looks at curtains, attendances
of volunteers, and some of every other kind that comes with the program and boxes write. Some are
saved late, some are written down twice. Nobody in it exists.

--out writes a file for each box and kind, DIR/BOX/KIND.ndjson, as wangge import
takes them. --data writes into a stopped box's data folder, as that box would have
saved it, in pages that are each on the disk before the next begins; some records
have then been deleted, and some say two things at once, as after two people wrote
without a link. What the box may not write is left out. After a stop or a kill run
the same command again: pages that are there are passed over.

  --out DIR          where the files are written
` + folderHelp + `  --records N        so many forms; forms within forms make records of their own
  --scale X          instead: so much of a year (default 1)
  --year Y           the year (default 2026)
  --communities N    so many communities, each with a box (default 111)
  --seed N           what it is made up from (default 1)
  --json             print what was written as JSON
  --quiet            show no progress

Example:
  wangge generate --scale 0.01 --out year
  wangge import --kind grid_visit year/140581100200/grid_visit.ndjson
  wangge generate --records 20000 --communities 3 --data box-1/data
`,
	run: runGenerate,
}

// generating is a year that is being written.
type generating struct {
	*countyYear
	folder
	out      string
	written  generated
	voids    []schema.Filled // records of the last page that were deleted later
	progress *progress
}

// generated is what was written.
type generated struct {
	Forms  int            `json:"forms"`
	There  int            `json:"there_already"`
	Beyond int            `json:"left_out"` // what the box may not write
	Boxes  int            `json:"boxes"`
	Kinds  map[string]int `json:"kinds"`
}

func runGenerate(ctx context.Context, a *arguments) error {
	g := &generating{written: generated{Kinds: map[string]int{}}}
	f := a.flags()
	g.register(f)
	f.StringVar(&g.out, "out", "", "")
	records, scale := f.Int("records", 0, ""), f.Float64("scale", 1, "")
	year, communities, seed := f.Int("year", 2026, ""), f.Int("communities", yearCommunities, ""), f.Uint64("seed", 1, "")
	asJSON, quiet := f.Bool("json", false, ""), f.Bool("quiet", false, "")
	if _, err := a.parse(f, 0); err != nil {
		return err
	}
	switch {
	case (g.out == "") == (g.data == ""):
		return misused("want --out DIR for files, or --data DIR for a box's data folder")
	case *records < 0 || *scale <= 0 || *scale > 100 || *records > 100*yearForms:
		return misused("want --records from 1, or --scale above 0, and no more than a hundred years")
	case *year < 2000 || *year > 2100 || *communities < 1 || *communities > 999:
		return misused("want a --year from 2000 to 2100 and from 1 to 999 --communities")
	}
	if *records == 0 {
		*records = int(*scale * yearForms)
	}
	kinds, err := kindfile.Shipped()
	if err != nil {
		return err
	}
	if g.countyYear, err = newCountyYear(kinds, *seed, *year, *communities, *records); err != nil {
		return err
	}
	g.progress = newProgress(a.stderr, *quiet, 0, nil)
	if g.out != "" {
		err = g.files(ctx)
	} else {
		err = g.fillStore(ctx)
	}
	if err != nil {
		return fmt.Errorf("%w (so far %d forms; run the command again to go on)", err, g.written.Forms)
	}
	g.progress.end()
	if *asJSON {
		return json.NewEncoder(a.stdout).Encode(g.written)
	}
	_, err = fmt.Fprintf(a.stdout, "%d forms of %d kinds in %d boxes; %d were there already, %d are left out\n",
		g.written.Forms, len(g.written.Kinds), g.written.Boxes, g.written.There, g.written.Beyond)
	return err
}

// count notes forms that were written, or were there.
func (g *generating) count(forms []yearForm) {
	for _, f := range forms {
		g.written.Kinds[f.kind]++
	}
	g.written.Forms += len(forms)
	g.progress.show(tally{Lines: g.written.Forms, New: g.written.Forms - g.written.There - g.written.Beyond, Known: g.written.There, Refused: g.written.Beyond})
}

// files writes the boxes' forms as imports take them.
func (g *generating) files(ctx context.Context) error {
	for box, place := range g.places {
		forms, err := g.box(box)
		if err == nil {
			err = errors.Join(context.Cause(ctx), writeForms(filepath.Join(g.out, place), forms))
		}
		if err != nil {
			return err
		}
		g.written.Boxes++
		g.count(forms)
	}
	return nil
}

// writeForms writes a box's forms, a file a kind.
func writeForms(dir string, forms []yearForm) (err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	lines := map[string]*bufio.Writer{}
	for _, f := range forms {
		w := lines[f.kind]
		if w == nil {
			file, err := os.Create(filepath.Join(dir, f.kind+".ndjson"))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, file.Close()) }()
			w = bufio.NewWriter(file)
			lines[f.kind] = w
		}
		if err := json.NewEncoder(w).Encode(f.form); err != nil {
			return err
		}
	}
	for _, w := range lines {
		err = errors.Join(err, w.Flush())
	}
	return err
}
