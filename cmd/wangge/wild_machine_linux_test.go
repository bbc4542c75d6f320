package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/goccy/go-yaml"

	"wangge/node"
	"wangge/node/policy"
	"wangge/node/web"
)

// machine is a process in a network of its own, with the addresses that the
// runbook gives machines.
type machine struct {
	*actor
	cable *cable
	http  *http.Client // speaks to it as its own browser would: its wire has no part in that
}

const (
	linkPort = 7400
	webHere  = "127.0.0.1:8080"
)

func newMachine(a *actor, c *cable) *machine {
	inside := func(ctx context.Context, network, address string) (conn net.Conn, err error) {
		err = c.machine.do(func() error {
			conn, err = new(net.Dialer).DialContext(ctx, network, address)
			return err
		})
		return conn, err
	}
	return &machine{actor: a, cable: c, http: &http.Client{
		Timeout: 20 * time.Second, Transport: &http.Transport{DialContext: inside, MaxIdleConnsPerHost: 2},
	}}
}

// client returns a client that asks this machine.
func (m *machine) client() *client { return &client{base: "http://" + webHere, http: *m.http} }

func (m *machine) status(ctx context.Context) (s web.Status, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return s, m.client().getJSON(ctx, "/api/status", &s)
}

func (m *machine) isHub() bool { return m.device.Role == policy.Hub }

func (m *machine) isLeader(ctx context.Context) bool {
	s, err := m.status(ctx)
	return err == nil && s.Hub != nil && s.Hub.Role == "leader"
}

// configure writes what the runbook has a machine know: a replica all replicas, a
// box those and two boxes of its township, by the addresses that they had first.
func (m *machine) configure(all []*machine) error {
	c := node.Config{Keys: "keys", Data: "data", Link: fmt.Sprintf("0.0.0.0:%d", linkPort), Web: webHere}
	near := 0
	for i := range all { // from here on, so that not all know the same two
		p := all[(slices.Index(all, m)+i)%len(all)]
		if !p.isHub() && (m.isHub() || p == m || p.device.Ring != m.device.Ring || near == 2) {
			continue
		}
		if !p.isHub() {
			near++
		}
		c.Peers = append(c.Peers, node.Peer{
			Device: p.device.Index, Name: p.device.Name, Role: p.device.Role,
			Address: fmt.Sprintf("%s:%d", p.cable.address(), linkPort),
		})
	}
	b, err := yaml.Marshal(c)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(m.dir, "node.yaml"), b, 0o600)
}

// start starts the process in its network, unless it is running there.
func (m *machine) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := m.cable.machine.do(m.actor.start); err != nil {
		return err
	}
	return m.awaitReady(ctx)
}

// pause has the system give the process no time, or gives it time again.
func (m *machine) pause(on bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if on {
		return m.process.Signal(syscall.SIGSTOP)
	}
	return m.process.Signal(syscall.SIGCONT)
}

// begin lets a trouble begin.
func (m *machine) begin(t trouble) error {
	switch t.what {
	case weather:
		return m.cable.change(func(c *cable) { c.air = t.air })
	case cutOff:
		return m.cable.change(func(c *cable) { c.deaf, c.mute = true, true })
	case deaf:
		return m.cable.change(func(c *cable) { c.deaf = true })
	case mute:
		return m.cable.change(func(c *cable) { c.mute = true })
	case unplugged:
		return m.cable.carry(false)
	case moved:
		return m.cable.move()
	case killed:
		m.kill()
		return nil
	case restarted:
		m.stop()
		return nil
	case frozen:
		return m.pause(true)
	}
	return fmt.Errorf("nobody knows how a machine %s", t.what)
}

// mend ends it.
func (m *machine) mend(ctx context.Context, t trouble) error {
	switch t.what {
	case weather, cutOff, deaf, mute:
		return m.cable.change(func(c *cable) { c.air, c.deaf, c.mute = fair, false, false })
	case unplugged:
		return m.cable.carry(true)
	case killed, restarted:
		return m.start(ctx)
	case frozen:
		return m.pause(false)
	}
	return nil
}

// confess has the process write into its log what each of its goroutines does, and end.
func (m *machine) confess() error {
	if m.running() {
		m.pause(false)
		m.signal(syscall.SIGQUIT)
	}
	return nil
}

// end ends the process, frozen or not.
func (m *machine) end() {
	if m.running() {
		m.pause(false)
	}
	m.stop()
	m.http.CloseIdleConnections()
}
