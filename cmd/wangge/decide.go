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
	help: `Usage: wangge decide --data DIR --by NAME --reason TEXT KIND/AREA/CLASS/ID FIELD VALUE

Gives a field that the county decides by hand (decide: {hand: true}) its value, at the
machine of a replica of the hub; or one that goes to the first (decide: {first: …}) to
another of those who stand for it; or changes a field of a kind that the county decides
(decide: true). No box may write any of these. The value is checked as a form's; numbers,
true and false are written plainly, and "" empties the field. Who it was and why is kept
by the county, and stands on the hub's page 审定 (Decide), which does the same.

  --data DIR     the data folder of the replica that runs here
  --by NAME      who decides it
  --reason TEXT  why

Example:
  wangge decide --data /var/lib/wangge --by 王秀英 --reason 市里核定 \
    biz_entity/140581105211/open/0193d2c1a5b04e1f8c2b7a9d6e5f4031 baseline true
`,
	run: runDecide,
}

func runDecide(ctx context.Context, a *arguments) error {
	f := a.flags()
	data, by, reason := f.String("data", "", ""), f.String("by", "", ""), f.String("reason", "", "")
	rest, err := a.parse(f, 3)
	if err != nil {
		return err
	}
	if *data == "" || *by == "" || *reason == "" || len(rest) != 3 {
		return misused("say --data, --by, --reason, a record, a field and its value")
	}
	kind, place, _ := strings.Cut(rest[0], "/")
	cut := strings.LastIndex(place, "/")
	if cut < 0 {
		return misused("%s is no record: write KIND/AREA/CLASS/ID", rest[0])
	}
	h := web.Hand{Record: web.Name{Kind: kind, Space: place[:cut], ID: place[cut+1:]}, Field: rest[1], Value: rest[2], Signed: web.Signed{By: *by, Reason: *reason}}
	if err := node.Decide(ctx, *data, h); err != nil {
		return fmt.Errorf("nothing was written: %w", err)
	}
	return nil
}
