// Package node runs one machine of the county: it owns every goroutine and hands the rooms to each other.
package node

import (
	"fmt"
	"net"
	"regexp"
	"slices"

	"wangge/node/policy"
	"wangge/node/publication"
	"wangge/node/township"
	"wangge/schema"
)

var countyCodes = regexp.MustCompile(`^[1-9][0-9]{5}$`)

// Config describes one node. Who the node is and what it may do stands in its
// certificate, not here.
type Config struct {
	Keys string `yaml:"keys" json:"keys"` // folder with the device's keys and certificate
	Data string `yaml:"data" json:"data"` // folder for everything that the node keeps
	Link string `yaml:"link" json:"link"` // UDP address for other nodes, such as 0.0.0.0:7400
	Web  string `yaml:"web" json:"web"`   // TCP address for browsers, such as 127.0.0.1:8080; "" for a node without pages
	// Hosts are the names, beside its addresses, by which browsers may call it.
	Hosts []string `yaml:"hosts,omitempty" json:"hosts,omitempty"`
	// Peers are the machines that this one knows from the start: for all the
	// hub's replicas, for a box a few boxes of its township.
	Peers []Peer `yaml:"peers" json:"peers"`
	// KeepDays is how long at least a box keeps the batches in its log that it knows
	// the county to have committed; 0 is DefaultKeepDays, a negative number for ever. Records stay
	// either way. It must be longer than the county's backups are apart, for a hub
	// that is restored from one is fed again from the boxes' logs.
	KeepDays int `yaml:"keep_days,omitempty" json:"keep_days,omitempty"`
	// SinkURLFile names a file with the address of a PostgreSQL database that a hub
	// replica keeps in step with the county's records; "" for none. Of several replicas with one
	// one writes, and another takes over when that has gone.
	SinkURLFile string `yaml:"sink_url_file,omitempty" json:"sink_url_file,omitempty"`
	// NoMetrics leaves out /metrics, the account of this node in numbers.
	NoMetrics bool `yaml:"no_metrics,omitempty" json:"no_metrics,omitempty"`
	// Originals says which photos and files a box fetches for the records that it
	// holds: "all", or "none" for their previews alone, which is the default. What
	// a person asks to see comes either way. The hub fetches all.
	Originals string `yaml:"originals,omitempty" json:"originals,omitempty"`
	// KeepFilesDays is how long at least a box keeps originals whose records are all
	// at the county; then they go, once a majority of the hub proves that it holds
	// them. 0 is for ever, unless the disk is nearly full. With originals: all none go.
	KeepFilesDays int `yaml:"keep_files_days,omitempty" json:"keep_files_days,omitempty"`
	// Discover lets a box and others of its township on one local network find each other by multicast DNS, and browsers
	// its pages; nil is true. It listens and tells only at addresses that Link and Web are bound to, so one at loopback never does.
	Discover *bool `yaml:"discover,omitempty" json:"discover,omitempty"`
	// DiscoverOn names the network interfaces for that; without any, all that Link is at.
	DiscoverOn []string `yaml:"discover_on,omitempty" json:"discover_on,omitempty"`
	// RaftTimeouts multiplies the times that a hub replica waits for the others, 1 to 100;
	// 0 is 1, which fits round trips of up to about 50 ms. Where a replica is
	// reached by satellite, all take 8: 600 ms would let the default elect for ever.
	RaftTimeouts int `yaml:"raft_timeouts,omitempty" json:"raft_timeouts,omitempty"`
	// Socket carries packets in the place of a UDP port; nil but in measurements
	// and tests. Its addresses are of type *net.UDPAddr. A node with one has no
	// control socket: it touches no network but this.
	Socket net.PacketConn `yaml:"-" json:"-"`
	// Kinds are the forms in the place of those that the program ships; nil but in tests.
	Kinds *schema.Registry `yaml:"-" json:"-"`
	// DailyKB is for a metered link: how many kilobytes of work this box's
	// conversations may send and take in a day, half of it each way; 0 is as many as
	// there are. What matters goes first, and the rest waits. The day is the machine's.
	DailyKB int `yaml:"daily_kb,omitempty" json:"daily_kb,omitempty"`
	// Area is the county's six digits, under which a replica of the hub publishes; "" for
	// those with which the areas of all its records begin.
	Area string `yaml:"area,omitempty" json:"area,omitempty"`
	// LeastPersons is for how many persons a figure stands at the fewest that a replica
	// publishes; 0 is 4, and nothing below that is taken.
	LeastPersons int64 `yaml:"least_persons,omitempty" json:"least_persons,omitempty"`
	// Demonstration lets a page cut this node's link.
	Demonstration bool `yaml:"demonstration,omitempty" json:"demonstration,omitempty"`
}

