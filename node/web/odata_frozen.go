package web

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"wangge/node/export"
	"wangge/node/odata"
	"wangge/node/report"
	"wangge/schema"
)

// monthFeeds give the months that are closed, and every figure that was frozen with what
// the records say now.
func (s *server) monthFeeds() []odata.Set {
	return []odata.Set{
		{Table: closedTable(), Key: []string{"month"}, Rows: s.closedRows},
		{Table: frozenTable(), Key: frozenKey(), Rows: func(ctx context.Context, n odata.Narrow, yield func([]any) error) error {
			all, err := s.closings(n)
			for _, c := range all {
				if err == nil {
					err = s.eachFrozen(ctx, c, n, yield)
				}
			}
			return err
		}},
	}
}

func closedTable() export.Table {
	text := func(name, zh, en string) export.Column {
		return export.Column{Name: name, Title: schema.Text{Zh: zh, En: en}}
	}
	return export.Table{Name: "closed_months", Title: schema.Text{Zh: "结账的月份", En: "Closed months"}, Columns: slices.Concat([]export.Column{
		text("month", "月份", "Month"), text("by", "结账人", "Closed by"), text("replica", "统计节点", "Replica"),
		{Name: "commit", Title: schema.Text{Zh: "提交序号", En: "Commit"}, Type: export.Whole},
		{Name: "reports", Title: schema.Text{Zh: "报表数", En: "Reports"}, Type: export.Whole},
	}, knownColumns("closed_at"))}
}

func (s *server) closedRows(ctx context.Context, n odata.Narrow, yield func([]any) error) error {
	all, err := s.closings(n)
	if err != nil {
		return err
	}
	for _, c := range all {
		if n.After != nil && c.Month <= n.After[0] {
			continue
		}
		row := []any{c.Month, c.By, c.Replica, int64(c.Commit), int64(c.Reports)}
		if err := yield(append(row, known(c.At, c.Complete)...)); err != nil {
			return err
		}
	}
	return nil
}

// closings returns the closed months that may be wanted, the earliest first.
func (s *server) closings(n odata.Narrow) ([]Closing, error) {
	all, err := s.Months.Closed()
	all = slices.DeleteFunc(slices.Clone(all), func(c Closing) bool {
		return !strings.HasPrefix(c.Month, n.Prefix("month")) || n.After != nil && c.Month < n.After[0]
	})
	slices.SortFunc(all, func(a, b Closing) int { return strings.Compare(a.Month, b.Month) })
	return all, err
}

func frozenKey() []string { return []string{"month", "report", "grouping", "key"} }

// frozenTable has a row for each figure of closed months. Their reports differ in their
// decimal places, so figures are plain numbers.
func frozenTable() export.Table {
	text := func(name, zh, en string) export.Column {
		return export.Column{Name: name, Title: schema.Text{Zh: zh, En: en}}
	}
	number := func(name, zh, en string) export.Column {
		return export.Column{Name: name, Title: schema.Text{Zh: zh, En: en}, Type: export.Number}
	}
	return export.Table{Name: "frozen_figures", Title: schema.Text{Zh: "结账数和重述", En: "Frozen figures and restatements"}, Columns: slices.Concat([]export.Column{
		text("month", "月份", "Month"), text("report", "报表", "Report"), text("grouping", "分组", "Grouping"), text("key", "组", "Group"),
		text("title", "报表（名称）", "Report (title)"), text("key_title", "组（名称）", "Group (title)"),
		number("figure", "结账数", "Frozen"), number("now", "现在", "Now"), number("restated", "重述", "Restated"),
		text("unit", "单位", "Unit"), text("qualifier", "限定", "Qualifier"), {Name: "said", Title: export.SaidTitle()}, text("rounding", "取整", "Rounding"),
	}, knownColumns("closed_at"))}
}

// eachFrozen yields a row for every frozen figure of a closed month, in order of the key.
func (s *server) eachFrozen(ctx context.Context, c Closing, n odata.Narrow, yield func([]any) error) error {
	for _, r := range s.frozenReports(n) {
		for _, by := range r.by {
			if text, exact := n.Equal["grouping"]; exact && text != strings.Join(by, "") || before(n.After, c.Month, r.name, strings.Join(by, "")) {
				continue
			}
			answer, err := s.Months.Report(ctx, c.Month, report.Query{Report: r.name, By: by}, false)
			var problems schema.Problems
			switch {
			case ctx.Err() != nil:
				return context.Cause(ctx)
			case errors.As(err, &problems):
				continue // the report asks otherwise than it did, or has too many groups by now
			case err != nil:
				return err
			case answer.Month == nil || !answer.Month.Frozen:
				continue
			}
			for _, row := range s.frozenRows(c, r.name, strings.Join(by, ""), answer) {
				key := []string{row[0].(string), row[1].(string), row[2].(string), row[3].(string)}
				if n.After != nil && slices.Compare(key, n.After) <= 0 {
					continue
				}
				if err := yield(row); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// before reports whether all figures of a report by a grouping stood on an earlier page, so
// that they need not be counted again.
func before(after []string, key ...string) bool {
	return after != nil && slices.Compare(key, after[:len(key)]) < 0
}

// frozenReport is a report and the groupings by which closed months keep it.
type frozenReport struct {
	name string
	by   [][]string
}

// frozenReports returns the reports that may be wanted, by their names.
func (s *server) frozenReports(n odata.Narrow) (all []frozenReport) {
	kinds := s.Registry.Kinds()
	for i := range kinds {
		k := &kinds[i]
		for j := range k.Reports {
			r := frozenReport{k.Name + "." + k.Reports[j].Name, report.FrozenBy(&k.Reports[j])}
			slices.SortFunc(r.by, slices.Compare)
			if strings.HasPrefix(r.name, n.Prefix("report")) {
				all = append(all, r)
			}
		}
	}
	slices.SortFunc(all, func(a, b frozenReport) int { return cmp.Compare(a.name, b.name) })
	return all
}

func (s *server) frozenRows(c Closing, name, by string, answer Answer) (rows [][]any) {
	s.nameAreas(&answer)
	for _, r := range (export.Report{Table: answer.Table, Now: answer.Month.Now}).Rows() {
		key, title := "", any(nil)
		if len(r.Keys) > 0 {
			key = r.Keys[0]
			title = among(r.Labels[0].Zh != key, r.Labels[0].Zh)
		}
		number := func(figure any) any {
			n, ok := figure.(int64)
			if !ok {
				return nil
			}
			x, _ := strconv.ParseFloat(answer.Figure(n), 64) // what Figure writes is a number
			return x
		}
		row := []any{c.Month, name, by, key, or(answer.Title.Zh), title, number(r.Figure()), number(r.Now()), number(r.Restated()),
			or(answer.Unit.Zh), or(string(answer.Qualifier)), r.Published(false), or(string(answer.Rounding))}
		rows = append(rows, append(row, known(c.At, c.Complete)...))
	}
	return rows
}

func among(there bool, text string) any {
	if !there {
		return nil
	}
	return or(text)
}
