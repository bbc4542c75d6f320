package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"wangge/node/city"
)

var publishVerb = verb{
	name: "publish",
	does: "write what a city's counties come to as a sealed file for the province",
	help: `Usage: wangge publish --data DIR --month MONTH --by NAME [flags]

Adds up what the areas of a city or province published of a month, seals it with the
folder's own root, and says where the file is that the level above receives. It is made
of publications alone, and names what it lacks. Persons that each area counted once go
side by side and are not added up. Done again it writes a restatement, under the next
number, if anything has changed.

  --data DIR      the city's folder, which wangge init --area made
  --month MONTH   such as 2026-11
  --by NAME       who publishes it
  --incomplete    even though some areas have published nothing of the month
  --json          print JSON

Example:
  wangge publish --data city --month 2026-11 --by 李建国
  wangge receive --data province city/published/1405-2026-11-1.publication
`,
	run: runPublish,
}

func runPublish(_ context.Context, a *arguments) error {
	f := a.flags()
	data, month, by := f.String("data", "", ""), f.String("month", "", ""), f.String("by", "", "")
	incomplete, asJSON := f.Bool("incomplete", false, ""), f.Bool("json", false, "")
	if _, err := a.parse(f, 0); err != nil {
		return err
	}
	if err := errors.Join(missing("--data DIR", *data), missing("--month MONTH", *month), missing("--by NAME", *by)); err != nil {
		return misused("%w", err)
	}
	return a.publishCity(*data, *month, *by, *incomplete, *asJSON)
}

// publishCity writes what a city or province publishes.
func (a *arguments) publishCity(data, month, by string, incomplete, asJSON bool) error {
	folder, err := city.Open(data)
	if err != nil {
		return err
	}
	p, err := folder.Publish(month, by, incomplete, time.Now())
	switch {
	case errors.Is(err, city.ErrIncomplete):
		return fmt.Errorf("%w: wait for it, or give --incomplete", err)
	case err != nil:
		return err
	case asJSON:
		return json.NewEncoder(a.stdout).Encode(map[string]any{
			"path": p.Path, "known": p.Known, "area": p.Area, "month": p.Month, "number": p.Number, "tables": len(p.Tables), "lacks": append([]string{}, p.Lacks...),
		})
	}
	became := "written"
	if p.Known {
		became = "nothing has changed since"
	}
	_, err = fmt.Fprintf(a.stdout, "%s: publication %d of %s for %s, %d tables: %s\n", p.Path, p.Number, p.Area, p.Month, len(p.Tables), became)
	return err
}
