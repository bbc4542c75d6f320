package sim

import (
	"fmt"
	"testing"
	"time"
)

func TestADaysRecordsAreAtTheCountyWithinAMinuteOfContact(t *testing.T) {
	n := 0
	day := Day{Boxes: 6, Tablets: 2, Records: 200, Seed: 1, Form: func(grid string, ms int64) map[string]any {
		n++
		return map[string]any{
			"id": fmt.Sprintf("01J00000000000000000%06d", n), "grid": grid, "visited_at": ms, "topic": "用电安全", "status": "正常", "note": fmt.Sprintf("第%d次走访", n),
		}
	}}
	told, err := day.Run()
	if err != nil {
		t.Fatal(err)
	}
	if told.AtCounty != day.Records || told.Slowest > time.Minute || told.Uplink.Sum() == 0 || told.Local.Sum() == 0 {
		t.Errorf("%+v", told)
	}
}
