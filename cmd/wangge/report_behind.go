package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"wangge/node/report"
	"wangge/node/web"
)

// printComplete says up to when the boxes' work is counted, and whose is late.
func printComplete(out io.Writer, c web.Currency, pick func(zh, en string) string) {
	if len(c.Boxes) == 0 {
		return
	}
	at := pick("—", "-")
	if !c.Complete.At.IsZero() {
		at = c.Complete.At.Local().Format(time.DateTime)
	}
	fmt.Fprintf(out, pick("齐至 %s：%d/%d 个站\n", "complete to %s for %d of %d boxes\n"), at, c.Complete.Boxes, c.Complete.Of)
	for _, b := range c.Boxes {
		if !slices.Contains(c.Complete.Late, b.Name) {
			continue
		}
		heard := pick("从未联系过", "never heard from")
		if !b.At.IsZero() {
			heard = pick("只齐至 ", "complete only to ") + b.At.Local().Format(time.DateTime)
		}
		fmt.Fprintf(out, pick("  迟报：%s，%s\n", "  late: %s, %s\n"), b.Name, heard)
	}
}

// listBehind prints a page of the records behind a figure.
func listBehind(ctx context.Context, out io.Writer, c *client, values url.Values, asJSON bool) error {
	list, err := c.behind(ctx, values)
	if err != nil {
		return err
	}
	next := base64.RawURLEncoding.EncodeToString(list.Next)
	if asJSON {
		return json.NewEncoder(out).Encode(map[string]any{"items": list.Items, "next": next})
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, item := range list.Items {
		fmt.Fprintf(w, "%s\t%s\t%s\t", item.ID, item.Space, time.UnixMilli(item.Changed).Local().Format(time.DateTime))
		if item.Since != "" {
			fmt.Fprintf(w, "%s\t", item.Since)
		}
		for _, name := range slices.Sorted(maps.Keys(item.Values)) {
			if value := fmt.Sprint(item.Values[name]); value != "" && item.Values[name] != nil {
				fmt.Fprintf(w, "%s=%s ", name, strings.Join(strings.Fields(value), " "))
			}
		}
		fmt.Fprintln(w)
	}
	if err := w.Flush(); err != nil || next == "" {
		return err
	}
	_, err = fmt.Fprintf(out, "--after %s\n", next)
	return err
}

// checkReports has a replica hold its figures against a recount, and fails if they
// are not equal.
func checkReports(ctx context.Context, out io.Writer, c *client, asJSON bool) error {
	c.http.Timeout = 5 * time.Minute // it goes through all records
	checked, err := c.check(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		err = json.NewEncoder(out).Encode(checked)
	} else {
		printChecked(out, checked)
	}
	if len(checked.Differences) > 0 {
		return errors.Join(err, fmt.Errorf("%d figures are not as a recount has them", len(checked.Differences)+checked.More))
	}
	return err
}

func printChecked(out io.Writer, checked report.Checked) {
	fmt.Fprintf(out, "%d figures of %d questions held against %d records, in %.1f s\n", checked.Figures, checked.Questions, checked.Records, checked.Seconds)
	for _, d := range checked.Differences {
		fmt.Fprintf(out, "%s by %s, %q: %q, a recount says %q\n", d.Query.Report, strings.Join(d.Query.By, ","), d.Keys, d.Figure, d.Recount)
	}
	if checked.More > 0 {
		fmt.Fprintf(out, "and %d more\n", checked.More)
	}
	if checked.Moving && len(checked.Differences) > 0 {
		fmt.Fprintln(out, "records changed while they were counted: ask again when less is written")
	}
}
