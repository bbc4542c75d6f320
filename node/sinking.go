package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"wangge/node/sink"
)

const (
	// sinkPause lies between two rounds: what comes meanwhile is written together.
	sinkPause = time.Second
	// sinkAgain is how long after a failure the next try comes, at first and at most.
	sinkAgain, sinkAgainMax = time.Second, time.Minute
)

// sink keeps the database in step that the configuration names. That it cannot be
// reached harms nothing here: it is tried again until it can.
func (n *node) sink(ctx context.Context) error {
	grown := n.grown.subscribe()
	defer n.grown.unsubscribe(grown)
	var s *sink.Sink
	defer func() {
		if s != nil {
			s.Close()
		}
	}()
	for again := sinkAgain; ; {
		pause := sinkPause
		done, err := n.sinkOnce(ctx, &s)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			n.log.Warn("the database was not brought up to date, and it will be tried again", "error", err, "after", again)
			pause, again = again, min(2*again, sinkAgainMax)
		default:
			again = sinkAgain
			if done.Behind > 0 {
				n.log.Warn("the database has more than this replica: another one wrote, or the county was restored; drop its schema wangge to have it written anew", "spaces", done.Behind)
			}
			if done.Rows > 0 {
				n.log.Debug("the database was brought up to date", "rows", done.Rows, "spaces", done.Spaces)
			}
		}
		if !rested(ctx, pause) {
			return context.Cause(ctx)
		}
		if err == nil {
			select {
			case <-grown:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	}
}

// rested waits, and reports whether it did to the end.
func rested(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (n *node) sinkOnce(ctx context.Context, s **sink.Sink) (sink.Account, error) {
	if *s == nil {
		url, err := os.ReadFile(n.config.SinkURLFile)
		if err != nil {
			return sink.Account{}, fmt.Errorf("reading the database's address: %w", err)
		}
		if *s, err = sink.New(sink.Options{URL: strings.TrimSpace(string(url)), Kinds: n.kinds, Source: n.store, Log: n.log}); err != nil {
			return sink.Account{}, errors.Join(err, fmt.Errorf("it stands in %s", n.config.SinkURLFile))
		}
	}
	return (*s).Once(ctx)
}
