package gossip

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/memberlist"
)

// memberlist tells members apart by name and address, and turns one away whose address has
// changed while others hold it alive. Boxes do change theirs, so what memberlist takes for an
// address is made from the device index and never changes; the link knows where the device is.

// identityPrefix begins all made-up addresses; fd00::/8 is never routed beyond a site.
var identityPrefix = [...]byte{0xfd, 'w', 'a', 'n', 'g', 'g', 'e', 0, 0, 0, 0, 0}

// identityPort is there because memberlist wants one.
const identityPort = 1

func nodeName(device uint32) string { return strconv.FormatUint(uint64(device), 10) }

func identityIP(device uint32) net.IP {
	return binary.BigEndian.AppendUint32(identityPrefix[:len(identityPrefix):len(identityPrefix)], device)
}

func identityAddr(device uint32) *net.UDPAddr {
	return &net.UDPAddr{IP: identityIP(device), Port: identityPort}
}

// deviceAt reads the device out of a made-up host:port.
func deviceAt(addr string) (uint32, error) {
	parsed, err := netip.ParseAddrPort(addr)
	if err != nil {
		return 0, fmt.Errorf("%q is not an address of the ring: %w", addr, err)
	}
	return deviceOf(parsed.Addr().AsSlice())
}

func deviceOf(ip net.IP) (uint32, error) {
	at := len(identityPrefix)
	if len(ip) != net.IPv6len || string(ip[:at]) != string(identityPrefix[:]) {
		return 0, fmt.Errorf("%s is not an address of the ring", ip)
	}
	return binary.BigEndian.Uint32(ip[at:]), nil
}

// verify refuses members whose name and address do not name the same device.
func verify(n *memberlist.Node) (uint32, error) {
	device, err := deviceOf(n.Addr)
	if err == nil && n.Name != nodeName(device) {
		err = fmt.Errorf("node %q claims the address of device %d", n.Name, device)
	}
	return device, err
}

// meta is what a box tells the ring about itself.
type meta struct {
	address string // where the box really is, as host:port
	name    string // what people call it
}

// encode returns "host:port name", cut to limit bytes.
func (m meta) encode(limit int) []byte {
	b := []byte(m.address + " " + m.name)
	if len(b) <= limit {
		return b
	}
	for b = b[:limit]; len(b) > 0 && !utf8.Valid(b); {
		b = b[:len(b)-1]
	}
	return b
}

func decodeMeta(b []byte) meta {
	address, name, _ := strings.Cut(strings.ToValidUTF8(string(b), ""), " ")
	return meta{address, name}
}
