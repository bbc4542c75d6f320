package node

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"wangge/node/policy"
	"wangge/node/web"
	"wangge/sync/wire"
)

const (
	// completeEvery is how often, at most, the county notes for a box that all of
	// its work is there.
	completeEvery = 20 * time.Second
	// noteTimeout is how long such a note may take. One that fails is made up for
	// by the next.
	noteTimeout = 5 * time.Second
)

// complete has the county note that it has committed everything that a box
// holds as of now. It waits for the commit: the box has nothing to say anyway.
func (n *node) complete(ctx context.Context, box policy.Device) {
	if !n.isHub() || box.Role != policy.Box || !n.due(box.Index) {
		return
	}
	n.note(ctx, box, time.Now())
}

// note has the county note up to when it has all of a box's work.
func (n *node) note(ctx context.Context, box policy.Device, at time.Time) {
	if !n.isHub() || box.Role != policy.Box {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, noteTimeout)
	defer cancel()
	note := wire.Complete{Device: box.Index, Name: box.Name, At: min(at.UnixMilli(), time.Now().UnixMilli())}
	if _, err := n.hub.Propose(ctx, wire.Encode(note)); err != nil {
		n.log.Debug("a box's completeness could not be noted", "box", box.Index, "error", err)
	}
}

func (n *node) due(box uint32) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if time.Since(n.noted[box]) < completeEvery {
		return false
	}
	n.noted[box] = time.Now()
	return true
}

// boxesHeard lists every box that is configured or was ever heard of, and up to
// when the county has all of its work.
func (n *node) boxesHeard() []web.Heard {
	heard := map[uint32]web.Heard{}
	for index, d := range n.known() {
		if d.Role == policy.Box {
			heard[index] = web.Heard{Device: index, Name: d.Name}
		}
	}
	for _, c := range n.store.Completes() {
		heard[c.Device] = web.Heard{Device: c.Device, Name: c.Name, At: time.UnixMilli(c.At)}
	}
	all := []web.Heard{}
	for _, device := range slices.Sorted(maps.Keys(heard)) {
		all = append(all, heard[device])
	}
	return all
}

// boxLateAfter is how far behind a box may be before its work is called late. One that
// has signal says every half a minute that all of it is here.
const boxLateAfter = time.Hour

// completeness sums up how far the county has heard its boxes: those that are late are
// named, and the others' work is counted up to the moment of the one that is furthest
// behind.
func completeness(boxes []web.Heard, now time.Time) web.Complete {
	c := web.Complete{Of: len(boxes), Late: []string{}}
	for _, b := range boxes {
		if now.Sub(b.At) > boxLateAfter {
			c.Late = append(c.Late, b.Name)
			continue
		}
		if c.Boxes++; c.At.IsZero() || b.At.Before(c.At) {
			c.At = b.At
		}
	}
	return c
}

// concerns reports whether a box holds work of an area: by a pattern of its certificate that
// lies in the area, or under which the area lies. Of a box that was not met since the start
// nobody knows, and it is taken to.
func concerns(box policy.Device, area string) bool {
	return len(box.Holds) == 0 || area == "" || slices.ContainsFunc(box.Holds, func(p policy.Pattern) bool {
		of, _, _ := strings.Cut(string(p), "/")
		prefix, below := strings.CutSuffix(of, "*")
		return strings.HasPrefix(prefix, area) || below && strings.HasPrefix(area, prefix)
	})
}
