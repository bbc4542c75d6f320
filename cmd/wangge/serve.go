package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"

	"github.com/goccy/go-yaml"

	"wangge/node"
	"wangge/node/policy"
	"wangge/node/web"
)

const serveHelp = `
  --config FILE      the node's configuration (YAML)
  --link ADDR        UDP address for other nodes; overrides the configuration
  --web ADDR         TCP address for browsers; overrides the configuration
  --ready-file FILE  write addresses and process id as JSON once everything is up
  --log LEVEL        debug, info, warn or error (default info); logs go to stderr

Configuration:
  keys: keys                  # folder that wangge enrol made
  data: data                  # folder for everything that the node keeps
  link: 0.0.0.0:7400          # port 0 lets the system choose
  web: 127.0.0.1:8080
  hosts: [box-1.county.example]   # names, beside its addresses, by which browsers may call it
  sink_url_file: sink-url     # of a replica: the address of a PostgreSQL database to keep in step (wangge sink --help)
  originals: none             # photos a box fetches unasked: none (previews alone) or all
  keep_files_days: 0          # a box's originals go that long after they came, once the hub proves to hold them; 0: when the disk is short
  peers:                      # of a box: the hub's replicas and a few neighbours;
    - {device: 1, name: 县中心一, role: hub, address: 10.0.0.1:7400}   # of a replica: all replicas
Folders are relative to the configuration's own.
`

var hubVerb = verb{
	name: "hub",
	does: "run a replica of the county's hub",
	help: `Usage: wangge hub --config FILE [flags]

Runs one of the hub's three or five replicas until it is told to stop.
` + serveHelp + `
Example:
  wangge hub --config hub-1/node.yaml --ready-file hub-1/ready.json
`,
	run: func(ctx context.Context, a *arguments) error { return serve(ctx, a, policy.Hub) },
}

var boxVerb = verb{
	name: "box",
	does: "run the box of a service centre",
	help: `Usage: wangge box --config FILE [flags]

Runs the box of a community service centre until it is told to stop.
` + serveHelp + `
Example:
  wangge box --config box-1/node.yaml --web 127.0.0.1:8080
`,
	run: func(ctx context.Context, a *arguments) error { return serve(ctx, a, policy.Box) },
}

// serveFlags are the flags of a verb that runs a node.
type serveFlags struct {
	config, link, web, ready, level string
	withParent                      bool // stop when standard input ends, as it does when the demonstration dies
}

func (s *serveFlags) register(f *flag.FlagSet) {
	f.StringVar(&s.config, "config", "", "")
	f.StringVar(&s.link, "link", "", "")
	f.StringVar(&s.web, "web", "", "")
	f.StringVar(&s.ready, "ready-file", "", "")
	f.StringVar(&s.level, "log", "info", "")
	f.BoolVar(&s.withParent, "with-parent", false, "")
}

func serve(ctx context.Context, a *arguments, role policy.Role) error {
	var s serveFlags
	f := a.flags()
	s.register(f)
	if _, err := a.parse(f, 0); err != nil {
		return err
	}
	if s.config == "" {
		return misused("--config FILE is missing")
	}
	c, err := readConfig(s)
	if err != nil {
		return err
	}
	id, err := policy.LoadIdentity(c.Keys)
	if err != nil {
		return fmt.Errorf("reading the device's keys: %w", err)
	}
	if id.Device.Role != role {
		return misused("device %d is enrolled as a %s: run wangge %s", id.Device.Index, id.Device.Role, id.Device.Role)
	}
	log, err := logger(a.stderr, s.level)
	if err != nil {
		return err
	}
	if s.withParent {
		var cancel context.CancelCauseFunc
		ctx, cancel = context.WithCancelCause(ctx)
		defer cancel(nil)
		go func() { // ends with the process: nothing else interrupts a read of standard input
			io.Copy(io.Discard, a.stdin)
			cancel(errors.New("the parent process has gone"))
		}()
	}
	switch role {
	case policy.Box:
		spareCollector()
	case policy.Hub:
		defer runtime.KeepAlive(delayCollector())
	}
	return node.Run(ctx, c, log, func(st web.Status) {
		if err := writeReady(s.ready, []web.Status{st}); err != nil {
			log.Error("the ready file could not be written", "error", err)
		}
	})
}

func readConfig(s serveFlags) (node.Config, error) {
	var c node.Config
	b, err := os.ReadFile(s.config)
	if err != nil {
		return c, fmt.Errorf("reading the configuration: %w", err)
	}
	if err := yaml.UnmarshalWithOptions(b, &c, yaml.Strict()); err != nil {
		return c, fmt.Errorf("%s: %w", s.config, err)
	}
	if s.link != "" {
		c.Link = s.link
	}
	if s.web != "" {
		c.Web = s.web
	}
	for _, dir := range []*string{&c.Keys, &c.Data, &c.SinkURLFile} {
		if *dir != "" && !filepath.IsAbs(*dir) {
			*dir = filepath.Join(filepath.Dir(s.config), *dir)
		}
	}
	return c, c.Check()
}

func logger(w io.Writer, level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, misused("--log %s: want debug, info, warn or error", level)
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: l})), nil
}

// ready is one process as the ready file lists it.
type ready struct {
	Device  uint32 `json:"device"`
	Name    string `json:"name"`
	Role    string `json:"role"`
	Process int    `json:"process"`
	Link    string `json:"link"`
	Web     string `json:"web"`
}

// writeReady writes the file whole or not at all: whoever sees it may read it.
func writeReady(path string, nodes []web.Status) error {
	if path == "" {
		return nil
	}
	all := []ready{}
	for _, s := range nodes {
		all = append(all, ready{s.Device, s.Name, s.Role, s.Process, s.Link, s.Web})
	}
	b, err := json.MarshalIndent(map[string]any{"nodes": all}, "", "  ")
	if err != nil {
		return err
	}
	fresh := path + ".new"
	if err := os.WriteFile(fresh, append(b, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(fresh, path)
}
