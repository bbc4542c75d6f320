package node

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/web"
	"wangge/schema"
	"wangge/sync/wire"
)

const (
	// skewMax is how far a clock may be from the county's before a person is told.
	skewMax = 10 * time.Minute
	// stuckRecords is how many of the records that are stuck are named.
	stuckRecords = 20
)

// troubles returns what a person should know of, the gravest first.
func (n *node) troubles() []web.Trouble {
	own := n.ownTroubles()
	all := slices.Concat(own, n.atOthers(own), n.stuck(), n.clockTrouble(), n.leavingSpaces(), n.forkTrouble(), n.newerForms(), n.unusableKinds())
	slices.SortStableFunc(all, func(a, b web.Trouble) int {
		switch {
		case a.Grave == b.Grave:
			return 0
		case a.Grave:
			return -1
		}
		return 1
	})
	return all
}

func (n *node) diskTrouble() []web.Trouble {
	err := n.store.ReadOnly()
	if err == nil {
		return nil
	}
	return []web.Trouble{{
		Sort: "disk", Grave: true, Detail: err.Error(),
		What: schema.Text{Zh: "磁盘写不进去，只能查看", En: "the disk takes nothing: read only"},
		Do: schema.Text{
			Zh: "新填的内容暂时不能保存。请清理磁盘，之后会自动恢复",
			En: "nothing new can be saved. Make room on the disk; it goes on by itself then",
		},
	}}
}

// stuck returns what peers did not take of this node, and what it did not take.
func (n *node) stuck() (all []web.Trouble) {
	for _, q := range n.store.Refusals() {
		t := n.refused(q, true)
		m := q.Mark
		t.Stuck.Batches = n.store.Held(m.Space, m.Writer) - m.Seq + 1
		ids, err := n.store.Touched(m.Space, m.Writer, m.Seq, stuckRecords+1)
		if err != nil {
			n.log.Error("which records were not taken cannot be read", "error", err)
		}
		t.Stuck.More = len(ids) > stuckRecords
		for _, id := range ids[:min(len(ids), stuckRecords)] {
			t.Stuck.Records = append(t.Stuck.Records, n.called(m.Space, id))
		}
		all = append(all, t)
	}
	for _, q := range n.store.Quarantined() {
		all = append(all, n.refused(q, false))
	}
	return all
}

func (n *node) refused(q wire.Quarantine, offered bool) web.Trouble {
	words := advise(q.Why)
	by := q.Name
	if by == "" {
		by = n.device(q.Device).Name
	}
	t := web.Trouble{
		ID:   troubleID(q.Why.String(), offered, q.Mark.Space.String(), q.Mark.Writer.String(), q.Mark.Seq),
		Sort: q.Why.String(), Grave: true, What: words.what, Do: words.do, Detail: q.Reason,
		Stuck: &web.Stuck{
			Offered: offered, By: by, Space: q.Mark.Space.String(), Writer: q.Mark.Writer.String(),
			Author: n.device(q.Mark.Writer.Device()).Name, From: q.Mark.Seq,
		},
	}
	if q.At > 0 {
		t.At = time.UnixMilli(q.At)
	}
	return t
}

// called returns what people call a record: its kind, and what is chosen in the
// fields that a form cannot do without, unless they are sealed. None is guarded.
func (n *node) called(space crdt.Space, id crdt.RecordID) web.Named {
	rec, err := n.store.Record(space, id)
	if err != nil {
		n.log.Error("a record cannot be read", "error", err)
	}
	named := web.Named{Name: web.Name{Kind: rec.Kind, Space: space.String(), ID: id.String()}}
	kind, ok := n.kinds.Kind(rec.Kind)
	if !ok {
		named.Words = schema.Text{Zh: rec.Kind, En: rec.Kind}
		return named
	}
	zh, en := []string{kind.Title.Zh}, []string{kind.Title.En}
	for _, f := range kind.Fields {
		if label, ok := f.Label(f.Winner(rec.Cells[f.ID])); ok && f.Required && len(f.Options) > 0 && !f.Guarded && !f.Sealed {
			zh, en = append(zh, label.Zh), append(en, label.En)
		}
	}
	named.Words = schema.Text{Zh: strings.Join(zh, " · "), En: strings.Join(en, " · ")}
	return named
}

