package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"wangge/node/city"
	"wangge/node/publication"
)

// publishCity writes what a city or province publishes.
func (a *arguments) publishCity(data, month, by string, incomplete, asJSON bool) error {
	folder, err := city.Open(data)
	if err != nil {
		return err
	}
	p, err := folder.Publish(month, by, incomplete, time.Now())
	switch {
	case errors.Is(err, city.ErrIncomplete):
		why := publication.Say(err)
		return publication.Refuse(err, "%[1]s；请等它报来，或加 --incomplete", "%[2]s: wait for it, or give --incomplete", why.Zh, why.En)
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
