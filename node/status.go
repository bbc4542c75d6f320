package node

import (
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"time"

	"wangge/crdt"
	"wangge/node/gossip"
	"wangge/node/policy"
	"wangge/node/web"
	"wangge/schema"
	"wangge/sync/link"
	"wangge/sync/wire"
)

// Status returns the node's account of itself. It is made anew of the log and the
// receipts each time: nothing in it is counted along with events.
func (n *node) Status() web.Status {
	me := n.id.Device
	s := web.Status{
		County: n.id.CountyName, Device: me.Index, Name: me.Name, Role: string(me.Role),
		Process: os.Getpid(), Started: n.started, Link: n.link.Addr().String(), Web: n.webURL,
		Demo: n.cut != nil, Cut: n.cut != nil && n.cut.IsOff(), Spaces: n.spaces(), Peers: n.peers(),
		Files: n.stock(), Newer: n.newer(), Forked: n.forked(), Troubles: n.troubles(),
		Goroutines: runtime.NumGoroutine(),
	}
	s.Store.Size, s.Store.Free = n.store.Room()
	s.Store.Disk = diskFree(n.config.Data)
	if err := n.store.ReadOnly(); err != nil {
		s.ReadOnly = err.Error()
	}
	if n.isHub() {
		h := n.hub.Status()
		s.Hub = &web.Hub{Leader: h.Leader, Role: h.Role, Term: h.Term, Commit: h.Commit, Applied: h.Applied, At: h.LastContact}
	}
	s.Sink = n.sinkStatus()
	s.HeardHub, s.HeardBox = lastHeard(s.Peers, policy.Hub), lastHeard(s.Peers, policy.Box)
	s.Waiting = n.store.Waiting()
	s.Unsent = n.unsent(s.HeardHub, time.Now())
	s.Troubles, s.Dealt = n.parted(s.Troubles)
	s.Light = light(s, time.Now())
	return s
}

func (n *node) spaces() []web.Space {
	all, goes := []web.Space{}, map[crdt.Space]*web.Leaving{}
	for _, l := range n.leaving() {
		goes[l.space] = &web.Leaving{Batches: l.batches, Files: l.files}
	}
	for _, sp := range n.store.Spaces() {
		county := sp.AtHub
		if n.isHub() {
			county = sp.Batches
		}
		all = append(all, web.Space{
			Space: sp.Space.String(), Place: schema.Called(n.Areas(), sp.Space.Area), Held: n.id.Device.MayHold(sp.Space), Digest: sp.Digest.String(),
			Records: sp.Records, Batches: sp.Batches, County: county, Dropped: sp.Dropped, Hollow: sp.Hollow,
			Leaving: goes[sp.Space],
		})
	}
	return all
}

// lateAfter is how long work may wait for the county before the light turns red.
const lateAfter = 24 * time.Hour

// unsent says more of what the county is not known to have. It is late when its
// writer's clock or the silence of the county says so: one clock may be wrong.
func (n *node) unsent(heard, now time.Time) web.Unsent {
	all, err := n.store.Unsent()
	if err != nil {
		n.log.Error("what waits for the county cannot be read", "error", err)
	}
	u := web.Unsent{Bytes: all.Bytes, Records: map[string]int{}}
	n.addOwed(&u, all.Records)
	for _, records := range all.Records {
		for _, kind := range records {
			u.Records[kind]++
		}
	}
	if all.Oldest == 0 && u.Files+u.Previews == 0 {
		return u
	}
	if heard.IsZero() {
		heard = n.started
	}
	u.Late = now.Sub(heard) > lateAfter
	if all.Oldest != 0 {
		u.Since = time.UnixMilli(all.Oldest.Millis())
		u.Late = u.Late || now.Sub(u.Since) > lateAfter
	}
	return u
}

// deadAfter is how long a replica that owes answers may be silent before what waits
// is no more shown as being on its way: a connection stands for longer.
const deadAfter = SilenceMax

// light sums an account up. That nothing waits is the county's word, batch by batch
// and file by file.
func light(s web.Status, now time.Time) string {
	switch {
	case slices.ContainsFunc(s.Troubles, func(t web.Trouble) bool { return t.Grave }):
		return web.LightAttention
	case s.Waiting == 0 && s.Unsent.Files == 0 && s.Unsent.Previews == 0:
		return web.LightSafe
	case !s.Cut && slices.ContainsFunc(s.Peers, func(p web.Peer) bool {
		return p.Role == string(policy.Hub) && p.Connected && now.Sub(p.Heard) < deadAfter
	}):
		return web.LightSending
	}
	return web.LightWaiting
}

