package main

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/binary"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/sync/link"
	"wangge/sync/wire"
)

// rogue is a machine with a good certificate of the county and bad manners.
func (c *county) rogue() (*link.Link, *policy.Identity) {
	c.t.Helper()
	keys := filepath.Join(c.t.TempDir(), "keys")
	root, err := policy.OpenCounty(filepath.Join(c.dir, "county"))
	if err != nil {
		c.t.Fatal(err)
	}
	_, err = root.Enrol(policy.Device{
		Name: "rogue", Role: policy.Box, Ring: "140581108", Holds: []policy.Pattern{"140581108299/open"}, Writes: []policy.Pattern{"140581108299/open"},
	}, keys, time.Now())
	if err != nil {
		c.t.Fatal(err)
	}
	id, err := policy.LoadIdentity(keys)
	if err != nil {
		c.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(id.Root)
	l, err := link.Listen("127.0.0.1:0", link.Options{
		Certificate: id.Certificate, Roots: roots, ServerName: policy.ServerName, Secret: id.LinkKey,
		Device: func(cert *x509.Certificate) (uint32, error) {
			d, err := policy.ReadDevice(cert)
			return d.Index, err
		},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { l.Close() })
	for _, a := range c.actors {
		l.Learn(a.device.Index, a.link)
	}
	return l, id
}

// converse sends bytes on a new conversation and returns what comes back until
// the other side ends it.
func (c *county) converse(l *link.Link, device uint32, raw []byte) (frames [][]byte) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 20*time.Second)
	defer cancel()
	s, err := l.Open(ctx, device, link.Sync)
	if err != nil {
		c.t.Fatal(err)
	}
	defer s.Close()
	s.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := s.Write(raw); err != nil {
		c.t.Fatal(err)
	}
	for {
		f, err := s.ReadFrame(wire.FrameMax)
		if err != nil {
			if ctx.Err() != nil {
				c.t.Error("the conversation was not ended")
			}
			return frames
		}
		frames = append(frames, f)
	}
}

// frames writes the first frames of a stream: to each its number and its length
// (sync/link/FORMAT.md).
func frames(all ...[]byte) (raw []byte) {
	for i, b := range all {
		raw = binary.AppendUvarint(raw, uint64(i))
		raw = append(binary.AppendUvarint(raw, uint64(len(b))), b...)
	}
	return raw
}

// Each bad frame ends the conversation that it came in, and nothing else.
func TestBadFramesEndTheirOwnConversationOnly(t *testing.T) {
	c := newCounty(t)
	name := c.save(riverBox, "grid_visit", visit("140581108213", 1))
	c.until("all nodes agree", c.agreed)
	l, id := c.rogue()
	noise := make([]byte, 300)
	rand.Read(noise)
	noise[0] = 0xff // no message has this tag
	hello := wire.Encode(wire.Hello{Protocol: wire.Protocol, County: id.County, Device: id.Device.Index})
	for what, raw := range map[string][]byte{
		"noise":                  frames(noise),
		"an empty frame":         frames(nil),
		"an oversized frame":     binary.AppendUvarint([]byte{0}, 1<<40),
		"a second greeting":      frames(hello, hello),
		"an answer to nothing":   frames(wire.Encode(wire.Ack{})),
		"a greeting as another":  frames(wire.Encode(wire.Hello{Protocol: wire.Protocol, County: id.County, Device: 5})),
		"a greeting cut in half": frames(hello[:len(hello)-2]),
	} {
		for _, device := range []uint32{1, riverBox} {
			for _, f := range c.converse(l, device, raw) {
				if m, err := wire.Decode(f); err != nil {
					t.Errorf("%s: device %d answers what cannot be read: %v", what, device, err)
				} else if h, ok := m.(wire.Hello); ok && len(h.Holds) > 0 {
					t.Errorf("%s: device %d tells of spaces that are not the rogue's: %v", what, device, h.Holds)
				}
			}
		}
	}
	second := c.save(riverBox, "grid_visit", visit("140581108213", 2))
	c.until("work goes on", func() bool {
		_, level, ok := c.look(riverBox, second)
		return ok && level == "county"
	})
	c.until("all nodes agree again", c.agreed)
	if _, _, ok := c.look(riverBox, name); !ok {
		t.Error("the rogue has done harm")
	}
}

