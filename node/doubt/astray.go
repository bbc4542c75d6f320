package doubt

import (
	"strings"

	"wangge/crdt"
	"wangge/schema"
)

// A record is kept in a space, and says itself of which area it tells. Figures go by what it
// says. So whoever may write in a space moves a record's figures to another area by that field,
// and nobody there sees it come: no form does so, and a person should look.

// astray reports whether a record lies elsewhere than where its form would put it.
func astray(k *schema.Kind, space crdt.Space, rec crdt.Record) bool {
	f, ok := k.Field(k.Area.Field)
	if !ok {
		return false
	}
	area, _ := f.Winner(rec.Cells[f.ID]).Text()
	return !strings.HasPrefix(area, space.Area) || len(space.Area) != k.Area.Level || space.Class != k.Class
}
