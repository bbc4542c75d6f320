package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"wangge/node/city"
	"wangge/node/export"
	"wangge/schema"
	"wangge/schema/kindfile"
)

// asked is what is asked of a city's folder.
type asked struct {
	data, month, report, by, lang string
	format                        export.Format // "" prints it to be read
	json                          bool
	screen                        io.Writer // to which files go without what Excel alone needs
}

func (q asked) pick(t schema.Text) string { return picked(q.lang == "en")(t.Zh, t.En) }

// only refuses flags that are not asked of a city's folder.
func only(f *flag.FlagSet, names ...string) (err error) {
	f.Visit(func(given *flag.Flag) {
		if !slices.Contains(names, given.Name) {
			err = misused("a city has no records, and so nothing for --%s: leave it out", given.Name)
		}
	})
	return err
}

// answer works a city's report out.
func (q asked) answer() (r city.Report, err error) {
	folder, err := city.Open(q.data)
	if err != nil {
		return r, err
	}
	if q.month == "" {
		return r, misused("--month is missing: a city has what its counties published of a month")
	}
	kinds, err := kindfile.Shipped()
	if err != nil {
		return r, err
	}
	return folder.Report(kinds, q.month, q.report, q.by)
}

// reportCity prints a report of a city, or the months and reports that there are.
func (a *arguments) reportCity(q asked) error {
	if q.report == "" {
		return a.listCity(q)
	}
	r, err := q.answer()
	switch {
	case err != nil:
		return err
	case q.json:
		return json.NewEncoder(a.stdout).Encode(r)
	case q.format != "":
		return q.write(a.stdout, r)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	group := ""
	if r.By != "" {
		group = q.pick(schema.Text{Zh: "分组", En: "group"}) + "\t"
	}
	fmt.Fprintf(w, q.pick(schema.Text{Zh: "%s区域\t%s\t%s\t增减\t增长\t报送情况\n", En: "%sarea\t%s\t%s\tdifference\tgrowth\tpublication\n"}), group, q.pick(r.Title), r.Earlier)
	_, rows := r.Table(q.lang == "en")
	for _, row := range rows {
		q.line(w, r, row)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	q.about(a, r)
	return nil
}

// line prints a row of a report's table.
func (q asked) line(w *tabwriter.Writer, r city.Report, row []any) {
	if r.By != "" {
		key, _ := row[0].(string)
		label, _ := row[1].(string)
		fmt.Fprintf(w, "%s\t", withCode(label, key))
		row = row[2:]
	}
	text := func(v any) string {
		s, _ := v.(string)
		return s
	}
	figure := func(v any, places int, sign, unit string) string {
		n, ok := v.(int64)
		switch {
		case !ok:
			return "–"
		case n < 0:
			sign = ""
		}
		return sign + schema.Decimal(n, places) + unit
	}
	fmt.Fprintf(w, "%s %s\t%s\t%s\t%s\t%s\t%s\n", text(row[1]), text(row[0]), figure(row[2], r.Decimals, "", ""), figure(row[4], r.Decimals, "", ""),
		figure(row[5], r.Decimals, "+", ""), figure(row[6], 1, "+", "%"), text(row[7]))
}

// about says of what the sums are made.
func (q asked) about(a *arguments, r city.Report) {
	t, _ := r.Table(q.lang == "en")
	for _, l := range t.About {
		fmt.Fprintf(a.stdout, "%s: %s\n", q.pick(l.Title), l.Value)
	}
	if sum := r.Rows[0].Sum; sum != nil && len(sum.Unlike) > 0 {
		fmt.Fprintf(a.stdout, q.pick(schema.Text{
			Zh: "与 %s 相比时不含（两个月不都有）：%s\n", En: "not compared with %s, since one of the months lacks them: %s\n",
		}), r.Earlier, strings.Join(sum.Unlike, ", "))
	}
}

// write writes a report as a file.
func (q asked) write(out io.Writer, r city.Report) error {
	return r.Write(out, q.format, export.Style{English: q.lang == "en", Plain: out == q.screen})
}

// exportCity writes a city's report to a file, which has its name when it is whole.
func (a *arguments) exportCity(q asked, file string) (err error) {
	r, err := q.answer()
	if err != nil {
		return err
	}
	if file == "-" {
		return q.write(a.stdout, r)
	}
	part, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*.part")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name()) // gone by then if it has its name
	if err := errors.Join(q.write(part, r), part.Sync(), part.Close()); err != nil {
		return err
	}
	return os.Rename(part.Name(), file)
}

// listCity tells of each month which areas have published and which have not, and of one
// month its reports.
func (a *arguments) listCity(q asked) error {
	folder, err := city.Open(q.data)
	if err != nil {
		return err
	}
	months := []string{q.month}
	if q.month == "" {
		if months, err = folder.Months(); err != nil {
			return err
		}
	}
	for _, month := range months {
		m, err := folder.Month(month)
		if err != nil {
			return err
		}
		if err := a.sayMonth(q, m); err != nil {
			return err
		}
	}
	if len(months) == 0 {
		fmt.Fprintln(a.stdout, q.pick(schema.Text{Zh: "还没有收到报送", En: "nothing was received yet"}))
	}
	return nil
}

func (a *arguments) sayMonth(q asked, m city.Month) error {
	if q.json {
		return json.NewEncoder(a.stdout).Encode(map[string]any{"month": m.Month, "areas": m.Areas, "lacks": m.Lacks(), "reports": m.Reports()})
	}
	var lacks []string
	for _, area := range m.Lacks() {
		lacks = append(lacks, area.Name+" "+area.Code)
	}
	fmt.Fprintf(a.stdout, q.pick(schema.Text{Zh: "%s：%d/%d 个地区已报送", En: "%s: %d of %d areas have published"}), m.Month, len(m.Said), len(m.Areas))
	if len(lacks) > 0 {
		fmt.Fprintf(a.stdout, q.pick(schema.Text{Zh: "，尚缺：%s", En: ", lacking: %s"}), strings.Join(lacks, ", "))
	}
	fmt.Fprintln(a.stdout)
	if q.month != "" {
		for _, name := range m.Reports() {
			fmt.Fprintf(a.stdout, "  %s\t%s\n", name, strings.Join(m.Groupings(name), " "))
		}
	}
	return nil
}
