package node

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"wangge/node/policy"
	"wangge/node/wake"
)

const (
	// neighboursFile is where a box writes down whom it has met in its ring. The ring itself forgets who
	// has gone, and a box that starts must not depend on the few that its configuration names.
	neighboursFile = "neighbours.json"
	neighboursMax  = 1024
	// noteEvery is how often it looks whether there is somebody new.
	noteEvery = time.Minute
)

// readNeighbours reads who was met in earlier lives. It is a hint, so a file that
// is damaged costs no more than it said.
func (n *node) readNeighbours() []Peer {
	b, err := os.ReadFile(filepath.Join(n.config.Data, neighboursFile))
	var met []Peer
	if err == nil {
		err = json.Unmarshal(b, &met)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		n.log.Warn("who was met in the ring is forgotten", "error", err)
	}
	met = slices.DeleteFunc(met, func(p Peer) bool {
		return p.Device == 0 || p.Device == n.id.Device.Index || p.Role != policy.Box
	})
	return met[:min(len(met), neighboursMax)]
}

// remembered returns the boxes that belong to the ring, by the configuration or because they
// were met, and tells the link where the latter were.
func (n *node) remembered() []uint32 {
	all := n.config.neighbours()
	for _, p := range n.readNeighbours() {
		if !slices.Contains(all, p.Device) {
			all = append(all, p.Device)
			n.link.Learn(p.Device, p.Address)
		}
	}
	return all
}

// noteNeighbours writes down whom the box meets, until ctx ends.
func (n *node) noteNeighbours(ctx context.Context) error {
	written := n.readNeighbours()
	for {
		wake.Rest(ctx, noteEvery)
		met := n.meetings(written)
		if !slices.Equal(met, written) {
			if err := writeNeighbours(n.config.Data, met); err != nil {
				n.log.Warn("who was met in the ring cannot be written down", "error", err)
			}
			written = met
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

// meetings adds the ring's members to those that were met before.
func (n *node) meetings(before []Peer) []Peer {
	met := slices.Clone(before)
	for _, m := range n.gossip.Members() {
		p := Peer{Device: m.Device, Name: m.Name, Role: policy.Box, Address: m.Address}
		if i := slices.IndexFunc(met, func(was Peer) bool { return was.Device == m.Device }); i >= 0 {
			met[i] = p
		} else if len(met) < neighboursMax {
			met = append(met, p)
		}
	}
	return met
}

// writeNeighbours replaces the file, so that a crash leaves the old one or the new.
func writeNeighbours(data string, met []Peer) error {
	b, err := json.MarshalIndent(met, "", " ")
	if err != nil {
		return err
	}
	path := filepath.Join(data, neighboursFile)
	if err := os.WriteFile(path+".new", b, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
