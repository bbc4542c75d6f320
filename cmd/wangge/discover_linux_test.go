package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"wangge/node"
	"wangge/node/policy"
)

// Two boxes that know of nobody but a hub, which is not there, and share a network.
func TestBoxesOnOneNetworkFindEachOtherAndExchange(t *testing.T) {
	s := newHamlet(t)
	s.start(nil)
	ctx, cancel := context.WithTimeout(t.Context(), waitMax)
	defer cancel()
	journal := newJournal()
	clerk := &clerk{
		box: s.boxes[0].device.Index, community: community(s.boxes[0].device), rng: rand.New(rand.NewPCG(1, 1)),
		client: s.boxes[0].client(), journal: journal, wrong: t.Errorf,
	}
	f := clerk.newVisit(clerk.community)
	if !clerk.save(ctx, f) {
		t.Fatal("the form was not saved")
	}
	if !s.arrives(ctx, f.name().ID) {
		t.Error("the boxes did not find each other")
	}
	for _, m := range s.boxes {
		if !s.answersMDNS(m) {
			t.Errorf("%s is not to be found", m.device.Name)
		}
	}
}

func TestABoxThatIsToldNotToBeFoundListensForNobody(t *testing.T) {
	s := newHamlet(t)
	off := false
	s.start(&off)
	for _, m := range s.boxes {
		if s.answersMDNS(m) {
			t.Errorf("%s listens for multicast DNS", m.device.Name)
		}
	}
}

// hamlet is two boxes, each a process in a network of its own, with a switch between them.
type hamlet struct {
	*testing.T
	boxes [2]*machine
}

func newHamlet(t *testing.T) *hamlet {
	t.Helper()
	l, v, dir := newLab(t), &hamlet{T: t}, t.TempDir()
	county, err := policy.NewCounty(filepath.Join(dir, "county"), demoCounty, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	v.run("-n", l.router.name, "link", "add", "switch", "type", "bridge")
	v.run("-n", l.router.name, "link", "set", "switch", "up")
	all := wildDevices(1)
	all = append(all, all[hubReplicas])
	for i, d := range all {
		d.Index = uint32(i + 1)
		d, err := county.Enrol(d, filepath.Join(actorFolder(dir, d), "keys"), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if i < hubReplicas {
			continue // it is never switched on
		}
		m := newMachine(&actor{device: d, dir: actorFolder(dir, d), program: os.Args[0]}, v.plug(l, i))
		t.Cleanup(func() { v.leave(m) })
		v.boxes[i-hubReplicas] = m
	}
	return v
}

func (v *hamlet) run(args ...string) {
	v.Helper()
	if err := ip(args...); err != nil {
		v.Fatal(err)
	}
}

// plug connects a machine to the switch, as 10.77.0.2 and following.
func (v *hamlet) plug(l *lab, number int) *cable {
	v.Helper()
	c := &cable{lab: l, machine: namespace{fmt.Sprintf("%s%d", l.prefix, number)}, host: firstHost + number}
	at := c.machine.name
	v.run("netns", "add", at)
	port := fmt.Sprint("port", number)
	v.run("link", "add", port, "netns", l.router.name, "type", "veth", "peer", "name", "eth0", "netns", at)
	v.run("-n", l.router.name, "link", "set", port, "master", "switch", "up")
	v.run("-n", at, "link", "set", "lo", "up")
	v.run("-n", at, "addr", "add", c.address()+"/24", "dev", "eth0")
	v.run("-n", at, "link", "set", "eth0", "up")
	v.run("-n", at, "route", "add", "default", "via", "10.77.0.1") // where nobody is
	return c
}

// start starts both, by configurations that name three replicas far away.
func (v *hamlet) start(discover *bool) {
	v.Helper()
	for _, m := range v.boxes {
		c := node.Config{Keys: "keys", Data: "data", Link: fmt.Sprintf("0.0.0.0:%d", linkPort), Web: webHere, Discover: discover}
		for i := range uint32(hubReplicas) {
			c.Peers = append(c.Peers, node.Peer{Device: i + 1, Name: "县中心", Role: policy.Hub, Address: fmt.Sprintf("10.99.0.%d:%d", i+1, linkPort)})
		}
		b, err := yaml.Marshal(c)
		if err == nil {
			err = os.WriteFile(filepath.Join(m.dir, "node.yaml"), b, 0o600)
		}
		if err == nil {
			err = m.start(v.Context())
		}
		if err != nil {
			v.Fatal(err)
		}
	}
}

// arrives reports whether a form of the first box is at the second before ctx ends.
func (v *hamlet) arrives(ctx context.Context, id string) bool {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		if here, err := listed(ctx, v.boxes[1].client(), "grid_visit"); err == nil {
			if _, ok := here[id]; ok {
				return true
			}
		}
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
}

// answersMDNS reports whether a socket is at UDP port 5353 of a machine.
func (v *hamlet) answersMDNS(m *machine) (there bool) {
	v.Helper()
	err := m.cable.machine.do(func() error {
		b, err := os.ReadFile("/proc/thread-self/net/udp")
		there = strings.Contains(string(b), fmt.Sprintf(":%04X ", 5353))
		return err
	})
	if err != nil {
		v.Fatal(err)
	}
	return there
}

func (v *hamlet) leave(m *machine) {
	m.end()
	if v.Failed() {
		b, _ := os.ReadFile(filepath.Join(m.dir, "log.txt"))
		v.Logf("%s:\n%s", m.device.Name, b)
	}
}