// clockTrouble compares clocks with the county's: at a box its own, at the hub
// those of the boxes. It is told, and decides nothing.
func (n *node) clockTrouble() (all []web.Trouble) {
	noted := contacts(n.store)
	for index, d := range n.known() {
		skew, told := n.clockOf(index, noted)
		if !told || skew.Abs() < skewMax || n.isHub() == (d.Role == policy.Hub) {
			continue
		}
		off := span(skew.Abs())
		t := web.Trouble{
			Sort: "clock", Grave: true, Detail: fmt.Sprintf("%s (device %d) is off by %s", d.Name, index, skew.Round(time.Second)),
			What: schema.Text{Zh: "本机时钟与县里相差 " + off.Zh, En: "this machine's clock is " + off.En + " off the county's"},
			Do: schema.Text{
				Zh: "请校准时间（自动对时）。内容不会丢，也不会因此被改掉，但显示的时间不对",
				En: "set the clock (time synchronisation). Nothing is lost or decided by it, but the times that are shown are wrong",
			},
		}
		if n.isHub() {
			t.What = schema.Text{Zh: d.Name + "的时钟与县里相差 " + off.Zh, En: "the clock of " + d.Name + " is " + off.En + " off the county's"}
		}
		all = append(all, t)
		if !n.isHub() {
			break // one replica's word is enough
		}
	}
	return all
}

// span says how long something is, in its largest unit.
func span(d time.Duration) schema.Text {
	n, zh, en := int(d.Minutes()), "分钟", "minutes"
	switch {
	case d >= 48*time.Hour:
		n, zh, en = int(d.Hours()/24), "天", "days"
	case d >= 2*time.Hour:
		n, zh, en = int(d.Hours()), "小时", "hours"
	}
	return schema.Text{Zh: fmt.Sprintf("%d %s", n, zh), En: fmt.Sprintf("%d %s", n, en)}
}

func (n *node) hollow() (all []web.Trouble) {
	for _, sp := range n.store.Spaces() {
		if sp.Hollow {
			all = append(all, web.Trouble{
				Sort: "hollow", Grave: true, Detail: sp.Space.String(),
				What: schema.Text{Zh: "本站 " + n.areaName(sp.Space.Area) + " 的部分记录受损", En: "records of " + n.areaName(sp.Space.Area) + " were damaged here"},
				Do:   schema.Text{Zh: "接通县里后会自动补齐；过一天还在这里，请联系系统管理员", En: "the county brings them again once it is reached; if this stands here tomorrow, call the administrator"},
			})
		}
	}
	return all
}

// forkTrouble tells which devices were copied: gravely until the county has settled it.
func (n *node) forkTrouble() (all []web.Trouble) {
	for _, f := range n.forked() {
		all = append(all, web.Trouble{
			Sort: "forked", Grave: f.Closed == 0, Detail: fmt.Sprintf("%s of %s, %d branches beside the first", f.Space, f.Writer, len(f.Arms)),
			What: schema.Text{Zh: f.Device + "被复制过：同一台设备在两处登记", En: f.Device + " was copied: one device wrote in two places"},
			Do: schema.Text{
				Zh: "两边登记的内容都保留着，没有丢失。请系统管理员查明哪一台应当停用",
				En: "what both wrote is kept. Let the administrator find out which of the two should stop",
			},
		})
	}
	return all
}

func (n *node) newerForms() []web.Trouble {
	kinds := n.newer()
	if len(kinds) == 0 {
		return nil
	}
	return []web.Trouble{{
		Sort: "newer", Detail: strings.Join(kinds, ", "),
		What: schema.Text{Zh: "有新版表单的记录，本机的程序还不认识", En: "records of newer forms, which this machine's program does not know yet"},
		Do:   schema.Text{Zh: "照样保留和转送。请系统管理员更新本机的程序", En: "they are kept and passed on all the same. Let the administrator update this machine"},
	}}
}
