package node

import (
	"context"
	"maps"
	"os"
	"runtime"
	"slices"
	"time"

	"wangge/node/policy"
	"wangge/node/report"
	"wangge/node/web"
	"wangge/schema"
	"wangge/sync/link"
)

// Status returns the node's account of itself.
func (n *node) Status() web.Status {
	me := n.id.Device
	s := web.Status{
		County: n.id.CountyName, Device: me.Index, Name: me.Name, Role: string(me.Role),
		Process: os.Getpid(), Started: n.started, Link: n.link.Addr().String(), Web: n.webURL,
		Demo: n.cut != nil, Cut: n.cut != nil && n.cut.IsOff(), Spaces: []web.Space{}, Peers: n.peers(),
	}
	for _, sp := range n.store.Spaces() {
		county := sp.AtHub
		if n.isHub() {
			county = sp.Batches
		}
		s.Spaces = append(s.Spaces, web.Space{
			Space: sp.Space.String(), Held: me.MayHold(sp.Space), Digest: sp.Digest.String(),
			Records: sp.Records, Batches: sp.Batches, County: county, Dropped: sp.Dropped, Hollow: sp.Hollow,
		})
		s.Waiting += sp.Batches - county
	}
	s.Goroutines = runtime.NumGoroutine()
	s.Files = n.stock()
	s.Store.Size, s.Store.Free = n.store.Room()
	if err := n.store.ReadOnly(); err != nil {
		s.ReadOnly = err.Error()
	}
	s.Newer = n.newer()
	for _, r := range n.store.Refusals() {
		s.Refused = append(s.Refused, web.Refused{
			Space: r.Mark.Space.String(), Writer: r.Mark.Writer.String(), From: r.Mark.Seq, Reason: r.Reason,
		})
	}
	s.Forked = n.forked()
	if n.isHub() {
		h := n.hub.Status()
		s.Hub = &web.Hub{Leader: h.Leader, Role: h.Role, Term: h.Term, Commit: h.Commit, Applied: h.Applied, At: h.LastContact}
	}
	for _, p := range s.Peers {
		if p.Role == string(policy.Hub) && p.Heard.After(s.HeardHub) {
			s.HeardHub = p.Heard
		}
	}
	return s
}

func (n *node) peers() []web.Peer {
	contacts := map[uint32]link.Contact{}
	for _, c := range n.link.Contacts() {
		contacts[c.Device] = c
	}
	known := n.known()
	delete(known, n.id.Device.Index)
	all := []web.Peer{}
	for _, index := range slices.Sorted(maps.Keys(known)) {
		c := contacts[index]
		all = append(all, web.Peer{
			Device: index, Name: known[index].Name, Role: string(known[index].Role),
			Address: c.Address, Connected: c.Connected, Heard: c.Heard,
			RTT: float64(c.RTT.Microseconds()) / 1000,
		})
	}
	return all
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

// office is what a hub replica offers to an analyst.
type office struct{ *node }

var _ web.Office = office{}

// Report answers a query from the figures of this replica.
func (o office) Report(ctx context.Context, q report.Query, current bool) (web.Answer, error) {
	if current {
		ctx, cancel := context.WithTimeout(ctx, commitTimeout)
		defer cancel()
		if err := o.hub.Current(ctx); err != nil {
			return web.Answer{}, err
		}
	}
	h := o.hub.Status()
	table, err := o.figures.Answer(q)
	if err != nil {
		return web.Answer{}, err
	}
	currency := web.Currency{Commit: o.store.Applied(), At: h.LastContact, Replica: o.id.Device.Name, Boxes: o.boxesHeard()}
	if current {
		currency.At = time.Now()
	}
	return web.Answer{Table: table, Currency: currency}, nil
}
