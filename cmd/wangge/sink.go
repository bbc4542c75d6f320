package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

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

A running hub replica does this by itself, all the time, when its configuration
says sink_url_file: FILE. All replicas may: one writes, and another takes over.

` + folderHelp + `  --url-file FILE    holds the database's address, with its password
                     (default: the environment's WANGGE_SINK_URL)
  --rebuild          write everything anew

Example:
  wangge sink postgres --data backup/data --url-file /etc/wangge/sink-url
`,
	run: runSink,
}

func runSink(ctx context.Context, a *arguments) error {
	var d folder
	f := a.flags()
	d.register(f)
	file, rebuild := f.String("url-file", "", ""), f.Bool("rebuild", false, "")
	rest, err := a.parse(f, 1)
	if err != nil {
		return err
	}
	if len(rest) != 1 || rest[0] != "postgres" {
		return misused("name what to write into: postgres")
	}
	url, err := sinkURL(*file)
	if err != nil {
		return err
	}
	o, id, err := d.open()
	if err != nil {
		return err
	}
	if err := d.stopped(); err != nil {
		return err
	}
	kinds, err := kindfile.Shipped()
	if err != nil {
		return err
	}
	s, err := store.Open(o)
	if err != nil {
		return err
	}
	to, err := sink.New(sink.Options{URL: url, Kinds: kinds, Source: s, Key: id.IdentityKey, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		return errors.Join(err, s.Close())
	}
	var done sink.Rebuilt
	if *rebuild {
		done, err = to.Rebuild(ctx)
	} else {
		done.Account, err = to.Once(ctx)
	}
	to.Close()
	if err := errors.Join(err, s.Close()); err != nil {
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
