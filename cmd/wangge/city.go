package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"wangge/node"
	"wangge/node/city"
	"wangge/node/web"
	"wangge/schema/kindfile"
)

var cityVerb = verb{
	name: "city",
	does: "show in a browser what a city's counties published, or a province's cities",
	help: `Usage: wangge city --data DIR [--web ADDRESS]

Serves pages until it is stopped: which areas have published a month and which have
not, all its reports added up, and each report with every area beside the sum. They
read the folder anew each time and change nothing; wangge receive may run meanwhile.

  --data DIR      the city's folder, which wangge init --area made
  --web ADDRESS   where to listen (default 127.0.0.1:8090); port 0 takes a free one

Example:
  wangge city --data city --web 127.0.0.1:8090
`,
	run: runCity,
}

func runCity(ctx context.Context, a *arguments) error {
	f := a.flags()
	data, address := f.String("data", "", ""), f.String("web", "127.0.0.1:8090", "")
	if _, err := a.parse(f, 0); err != nil {
		return err
	}
	if *data == "" {
		return misused("--data DIR is missing")
	}
	folder, err := city.Open(*data)
	if err != nil {
		return err
	}
	kinds, err := kindfile.Shipped()
	if err != nil {
		return err
	}
	pages, err := folder.Pages(kinds)
	if err != nil {
		return err
	}
	log, err := logger(a.stderr, "warn")
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "http://%s shows %s. Ctrl-C ends it.\n", listener.Addr(), folder.Area())
	if err := node.ServePages(ctx, listener, web.Beside(pages), log); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
