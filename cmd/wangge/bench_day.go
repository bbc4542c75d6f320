package main

import (
	"context"
	"fmt"

	"wangge/node/sim"
)

// benchDay lives a county's day in the simulator, on its clock: 111 boxes with
// five tablets each, of which half have no signal at any time.
func benchDay(_ context.Context, b *bench) error {
	g := newGenerator(b.seed)
	day := sim.Day{Boxes: 111, Tablets: 5, Records: 7000, Seed: b.seed, Form: func(grid string, ms int64) map[string]any {
		v := g.visit(g.author(40))
		v.Grid, v.VisitedAt, v.Household = grid, ms, grid+v.Household[len(v.Grid):]
		return v.form()
	}}
	b.say("living a day of %d boxes with %d tablets each", day.Boxes, day.Tablets)
	told, err := day.Run()
	if err != nil {
		return err
	}
	b.sheet.print(benchFigure{What: "slowest record, from its box's contact to the county", Value: told.Slowest.Seconds(), Unit: "s",
		Note: "in the simulator's time: links of 64 kbit/s and 600 ms there and back"}.atMost(60))
	b.sheet.print(benchFigure{What: "bytes a record between boxes and hub, both ways", Value: float64(told.Uplink.Sum()) / float64(day.Records), Unit: "B",
		Note: fmt.Sprintf("%.1f x P1's rate of 52.89", float64(told.Uplink.Sum())/float64(day.Records)/p1Rate)}.atMost(1.3 * p1Rate))
	b.tolls(told.Uplink, day.Records)
	b.sheet.print(benchFigure{What: "contacts of boxes with the hub", Value: float64(told.Contacts)})
	b.sheet.print(benchFigure{What: "bytes a record between tablets and boxes, both ways", Value: float64(told.Local.Sum()) / float64(day.Records), Unit: "B",
		Note: fmt.Sprintf("to the box, and to the %d other tablets of its community", day.Tablets-1)})
	b.tolls(told.Local, day.Records)
	return nil
}

// p1Rate is what P1 takes for a visit, in bytes.
const p1Rate = 52.89

// tolls prints what bytes a record are made of.
func (b *bench) tolls(t sim.Toll, records int) {
	of := float64(records)
	for _, part := range []struct {
		what  string
		bytes int
		note  string
	}{
		{"greetings", t.Greetings, ""},
		{"content", t.Content, fmt.Sprintf("%.1f records a chunk", of/float64(max(1, t.Chunks)))},
		{"signatures", t.Signatures, fmt.Sprintf("%.2f signatures a record", float64(t.Signed)/of)},
		{"trees", t.Trees, ""},
		{"credentials", t.Credentials, "once in a device's life: all have met on the eve"},
		{"answers", t.Answers, ""},
		{"done", t.Dones, ""},
		{"others", t.Others, ""},
	} {
		b.sheet.print(benchFigure{What: "- " + part.what, Value: float64(part.bytes) / of, Unit: "B", Note: part.note})
	}
}