// DefaultKeepDays is longer than a month between backups.
const DefaultKeepDays = 40

// What Originals says.
const (
	OriginalsAll  = "all"
	OriginalsNone = "none"
)

// originals reports whether originals come here unasked.
func (c Config) originals(hub bool) bool { return hub || c.Originals == OriginalsAll }

// Peer is where a device is to be found.
type Peer struct {
	Device  uint32      `yaml:"device" json:"device"`
	Name    string      `yaml:"name" json:"name"`
	Role    policy.Role `yaml:"role" json:"role"`
	Address string      `yaml:"address" json:"address"` // host:port of its link
}

// Check reports what is wrong with the configuration.
func (c Config) Check() error {
	if c.Keys == "" || c.Data == "" {
		return fmt.Errorf("the configuration names no folder: set keys and data")
	}
	if c.DailyKB < 0 {
		return fmt.Errorf("daily_kb: %d kilobytes a day: want 0 for as many as there are, or more", c.DailyKB)
	}
	for what, addr := range map[string]string{"link": c.Link, "web": c.Web} {
		if what == "web" && addr == "" {
			continue
		}
		if _, _, err := net.SplitHostPort(addr); err != nil {
			return fmt.Errorf("%s: %q is no address: want host:port, such as 127.0.0.1:0", what, addr)
		}
	}
	if c.KeepFilesDays < 0 {
		return fmt.Errorf("keep_files_days: %d: want a number of days, or 0 for ever", c.KeepFilesDays)
	}
	if c.Originals != "" && c.Originals != OriginalsAll && c.Originals != OriginalsNone {
		return fmt.Errorf("originals: %q: want all or none", c.Originals)
	}
	if c.Area != "" && !countyCodes.MatchString(c.Area) {
		return fmt.Errorf("area: %q is no county: want six digits, such as 140581", c.Area)
	}
	if c.LeastPersons != 0 && c.LeastPersons < publication.Least {
		return fmt.Errorf("least_persons: %d: a figure of fewer than %d persons may tell of one of them", c.LeastPersons, publication.Least)
	}
	for _, p := range c.Peers {
		if _, _, err := net.SplitHostPort(p.Address); err != nil || p.Device == 0 {
			return fmt.Errorf("peer %q needs a device number and an address such as 10.0.0.7:7400", p.Name)
		}
	}
	return nil
}

// members returns the devices of the hub, in order, each once: they are counted to a majority.
func (c Config) members() []uint32 {
	var all []uint32
	for _, p := range c.Peers {
		if p.Role == policy.Hub {
			all = append(all, p.Device)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// neighbours returns the boxes among the peers.
func (c Config) neighbours() (all []township.Neighbour) {
	for _, p := range c.Peers {
		if p.Role == policy.Box {
			all = append(all, township.Neighbour{Device: p.Device, Name: p.Name, Address: p.Address})
		}
	}
	return all
}

// ways returns where the peers are.
func (c Config) ways() (all []string) {
	for _, p := range c.Peers {
		all = append(all, p.Address)
	}
	return all
}
