package session

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

// fates is a county of three boxes and the hub, whose machines are cut, put back from backups,
// replaced by copies of their old disks, and forget each other.
type fates struct {
	t       *testing.T
	r       *rand.Rand
	all     []*replica
	talks   []*talk
	backups map[int]*replica
}

// copied returns a replica as its disk would give it back.
func (r *replica) copied() *replica {
	c := newReplica(r.device, r.holds...)
	c.life, c.minted, c.recalls = r.life, r.minted, maps.Clone(r.recalls)
	for st, batches := range r.log {
		c.log[st] = slices.Clone(batches)
	}
	for st, levels := range r.reached {
		c.reached[st] = maps.Clone(levels)
	}
	c.lives = maps.Clone(r.lives)
	return c
}

func newFates(t *testing.T, r *rand.Rand) *fates {
	f := &fates{t: t, r: r, backups: map[int]*replica{}}
	f.all = []*replica{newReplica(1, town...), newReplica(2, village, notes), newReplica(3, village, street), newReplica(hub, town...)}
	for i, one := range f.all {
		one.recalls, one.lives = map[uint32][]wire.Ground{}, map[uint32]uint64{}
		f.backups[i] = one.copied()
	}
	f.meetAll()
	return f
}

// meetAll cuts all conversations and begins new ones.
func (f *fates) meetAll() {
	for _, c := range f.talks {
		c.remember()
	}
	f.talks = nil
	for i, a := range f.all {
		for _, b := range f.all[i+1:] {
			f.talks = append(f.talks, meet(f.t, a, b))
		}
	}
}

func (f *fates) step() {
	i := f.r.IntN(len(f.all))
	c := f.talks[f.r.IntN(len(f.talks))]
	switch n := f.r.IntN(100); {
	case n < 15:
		f.all[f.r.IntN(3)].write(town[f.r.IntN(3)], 1+f.r.IntN(300))
	case n < 20:
		c.open()
	case n < 22:
		clear(f.all[i].recalls)
	case n < 24:
		c.remember()
		f.backups[i] = f.all[i].copied()
	case n < 25:
		f.putBack(i, f.r.IntN(2) == 0)
	case n < 27:
		f.all[i].refuses[f.all[f.r.IntN(3)].own(town[f.r.IntN(3)])] = "not now"
	case n < 35:
		c.wake(f.r.IntN(2))
	default:
		c.deliver(f.r.IntN(2))
	}
}

// putBack replaces a machine's disk by an older one: a backup begins a new life of
// the store, a bare copy does not know that it is one. Its writer is another from
// then on.
func (f *fates) putBack(i int, backup bool) {
	minted := f.all[i].minted
	f.all[i] = f.backups[i].copied()
	if f.all[i].minted = minted + 1; backup {
		f.all[i].life = f.all[i].minted << 32
	}
	f.talks = slices.DeleteFunc(f.talks, func(c *talk) bool { return c.at[0].device == f.all[i].device || c.at[1].device == f.all[i].device })
	f.meetAll()
}

// twin returns the same county as it is now, in which nobody remembers anybody.
func (f *fates) twin() *fates {
	for _, c := range f.talks {
		c.remember()
	}
	d := &fates{t: f.t, r: f.r}
	for _, one := range f.all {
		one = one.copied()
		one.recalls = nil
		d.all = append(d.all, one)
	}
	d.meetAll()
	return d
}

// settle lets all meet, from cuts, until nothing is new.
func (f *fates) settle() (hellos int) {
	for _, one := range f.all {
		clear(one.refuses)
		one.refused = nil
	}
	for range 4 {
		f.meetAll()
		for _, c := range f.talks {
			c.observe = func(_ int, m wire.Message) {
				if h, ok := m.(wire.Hello); ok && len(h.Grounds) == 0 {
					hellos++
				}
			}
			c.open()
			c.finish()
		}
	}
	for _, c := range f.talks {
		settled(f.t, c, true)
	}
	return hellos
}

// TestWhatIsRememberedLeadsWhereTellingAllDoes holds the short greetings against the
// dumb twin that tells its whole frontiers each time.
func TestWhatIsRememberedLeadsWhereTellingAllDoes(t *testing.T) {
	short, long := 0, 0
	for seed := range uint64(*runs) {
		f := newFates(t, rand.New(rand.NewPCG(seed, 9)))
		for range 5 {
			for range 150 {
				f.step()
			}
			d := f.twin()
			long += d.settle()
			short += f.settle()
			for i, one := range f.all {
				f.compare(fmt.Sprint("seed ", seed), one, d.all[i])
			}
		}
		if t.Failed() {
			return
		}
	}
	if t.Logf("%d greetings told all, of the twin's %d", short, long); short > long/2 {
		t.Error("too little is remembered to have tried it")
	}
}

func (f *fates) compare(when string, one, twin *replica) {
	f.t.Helper()
	if !reflect.DeepEqual(keys(one.log), keys(twin.log)) {
		f.t.Errorf("%s: device %d holds %v, its twin %v", when, one.device, keys(one.log), keys(twin.log))
	}
	for st, batches := range one.log {
		if !slices.EqualFunc(batches, twin.log[st], bytes.Equal) {
			f.t.Errorf("%s: device %d holds %d batches of %v, its twin %d", when, one.device, len(batches), st, len(twin.log[st]))
		}
		for _, level := range []wire.Level{wire.AtBox, wire.AtCounty} {
			if one.reached[st][level] != twin.reached[st][level] {
				f.t.Errorf("%s: device %d knows %v at level %s up to %d, its twin up to %d", when, one.device, st, level, one.reached[st][level], twin.reached[st][level])
			}
		}
	}
	if len(one.refused) > 0 {
		f.t.Errorf("%s: device %d was refused %v", when, one.device, one.refused)
	}
}

func keys(log map[stream][][]byte) map[stream]int {
	all := map[stream]int{}
	for st, batches := range log {
		all[st] = len(batches)
	}
	return all
}

// fall lowers what was reached to what a greeting shows, as a store does.
func (r *replica) fall(hello wire.Hello, about func(crdt.Space) bool, proves wire.Level) {
	if r.lives == nil {
		return
	}
	was, known := r.lives[hello.Device]
	r.lives[hello.Device] = hello.Epoch
	if proves < wire.AtCounty && (!known || was == hello.Epoch) {
		return
	}
	for st, at := range r.reached {
		if about(st.space) {
			for level := range at {
				at[level] = min(at[level], hello.Holds[st.space][st.writer])
			}
		}
	}
}
