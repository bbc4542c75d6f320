package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"wangge/node/report"
	"wangge/node/web"
)

var monthVerb = verb{
	name: "month",
	does: "close a month, and show what its figures were and are",
	help: `Usage: wangge month list [flags]
       wangge month show [flags] MONTH
       wangge month close --by NAME [flags] MONTH
       wangge month restate --by NAME [flags] MONTH

close has the county freeze every report of a month that is over, at any replica of
the hub. It cannot be undone: what comes late changes no frozen figure and is told as
a restatement. Of two who close a month the first counts for both.

restate counts a closed month anew for the city (wangge publish): it changes no frozen
figure either, and what then goes up has the next number. Where nothing that goes up
has changed since the last number, there is no new one.

list names the months that are closed. show gives every report of one, frozen and as
the records say now, and marks where the two are not equal; wangge report --month says
in which areas, and with --records --changed by which records.

` + nodeHelp + `  --by NAME       who closes or restates it
  --lang LANG     zh or en (default zh)
  --json          print JSON

Example:
  wangge month close --node http://127.0.0.1:8080 --by 王秀英 2026-11
  wangge month show 2026-11
  wangge month restate --by 王秀英 2026-11
  wangge report --month 2026-11 --by area:9 grid_visit.visits
  wangge report --month 2026-11 --records --changed grid_visit.visits
`,
	run: runMonth,
}

func runMonth(ctx context.Context, a *arguments) error {
	f := a.flags()
	nodeURL, by, lang := f.String("node", "", ""), f.String("by", "", ""), f.String("lang", "zh", "")
	asJSON := f.Bool("json", false, "")
	rest, err := a.parse(f, 2)
	if err != nil {
		return err
	}
	c, err := newClient(*nodeURL)
	if err != nil {
		return err
	}
	out := monthPrinter{a.stdout, *asJSON, picked(*lang == "en")}
	switch {
	case len(rest) == 1 && rest[0] == "list":
		var all struct {
			Months []web.Closing `json:"months"`
		}
		if err := c.getJSON(ctx, "/api/months", &all); err != nil {
			return err
		}
		return out.list(all.Months)
	case len(rest) == 2 && rest[0] == "show":
		var end web.MonthEnd
		if err := c.getJSON(ctx, "/api/months/"+url.PathEscape(rest[1]), &end); err != nil {
			return err
		}
		return out.show(end)
	case len(rest) == 2 && rest[0] == "close" && *by != "":
		closing, err := c.closeMonth(ctx, rest[1], *by)
		if err != nil {
			return err
		}
		return out.closed(closing)
	case len(rest) == 2 && rest[0] == "restate" && *by != "":
		said, err := c.restateMonth(ctx, rest[1], *by)
		if err != nil {
			return err
		}
		return out.restated(rest[1], said)
	}
	return misused("say list, show and a month such as 2026-11, or close or restate with --by and a month")
}

// closeMonth has the county close a month.
func (c *client) closeMonth(ctx context.Context, month, by string) (closing web.Closing, err error) {
	return closing, c.counted(ctx, "/api/months/"+url.PathEscape(month), by, &closing)
}

// restateMonth has the county count a closed month anew.
func (c *client) restateMonth(ctx context.Context, month, by string) (said web.Statement, err error) {
	return said, c.counted(ctx, "/api/months/"+url.PathEscape(month)+"/publication", by, &said)
}

