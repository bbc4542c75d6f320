package node

import (
	"fmt"
	"slices"
	"strings"

	"wangge/node/freight"
	"wangge/node/policy"
	"wangge/node/web"
	"wangge/schema"
	"wangge/sync/wire"
)

// refusal is what was not taken, or not given, of several files for one reason.
type refusal struct {
	freight.Decline             // of the first; Alone if one of them is
	roots           []wire.Hash // in order; none where a device could not be understood
	owed            bool        // one of them is this box's own, and the county is not known to have it
}

// declinedFiles tells which photos and files were not taken, here or further on, and why.
// Everything else goes on, and others are asked for the same file.
func (n *node) declinedFiles(standing []freight.Decline) (all []web.Trouble) {
	for _, r := range n.refusals(standing) {
		t := web.Trouble{Sort: "pieces", At: r.At, Detail: r.detail(n.device(r.Device))}
		t.ID = troubleID(t.Sort, r.Way, r.Device, r.Why.String(), r.roots)
		switch {
		case r.Way == freight.Brought && r.Why == wire.WhyRoom:
			t.Sort, t.Grave = "room", true
			t.What, t.Do = notKept(len(r.roots))
		case r.Way == freight.Brought:
			t.Grave = r.Alone
			t.What, t.Do = falseFrom(n.device(r.Device).Name)
		case r.Way == freight.Sent:
			t.Grave = r.owed
			t.What, t.Do = notTaken(n.device(r.Device).Name, r.Why)
		default:
			t.What, t.Do = notGiven(n.device(r.Device).Name)
		}
		for _, root := range r.roots[:min(len(r.roots), stuckRecords)] {
			if w, named := n.named(root); named { // a record has a photo and its preview
				if r := n.called(w.Space, w.Record); !slices.Contains(t.Records, r) {
					t.Records = append(t.Records, r)
				}
			}
		}
		all = append(all, t)
	}
	return all
}

// refusals returns what stands, put together by who, where and why.
func (n *node) refusals(standing []freight.Decline) (all []refusal) {
	owed := n.owedRoots(standing)
	for _, d := range standing {
		hub := n.device(d.Device).Role == policy.Hub
		if d.Way == freight.Sent && hub && !n.isHub() && !owed[d.Root] {
			continue // it is at the county by now
		}
		i := slices.IndexFunc(all, func(r refusal) bool {
			return r.Way == d.Way && r.Why == d.Why && (r.Device == d.Device || d.Why == wire.WhyRoom && d.Way == freight.Brought)
		})
		if i < 0 {
			i = len(all)
			all = append(all, refusal{Decline: d})
		}
		all[i].add(d, hub && owed[d.Root])
	}
	return all
}

// add adds one of its files. Of a file that is looked for no more others is not told.
func (r *refusal) add(d freight.Decline, owed bool) {
	if d.Root != (wire.Hash{}) && !slices.Contains(r.roots, d.Root) {
		r.roots = append(r.roots, d.Root)
	}
	if d.At.Before(r.At) {
		r.At = d.At
	}
	r.Times = max(r.Times, d.Times)
	r.Alone, r.owed = r.Alone || d.Alone, r.owed || owed
}

// owedRoots returns which files this box has still to bring to the county, if any was declined.
func (n *node) owedRoots(standing []freight.Decline) map[wire.Hash]bool {
	owed := map[wire.Hash]bool{}
	if len(standing) == 0 || n.isHub() {
		return owed
	}
	for _, o := range n.owed() {
		owed[o.Root] = true
	}
	return owed
}

// detail says it in the machines' words.
func (r refusal) detail(d policy.Device) string {
	who := fmt.Sprintf("%s (device %d)", d.Name, r.Device)
	var names []string
	for _, root := range r.roots[:min(len(r.roots), stuckRecords)] {
		names = append(names, fmt.Sprintf("%x", root[:8]))
	}
	about := fmt.Sprintf("%d files: %s", len(r.roots), strings.Join(names, ", "))
	switch {
	case len(r.roots) == 0:
		return fmt.Sprintf("%s said what cannot be read, %d times: %s", who, r.Times, r.Reason)
	case r.Way == freight.Brought && r.Why == wire.WhyRoom:
		return fmt.Sprintf("%s; %s", r.Reason, about)
	case r.Way == freight.Brought:
		return fmt.Sprintf("%s, sent by %s; %s", r.Reason, who, about)
	case r.Way == freight.Sent:
		return fmt.Sprintf("%s did not take it: %s; %s", who, r.Reason, about)
	}
	return fmt.Sprintf("%s asked for it, and %s; %s", who, r.Reason, about)
}

func notKept(files int) (what, do schema.Text) {
	return schema.Text{
			Zh: fmt.Sprintf("本机磁盘放不下送来的照片和文件（%d 个），没有收下", files),
			En: fmt.Sprintf("%d photos or files that came were not taken: this machine's disk has no room for them, or fails", files),
		}, schema.Text{
			Zh: "请清理本机磁盘，之后会自动补齐；表单不受影响", En: "make room on this machine's disk: they come by themselves then. Forms go on",
		}
}

func falseFrom(name string) (what, do schema.Text) {
	return schema.Text{
			Zh: name + "送来的照片或文件内容不对，没有收下", En: "photos or files that " + name + " sent are not what they are said to be, and were not taken",
		}, schema.Text{
			Zh: "会自动向别的机器要。请系统管理员检查那台机器（wangge verify）",
			En: "others are asked by themselves. Let the administrator look at that machine (wangge verify)",
		}
}

func notTaken(name string, why wire.Why) (what, do schema.Text) {
	if why == wire.WhyRoom {
		return schema.Text{
			Zh: name + "的磁盘放不下本机送去的照片或文件，没有收下", En: name + " has no room for photos or files of this machine, and did not take them",
		}, advise(why).do
	}
	return schema.Text{
		Zh: name + "没有收下本机送去的照片或文件：内容不对", En: name + " did not take photos or files of this machine: they are not what they are said to be",
	}, advise(wire.WhyDamaged).do
}

func notGiven(name string) (what, do schema.Text) {
	return schema.Text{
			Zh: name + "要它无权看的照片或文件，没有给", En: name + " asked for photos or files that its certificate does not cover, and was not given them",
		}, schema.Text{
			Zh: "若这个区域归它管，请联系县里的系统管理员补发权限；否则请查明那台机器", En: "if that area is its own, ask the county's administrator for the right; else find out what that machine is doing",
		}
}