// sampleRun is the first batch of the rogue's stream in a space.
func sampleRun(id *policy.Identity, w *policy.Writer, space crdt.Space, honest bool) wire.Run {
	batch := wire.AppendBatch(nil, crdt.Batch{Stamp: 1, Ops: []crdt.Op{{
		Record: crdt.RecordID{1}.Of("grid_visit"), Kind: "grid_visit", Field: 1, Type: crdt.Register, Value: crdt.Text("x"),
	}}})
	head := wire.Origin(id.County, space, w.Name()).Next(batch)
	signature := w.Sign(wire.HeadMessage(id.County, space, w.Name(), 1, head))
	if !honest {
		signature[5] ^= 1
	}
	return wire.Run{Space: space, Writer: w.Name(), First: 1, Batches: [][]byte{batch}, Signature: signature}
}

// A batch that its writer did not sign, or may not write, is refused with its
// reason, and the rest of the chunk is taken.
func TestForgedBatchesAreRefusedAndTheRestIsTaken(t *testing.T) {
	c := newCounty(t)
	c.until("the hub has a leader", func() bool { return c.leader() != 0 })
	l, id := c.rogue()
	w, err := id.NewWriter()
	if err != nil {
		t.Fatal(err)
	}
	own := crdt.Space{Area: "140581108299", Class: crdt.Open}
	theirs := crdt.Space{Area: "140581108213", Class: crdt.Open}
	hello := wire.Encode(wire.Hello{Protocol: wire.Protocol, County: id.County, Device: id.Device.Index})
	say := func(runs ...wire.Run) (marks int, reasons []string) {
		chunk := wire.Chunk{Credentials: [][]byte{w.Credential()}, Runs: runs}
		raw := frames(hello, wire.Encode(chunk), []byte{0xff}) // the last so that the hub ends it
		for _, f := range c.converse(l, 2, raw) {
			switch m, _ := wire.Decode(f); m := m.(type) {
			case wire.Ack:
				marks += len(m.Marks)
			case wire.Refusal:
				reasons = append(reasons, m.Reason)
			}
		}
		return marks, reasons
	}
	if marks, reasons := say(sampleRun(id, w, own, false)); marks != 0 || len(reasons) != 1 || !strings.Contains(reasons[0], "signature") {
		t.Errorf("a forged batch: %d taken, refused for %q", marks, reasons)
	}
	marks, reasons := say(sampleRun(id, w, theirs, true), sampleRun(id, w, own, true))
	if marks != 1 || len(reasons) != 1 || !strings.Contains(reasons[0], "may not write") {
		t.Errorf("a batch for another area beside a good one: %d taken, refused for %q", marks, reasons)
	}
	c.until("the county has the good batch, and only that", func() bool {
		for _, sp := range c.status(3).Spaces {
			if sp.Space == theirs.String() {
				t.Fatal("the county took a batch for an area that the writer may not write")
			}
			if sp.Space == own.String() && sp.Records == 1 {
				return true
			}
		}
		return false
	})
	told := func(hub uint32) bool {
		all := c.status(hub).Refusals()
		return len(all) == 1 && all[0].Sort == "rights" && all[0].Stuck.By == "rogue" && all[0].Stuck.Space == theirs.String() && !all[0].Stuck.Offered
	}
	c.until("every replica names who brought what was not taken, and no more what was taken after all", func() bool {
		return told(1) && told(2) && told(3)
	})
	c.Stop(3)
	if err := c.Start(3); err != nil {
		t.Fatal(err)
	}
	c.until("a replica that was started anew knows of it", func() bool {
		_, err := c.Status(t.Context(), 3)
		return err == nil && told(3)
	})
}
