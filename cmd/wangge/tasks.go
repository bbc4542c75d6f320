package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"wangge/node/web"
	"wangge/schema"
)

var tasksVerb = verb{
	name: "tasks",
	does: "list what is to be done",
	help: `Usage: wangge tasks [flags]

Lists the work that the records of a node cause now, the longest due first: a
curtain to look at, a petition to close. A box tells of what it holds, a hub
replica of the county.

  --area CODE     only areas that begin so
  --state LIST    escalated, overdue, open (by the end of today), later, undated
                  (until when is not known); all but later if left out
  --to LEVEL      only what is told that level: community, township, county
  --lang LANG     zh or en (default zh)
  --json          print JSON
` + nodeHelp + `
Example:
  wangge tasks --area 140581105
  wangge tasks --node http://10.0.0.1:8080 --state escalated --to county --json
`,
	run: runTasks,
}

func runTasks(ctx context.Context, a *arguments) error {
	f := a.flags()
	nodeURL, lang, asJSON := f.String("node", "", ""), f.String("lang", "zh", ""), f.Bool("json", false, "")
	text := map[string]*string{}
	for _, name := range []string{"area", "state", "to"} {
		text[name] = f.String(name, "", "")
	}
	if _, err := a.parse(f, 0); err != nil {
		return err
	}
	q := url.Values{}
	for name, value := range text {
		if *value != "" {
			q.Set(name, *value)
		}
	}
	c, err := newClient(*nodeURL)
	if err != nil {
		return err
	}
	b, err := c.get(ctx, "/api/tasks?"+q.Encode())
	if err != nil {
		return err
	}
	if *asJSON {
		_, err := a.stdout.Write(b)
		return err
	}
	var due web.Due
	if err := json.Unmarshal(b, &due); err != nil {
		return err
	}
	return printTasks(a.stdout, due, *lang == "en")
}

func printTasks(out io.Writer, due web.Due, english bool) error {
	say := func(t schema.Text) string {
		if english {
			return cmp.Or(t.En, t.Zh)
		}
		return cmp.Or(t.Zh, t.En)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, i := range due.Items {
		until := say(schema.Text{Zh: fmt.Sprintf("%d 年放假安排未公布", i.Unknown), En: fmt.Sprintf("holidays of %d unknown", i.Unknown)})
		if i.Unknown == 0 {
			until = time.UnixMilli(i.Due).In(time.FixedZone("", 8*60*60)).Format("2006-01-02 15:04")
		}
		if i.Missed > 1 {
			until += fmt.Sprintf(" ×%d", i.Missed)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s/%s\t%s\n", i.State, until, say(i.Title), strings.TrimSpace(i.Place+" "+i.Area), i.Kind, i.ID[:min(8, len(i.ID))], say(i.Say))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	var counts []string
	for _, state := range []schema.State{schema.Escalated, schema.Overdue, schema.Open, schema.Undated, schema.Later} {
		counts = append(counts, fmt.Sprintf("%s %d", state, due.Counts[state]))
	}
	_, err := fmt.Fprintln(out, strings.Join(counts, ", "))
	return err
}
