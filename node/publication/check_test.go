package publication_test

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"wangge/node/publication"
)

// TestWhatACountyCountsCanBePublished makes tables of people who stand behind several rows, of
// whom a figure may count each once: whatever is withheld, the county may say it. A rest of three
// rows in which the same firms stand was once more than the total, and no month could go up.
func TestWhatACountyCountsCanBePublished(t *testing.T) {
	chance := rand.New(rand.NewPCG(8, 8))
	crowded := 0
	for range 20_000 {
		rows, all := make([]map[int]bool, 1+chance.IntN(6)), map[int]bool{}
		var cells []publication.Cell
		var visits int64
		own := chance.IntN(2) == 0
		for i := range rows {
			rows[i] = map[int]bool{}
			for range chance.IntN(9) {
				who := chance.IntN(12)
				rows[i][who], all[who] = true, true
			}
			n := int64(len(rows[i]))
			visits += n
			cells = append(cells, publication.Cell{Key: "140581" + strconv.Itoa(100+i), Value: n, Persons: n})
		}
		total := publication.Cell{Value: visits, Persons: int64(len(all))}
		if own {
			total.Value = total.Persons
		}
		table, err := publication.Suppress(cells, total, publication.Least)
		if err != nil {
			t.Fatal(err)
		}
		if table.Rest.Persons > total.Persons {
			crowded++
		}
		p := sample(t)
		p.Tables[0].Own, p.Tables[0].Table = own, table
		if _, err := publication.Append(nil, p); err != nil {
			t.Fatalf("%v of %v cannot be published as %+v: %v", total, cells, table, err)
		}
	}
	if crowded < 500 {
		t.Errorf("in %d tables the rest is more than the total", crowded)
	}
}
