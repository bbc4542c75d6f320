package discover

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/mdns"
	"github.com/miekg/dns"
)

// answersMax bounds the questions that are answered in a second, whoever asks: each answer goes to the whole network.
const answersMax = 20

// zone holds what is told of this box on one interface.
type zone struct {
	services []*mdns.MDNSService

	mu      sync.Mutex
	second  time.Time // guarded by mu
	answers int       // guarded by mu; in that second
}

var _ mdns.Zone = (*zone)(nil)

func newZone(o Options, near []netip.Prefix) (*zone, error) {
	ips := addresses(near)
	host := HostName(o.Device) + "."
	box, err := mdns.NewMDNSService(fmt.Sprintf("wangge-%d", o.Device), service, "", host, int(o.Link.Port()), ips,
		notice{device: o.Device, county: o.County}.text())
	if err != nil {
		return nil, err
	}
	z := &zone{services: []*mdns.MDNSService{box}}
	at := asked(near, o.Web.Addr())
	if o.Web.Port() == 0 || len(at) == 0 {
		return z, nil
	}
	pages, err := mdns.NewMDNSService(label(o.Title), webService, "", host, int(o.Web.Port()), addresses(at), []string{"path=/"})
	if err != nil {
		return nil, err
	}
	z.services = append(z.services, pages)
	return z, nil
}

func addresses(near []netip.Prefix) (ips []net.IP) {
	for _, p := range near {
		ips = append(ips, p.Addr().AsSlice())
	}
	return ips
}

// Records answers a question, unless too many are asked. Both services know the host; the first answers for it.
func (z *zone) Records(q dns.Question) []dns.RR {
	for _, s := range z.services {
		if records := s.Records(q); len(records) > 0 {
			if !z.may(time.Now()) {
				return nil
			}
			return records
		}
	}
	return nil
}

func (z *zone) may(now time.Time) bool {
	z.mu.Lock()
	defer z.mu.Unlock()
	if now.Sub(z.second) >= time.Second {
		z.second, z.answers = now, 0
	}
	z.answers++
	return z.answers <= answersMax
}

// labelMax is the length of a DNS label, in bytes.
const labelMax = 63

// label spells a title as one DNS label in the form in which the library compares names (RFC 1035, section 5.1).
func label(title string) string {
	for len(title) > labelMax {
		_, last := utf8.DecodeLastRuneInString(title)
		title = title[:len(title)-last]
	}
	var b strings.Builder
	for _, c := range []byte(title) {
		switch {
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\%03d`, c)
		case strings.IndexByte(`."'\ @;()`, c) >= 0:
			b.Write([]byte{'\\', c})
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
