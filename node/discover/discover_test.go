package discover

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/mdns"
	"github.com/miekg/dns"
)

func options(device uint32) Options {
	return Options{
		Device: device, Title: "城西 党群服务中心", County: "c0de",
		Link: netip.MustParseAddrPort("0.0.0.0:7400"), Web: netip.MustParseAddrPort("0.0.0.0:8080"),
		Found: func(context.Context, uint32, netip.AddrPort) {}, Log: slog.New(slog.DiscardHandler),
	}
}

var near = []netip.Prefix{netip.MustParsePrefix("192.168.7.3/24")}

// ask returns the answer that a browser would read: packed and unpacked again.
func ask(t *testing.T, z *zone, name string, kind uint16) []dns.RR {
	t.Helper()
	q := new(dns.Msg).SetQuestion(name, kind)
	m := new(dns.Msg)
	b, err := q.Pack()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Unpack(b); err != nil {
		t.Fatal(err)
	}
	reply := &dns.Msg{Answer: z.Records(m.Question[0])}
	if b, err = reply.Pack(); err != nil {
		t.Fatal(err)
	}
	if err := reply.Unpack(b); err != nil {
		t.Fatal(err)
	}
	return reply.Answer
}

func TestABoxTellsWhereItIsAndNoMore(t *testing.T) {
	z, err := newZone(options(7), near)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, rr := range ask(t, z, "_wangge._udp.local.", dns.TypePTR) {
		all = append(all, rr.String())
	}
	told := strings.Join(all, "\n")
	for _, want := range []string{"wangge-7._wangge._udp.local.", "7400", "192.168.7.3", "device=7", "county=c0de"} {
		if !strings.Contains(told, want) {
			t.Errorf("%s is not told:\n%s", want, told)
		}
	}
	if strings.Contains(told, "城西") || strings.Contains(told, `\229`) {
		t.Errorf("boxes are told the centre's name, which they do not need:\n%s", told)
	}
}

func TestABrowserFindsTheCentresPagesByNameAndByHost(t *testing.T) {
	z, err := newZone(options(7), near)
	if err != nil {
		t.Fatal(err)
	}
	pointer := ask(t, z, "_http._tcp.local.", dns.TypePTR)
	if len(pointer) == 0 {
		t.Fatal("the pages are not told of")
	}
	instance := pointer[0].(*dns.PTR).Ptr
	if len(ask(t, z, instance, dns.TypeSRV)) == 0 {
		t.Errorf("what %q is cannot be asked", instance)
	}
	host := ask(t, z, "wangge-7.local.", dns.TypeA)
	if len(host) == 0 || host[0].(*dns.A).A.String() != "192.168.7.3" {
		t.Errorf("the host is at %v", host)
	}
	o := options(7)
	for _, hidden := range []netip.AddrPort{{}, netip.MustParseAddrPort("127.0.0.1:8080"), netip.MustParseAddrPort("192.168.8.3:8080")} {
		o.Web = hidden
		if z, err = newZone(o, near); err != nil || len(ask(t, z, "_http._tcp.local.", dns.TypePTR)) != 0 {
			t.Errorf("pages at %s, which others cannot open here, are told of, %v", hidden, err)
		}
	}
}

func TestAFloodOfQuestionsIsAnsweredTwentyTimesASecond(t *testing.T) {
	z, now := &zone{}, time.Now()
	answered := 0
	for range 10_000 {
		if z.may(now) {
			answered++
		}
	}
	if answered != answersMax || !z.may(now.Add(time.Second)) {
		t.Errorf("%d answers in a second", answered)
	}
}

func TestLongTitlesAreCutBetweenCharacters(t *testing.T) {
	for _, title := range []string{strings.Repeat("街", 40), "a.b", `a\b`, "", strings.Repeat("x", 100)} {
		name := label(title) + "._http._tcp.local."
		if title == "" {
			continue
		}
		if _, ok := dns.IsDomainName(name); !ok {
			t.Errorf("%q is no name", name)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("device=7", "county=c0de", []byte{192, 168, 7, 9}, 7400)
	f.Add("device=", "=", []byte{8, 8, 8, 8}, -1)
	f.Add("device=99999999999", "device=1", []byte(nil), 1<<20)
	f.Fuzz(func(t *testing.T, one, two string, ip []byte, port int) {
		n, err := read(&mdns.ServiceEntry{InfoFields: []string{one, two}, AddrV4: net.IP(ip), Port: port}, near)
		if err != nil {
			return
		}
		if n.device == 0 || !near[0].Contains(n.at.Addr()) || int(n.at.Port()) != port {
			t.Errorf("%q %q %v %d is read as %+v", one, two, ip, port, n)
		}
	})
}

func TestWithoutMulticastNobodyIsLookedForAndNothingFails(t *testing.T) {
	o := options(7)
	o.Interfaces = []string{"there-is-none-of-this-name"}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestOnlyAddressesThatTheLinkIsBoundToAreTold(t *testing.T) {
	both := append(near[:1:1], netip.MustParsePrefix("10.1.0.3/16"), netip.MustParsePrefix("127.0.0.1/8"))
	for at, want := range map[string]int{"0.0.0.0": 2, "10.1.0.3": 1, "127.0.0.1": 0, "10.1.0.4": 0} {
		if got := asked(both, netip.MustParseAddr(at)); len(got) != want {
			t.Errorf("bound to %s, %v are told", at, got)
		}
	}
	o := options(7)
	o.Link = netip.MustParseAddrPort("127.0.0.1:7400")
	if places := o.reachable(); len(places) != 0 {
		t.Errorf("a box that listens at loopback is told of at %v", places)
	}
}
