package main

import (
	"crypto/x509"
	"path/filepath"
	"testing"
	"time"

	"wangge/node/policy"
	"wangge/sync/link"
)

// To QUIC a system's word that there is no network is the end of a connection. To a
// link it is a packet lost.
func TestAPulledCableCostsNoConnection(t *testing.T) {
	cables := twoMachines(t)
	links := twoLinks(t, cables)
	s, err := links[0].Open(t.Context(), 2, link.Sync)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.SetDeadline(time.Now().Add(20 * time.Second))
	far, err := links[1].Accept(t.Context(), link.Sync)
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	far.SetDeadline(time.Now().Add(20 * time.Second))
	if err := cables[0].carry(false); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteFrame([]byte("while unplugged")); err != nil {
		t.Fatal(err)
	}
	<-time.After(500 * time.Millisecond) // QUIC has tried to send it by now
	if err := cables[0].carry(true); err != nil {
		t.Fatal(err)
	}
	if b, err := far.ReadFrame(100); err != nil || string(b) != "while unplugged" {
		t.Errorf("plugged in again, %q arrives: %v", b, err)
	}
}

// twoLinks returns the links of two boxes of one county, each in its network.
func twoLinks(t *testing.T, cables [2]*cable) (links [2]*link.Link) {
	t.Helper()
	dir := t.TempDir()
	county, err := policy.NewCounty(filepath.Join(dir, "county"), demoCounty, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cables {
		keys := filepath.Join(dir, c.address())
		if _, err := county.Enrol(wildDevices(2)[hubReplicas+i], keys, time.Now()); err != nil {
			t.Fatal(err)
		}
		id, err := policy.LoadIdentity(keys)
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		roots.AddCert(id.Root)
		err = c.machine.do(func() (err error) {
			links[i], err = link.Listen("0.0.0.0:7400", link.Options{
				Certificate: id.Certificate, Roots: roots, ServerName: policy.ServerName, Secret: id.LinkKey,
				Device: func(cert *x509.Certificate) (uint32, error) {
					d, err := policy.ReadDevice(cert)
					return d.Index, err
				},
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { links[i].Close() })
	}
	links[0].Learn(2, cables[1].address()+":7400")
	return links
}
