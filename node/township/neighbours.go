package township

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

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

// Neighbour is a box of the ring.
type Neighbour struct {
	Device  uint32 `json:"device"`
	Name    string `json:"name"`
	Address string `json:"address"` // host:port of its link
}

// readNeighbours reads who was met in earlier lives. It is a hint, so a file that
// is damaged costs no more than it said.
func (r *Ring) readNeighbours() []Neighbour {
	b, err := os.ReadFile(filepath.Join(r.host.Data, neighboursFile))
	var met []Neighbour
	if err == nil {
		err = json.Unmarshal(b, &met)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.host.Log.Warn("who was met in the ring is forgotten", "error", err)
	}
	met = slices.DeleteFunc(met, func(n Neighbour) bool { return n.Device == 0 || n.Device == r.host.Self.Index })
	return met[:min(len(met), neighboursMax)]
}

// remembered returns the boxes that belong to the ring, by the configuration or because they
// were met, and tells the link where the latter were.
func (r *Ring) remembered() []uint32 {
	var all []uint32
	for _, n := range r.host.Known {
		all = append(all, n.Device)
	}
	for _, n := range r.readNeighbours() {
		if !slices.Contains(all, n.Device) {
			all = append(all, n.Device)
			r.host.Link.Learn(n.Device, n.Address)
		}
	}
	return all
}

// noteNeighbours writes down whom the box meets, until ctx ends.
func (r *Ring) noteNeighbours(ctx context.Context) error {
	written := r.readNeighbours()
	for {
		wake.Rest(ctx, noteEvery)
		met := r.meetings(written)
		if !slices.Equal(met, written) {
			if err := writeNeighbours(r.host.Data, met); err != nil {
				r.host.Log.Warn("who was met in the ring cannot be written down", "error", err)
			}
			written = met
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

// meetings adds the ring's members to those that were met before.
func (r *Ring) meetings(before []Neighbour) []Neighbour {
	met := slices.Clone(before)
	for _, m := range r.gossip.Members() {
		n := Neighbour{m.Device, m.Name, m.Address}
		if i := slices.IndexFunc(met, func(was Neighbour) bool { return was.Device == m.Device }); i >= 0 {
			met[i] = n
		} else if len(met) < neighboursMax {
			met = append(met, n)
		}
	}
	return met
}

// writeNeighbours replaces the file, so that a crash leaves the old one or the new.
func writeNeighbours(data string, met []Neighbour) error {
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