// counted asks for something in somebody's name for which all reports are counted.
func (c *client) counted(ctx context.Context, path, by string, into any) error {
	body, err := json.Marshal(map[string]string{"by": by})
	if err != nil {
		return err
	}
	patient := *c
	patient.http.Timeout = 2 * time.Minute
	b, err := patient.do(ctx, http.MethodPost, path, "application/json", body)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

// picked returns what chooses between the two languages.
func picked(english bool) func(zh, en string) string {
	return func(zh, en string) string {
		if english {
			return en
		}
		return zh
	}
}

// monthPrinter prints what is said of months.
type monthPrinter struct {
	out  io.Writer
	json bool
	pick func(zh, en string) string
}

func (p monthPrinter) list(all []web.Closing) error {
	if p.json {
		return json.NewEncoder(p.out).Encode(all)
	}
	for _, c := range all {
		if err := p.closed(c); err != nil {
			return err
		}
	}
	if len(all) == 0 {
		fmt.Fprintln(p.out, p.pick("还没有结账的月份", "no month is closed"))
	}
	return nil
}

func (p monthPrinter) closed(c web.Closing) error {
	if p.json {
		return json.NewEncoder(p.out).Encode(c)
	}
	_, err := fmt.Fprintf(p.out, p.pick("%s 由 %s 于 %s 结账，截至第 %d 次提交，%d 张报表；%s\n", "%s closed by %s at %s, complete to commit %d, %d reports; %s\n"),
		c.Month, c.By, c.At.Local().Format(time.DateTime), c.Commit, c.Reports, p.complete(c.Complete))
	return err
}

// restated says what a month stands as for the city.
func (p monthPrinter) restated(month string, s web.Statement) error {
	if p.json {
		return json.NewEncoder(p.out).Encode(s)
	}
	_, err := fmt.Fprintf(p.out, p.pick("%s 第 %d 号，%s 于 %s，%s\n", "%s, number %d by %s at %s, %s\n"),
		month, s.Number, s.By, s.At.Local().Format(time.DateTime), p.complete(s.Complete))
	return err
}

// complete says of how many boxes all work was there, up to when, and who was late.
func (p monthPrinter) complete(c web.Complete) string {
	at := p.pick("—", "-")
	if !c.At.IsZero() {
		at = c.At.Local().Format(time.DateTime)
	}
	text := fmt.Sprintf(p.pick("齐至 %s：%d/%d 个站", "complete to %s for %d of %d boxes"), at, c.Boxes, c.Of)
	if len(c.Late) > 0 {
		text += p.pick("，迟报：", ", late: ") + strings.Join(c.Late, p.pick("、", ", "))
	}
	return text
}

func (p monthPrinter) show(end web.MonthEnd) error {
	if p.json {
		return json.NewEncoder(p.out).Encode(end)
	}
	if err := p.closed(end.Closing); err != nil {
		return err
	}
	for _, s := range end.Statements[min(1, len(end.Statements)):] {
		if err := p.restated(end.Month, s); err != nil {
			return err
		}
	}
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, p.pick("报表\t\t结账数\t现在\t重述", "report\t\tfrozen\tnow\trestated"))
	for _, f := range end.Figures {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.Report, p.pick(f.Title.Zh, f.Title.En), cmp.Or(f.Frozen, "–"), cmp.Or(f.Now, "–"), f.Difference)
	}
	return w.Flush()
}

// about says of an answer's month what stands behind its figures.
func (p monthPrinter) about(m *web.Month) {
	switch {
	case m == nil:
		return
	case m.Closed == nil:
		fmt.Fprintf(p.out, p.pick("%s 还没有结账\n", "%s is not closed\n"), m.Month)
	case !m.Frozen:
		fmt.Fprintln(p.out, p.pick("这样分组的数字没有结账，以上是现在的数字", "figures grouped so were not frozen: these are the ones of now"))
	default:
		fmt.Fprintf(p.out, p.pick("以上是结账数：%s 结账，%s\n", "these are the frozen figures: closed by %s, %s\n"), m.Closed.By, p.complete(m.Closed.Complete))
		for _, r := range m.Restated {
			fmt.Fprintf(p.out, p.pick("  重述：%s %s → %s（%s）\n", "  restated: %s %s → %s (%s)\n"), p.group(r), cmp.Or(r.Frozen, "–"), cmp.Or(r.Now, "–"), r.Difference)
		}
	}
}

// compared says how a total stands to those of earlier periods.
func (p monthPrinter) compared(t web.Answer) {
	for _, c := range t.Compared {
		if c.Total == nil {
			continue
		}
		word := p.pick("上期", "period before")
		if c.Period == report.YearBefore {
			word = p.pick("上年同期", "year before")
		}
		fmt.Fprintf(p.out, p.pick("  %s（%s）：%s", "  %s (%s): %s"), word, cmp.Or(c.AsOf, c.From+" – "+c.To), t.Figure(*c.Total))
		if c.Frozen {
			fmt.Fprint(p.out, p.pick("，结账数", ", frozen"))
		}
		if c.Difference != nil {
			fmt.Fprintf(p.out, p.pick("，%s", ", %s"), report.Signed(*c.Difference, t.Decimals))
		}
		if c.Growth != nil {
			fmt.Fprintf(p.out, p.pick("（%s%%）", " (%s%%)"), report.Signed(*c.Growth, 1))
		}
		fmt.Fprintln(p.out)
	}
}

func (p monthPrinter) group(r report.Restated) string {
	if len(r.Keys) == 0 {
		return p.pick("合计", "total")
	}
	var names []string
	for i, l := range r.Labels {
		names = append(names, withCode(p.pick(l.Zh, l.En), r.Keys[i]))
	}
	return strings.Join(names, " ")
}
