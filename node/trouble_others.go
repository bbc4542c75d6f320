package node

import (
	"slices"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/web"
	"wangge/schema"
	"wangge/sync/wire"
)

// ownTroubles returns what only this machine can know: what its disk does, what files it was
// brought or denied, how its database gets on.
func (n *node) ownTroubles() []web.Trouble {
	return slices.Concat(n.diskTrouble(), n.hollow(), n.damagedFiles(), n.declinedFiles(n.freight.Declines()), n.sinkTrouble())
}

// untold returns what this replica has to say of itself, if the county knows otherwise.
func (n *node) untold() (m wire.Troubles, news bool) {
	m = wire.Troubles{Device: n.id.Device.Index, At: time.Now().UnixMilli()}
	for _, t := range n.ownTroubles() {
		m.All = append(m.All, noted(t))
	}
	// What a log entry holds is cut, as what was said before is.
	cut, err := wire.Decode(wire.Encode(m))
	if err != nil {
		n.log.Error("what needs attention here cannot be told to other replicas", "error", err)
		return m, false
	}
	m = cut.(wire.Troubles)
	for _, said := range n.toldTroubles() {
		if said.Device == m.Device {
			return m, !slices.EqualFunc(said.All, m.All, sameTrouble)
		}
	}
	return m, len(m.All) > 0
}

// sameTrouble reports whether two accounts say the same to people: how often something was
// tried does not matter to others.
func sameTrouble(a, b wire.Trouble) bool {
	return a.ID == b.ID && a.Sort == b.Sort && a.Grave == b.Grave && a.What == b.What && a.Do == b.Do && slices.Equal(a.Records, b.Records)
}

// atOthers returns what the other replicas said that needs attention there, unless it is
// what this one says too.
func (n *node) atOthers(own []web.Trouble) (all []web.Trouble) {
	if !n.isHub() {
		return nil
	}
	for _, m := range n.toldTroubles() {
		d := n.device(m.Device)
		if m.Device == n.id.Device.Index || d.Role != policy.Hub {
			continue
		}
		for _, t := range m.All {
			if t.ID == "" || !slices.ContainsFunc(own, func(o web.Trouble) bool { return o.ID == t.ID }) {
				all = append(all, n.toldBy(d, t))
			}
		}
	}
	return all
}

func (n *node) toldTroubles() []wire.Troubles {
	all, err := n.store.Troubles()
	if err != nil {
		n.log.Error("what needs attention at other replicas cannot be read", "error", err)
	}
	return all
}

// noted returns a trouble as the hub's log tells of it.
func noted(t web.Trouble) wire.Trouble {
	m := wire.Trouble{ID: t.ID, Sort: t.Sort, Grave: t.Grave, What: wire.Words(t.What), Do: wire.Words(t.Do), Detail: t.Detail}
	if !t.At.IsZero() {
		m.At = t.At.UnixMilli()
	}
	for _, r := range t.Records {
		space, wrong := crdt.ParseSpace(r.Space)
		id, wrong2 := crdt.ParseRecordID(r.ID)
		if wrong == nil && wrong2 == nil {
			m.Records = append(m.Records, wire.TroubleRecord{Space: space, ID: id})
		}
	}
	return m
}

// toldBy returns what another replica said. What it says of "this machine" is said of that one.
func (n *node) toldBy(d policy.Device, m wire.Trouble) web.Trouble {
	t := web.Trouble{
		ID: m.ID, Sort: m.Sort, Grave: m.Grave, Detail: m.Detail,
		What: schema.Text{Zh: d.Name + "：" + m.What.Zh, En: d.Name + ": " + m.What.En}, Do: schema.Text(m.Do),
	}
	if m.At > 0 {
		t.At = time.UnixMilli(m.At)
	}
	for _, r := range m.Records {
		t.Records = append(t.Records, n.called(r.Space, r.ID))
	}
	return t
}
