package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"wangge/node/web"
)

var attentionVerb = verb{
	name: "attention",
	does: "list what needs attention, and note what was dealt with",
	help: `Usage: wangge attention [flags]
       wangge attention aside --by NAME --reason TEXT [flags] ID
       wangge attention back --by NAME [flags] ID

Lists what a person should know of at a node and what to do about it, each with its
ID, and what people have dealt with. Most goes by itself once it is done.

aside notes that somebody has dealt with a trouble that does not: it is shown apart
and reddens no light any more. Nothing of the work is touched by that, and the note is
kept for a year. A trouble that comes anew, further on, is another one.
back takes that back.

` + nodeHelp + `  --by NAME       who dealt with it
  --reason TEXT   what was done
  --json          print JSON

Example:
  wangge attention --node http://127.0.0.1:8080
  wangge attention aside --by 王秀英 --reason 已补发权限 rights-3f2a90c1d4e5b677
`,
	run: runAttention,
}

func runAttention(ctx context.Context, a *arguments) error {
	f := a.flags()
	nodeURL, by, reason := f.String("node", "", ""), f.String("by", "", ""), f.String("reason", "", "")
	asJSON := f.Bool("json", false, "")
	rest, err := a.parse(f, 2)
	if err != nil {
		return err
	}
	c, err := newClient(*nodeURL)
	if err != nil {
		return err
	}
	switch {
	case len(rest) == 0:
		return c.listAttention(ctx, a.stdout, *asJSON)
	case len(rest) == 2 && rest[0] == "aside" && *by != "" && *reason != "":
		return c.putAside(ctx, rest[1], map[string]any{"by": *by, "reason": *reason})
	case len(rest) == 2 && rest[0] == "back" && *by != "":
		return c.putAside(ctx, rest[1], map[string]any{"by": *by, "back": true})
	}
	return misused("say nothing for the list, aside with --by, --reason and an ID, or back with --by and an ID")
}

func (c *client) putAside(ctx context.Context, id string, how map[string]any) error {
	b, err := json.Marshal(how)
	if err != nil {
		return err
	}
	_, err = c.do(ctx, http.MethodPost, "/api/troubles/"+url.PathEscape(id), "application/json", b)
	return err
}

func (c *client) listAttention(ctx context.Context, out io.Writer, asJSON bool) error {
	var s web.Status
	if err := c.getJSON(ctx, "/api/status", &s); err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(out).Encode(map[string]any{"troubles": s.Troubles, "dealt": s.Dealt})
	}
	if len(s.Troubles) == 0 {
		fmt.Fprintln(out, "nothing needs attention")
	}
	printTroubles(out, s.Troubles)
	printDealt(out, s.Dealt)
	return nil
}

// printDealt lists what people have put aside.
func printDealt(out io.Writer, all []web.Dealt) {
	for _, d := range all {
		stands := "gone since"
		if d.Stands {
			stands = "still there"
		}
		fmt.Fprintf(out, "\ndealt with (%s): %s\n  %s, %s: %s\n  id %s\n", stands, d.What.En, d.By, moment(d.At), d.Reason, d.ID)
	}
}
