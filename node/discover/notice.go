package discover

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/hashicorp/mdns"
)

// notice is what a box says of itself.
type notice struct {
	device uint32
	county string
	at     netip.AddrPort
}

// text returns the notice's TXT record. Where it is stands in others.
func (n notice) text() []string {
	return []string{fmt.Sprintf("device=%d", n.device), "county=" + n.county}
}

var errForeign = errors.New("this is no notice of a box on this network")

// read reads a notice that anybody may have sent. It believes only addresses of the networks that this machine is on:
// nobody else can have it call far machines.
func read(e *mdns.ServiceEntry, near []netip.Prefix) (n notice, err error) {
	for _, field := range e.InfoFields {
		key, value, _ := strings.Cut(field, "=")
		switch key {
		case "device":
			device, err := strconv.ParseUint(value, 10, 32)
			if err != nil {
				return notice{}, errForeign
			}
			n.device = uint32(device)
		case "county":
			n.county = value
		}
	}
	ip, ok := netip.AddrFromSlice(e.AddrV4)
	if !ok || n.device == 0 || e.Port <= 0 || e.Port > 0xffff {
		return notice{}, errForeign
	}
	n.at = netip.AddrPortFrom(ip.Unmap(), uint16(e.Port))
	for _, p := range near {
		if p.Contains(n.at.Addr()) {
			return n, nil
		}
	}
	return notice{}, errForeign
}
