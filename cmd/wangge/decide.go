package main

import (
	"context"
	"fmt"
	"strings"

	"wangge/node"
	"wangge/node/web"
)

var decideVerb = verb{
	name: "decide",
	does: "write what an official of the county decides",
	help: `Usage: wangge decide --data DIR --by NAME KIND/AREA/CLASS/ID FIELD VALUE

Gives a field that the county decides by hand (decide: {hand: true}) its value, at the
machine of a replica of the hub. No form asks for such a field, and no box may write
it. The value is checked as a form's; numbers, true and false are written plainly, and
"" empties the field. The record's history shows the replica and the moment, the
replica's log who it was.

  --data DIR   the data folder of the replica that runs here
  --by NAME    who decides it

Example:
  wangge decide --data /var/lib/wangge --by 王秀英 \
    biz_entity/140581105211/open/0193d2c1a5b04e1f8c2b7a9d6e5f4031 baseline true
`,
	run: runDecide,
}

func runDecide(ctx context.Context, a *arguments) error {
	f := a.flags()
	data, by := f.String("data", "", ""), f.String("by", "", "")
	rest, err := a.parse(f, 3)
	if err != nil {
		return err
	}
	if *data == "" || *by == "" || len(rest) != 3 {
		return misused("say --data, --by, a record, a field and its value")
	}
	kind, place, _ := strings.Cut(rest[0], "/")
	cut := strings.LastIndex(place, "/")
	if cut < 0 {
		return misused("%s is no record: write KIND/AREA/CLASS/ID", rest[0])
	}
	h := node.Hand{Record: web.Name{Kind: kind, Space: place[:cut], ID: place[cut+1:]}, Field: rest[1], Value: rest[2], By: *by}
	if err := node.Decide(ctx, *data, h); err != nil {
		return fmt.Errorf("nothing was written: %w", err)
	}
	return nil
}
