package main

import "fmt"

// cable is what connects one machine to the router: a pair of devices, eth0 at the
// machine and one named for it at the router. What arrives at either end may be lost; what leaves
// either end goes out at the wire's rate.
type cable struct {
	lab     *lab
	machine namespace
	number  int // names the wire, and its network 10.77.number.0/24

	host       int // the machine's place in that network
	air        air
	deaf, mute bool
}

// fair is the air between troubles: a village's own good days.
var fair = air{lossUp: 10, lossDown: 10, rate: 2000}

// calm is the air after all troubles.
var calm = air{rate: 20_000}

const firstHost = 2 // the router is 1

// plug makes a machine's namespace and its cable.
func (l *lab) plug(number int) (*cable, error) {
	c := &cable{lab: l, machine: namespace{fmt.Sprintf("%s%d", l.prefix, number)}, number: number, host: firstHost, air: fair}
	if err := ip("netns", "add", c.machine.name); err != nil {
		return nil, err
	}
	for _, args := range [][]string{
		{"link", "add", c.atRouter(), "netns", l.router.name, "type", "veth", "peer", "name", "eth0", "netns", c.machine.name},
		{"-n", l.router.name, "addr", "add", fmt.Sprintf("10.77.%d.1/24", number), "dev", c.atRouter()},
		// A device that may hand over many packets as one would have them lost as one.
		{"-n", l.router.name, "link", "set", c.atRouter(), "gso_max_segs", "1", "up"},
		{"-n", c.machine.name, "link", "set", "eth0", "gso_max_segs", "1"},
		{"-n", c.machine.name, "link", "set", "lo", "up"},
		{"-n", c.machine.name, "addr", "add", c.address() + "/24", "dev", "eth0"},
	} {
		if err := ip(args...); err != nil {
			return nil, err
		}
	}
	if err := c.carry(true); err != nil {
		return nil, err
	}
	for _, end := range c.ends() {
		table := fmt.Sprintf("table ip %s {\n chain losses {\n }\n chain arrivals {\n type filter hook prerouting priority -300\n iifname %s jump losses\n }\n}\n", end.device, end.device)
		if err := end.nft(table); err != nil {
			return nil, err
		}
	}
	return c, c.apply()
}

// end is one end of a cable.
type end struct {
	at     namespace
	device string
}

// ends returns the machine's end and the router's.
func (c *cable) ends() [2]end {
	return [2]end{{c.machine, "eth0"}, {c.lab.router, c.atRouter()}}
}

func (e end) nft(script string) error {
	return e.at.do(func() error { return command(script, "nft", "-f", "-") })
}

func (c *cable) atRouter() string { return fmt.Sprintf("wire%d", c.number) }

// address returns the machine's address.
func (c *cable) address() string { return fmt.Sprintf("10.77.%d.%d", c.number, c.host) }

// change changes how the wire is, and makes it so.
func (c *cable) change(f func(*cable)) error {
	f(c)
	return c.apply()
}

func (c *cable) apply() error {
	losses := [2]int{c.air.lossDown, c.air.lossUp} // by the end that the packet arrives at
	if c.deaf {
		losses[0] = 1000
	}
	if c.mute {
		losses[1] = 1000
	}
	for i, end := range c.ends() {
		script := fmt.Sprintf("flush chain ip %s losses\n", end.device)
		switch {
		case losses[i] >= 1000:
			script += fmt.Sprintf("add rule ip %s losses drop\n", end.device)
		case losses[i] > 0:
			script += fmt.Sprintf("add rule ip %s losses numgen random mod 1000 < %d drop\n", end.device, losses[i])
		}
		if err := end.nft(script); err != nil {
			return err
		}
		rate := fmt.Sprintf("%dkbit", c.air.rate)
		if err := command("", "tc", "-n", end.at.name, "qdisc", "replace", "dev", end.device, "root", "tbf", "rate", rate, "burst", "4kb", "latency", "400ms"); err != nil {
			return err
		}
	}
	return nil
}

// carry switches the machine's own device on or off. Off, the system there says
// that the network cannot be reached.
func (c *cable) carry(on bool) error {
	if !on {
		return ip("-n", c.machine.name, "link", "set", "eth0", "down")
	}
	if err := ip("-n", c.machine.name, "link", "set", "eth0", "up"); err != nil {
		return err
	}
	return c.route()
}

// route sets the way to all other machines, which goes when the device or the address does.
func (c *cable) route() error {
	return ip("-n", c.machine.name, "route", "replace", "default", "via", fmt.Sprintf("10.77.%d.1", c.number))
}

// move gives the machine another address, as a modem does that dials in again.
func (c *cable) move() error {
	if err := ip("-n", c.machine.name, "addr", "del", c.address()+"/24", "dev", "eth0"); err != nil {
		return err
	}
	c.host++
	if c.host == 255 {
		c.host = firstHost
	}
	if err := ip("-n", c.machine.name, "addr", "add", c.address()+"/24", "dev", "eth0"); err != nil {
		return err
	}
	return c.route()
}
