package main

import (
	"context"
	"fmt"

	"wangge/node/store"
)

var compactVerb = verb{
	name: "compact",
	does: "give back the space that a stopped node's data no longer needs",
	help: `Usage: wangge compact --data DIR

Writes a stopped node's data into a new file without the pages that nothing uses,
and puts it in the old one's place once it is on disk: a crash leaves the one or
the other. Needs as much room again while it works. Photos and files stand
beside it and have no such pages; a running node removes those that no record
has referred to for a week.

  --data DIR         the node's data folder; the node must be stopped

Example:
  wangge compact --data box-1/data
`,
	run: runCompact,
}

func runCompact(_ context.Context, a *arguments) error {
	var d folder
	f := a.flags()
	f.StringVar(&d.data, "data", "", "")
	if _, err := a.parse(f, 0); err != nil {
		return err
	}
	if d.data == "" {
		return misused("--data DIR is missing")
	}
	if err := d.stopped(); err != nil {
		return err
	}
	before, after, err := store.Compact(d.store())
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s: %d bytes before, %d after\n", d.store(), before, after)
	return nil
}
