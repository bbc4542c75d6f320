package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"wangge/node"
	"wangge/node/sink"
	"wangge/node/store"
	"wangge/schema/kindfile"
)

var sinkVerb = verb{
	name: "sink",
	does: "bring a PostgreSQL database up to date with a stopped node's records",
	help: `Usage: wangge sink postgres --data DIR [flags]

Writes what a stopped node's data or a backup has, and the database has not, into
its schema wangge: a table a kind with typed columns, persons masked, sealed fields
left out, and a view KIND_zh with the form's own words. Dying in the midst does no
harm: call it again. To have all written anew: --rebuild, which writes it beside what
is there and takes its place at the end, in one transaction. Replicas stand by
meanwhile. A view report_KIND_NAME has the records that a report counts.

With --check nothing is written: each row is held against the data's own record, and
the command fails where one is missing, too many or says something else.

A running hub replica does this by itself, all the time, when its configuration
says sink_url_file: FILE. All replicas may: one writes, and another takes over.

` + folderHelp + `  --url-file FILE    holds the database's address, with its password
                     (default: the environment's WANGGE_SINK_URL)
  --rebuild          write everything anew
  --check            hold the database against the data

Example:
  wangge sink postgres --data backup/data --url-file /etc/wangge/sink-url
`,
	run: runSink,
}

func runSink(ctx context.Context, a *arguments) error {
	var d folder
	f := a.flags()
	d.register(f)
	file, rebuild, check := f.String("url-file", "", ""), f.Bool("rebuild", false, ""), f.Bool("check", false, "")
	rest, err := a.parse(f, 1)
	if err != nil {
		return err
	}
	if len(rest) != 1 || rest[0] != "postgres" {
		return misused("name what to write into: postgres")
	}
	if *rebuild && *check {
		return misused("give --rebuild or --check")
	}
	url, err := sinkURL(*file)
	if err != nil {
		return err
	}
	to, closed, err := d.sink(url)
	if err != nil {
		return err
	}
	if *check {
		c, err := to.Compare(ctx)
		return errors.Join(printCompared(a.stdout, c, err), closed())
	}
	var done sink.Rebuilt
	if *rebuild {
		done, err = to.Rebuild(ctx)
	} else {
		done.Account, err = to.Once(ctx)
	}
	to.Close()
	if err := errors.Join(err, closed()); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%d rows of %d spaces were written\n", done.Rows, done.Spaces)
	if len(done.Builders) > 0 {
		fmt.Fprintf(a.stdout, "what was replaced is in the schema wangge_old, because these views still read it: %s. Make them anew, and drop it\n", strings.Join(done.Builders, ", "))
	}
	if done.Behind > 0 {
		return fmt.Errorf("the database has more of %d spaces than this data: another node wrote it, or this is an old backup; --rebuild writes it anew", done.Behind)
	}
	return nil
}

// sink opens the folder's store for a database, and returns what closes it again.
func (d *folder) sink(url string) (_ *sink.Sink, closed func() error, err error) {
	o, id, err := d.open()
	if err != nil {
		return nil, nil, err
	}
	if err := d.stopped(); err != nil {
		return nil, nil, err
	}
	shipped, err := kindfile.Shipped()
	if err != nil {
		return nil, nil, err
	}
	s, err := store.Open(o)
	if err != nil {
		return nil, nil, err
	}
	kinds, unusable, err := node.KindsOf(shipped, s)
	for name, wrong := range unusable {
		err = errors.Join(err, fmt.Errorf("the county published a kind %s that cannot be used here: update this program: %w", name, wrong))
	}
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	to, err := sink.New(sink.Options{URL: url, Kinds: kinds, Source: s, Key: id.IdentityKey, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return to, s.Close, nil
}

// printCompared says how a database and a node's records agree.
func printCompared(out io.Writer, c sink.Compared, err error) error {
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d rows say what their records say\n", c.Rows)
	if c.Equal() {
		return nil
	}
	first := ""
	if c.First != "" {
		first = ". The first is " + c.First + "; --rebuild writes all anew"
	}
	return fmt.Errorf("the database is not what this data says: %d rows are missing, %d too many, %d say something else, and %d spaces have come less far or further and were not compared%s",
		c.Missing, c.Surplus, c.Other, c.Apart, first)
}

// sinkURL reads the database's address from where no list of processes shows it.
func sinkURL(file string) (string, error) {
	if file == "" {
		url := os.Getenv("WANGGE_SINK_URL")
		if url == "" {
			return "", misused("give the database's address in --url-file FILE or in the environment's WANGGE_SINK_URL")
		}
		return url, nil
	}
	b, err := os.ReadFile(file)
	return cmp.Or(strings.TrimSpace(string(b)), " "), err
}
