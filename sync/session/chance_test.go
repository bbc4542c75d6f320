package session

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"

	"wangge/sync/wire"
)

var runs = flag.Int("runs", 8, "how many random worlds to live through")

// TestReplicasConvergeWhateverHappens lets three boxes and the hub write, talk,
// be cut and meet again, in an order that a seed decides.
func TestReplicasConvergeWhateverHappens(t *testing.T) {
	for seed := range uint64(*runs) {
		if !t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { live(t, rand.New(rand.NewPCG(seed, 2))) }) {
			return
		}
	}
}

func live(t *testing.T, r *rand.Rand) {
	h := newReplica(hub, town...)
	all := []*replica{newReplica(1, town...), newReplica(2, village, notes), newReplica(3, village, street), h}
	var talks []*talk
	for i, a := range all {
		for _, b := range all[i+1:] {
			talks = append(talks, meet(t, a, b))
		}
	}
	for i := range 400 {
		c := talks[r.IntN(len(talks))]
		switch n := r.IntN(100); {
		case n < 10:
			writer := all[r.IntN(3)]
			writer.write(town[r.IntN(3)], 1+r.IntN(300)+r.IntN(40_000)*(r.IntN(8)/7))
		case n < 13:
			c.open()
		case n < 14:
			doubt(r, all)
		case n < 25:
			c.wake(r.IntN(2))
		default:
			c.deliver(r.IntN(2))
		}
		judge(t, all, []*talk{c})
		if i%10 == 0 {
			judge(t, all, talks)
		}
	}
	for range 4 { // news travel from box to hub to box
		for _, c := range talks {
			c.wake(0)
			c.wake(1)
			c.finish()
			judge(t, all, talks)
		}
	}
	for _, c := range talks {
		settled(t, c, true)
	}
	for _, b := range all {
		for _, of := range all {
			if missing := b.lacks(of, b.entitled); len(missing) > 0 {
				t.Errorf("device %d lacks %v of device %d", b.device, missing, of.device)
			}
		}
		if len(b.refused) > 0 {
			t.Errorf("device %d was refused %v", b.device, b.refused)
		}
	}
}

// doubt lets a replica call a run unproven that is sound, of each stream at most
// one: in one conversation a second one shuts the stream.
func doubt(r *rand.Rand, all []*replica) {
	st := all[r.IntN(3)].own(town[r.IntN(3)])
	one := all[r.IntN(len(all))]
	if _, had := one.doubts[st]; !had {
		one.doubts[st] = 1
	}
}

// judge checks what must hold at every moment: nobody is given what is not for
// him, no green light lies, and no level is claimed that was not reached.
func judge(t *testing.T, all []*replica, talks []*talk) {
	t.Helper()
	for _, c := range talks {
		for i, s := range c.side {
			me, peer := c.at[i], c.at[1-i]
			if missing := peer.lacks(me, s.side.Theirs); s.Settled() && len(missing) > 0 {
				t.Fatalf("device %d is settled with device %d, which lacks %v", me.device, peer.device, missing)
			}
			if s.window >= windowSize+chunkMax+wire.BatchMax {
				t.Fatalf("%d bytes are under way", s.window)
			}
		}
	}
	for _, r := range all {
		for st := range r.log {
			if st.writer.Device() != r.device && !r.entitled(st.space) {
				t.Fatalf("device %d holds %v", r.device, st)
			}
			elsewhere := uint64(0)
			for _, o := range all {
				if o != r {
					elsewhere = max(elsewhere, uint64(len(o.log[st])))
				}
			}
			at := r.reached[st]
			if r.device != hub && at[wire.AtCounty] > uint64(len(all[3].log[st])) || at[wire.AtBox] > elsewhere {
				t.Fatalf("device %d claims %v for %v, elsewhere are %d", r.device, at, st, elsewhere)
			}
		}
	}
}
