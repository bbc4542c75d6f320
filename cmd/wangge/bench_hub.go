package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"wangge/node"
	"wangge/node/policy"
	"wangge/node/web"
	"wangge/schema"
)

// What row P17 is about.
const (
	hubMembers  = 3
	hubBoxes    = 12
	hubVisits   = 10_000 // of each box
	hubWriters  = 64     // who save at a box at the same time
	etcdPuts    = 3_800  // a second, of 64 clients, three nodes on this machine
	hubLook     = 100 * time.Millisecond
	hubPatience = 30 * time.Minute
)

// benchHub measures how many visits a second a county commits. Twelve boxes run in this
// process, and the hub's replicas in three others: real QUIC, real fsyncs, all on one machine.
// Each visit was saved as a form of its own before.
func benchHub(ctx context.Context, b *bench) (err error) {
	if err := b.forget(); err != nil {
		return err
	}
	h, err := b.newHub()
	if err != nil {
		return err
	}
	defer h.end()
	b.say("writing %d visits at each of %d boxes", hubVisits, hubBoxes)
	var boxes []*benchBox
	for i := range hubBoxes {
		box, err := b.visitedBox(h.county, fmt.Sprintf("140581%03d2%02d", 100+i, i))
		if err != nil {
			return err
		}
		boxes = append(boxes, box)
	}
	if err := h.begin(ctx); err != nil {
		return err
	}
	b.say("the boxes tell the hub")
	const visits = hubBoxes * hubVisits
	var told spent
	hubs, err := h.worked(func() (err error) {
		told, err = b.timed(func() error { return h.tell(ctx, boxes, visits) })
		return err
	})
	if err != nil {
		return err
	}
	b.sheet.print(benchFigure{What: fmt.Sprintf("visits a second, committed, and applied by %d replicas", hubMembers), Value: visits / told.clock.Seconds(), Unit: "/s",
		Note: fmt.Sprintf("%d visits of %d boxes; the goal is ten times what etcd puts for 64 clients; %s", visits, hubBoxes, told)}.atLeast(10 * etcdPuts))
	each := func(d time.Duration) float64 { return float64(d.Microseconds()) / visits }
	b.sheet.print(benchFigure{What: "of the processor, a visit: the three replicas together", Value: each(hubs), Unit: "us"})
	b.sheet.print(benchFigure{What: "- and its box", Value: each(told.work), Unit: "us"})
	return nil
}

// hub is a county whose replicas are processes of their own.
type hub struct {
	*stage
	county *benchCounty
}

// newHub enrols the replicas; begin starts them.
func (b *bench) newHub() (*hub, error) {
	county, err := b.make()
	if err != nil {
		return nil, err
	}
	var replicas []*benchBox
	for i := range hubMembers {
		r, err := county.device(policy.Device{Name: fmt.Sprintf("县中心%d", i+1), Role: policy.Hub, Holds: []policy.Pattern{"*"}})
		if err != nil {
			return nil, err
		}
		replicas = append(replicas, r)
	}
	s, err := b.stage(replicas...)
	return &hub{s, county}, err
}

// community enrols the box of a community, which holds what is the community's.
func (c *benchCounty) community(place string) (*benchBox, error) {
	var holds []policy.Pattern
	for _, class := range []string{"open", "personal", "confidential"} {
		holds = append(holds, policy.Pattern(place+"*/"+class))
	}
	box, err := c.device(policy.Device{Name: place + "站", Role: policy.Box, Ring: place, Holds: holds, // a ring of its own: what it has came from it alone
		Writes: []policy.Pattern{"140581*/open", "140581*/personal", "140581*/confidential"}})
	if err != nil {
		return nil, err
	}
	return box, box.reopen()
}

// visitedBox makes a community's box with visits, each a form that its author saved, and
// closes it.
func (b *bench) visitedBox(county *benchCounty, place string) (*benchBox, error) {
	box, err := county.community(place)
	if err != nil {
		return nil, err
	}
	g := newGenerator(hashed(place) + b.seed)
	g.grids = []string{place + "01", place + "02", place + "03", place + "04", place + "05"}
	box.now = g.now
	forms := make([][]schema.Filled, hubVisits)
	for i := range forms {
		if forms[i], err = county.fill(box, g.visit(g.author(authors))); err != nil {
			return nil, errors.Join(err, box.store.Close())
		}
	}
	return box, errors.Join(box.saveSingly(forms), box.store.Close())
}

// saveSingly saves each form by itself, many at the same time.
func (box *benchBox) saveSingly(forms [][]schema.Filled) error {
	var g errgroup.Group
	g.SetLimit(hubWriters)
	for _, form := range forms {
		g.Go(func() error { return box.saveNow(form) })
	}
	return g.Wait()
}

// tell runs boxes until every replica has so many records.
func (h *hub) tell(ctx context.Context, boxes []*benchBox, records int) error {
	ctx, stop := context.WithTimeoutCause(ctx, hubPatience, fmt.Errorf("the hub has not all records after %v", hubPatience))
	defer stop()
	g, ctx := errgroup.WithContext(ctx)
	running, leave := context.WithCancel(ctx)
	for _, box := range boxes {
		g.Go(func() error { return h.run(running, box, func(web.Status) {}) })
	}
	g.Go(func() error {
		defer leave()
		return h.until(ctx, func() (bool, error) { return h.all(ctx, records) })
	})
	return g.Wait()
}

// all reports whether every replica has so many records.
func (h *hub) all(ctx context.Context, records int) (bool, error) {
	for _, a := range h.actors {
		if has, err := h.holds(ctx, a.device.Index, records); !has || err != nil {
			return false, err
		}
	}
	return true, nil
}

// until looks until look says yes.
func (h *hub) until(ctx context.Context, look func() (bool, error)) error {
	for {
		if yes, err := look(); yes || err != nil {
			return err
		}
		if err := pause(ctx, hubLook); err != nil {
			return err
		}
	}
}

// run runs a box in this process, which knows the replicas alone.
func (h *hub) run(ctx context.Context, box *benchBox, ready func(web.Status)) error {
	c := node.Config{Keys: filepath.Join(box.dir, "keys"), Data: filepath.Join(box.dir, "data"), Link: "127.0.0.1:0", Web: "127.0.0.1:0"}
	for _, a := range h.actors {
		c.Peers = append(c.Peers, node.Peer{Device: a.device.Index, Name: a.device.Name, Role: a.device.Role, Address: a.link})
	}
	return node.Run(ctx, c, slog.New(slog.NewTextHandler(io.Discard, nil)), ready)
}

// worked returns what the replicas used of the processors during a piece of work.
func (h *hub) worked(work func() error) (time.Duration, error) {
	before, err := h.processors()
	if err == nil {
		err = work()
	}
	if err != nil {
		return 0, err
	}
	after, err := h.processors()
	return after - before, err
}

// processors returns what the replicas have used of the processors so far.
func (h *hub) processors() (sum time.Duration, err error) {
	for _, a := range h.actors {
		one, err := processorOf(a.Actor().Process)
		if err != nil {
			return 0, fmt.Errorf("%s: %w; see %s", a.device.Name, err, strings.TrimSuffix(a.readyFile(), "ready.json")+"log.txt")
		}
		sum += one
	}
	return sum, nil
}
