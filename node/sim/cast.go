// Package sim lives the machines of a county in one goroutine, over a network, disks, clocks and people that one seed controls.
package sim

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"wangge/node/policy"
	"wangge/schema"
	"wangge/schema/kindfile"
)

// Cast is a county with its devices and their keys. It is the same for every
// seed, so it is made once; runs only read it.
type Cast struct {
	dir            string
	hubs           []*policy.Identity
	boxes, tablets []*policy.Identity
	liar           *policy.Identity
	kinds          *schema.Registry
	renewed        map[uint32][]*policy.Identity // what each device may be given instead
}

// How many devices there are to choose from.
const (
	replicas   = 3
	boxesMax   = 6
	tabletsMax = 3
)

// founded is when the county was founded and every run begins.
var founded = time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)

// chance is a source of keys that one number controls.
type chance struct{ *rand.ChaCha8 }

func newChance(seed uint64, of string) io.Reader {
	var key [32]byte
	copy(key[:], fmt.Sprintf("%016x%s", seed, of))
	return chance{rand.NewChaCha8(key)}
}

// NewCast makes the county in a folder in memory, where the system has one.
func NewCast() (*Cast, error) {
	dir, err := os.MkdirTemp("/dev/shm", "wangge-sim-")
	if err != nil {
		dir, err = os.MkdirTemp("", "wangge-sim-")
	}
	if err != nil {
		return nil, err
	}
	c := &Cast{dir: dir, renewed: map[uint32][]*policy.Identity{}}
	if c.kinds, err = kindfile.Shipped(); err == nil {
		err = c.enrol()
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Close removes the folder.
func (c *Cast) Close() error { return os.RemoveAll(c.dir) }

func (c *Cast) enrol() error {
	county, err := policy.FoundCounty(newChance(1, "county"), filepath.Join(c.dir, "county"), "模拟县", founded)
	if err != nil {
		return err
	}
	all, town := []policy.Pattern{"*"}, []policy.Pattern{"140581105*/personal"}
	for i := range replicas {
		if err := c.add(county, &c.hubs, policy.Device{Name: fmt.Sprintf("hub%d", i+1), Role: policy.Hub, Holds: all}); err != nil {
			return err
		}
	}
	for i := range boxesMax {
		d := policy.Device{Name: fmt.Sprintf("box%d", i+1), Role: policy.Box, Holds: town, Writes: []policy.Pattern{"140581*/personal"}}
		if i >= 3 { // of one village, and serves whoever comes in
			d.Holds = []policy.Pattern{policy.Pattern(village(i - 3).String())}
		}
		if err := c.add(county, &c.boxes, d); err != nil {
			return err
		}
	}
	for i := range tabletsMax {
		own := []policy.Pattern{policy.Pattern(village(i).String())}
		d := policy.Device{Name: fmt.Sprintf("tablet%d", i+1), Role: policy.Box, Holds: own, Writes: own}
		if err := c.add(county, &c.tablets, d); err != nil {
			return err
		}
	}
	for _, id := range slices.Concat(c.boxes, c.tablets) {
		if err := c.renewals(county, id); err != nil {
			return err
		}
	}
	return c.stray(county)
}

// stray enrols the device that lies.
func (c *Cast) stray(county *policy.County) error {
	own := []policy.Pattern{policy.Pattern(mine().String())}
	var all []*policy.Identity
	err := c.add(county, &all, policy.Device{Name: "liar", Role: policy.Box, Holds: own, Writes: own})
	c.liar = all[0]
	return err
}

func (c *Cast) add(county *policy.County, to *[]*policy.Identity, d policy.Device) error {
	keys := filepath.Join(c.dir, d.Name)
	if _, err := county.Enrol(d, keys, founded); err != nil {
		return err
	}
	id, err := policy.LoadIdentity(keys)
	*to = append(*to, id)
	return err
}
