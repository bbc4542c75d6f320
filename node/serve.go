package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"wangge/node/web"
)

// farewell is how long requests under way may take to end when the node stops.
const farewell = 3 * time.Second

// listenWeb binds the address for browsers; nil for a node without pages.
func (n *node) listenWeb() (net.Listener, error) {
	if n.config.Web == "" {
		return nil, nil
	}
	l, err := net.Listen("tcp", n.config.Web)
	if err != nil {
		return nil, fmt.Errorf("listening for browsers on %s: %w", n.config.Web, err)
	}
	n.webURL = "http://" + l.Addr().String()
	return l, nil
}

func (n *node) serveWeb(ctx context.Context, l net.Listener) error {
	if l == nil {
		return nil
	}
	o := web.Options{Registry: n.kinds, Machine: n, NoMetrics: n.config.NoMetrics, Archive: archive{n}, Planner: planner{n}, Gazetteer: n, Hosts: n.hosts(), Log: n.log}
	if n.isHub() {
		o.Office, o.Officials, o.Months, o.Inspector, o.Chronicler = office{n}, officials{n}, n.months(), office{n}, office{n}
		o.Publisher = n.months()
	} else {
		o.Desk, o.Files = desk{n}, cabinet{n.store.Files(), n.freight.Show}
	}
	return ServePages(ctx, l, web.New(o), n.log)
}

// ServePages serves a handler until ctx ends, with bounds on what a slow or
// hostile browser may cost.
func ServePages(ctx context.Context, l net.Listener, pages http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler:           pages,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       2 * time.Minute,
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer cancel()
		stopped <- server.Shutdown(end)
	})
	err := server.Serve(l)
	if stop() { // ctx has not ended: serving failed by itself
		return err
	}
	if err := <-stopped; err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return context.Cause(ctx)
}
