package node

import (
	"fmt"
	"maps"
	"slices"

	"wangge/node/web"
	"wangge/schema"
)

// falsePieces tells of devices that sent something else than the files that they were
// asked for. Nothing of it was kept, and others are asked; but a disk there is bad, or
// somebody lies.
func (n *node) falsePieces() (all []web.Trouble) {
	if n.freight == nil {
		return nil
	}
	n.freight.mu.Lock()
	falses := maps.Clone(n.freight.seeker.False())
	n.freight.mu.Unlock()
	for _, device := range slices.Sorted(maps.Keys(falses)) {
		name, times := n.device(device).Name, falses[device]
		all = append(all, web.Trouble{
			Sort: "pieces", Detail: fmt.Sprintf("%s (device %d) sent %d pieces that are not of the files", name, device, times),
			What: schema.Text{Zh: name + "送来的照片或文件内容不对，没有收下", En: "photos or files that " + name + " sent are not what they are said to be, and were not taken"},
			Do: schema.Text{
				Zh: "会自动向别的机器要。请系统管理员检查那台机器（wangge verify）",
				En: "others are asked by themselves. Let the administrator look at that machine (wangge verify)",
			},
		})
	}
	return all
}
