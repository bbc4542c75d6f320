package node

import (
	"crypto/x509"
	"log/slog"
	"net"
	"slices"
	"testing"
	"wangge/node/policy"
	"wangge/sync/link"
)

func TestWhatIsAnnouncedIsWhereTheNodeListens(t *testing.T) {
	n := &node{config: Config{DiscoverOn: []string{"wlan0"}}, log: slog.New(slog.DiscardHandler)}
	p := newProvince(t, 1)
	n.id = p.boxes[0].id
	n.devices = map[uint32]policy.Device{}
	roots := x509.NewCertPool()
	roots.AddCert(n.id.Root)
	l, err := link.Listen("127.0.0.1:0", link.Options{
		Certificate: n.id.Certificate, Roots: roots, Device: n.meet, ServerName: policy.ServerName, Secret: n.id.LinkKey, Log: n.log,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	n.link = l
	if n.discovers() || n.hosts() != nil {
		t.Error("a box at loopback looks for others")
	}
	pages, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer pages.Close()
	o := n.notice(pages)
	if o.Link.String() != l.Addr().String() || o.Web.String() != pages.Addr().String() {
		t.Errorf("announced at %s and %s, listens at %s and %s", o.Link, o.Web, l.Addr(), pages.Addr())
	}
	if o.Title != "站0" || len(o.County) != 16 || !slices.Equal(o.Interfaces, n.config.DiscoverOn) {
		t.Errorf("announced as %q of %q on %v", o.Title, o.County, o.Interfaces)
	}
}
