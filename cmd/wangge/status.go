package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"wangge/node/web"
)

var statusVerb = verb{
	name: "status",
	does: "say how a node is doing",
	help: `Usage: wangge status [flags]

Prints a node's account of itself: its spaces with their digests (equal on every
node that holds the same batches), what has not reached the county yet, its
peers, how many photos and files it has and waits for, and of a hub replica the
state of the group.

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

func printStatus(out io.Writer, s web.Status) error {
	fmt.Fprintf(out, "%s: %s %d (%s), process %d, up since %s\n", s.County, s.Role, s.Device, s.Name, s.Process, moment(s.Started))
	fmt.Fprintf(out, "link %s, web %s\n", s.Link, s.Web)
	if s.Hub != nil {
		fmt.Fprintf(out, "%s in term %d, leader device %d, commit %d, sure of the group at %s\n",
			s.Hub.Role, s.Hub.Term, s.Hub.Leader, s.Hub.Applied, moment(s.Hub.At))
	} else {
		fmt.Fprintf(out, "%d batches not known to be at the county; heard from the county: %s\n", s.Waiting, moment(s.HeardHub))
	}
	fmt.Fprintf(out, "%d files with %d bytes; %d that records here refer to have not come yet\n", s.Files.Count, s.Files.Bytes, s.Files.Missing)
	fmt.Fprintf(out, "store of %d bytes, of which %d are free for what comes next\n", s.Store.Size, s.Store.Free)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nSPACE\tDIGEST\tRECORDS\tBATCHES\tAT COUNTY\t")
	for _, sp := range s.Spaces {
		note := ""
		if !sp.Held {
			note = "own work for another area"
		}
		if sp.Hollow {
			note = "records were damaged: the county has to bring them again"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%s\n", sp.Space, sp.Digest, sp.Records, sp.Batches, sp.County, note)
	}
	fmt.Fprintln(w, "\nPEER\tNAME\tROLE\tADDRESS\tCONNECTED\tHEARD")
	for _, p := range s.Peers {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%t\t%s\n", p.Device, p.Name, p.Role, p.Address, p.Connected, moment(p.Heard))
	}
	for _, r := range s.Refused {
		fmt.Fprintf(w, "refused: %s of %s from batch %d: %s\n", r.Space, r.Writer, r.From, r.Reason)
	}
	for _, f := range s.Forked {
		fmt.Fprintf(w, "forked: %s of %s (%s) was signed twice: the device was copied or restored from a copy; all of it is kept, %d branches beside the first\n",
			f.Space, f.Writer, f.Device, len(f.Arms))
	}
	return w.Flush()
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Local().Format(time.DateTime)
}
