package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"wangge/node/export"
)

var exportVerb = verb{
	name: "export",
	does: "write records or a report to a file: Excel, CSV, JSON, Parquet",
	help: `Usage: wangge export [flags] KIND
       wangge export [flags] --report REPORT
       wangge export [flags] --month MONTH
       wangge export --data CITY --month MONTH --report REPORT [--by GROUPING] -o FILE

Has a node write records of a kind, a report, or all figures of a closed month to a
file. What lists mask is masked; what is sealed stays out. A box gives persons out in full to who says
why; both are noted in its log. The file stands under its name when it is whole.

  -o FILE         the file; - for standard output
  --format F      xlsx, csv, json, jsonl or parquet (default: by FILE's ending)
  --area CODE     only areas that begin so
  --from DAY      first day, such as 2024-11-01
  --to DAY        last day
  --lang LANG     zh or en: of CSV's header, and of a report's groups (default zh)
  --reason TEXT   give persons out in full, for this reason (only at a box)
  --report R      a report, such as grid_visit.visits, with
  --by LIST       its groupings, as wangge report has them
  --where F=V     only records with this value; may be given several times
  --month MONTH   of a report: a month, such as 2026-11, instead of days, as it was
                  closed; alone: every frozen figure of it, with what was restated
  --data DIR      of a report and a month: a city's folder, instead of a node
  --quiet         do not tell how far it has come
` + nodeHelp + `
Example:
  wangge export -o visits.xlsx --area 140581105 --from 2024-11-01 grid_visit
  wangge export -o persons.parquet --reason 年度体检名单核对 person
  wangge export -o visits.xlsx --report grid_visit.visits --by area:9,topic
  wangge export -o november.xlsx --month 2026-11
  wangge export -o city.xlsx --data city --month 2026-11 --report grid_visit.visits
`,
	run: runExport,
}

// exporting is what is to be written, and where.
type exporting struct {
	values url.Values
	report string
	file   string
	format string
	quiet  bool
}

func runExport(ctx context.Context, a *arguments) error {
	x := exporting{values: url.Values{}}
	f := a.flags()
	nodeURL := f.String("node", "", "")
	f.StringVar(&x.file, "o", "", "")
	f.StringVar(&x.format, "format", "", "")
	f.StringVar(&x.report, "report", "", "")
	f.BoolVar(&x.quiet, "quiet", false, "")
	text := map[string]*string{}
	for _, name := range []string{"area", "from", "to", "lang", "reason", "by", "month"} {
		text[name] = f.String(name, "", "")
	}
	data := f.String("data", "", "")
	f.Var(conditions{x.values}, "where", "")
	rest, err := a.parse(f, 1)
	if err != nil {
		return err
	}
	for name, value := range text {
		if *value != "" {
			x.values.Set(name, *value)
		}
	}
	path, err := x.path(rest)
	if err != nil {
		return err
	}
	if *data != "" {
		if err := only(f, "data", "month", "report", "by", "lang", "o", "format", "quiet"); err != nil {
			return err
		}
		if x.report == "" {
			return misused("a city has no records: give a --report")
		}
		format := export.Format(x.values.Get("format"))
		return a.exportCity(asked{data: *data, month: *text["month"], report: x.report, by: *text["by"], lang: *text["lang"], format: format, screen: a.stdout}, x.file)
	}
	c, err := newClient(*nodeURL)
	if err != nil {
		return err
	}
	return x.write(ctx, a, c, path)
}

// path returns the address of the file at the node.
func (x *exporting) path(kinds []string) (string, error) {
	if x.file == "" {
		return "", misused("-o FILE is missing")
	}
	format := export.Format(cmp.Or(x.format, strings.TrimPrefix(filepath.Ext(x.file), ".")))
	if !format.Known() {
		return "", misused("give --format, one of %v", export.Formats())
	}
	x.values.Set("format", string(format))
	month := x.values.Get("month")
	switch {
	case len(kinds) == 0 && x.report == "" && month != "":
		x.values.Del("month")
		return "/api/months/" + url.PathEscape(month) + "?" + x.values.Encode(), nil
	case (len(kinds) == 1) == (x.report != ""), len(kinds) == 1 && month != "":
		return "", misused("name one KIND, or a --report, or a --month")
	}
	if x.report == "" {
		x.values.Set("kind", kinds[0])
		return "/api/export?" + x.values.Encode(), nil
	}
	x.values.Set("report", x.report)
	if format == export.CSV {
		x.values.Set("bom", "1")
	}
	return "/api/report?" + x.values.Encode(), nil
}

// write has the file come, and gives it its name when it is whole.
func (x *exporting) write(ctx context.Context, a *arguments, c *client, path string) (err error) {
	taken := &counted{out: a.stdout, told: time.Now(), stderr: a.stderr}
	if x.quiet {
		taken.stderr = io.Discard
	}
	if x.file == "-" {
		return c.stream(ctx, path, taken)
	}
	part, err := os.CreateTemp(filepath.Dir(x.file), "."+filepath.Base(x.file)+".*.part")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name()) // gone by then if it has its name
	taken.out = part
	for _, step := range []func() error{
		func() error { return c.stream(ctx, path, taken) }, part.Sync, part.Close,
		func() error { return os.Rename(part.Name(), x.file) },
	} {
		if err := step(); err != nil {
			part.Close()
			return err
		}
	}
	fmt.Fprintf(taken.stderr, "%s: %d bytes\n", x.file, taken.bytes)
	return nil
}

// counted tells every few seconds how much has come.
type counted struct {
	out    io.Writer
	bytes  int64
	told   time.Time
	stderr io.Writer
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.out.Write(b)
	c.bytes += int64(n)
	if now := time.Now(); now.Sub(c.told) > 5*time.Second {
		c.told = now
		fmt.Fprintf(c.stderr, "%.1f MB\n", float64(c.bytes)/1e6)
	}
	return n, err
}
