package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	"golang.org/x/sync/errgroup"

	"wangge/node"
	"wangge/node/web"
	"wangge/schema/kindfile"
)

var demoVerb = verb{
	name: "demo",
	does: "show a whole county on this machine: three hub replicas, three boxes",
	help: `Usage: wangge demo [flags]

Starts a county on this machine, each node a process of its own with its own
store and its own QUIC port on loopback: a hub of three replicas, and three boxes
in two townships. A few villages' records are written. The page whose address is
printed cuts links, stops nodes, and shows that nothing is lost. Ctrl-C ends it.

  --data DIR         keep everything in DIR and go on from there the next time
                     (default: a temporary folder, removed at the end)
  --web ADDR         address of the demonstration's page (default 127.0.0.1:0)
  --ready-file FILE  write addresses and process ids as JSON once everything is up

Example:
  wangge demo
  wangge demo --data ~/wangge-demo --ready-file ready.json
`,
	run: runDemo,
}

func runDemo(ctx context.Context, a *arguments) error {
	f := a.flags()
	dir, addr := f.String("data", "", ""), f.String("web", "127.0.0.1:0", "")
	readyFile := f.String("ready-file", "", "")
	if _, err := a.parse(f, 0); err != nil {
		return err
	}
	if *dir == "" {
		temporary, err := os.MkdirTemp("", "wangge-demo-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temporary)
		fmt.Fprintf(a.stdout, "Everything is kept in %s and removed at the end; --data DIR keeps it.\n", temporary)
		*dir = temporary
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	stage, err := setStage(*dir, program)
	if err != nil {
		return err
	}
	defer stage.end()
	fmt.Fprintln(a.stdout, "Starting three hub replicas and three boxes …")
	if err := stage.begin(ctx); err != nil {
		return err
	}
	page, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	log, err := logger(a.stderr, "warn")
	if err != nil {
		return err
	}
	kinds, err := kindfile.Shipped()
	if err != nil {
		return err
	}
	pages := web.New(web.Options{Registry: kinds, Stage: stage, Office: stage, Gazetteer: stage, Log: log})
	g.Go(func() error { return node.ServePages(ctx, page, pages, log) })
	if err := seed(ctx, *dir, stage); err != nil {
		return errors.Join(fmt.Errorf("writing the villages' records: %w", err), page.Close())
	}
	url := "http://" + page.Addr().String()
	stage.announce(a.stdout, url)
	if err := writeReady(*readyFile, stage.readyNodes(url)); err != nil {
		return err
	}
	err = g.Wait()
	fmt.Fprintln(a.stdout, "Stopping …")
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
