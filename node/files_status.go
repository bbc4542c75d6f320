package node

import (
	"cmp"
	"encoding/hex"
	"maps"
	"slices"

	"wangge/node/web"
	"wangge/sync/wire"
)

// absentMax bounds how many of the missing files a status names.
const absentMax = 20

// stock counts what this node holds of files, and what is to come.
func (n *node) stock() web.Stock {
	s, err := n.store.FileStatus()
	if err != nil {
		n.log.Error("the files could not be counted", "error", err)
	}
	stock := web.Stock{Count: s.Files, Bytes: s.Bytes, Missing: s.Missing}
	if n.freight != nil {
		n.freight.tell(&stock)
	}
	return stock
}

// tell says what is to come and from whom.
func (f *freight) tell(s *web.Stock) {
	f.mu.Lock()
	defer f.mu.Unlock()
	sought := f.seeker.Sought()
	missing := 0
	for _, so := range sought {
		l := f.lacks[fileName{so.Root, so.Size}]
		if l == nil {
			continue
		}
		missing++
		s.Left += so.Left
		if l.preview {
			s.Previews++
		}
		if len(s.Absent) < absentMax {
			s.Absent = append(s.Absent, web.Absent{
				Root: hex.EncodeToString(so.Root[:]), Size: so.Size, Left: so.Left, Preview: l.preview,
				Record: l.record.String(), Space: l.spaces[0].String(), Since: l.since,
				Wrote: f.names(slices.Sorted(maps.Keys(l.authors))), Holders: f.names(so.At),
			})
		}
	}
	s.Elsewhere, s.Missing = max(0, s.Missing-missing), missing
	for of, is := range f.declines {
		if of.way != brought || is.why == wire.WhyRoom {
			continue
		}
		if s.False == nil {
			s.False = map[string]int{}
		}
		s.False[f.names([]uint32{of.device})[0]] += is.times
	}
}

// names returns what devices are called.
func (f *freight) names(devices []uint32) (all []string) {
	for _, d := range devices {
		all = append(all, cmp.Or(f.node.device(d).Name, "?"))
	}
	return all
}
