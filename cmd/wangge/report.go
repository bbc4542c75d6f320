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

	"wangge/node/export"
	"wangge/node/web"
)

var reportVerb = verb{
	name: "report",
	does: "print a report of the county",
	help: `Usage: wangge report [flags] REPORT
       wangge report [flags] check
       wangge report --data CITY [--month MONTH] [REPORT]

Asks a hub replica for a report, such as grid_visit.visits, and prints it as a
table. Without REPORT the reports are listed. check has the replica recount all
its records and hold every report against that; it fails where one is not equal.

  --by LIST       groupings, separated by commas: area:9 (digits), day, week, month,
                  quarter, year, topic, status …
  --area CODE     only areas that begin so
  --from DAY      first day, such as 2024-11-01
  --to DAY        last day
  --month MONTH   a month, such as 2026-11, instead of days: its frozen figures once it
                  is closed, what was restated, and the month and the year before
  --as-of DAY     of what stands for a time: the day at whose end it is counted
  --where F=V     only records with this value; may be given several times
  --current       hold everything that was committed anywhere up to now
  --records       list the records that are counted, 50 at a time, instead
  --side SIDE     which of them: of a ratio of (usual) or per, of a comparison now
                  (usual) or then
  --changed       of --records: those that came late, or changed, since the month was
                  closed
  --after CURSOR  of --records: go on behind an earlier page
  --csv, --json   print CSV or JSON
  --lang LANG     zh or en (default zh)
` + nodeHelp + `
At a city or province, which has no node, --data names its folder: the areas' figures of
a month added up, each area's beside the sum, who is not in it, and how all stand to the
month before. A ratio divides sums; persons counted once are not added up. There --month,
--by (as the areas published), --csv, --json and --lang are asked alone; without REPORT it
says which areas have published, and what.

  --data DIR      a city's folder, which wangge init --area made

Example:
  wangge report --node http://127.0.0.1:8080 --by area:9,status grid_visit.visits
  wangge report --current --json newjob_checkin.registered
  wangge report --records --side per --where topic=独居老人 grid_visit.followups_a_visit
  wangge report check
  wangge report --data city --month 2026-11 grid_visit.visits
`,
	run: runReport,
}

// conditions gathers the --where flags.
type conditions struct{ url.Values }

func (c conditions) String() string { return "" }

func (c conditions) Set(s string) error {
	field, value, ok := strings.Cut(s, "=")
	if !ok {
		return fmt.Errorf("want field=value")
	}
	c.Values.Set("where."+field, value)
	return nil
}

func runReport(ctx context.Context, a *arguments) error {
	q := url.Values{}
	f := a.flags()
	nodeURL, data := f.String("node", "", ""), f.String("data", "", "")
	text := map[string]*string{}
	for _, name := range []string{"by", "area", "month", "from", "to", "as_of", "side", "after", "lang"} {
		text[name] = f.String(strings.ReplaceAll(name, "_", "-"), "", "")
	}
	records, changed := f.Bool("records", false, ""), f.Bool("changed", false, "")
	f.Var(conditions{q}, "where", "")
	current, asCSV, asJSON := f.Bool("current", false, ""), f.Bool("csv", false, ""), f.Bool("json", false, "")
	rest, err := a.parse(f, 1)
	if err != nil {
		return err
	}
	if *data != "" {
		if err := only(f, "data", "month", "by", "lang", "json", "csv"); err != nil {
			return err
		}
		given := asked{data: *data, month: *text["month"], by: *text["by"], lang: *text["lang"], json: *asJSON, report: strings.Join(rest, ""), screen: a.stdout}
		if *asCSV {
			given.format = export.CSV
		}
		return a.reportCity(given)
	}
	c, err := newClient(*nodeURL)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		return listReports(ctx, a.stdout, c)
	}
	if rest[0] == "check" {
		return checkReports(ctx, a.stdout, c, *asJSON)
	}
	q.Set("report", rest[0])
	for name, value := range text {
		if *value != "" {
			q.Set(name, *value)
		}
	}
	if *current {
		q.Set("current", "true")
	}
	if *records {
		if q.Del("lang"); *changed {
			q.Set("changed", "true")
		}
		return listBehind(ctx, a.stdout, c, q, *asJSON)
	}
	if *asCSV {
		q.Set("format", "csv")
	}
	q.Set("compared", "true")
	b, err := c.get(ctx, "/api/report?"+q.Encode())
	if err != nil {
		return err
	}
	if *asCSV || *asJSON {
		_, err := a.stdout.Write(b)
		return err
	}
	var answer web.Answer
	if err := json.Unmarshal(b, &answer); err != nil {
		return err
	}
	return printTable(a.stdout, answer, *text["lang"] == "en")
}

func listReports(ctx context.Context, out io.Writer, c *client) error {
	var answer struct {
		Kinds []struct {
			Name    string
			Reports []struct {
				Name  string
				Title struct{ Zh, En string }
				By    []string
			}
		}
	}
	if err := c.getJSON(ctx, "/api/kinds", &answer); err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, k := range answer.Kinds {
		for _, r := range k.Reports {
			fmt.Fprintf(w, "%s.%s\t%s\t%s\tby %s\n", k.Name, r.Name, r.Title.Zh, r.Title.En, strings.Join(r.By, ", "))
		}
	}
	return w.Flush()
}

// withCode returns how a group reads: of an area the code stands behind its name.
func withCode(label, key string) string {
	if label != key && strings.Trim(key, "0123456789") == "" && len(key) >= 6 {
		return label + " " + key
	}
	return label
}

func printTable(out io.Writer, t web.Answer, english bool) error {
	pick := picked(english)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, c := range t.Columns {
		fmt.Fprintf(w, "%s\t", pick(c.Title.Zh, c.Title.En))
	}
	fmt.Fprintln(w, pick(t.Title.Zh, t.Title.En))
	for _, r := range t.Lines() {
		for i, l := range r.Labels {
			fmt.Fprintf(w, "%s\t", withCode(pick(l.Zh, l.En), r.Keys[i]))
		}
		figure := "–" // nothing to divide by
		if r.At >= 0 {
			figure = t.Figure(r.Count)
		}
		fmt.Fprintln(w, figure)
	}
	if t.UndividedMore > 0 {
		fmt.Fprintf(w, pick("另有 %d 行没有可除的数\n", "%d more rows have nothing to divide by\n"), t.UndividedMore)
	}
	fmt.Fprintf(w, "%s%s %s %s\n", strings.Repeat("\t", len(t.Columns)), pick("合计", "total"), cmp.Or(t.Sum(), "–"), pick(t.Unit.Zh, t.Unit.En))
	if !t.Said.Empty() {
		fmt.Fprintf(w, "%s%s %s\n", strings.Repeat("\t", len(t.Columns)), pick("发布为", "published as"), pick(t.Said.Zh, t.Said.En))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, pick("截至第 %d 次提交，%s，由 %s 统计\n", "complete to commit %d, %s, counted by %s\n"),
		t.Currency.Commit, t.Currency.At.Local().Format(time.DateTime), t.Currency.Replica)
	printComplete(out, t.Currency, pick)
	month := monthPrinter{out, false, pick}
	month.about(t.Month)
	month.compared(t)
	return nil
}
