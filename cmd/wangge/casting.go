package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/goccy/go-yaml"

	"wangge/node"
	"wangge/node/policy"
)

// The demonstration's county and its devices, in the order of their indexes.
// Boxes of one township hold each other's open and personal spaces, every box
// the county's own open space, in which the names of its areas stand, and its register of
// persons, and each its own confidential notes alone.
const demoCounty = "演示县 140581"

func demoDevices() []policy.Device {
	devices := []policy.Device{}
	for _, name := range []string{"县中心一", "县中心二", "县中心三"} {
		devices = append(devices, policy.Device{Name: name, Role: policy.Hub, Holds: []policy.Pattern{"*"}})
	}
	for _, box := range []struct{ name, community string }{
		{"城东站", "140581105211"}, {"城西站", "140581105212"}, {"河口站", "140581108213"},
	} {
		township, own := box.community[:9], policy.Pattern(box.community+"/confidential")
		devices = append(devices, policy.Device{
			Name: box.name, Role: policy.Box, Ring: township,
			Holds: []policy.Pattern{
				policy.Pattern(township + "*/open"), policy.Pattern(township + "*/personal"), "140581/open", "140581/personal", own,
			},
			Writes: []policy.Pattern{"140581*/open", "140581*/personal", own},
		})
	}
	return devices
}

// setStage makes or opens a demonstration's folder.
func setStage(dir, program string) (*stage, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	devices, err := enrolAll(filepath.Join(dir, "county"), dir)
	if err != nil {
		return nil, err
	}
	s := &stage{}
	for _, d := range devices {
		link, err := freePort()
		if err != nil {
			return nil, err
		}
		s.actors = append(s.actors, &actor{device: d, dir: actorFolder(dir, d), program: program, link: link})
	}
	for _, a := range s.actors {
		if err := a.configure(s.actors); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func actorFolder(dir string, d policy.Device) string {
	return filepath.Join(dir, fmt.Sprintf("%s-%d", d.Role, d.Index))
}

// enrolAll makes the county and its devices, or reads those that an earlier run
// made.
func enrolAll(countyDir, dir string) ([]policy.Device, error) {
	now := time.Now()
	county, err := policy.OpenCounty(countyDir)
	if errors.Is(err, os.ErrNotExist) {
		county, err = policy.NewCounty(countyDir, demoCounty, now)
	}
	if err != nil {
		return nil, err
	}
	devices, err := county.Devices()
	if err != nil {
		return nil, err
	}
	for _, d := range demoDevices()[len(devices):] {
		d.Index = uint32(len(devices) + 1)
		if d, err = county.Enrol(d, filepath.Join(actorFolder(dir, d), "keys"), now); err != nil {
			return nil, err
		}
		devices = append(devices, d)
	}
	return devices, nil
}

// freePort returns a UDP address on loopback that the system says is free.
func freePort() (string, error) {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return c.LocalAddr().String(), c.Close()
}

// configure writes the actor's configuration. Replicas know the replicas; boxes
// know them and the boxes of their township.
func (a *actor) configure(all []*actor) error {
	c := node.Config{Keys: "keys", Data: "data", Link: a.link, Web: "127.0.0.1:0", Demonstration: true}
	for _, p := range all {
		if p.device.Role == policy.Hub || a.device.Role == policy.Hub || p.device.Ring == a.device.Ring {
			c.Peers = append(c.Peers, node.Peer{Device: p.device.Index, Name: p.device.Name, Role: p.device.Role, Address: p.link})
		}
	}
	b, err := yaml.Marshal(c)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(a.dir, "node.yaml"), b, 0o600)
}
