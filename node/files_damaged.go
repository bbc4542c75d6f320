package node

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
	"wangge/sync/wire"
)

// damagedMax bounds the damaged files of which a person is told one by one.
const damagedMax = 20

// lost reports whether a file that is owed cannot be sent from here: it is damaged,
// or is not here and the county has said that it lacks it.
func (n *node) lost(o store.Owed) bool {
	if o.Here || n.store.Files().IsHurt(o.Root) {
		return !o.Here
	}
	return n.freight.Lacked(o.Root)
}

// damagedFiles tells of files that were here and are damaged or gone: gravely where
// the county is not known to have them, for what was here may have been the only copy.
func (n *node) damagedFiles() (all []web.Trouble) {
	if n.freight == nil {
		return nil
	}
	hurt := n.store.Files().Hurt()
	for _, o := range n.owed() {
		if n.lost(o) && len(all) < damagedMax {
			at, damaged := hurt[o.Root]
			all = append(all, n.lostFile(o.Wanted, damaged, at))
		}
		delete(hurt, o.Root)
	}
	for _, root := range slices.SortedFunc(maps.Keys(hurt), func(a, b wire.Hash) int { return bytes.Compare(a[:], b[:]) }) {
		if w, named := n.named(root); named && len(all) < damagedMax {
			all = append(all, n.brokenCopy(w, hurt[root]))
		}
	}
	return all
}

// named returns a reference to a file.
func (n *node) named(root wire.Hash) (w store.Wanted, named bool) {
	err := n.store.Referring(root, func(found store.Wanted) bool {
		w, named = found, true
		return false
	})
	return w, named && err == nil
}

// lostFile tells of a file that may be nowhere else.
func (n *node) lostFile(w store.Wanted, damaged bool, at time.Time) web.Trouble {
	t := n.aboutFile(w, at)
	t.Grave, t.ID = true, troubleID(t.Sort, w.Root[:], damaged)
	thing := thingOf(w)
	t.What = schema.Text{Zh: thing.Zh + "不在本站了，县里也还没有", En: thing.En + " is not here any more, and the county does not have it"}
	if damaged {
		t.What = schema.Text{Zh: thing.Zh + "在本站磁盘上损坏了，县里还没有", En: thing.En + " is damaged on this box's disk, and the county does not have it"}
	}
	t.Do = schema.Text{
		Zh: "正在向邻站和县里找，找到会自动补回。手机或相机里还有原照片的，请打开记录重新添加一次；找不回来的，请从记录里去掉",
		En: "neighbours and the county are asked for it, and it comes back by itself if one has it. If the phone or camera still has it, open the record and add it again; what cannot be found, take out of the record",
	}
	return t
}

// brokenCopy tells of a damaged copy of what is elsewhere.
func (n *node) brokenCopy(w store.Wanted, at time.Time) web.Trouble {
	t := n.aboutFile(w, at)
	thing := thingOf(w)
	t.What = schema.Text{Zh: thing.Zh + "在本机磁盘上损坏了，别处有完好的", En: "the copy of " + thing.En + " on this machine's disk is damaged; there are good ones elsewhere"}
	t.Do = schema.Text{
		Zh: "会自动取回。几天里一再出现，请系统管理员检查磁盘（wangge verify）",
		En: "it is fetched again by itself. If this comes again within days, let the administrator look at the disk (wangge verify)",
	}
	return t
}

func (n *node) aboutFile(w store.Wanted, at time.Time) web.Trouble {
	return web.Trouble{
		Sort: "file", At: at, Records: []web.Named{n.called(w.Space, w.Record)},
		Detail: fmt.Sprintf("file %s of %d bytes", hex.EncodeToString(w.Root[:8]), w.Size),
	}
}

// thingOf says what a file is to people.
func thingOf(w store.Wanted) schema.Text {
	if w.Preview {
		return schema.Text{Zh: "一张照片的缩略图", En: "the preview of a photo"}
	}
	return schema.Text{Zh: "一个照片文件", En: "a photo or file"}
}
