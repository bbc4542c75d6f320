package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"wangge/node/web"
)

const (
	// memoryFew is how many records a small box has.
	memoryFew = 10_000
	// memoryIdle is how long a process is left alone before it is called idle.
	memoryIdle = 8 * time.Second
	memoryTick = 100 * time.Millisecond
)

// benchMemory runs real processes: a box with records, and then a second one
// that fetches them all.
func benchMemory(ctx context.Context, b *bench) error {
	few, err := b.bulk(ctx, "小站", memoryFew)
	if err != nil {
		return err
	}
	if err := b.memoryOf(ctx, few, memoryFew, 40); err != nil || b.records == memoryFew {
		return err
	}
	box, err := b.many(ctx)
	if err != nil {
		return err
	}
	return b.memoryOf(ctx, box, b.records, 120)
}

// memoryOf measures a box's process idle and while a new peer fetches all of its
// records, and that peer's; the goal is in MB.
func (b *bench) memoryOf(ctx context.Context, box *benchBox, records int, goal float64) error {
	peer, err := b.county.enrol("新站")
	if err != nil {
		return err
	}
	if err := errors.Join(box.store.Close(), peer.store.Close()); err != nil {
		return err
	}
	s, err := b.stage(box, peer)
	if err != nil {
		return err
	}
	defer s.end()
	one, other := &stage{actors: s.actors[:1]}, &stage{actors: s.actors[1:]}
	if err := one.begin(ctx); err != nil {
		return err
	}
	var idle, telling, asking memory
	if err := watchMemory(ctx, memoryIdle, func() (bool, error) { return false, idle.last(s.actors[0]) }); err != nil {
		return err
	}
	b.say("a new peer fetches %s records", thousands(float64(records)))
	if err := other.begin(ctx); err != nil {
		return err
	}
	began := time.Now()
	err = watchMemory(ctx, time.Hour, func() (bool, error) {
		if err := errors.Join(telling.most(s.actors[0]), asking.most(s.actors[1])); err != nil {
			return false, err
		}
		return s.holds(ctx, peer.device.Index, records)
	})
	if err != nil {
		return err
	}
	b.say("it took %.0f s", time.Since(began).Seconds())
	figure := func(m memory, what string) {
		b.sheet.print(benchFigure{What: fmt.Sprintf("%s records, %s", thousands(float64(records)), what), Value: m.own, Unit: "MB",
			Note: fmt.Sprintf("its own pages; with those of files, which the system takes back when it wants, %.0f MB", m.own+m.file)}.atMost(goal))
	}
	figure(idle, "idle")
	figure(telling, "telling a new peer")
	figure(asking, "being that peer")
	return nil
}

// stage makes processes of boxes, which are each other's neighbours.
func (b *bench) stage(boxes ...*benchBox) (*stage, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &stage{}
	for _, box := range boxes {
		link, err := freePort()
		if err != nil {
			return nil, err
		}
		dir, err := filepath.Abs(box.dir)
		if err != nil {
			return nil, err
		}
		s.actors = append(s.actors, &actor{device: box.device, dir: dir, program: program, link: link})
	}
	for _, a := range s.actors {
		if err := a.configure(s.actors); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// holds reports whether a node holds so many records.
func (s *stage) holds(ctx context.Context, device uint32, records int) (bool, error) {
	status, err := s.Status(ctx, device)
	if errors.Is(err, errAway) {
		return false, nil
	}
	return held(status) >= uint64(records), err
}

func held(status web.Status) (records uint64) {
	for _, sp := range status.Spaces {
		records += sp.Records
	}
	return records
}

// watchMemory looks again and again until look says that it is done, or for so
// long.
func watchMemory(ctx context.Context, long time.Duration, look func() (done bool, err error)) error {
	tick, end := time.NewTicker(memoryTick), time.After(long)
	defer tick.Stop()
	for {
		if done, err := look(); done || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-end:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// memory is what a process has in memory, in MB of a million bytes. Its own pages
// are what the machine must have for it. The pages of files are there because
// there is room: bbolt reads through a mapping of its file, and what was read
// stays until the system has a better use.
type memory struct{ own, file float64 }

// last takes what a process has now.
func (m *memory) last(a *actor) (err error) {
	*m, err = memoryOfProcess(a.Actor().Process)
	return err
}

// most takes what a process has now where that is more.
func (m *memory) most(a *actor) error {
	now, err := memoryOfProcess(a.Actor().Process)
	m.own, m.file = max(m.own, now.own), max(m.file, now.file)
	return err
}

func memoryOfProcess(process int) (m memory, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process))
	if err != nil {
		return m, fmt.Errorf("how much memory a process has is read from Linux's /proc: %w", err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(b)); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ":")
		kb, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
		switch name {
		case "RssAnon":
			m.own = kb * 1024 / 1e6
		case "RssFile", "RssShmem":
			m.file += kb * 1024 / 1e6
		}
	}
	return m, nil
}
