package main

import (
	"context"
	"encoding/json"

	"wangge/node/web"
)

var statusVerb = verb{
	name: "status",
	does: "say how a node is doing",
	help: `Usage: wangge status [flags]

Prints a node's account of itself: in one word whether all is at the county,
what needs attention and what to do about it, its peers with what each side
lacks of the other, its spaces with their digests (equal on every node that
holds the same batches), its photos and files, and of a hub replica the state of
the group and up to when it has each box's work.

` + nodeHelp + `  --json          print JSON

Example:
  wangge status --node http://127.0.0.1:8080
  wangge status --json | jq -r '.spaces[] | [.space, .digest] | @tsv'
`,
	run: runStatus,
}

func runStatus(ctx context.Context, a *arguments) error {
	f := a.flags()
	nodeURL, asJSON := f.String("node", "", ""), f.Bool("json", false, "")
	if _, err := a.parse(f, 0); err != nil {
		return err
	}
	c, err := newClient(*nodeURL)
	if err != nil {
		return err
	}
	b, err := c.get(ctx, "/api/status")
	if err != nil {
		return err
	}
	if *asJSON {
		_, err := a.stdout.Write(b)
		return err
	}
	var s web.Status
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	return printStatus(a.stdout, s)
}
