package node

import (
	"flag"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"wangge/node/report"
	"wangge/sync/weaklink"
)

// virtualDays is how long, in days of virtual time, the partitions of TestWholeNodesLiveThroughPartitionsOfDays last
// together. A day costs a minute or two of processor time, for raft beats its heart and every fsync is a real one.
var virtualDays = flag.Float64("days", 0.06, "how many virtual days whole nodes are cut off from each other")

// island lets no packet through between these nodes and all others, or lets them through again.
func (d *district) island(nodes []int, change func(*weaklink.Way)) {
	inside := map[int]bool{}
	for _, i := range nodes {
		inside[i] = true
	}
	for i := range d.peers {
		for j := range d.peers {
			if i < j && inside[i] != inside[j] {
				for _, way := range d.wire.Between(d.at(i), d.at(j)) {
					change(way)
				}
			}
		}
	}
}

func (d *district) at(i int) netip.AddrPort { return netip.MustParseAddrPort(d.peers[i].Address) }

// everyone has each box write a visit, and returns how many that are.
func (d *district) everyone(t *testing.T, round string) int {
	for i := d.hubs; i < len(d.nodes); i++ {
		desk{d.nodes[i].node}.mustSave(t, "grid_visit", form(map[string]any{"person": fmt.Sprintf("%s %d", round, i)}))
	}
	return len(d.nodes) - d.hubs
}

// agreed reports whether one leader leads all replicas, every box's work is at the county, all hold the same, and
// every replica counts so many visits.
func (d *district) agreed(visits int) (complaint string) {
	leader := d.hub(0).hub.Status().Leader
	for i, r := range d.nodes {
		if i < d.hubs {
			if l := r.hub.Status().Leader; l != leader || l == 0 {
				return fmt.Sprintf("replica %d follows %d, the first %d", i, l, leader)
			}
			table, err := r.figures.Answer(report.Query{Report: "grid_visit.visits"})
			if err != nil || table.Total != int64(visits) {
				return fmt.Sprintf("replica %d counts %d visits of %d, %v", i, table.Total, visits, err)
			}
			continue
		}
		if n := r.Status().Waiting; n != 0 {
			return fmt.Sprintf("%d batches of box %d are not at the county", n, i)
		}
	}
	digests := map[string]string{}
	for i, r := range d.nodes {
		for _, sp := range r.Status().Spaces {
			if was, seen := digests[sp.Space]; seen && was != sp.Digest {
				return fmt.Sprintf("node %d holds another %s", i, sp.Space)
			}
			digests[sp.Space] = sp.Digest
		}
	}
	return ""
}

// agree waits, at most so long, until all have agreed.
func (d *district) agree(t *testing.T, after string, visits int, within time.Duration) {
	t.Helper()
	began := time.Now()
	complaint := d.agreed(visits)
	for ; complaint != "" && time.Since(began) < within; complaint = d.agreed(visits) {
		<-time.After(time.Second)
	}
	if complaint != "" {
		t.Fatalf("%v after %s: %s", within, after, complaint)
	}
	t.Logf("after %s all agreed on %d visits in %v", after, visits, time.Since(began))
}

func TestWholeNodesLiveThroughPartitionsOfDays(t *testing.T) {
	bubble(t, func(t *testing.T) {
		// Registered first, it comes last: what the libraries leave to its timers ends within this time, or the bubble says so.
		t.Cleanup(func() { <-time.After(2 * time.Hour) })
		country := weaklink.Profile{Rate: 1_000_000, Header: weaklink.Headers, Delay: 25 * time.Millisecond, Loss: 0.05}
		d := newDistrict(t, country, 3, 3, func(c *Config) { c.Web, c.RaftTimeouts = "", 20 })
		day := time.Duration(*virtualDays / 3 * 24 * float64(time.Hour))
		visits := d.everyone(t, "before")
		d.agree(t, "the beginning", visits, 5*time.Minute)

		for _, cut := range []struct {
			what    string
			islands [][]int
		}{
			{"the leader was cut off", [][]int{{int(d.hub(0).hub.Status().Leader) - 1}}},
			{"two boxes were cut off together", [][]int{{3, 4}}},
			{"everything was cut off from everything", [][]int{{0}, {1}, {2}, {3}, {4}, {5}}},
		} {
			for _, island := range cut.islands {
				d.island(island, (*weaklink.Way).Cut)
			}
			visits += d.everyone(t, cut.what)
			<-time.After(day)
			visits += d.everyone(t, "later, "+cut.what)
			for _, island := range cut.islands {
				d.island(island, (*weaklink.Way).Mend)
			}
			d.agree(t, cut.what, visits, 10*time.Minute)
			term := d.hub(0).hub.Status().Term
			<-time.After(10 * time.Minute)
			if now := d.hub(0).hub.Status().Term; now != term {
				t.Errorf("ten minutes later there had been %d elections", now-term)
			}
			d.agree(t, "ten quiet minutes", visits, time.Minute)
		}
	})
}
