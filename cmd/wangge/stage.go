package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"wangge/node/web"
)

// stage is a demonstration's county: its nodes as child processes.
type stage struct {
	actors []*actor
}

var _ web.Stage = (*stage)(nil)

// startTimeout is how long the nodes may take to come up.
const startTimeout = time.Minute

// begin starts every node and returns once all are up.
func (s *stage) begin(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for _, a := range s.actors {
		if err := a.start(); err != nil {
			return err
		}
	}
	for _, a := range s.actors {
		if err := a.awaitReady(ctx); err != nil {
			return err
		}
	}
	return nil
}

// end asks all nodes to stop and waits for them.
func (s *stage) end() {
	var all sync.WaitGroup
	for _, a := range s.actors {
		all.Go(a.stop)
	}
	all.Wait()
}

func (s *stage) actor(device uint32) (*actor, error) {
	for _, a := range s.actors {
		if a.device.Index == device {
			return a, nil
		}
	}
	return nil, web.ErrMissing
}

// Nodes returns the actors, hub replicas first.
func (s *stage) Nodes() []web.Actor {
	all := make([]web.Actor, len(s.actors))
	for i, a := range s.actors {
		all[i] = a.Actor()
	}
	return all
}

// Status asks a node for its account of itself.
func (s *stage) Status(ctx context.Context, device uint32) (web.Status, error) {
	a, err := s.actor(device)
	if err != nil {
		return web.Status{}, err
	}
	c, err := a.client()
	if err != nil {
		return web.Status{}, err
	}
	var status web.Status
	return status, c.getJSON(ctx, "/api/status", &status)
}

// Cut cuts a node's link or restores it.
func (s *stage) Cut(device uint32, cut bool) error {
	a, err := s.actor(device)
	if err != nil {
		return err
	}
	return a.cutLink(cut)
}

// Stop kills a node's process, as a power cut would.
func (s *stage) Stop(device uint32) error {
	a, err := s.actor(device)
	if err != nil {
		return err
	}
	a.kill()
	return nil
}

// Start starts a node's process again.
func (s *stage) Start(device uint32) error {
	a, err := s.actor(device)
	if err != nil {
		return err
	}
	if err := a.start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	return a.awaitReady(ctx)
}

// announce tells the person at the terminal where to look.
func (s *stage) announce(out io.Writer, page string) {
	fmt.Fprintf(out, "\nThe county is up. Open the demonstration:\n\n  %s\n\n", page)
	for _, a := range s.actors {
		shown := a.Actor()
		fmt.Fprintf(out, "  %-4s %s  %s\n", shown.Role, shown.Web, shown.Name)
	}
	fmt.Fprintf(out, "\nSave a visit at a box, cut its link, change it on both sides, restore the link: nothing is lost.\nCtrl-C stops everything.\n")
}

// readyNodes lists the demonstration's own process and its nodes.
func (s *stage) readyNodes(page string) []web.Status {
	all := []web.Status{{Name: "demo", Role: "demo", Process: os.Getpid(), Web: page}}
	for _, a := range s.actors {
		shown := a.Actor()
		all = append(all, web.Status{
			Device: shown.Device, Name: shown.Name, Role: shown.Role, Process: shown.Process, Link: a.link, Web: shown.Web,
		})
	}
	return all
}

// readReady reads the file that a node writes once it is up.
func readReady(path string) (ready, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return ready{}, err
	}
	var file struct{ Nodes []ready }
	if err := json.Unmarshal(b, &file); err != nil || len(file.Nodes) != 1 {
		return ready{}, fmt.Errorf("%s is damaged: %w", path, cmp.Or(err, errors.New("it lists no node")))
	}
	return file.Nodes[0], nil
}

// boxes returns the actors that are boxes.
func (s *stage) boxes() []*actor {
	return slices.DeleteFunc(slices.Clone(s.actors), func(a *actor) bool { return a.device.Role != "box" })
}