func lastHeard(peers []web.Peer, role policy.Role) (last time.Time) {
	for _, p := range peers {
		if p.Role == string(role) && p.Heard.After(last) {
			last = p.Heard
		}
	}
	return last
}

// peers lists the other machines that this one knows, or the county has heard of.
func (n *node) peers() []web.Peer {
	met := map[uint32]link.Contact{}
	for _, c := range n.link.Contacts() {
		met[c.Device] = c
	}
	known := n.known()
	delete(known, n.id.Device.Index)
	complete := map[uint32]time.Time{}
	for _, c := range n.store.Completes() {
		complete[c.Device] = time.UnixMilli(c.At)
	}
	noted := contacts(n.store)
	for device, h := range noted {
		if _, ok := known[device]; !ok {
			known[device] = policy.Device{Index: device, Name: h.Name, Role: policy.Box}
		}
	}
	refused := map[uint32]int{}
	for _, q := range n.store.Quarantined() {
		refused[q.Device]++
	}
	all, here, ring := []web.Peer{}, n.holds(), n.members()
	for _, index := range slices.Sorted(maps.Keys(known)) {
		p := n.peer(known[index], met[index], here)
		p.Complete, p.Refused = complete[index], refused[index]
		n.addNoted(&p, noted)
		if m, in := ring[index]; in {
			p.Ring, p.RingSince = &m.Alive, m.Since
		}
		all = append(all, p)
	}
	return all
}

// members returns how the ring sees the boxes in it.
func (n *node) members() map[uint32]gossip.Member {
	members := map[uint32]gossip.Member{}
	if n.ring != nil {
		for _, m := range n.ring.Members() {
			members[m.Device] = m
		}
	}
	return members
}

func (n *node) peer(d policy.Device, c link.Contact, here map[crdt.Space]crdt.Frontier) web.Peer {
	x := n.exchanges.of(d.Index)
	p := web.Peer{
		Device: d.Index, Name: d.Name, Role: string(d.Role),
		Address: c.Address, Connected: c.Connected, Heard: c.Heard,
		RTT: float64(c.RTT.Microseconds()) / 1000, Sent: c.Sent, Received: c.Received,
		Greeted: x.greeted, Failed: failure(x.failed), Left: x.left,
	}
	known := false
	if p.Lacks, p.Wants, known = n.lacks(d, here); known {
		p.Told = c.Heard
	}
	return p
}

// addNoted says of a peer what the county knows of it, whichever replica it talks to.
func (n *node) addNoted(p *web.Peer, noted map[uint32]wire.Heard) {
	if h, ok := noted[p.Device]; ok && time.UnixMilli(h.At).After(p.Heard) {
		p.Heard = time.UnixMilli(h.At)
		if h.Greeted {
			p.Wants, p.Told = h.Wants, p.Heard
		}
	}
	if skew, told := n.clockOf(p.Device, noted); told {
		seconds := skew.Seconds()
		p.Skew = &seconds
	}
}

// failure puts into words why there is no talking to a peer.
func failure(err error) schema.Text {
	switch {
	case err == nil:
		return schema.Text{}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, errSilent):
		return schema.Text{Zh: "没有应答：可能没开机、断网，或信号太弱", En: "no answer: it may be off, cut off, or the signal too weak"}
	case errors.Is(err, errEnded), errors.Is(err, io.EOF):
		return schema.Text{Zh: "对方结束了连接，稍后自动再试", En: "it ended the conversation; this node tries again by itself"}
	}
	return schema.Text{Zh: "没有连上：" + err.Error(), En: "no contact: " + err.Error()}
}

// noContact notes why a conversation ended, or could not begin.
func (n *node) noContact(device uint32, err error) {
	n.exchanges.with(device, func(x *exchange) { x.failed = err })
}

// Cut drops everything on the node's link, or ends that.
func (n *node) Cut(off bool) error {
	if n.cut == nil {
		return web.Refusal{Text: schema.Text{
			Zh: "本机不在演示之中，不能从页面切断网络",
			En: "this node is not part of a demonstration: its link cannot be cut from a page",
		}}
	}
	if off {
		n.cut.Off()
		n.log.Warn("the link was cut on request")
		return nil
	}
	n.cut.On()
	n.link.NetworkUp()
	n.log.Info("the link was restored on request")
	return nil
}
