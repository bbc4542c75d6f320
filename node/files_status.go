package node

import (
	"cmp"
	"encoding/hex"

	"wangge/node/web"
)

// stock counts what this node holds of files, and what is to come.
func (n *node) stock() web.Stock {
	s, err := n.store.FileStatus()
	if err != nil {
		n.log.Error("the files could not be counted", "error", err)
	}
	a := n.freight.Account()
	stock := web.Stock{
		Count: s.Files, Bytes: s.Bytes, Missing: a.Missing, Elsewhere: max(0, s.Missing-a.Missing), Previews: a.Previews, Left: a.Left,
	}
	for _, f := range a.Absent {
		stock.Absent = append(stock.Absent, web.Absent{
			Root: hex.EncodeToString(f.Root[:]), Size: f.Size, Left: f.Left, Preview: f.Preview, Record: f.Record.String(),
			Space: f.Space.String(), Since: f.Since, Wrote: n.names(f.Wrote), Holders: n.names(f.Holders),
		})
	}
	for device, times := range a.False {
		if stock.False == nil {
			stock.False = map[string]int{}
		}
		stock.False[n.names([]uint32{device})[0]] += times
	}
	return stock
}

// names returns what devices are called.
func (n *node) names(devices []uint32) (all []string) {
	for _, d := range devices {
		all = append(all, cmp.Or(n.device(d).Name, "?"))
	}
	return all
}
