package sim

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/schema/kindfile"
)

// Day is a county's day: nothing is broken, but half the boxes have no signal at
// any time.
type Day struct {
	Boxes, Tablets int // tablets of each box
	Records        int
	Seed           uint64
	// Form fills in a visit in a grid at a moment.
	Form func(grid string, ms int64) map[string]any
	Out  io.Writer // takes the transcript; nil for nobody
}

// DayReport is what a day came to.
type DayReport struct {
	AtCounty int           // records
	Slowest  time.Duration // from the contact of its box, or its coming to the box in contact, to the county
	Uplink   Toll          // between boxes and hub, both ways
	Local    Toll          // and between tablets and boxes
	Contacts int
}

// The links of a day: a box's to the hub is a village's, a tablet's is a room's.
const (
	uplinkDelay, uplinkRate = 300 * time.Millisecond, 8000
	localDelay, localRate   = 5 * time.Millisecond, 1 << 20
	signalMin, signalMore   = 30 * 60_000, 60 * 60_000 // ms that a signal lasts, and that there is none
)

// day is one under way.
type day struct {
	Day
	*World
	r       *rand.Rand
	uplink  map[*Machine]*talk
	contact map[*Machine]int64        // since when a box has a signal
	came    map[crdt.RecordID]arrival // to its box
	report  DayReport
}

type arrival struct {
	at  int64
	box *Machine
}

// Run lives the day.
func (d Day) Run() (DayReport, error) {
	cast, err := d.cast()
	if err != nil {
		return DayReport{}, err
	}
	defer cast.Close()
	w, err := newWorld(cast, d.Seed, Setting{Out: d.Out, Tune: func(o *Options) {
		*o = Options{Boxes: d.Boxes, Tablets: d.Boxes * d.Tablets, Span: 10 * time.Hour, Delay: uplinkDelay, Rate: uplinkRate}
	}})
	if err != nil {
		return DayReport{}, err
	}
	defer w.end()
	live := &day{
		Day: d, World: w, r: w.rand(9), uplink: map[*Machine]*talk{}, contact: map[*Machine]int64{}, came: map[crdt.RecordID]arrival{},
	}
	err = live.live()
	return live.report, err
}

// cast enrols the day's devices: each box and its tablets hold their community.
func (d Day) cast() (*Cast, error) {
	dir, err := os.MkdirTemp("/dev/shm", "wangge-day-")
	if err != nil {
		dir, err = os.MkdirTemp("", "wangge-day-")
	}
	if err != nil {
		return nil, err
	}
	c := &Cast{dir: dir}
	if c.kinds, err = kindfile.Shipped(); err == nil {
		err = d.enrol(c)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (d Day) enrol(c *Cast) error {
	county, err := policy.FoundCounty(newChance(d.Seed, "day"), filepath.Join(c.dir, "county"), "模拟县", founded)
	if err != nil {
		return err
	}
	for i := range replicas {
		err := c.add(county, &c.hubs, policy.Device{Name: fmt.Sprintf("hub%d", i+1), Role: policy.Hub, Holds: []policy.Pattern{"*"}})
		if err != nil {
			return err
		}
	}
	for i := range d.Boxes * (1 + d.Tablets) {
		own := []policy.Pattern{policy.Pattern(community(i%d.Boxes) + "/personal")}
		to := &c.boxes
		if i >= d.Boxes {
			to = &c.tablets
		}
		if err := c.add(county, to, policy.Device{Name: fmt.Sprintf("d%d", i), Role: policy.Box, Holds: own, Writes: own}); err != nil {
			return err
		}
	}
	return nil
}

func community(i int) string { return fmt.Sprintf("140581%03d%03d", 100+i/10, 200+i%10) }

// eve is when a day begins: by then all have met, and each tablet has written three
// forms that are at the county. Nothing of it counts.
const eve = 30 * 60_000

func (d *day) live() error {
	d.county.elect(d.World)
	boxes, tablets := d.machines[replicas:replicas+d.Boxes], d.machines[replicas+d.Boxes:]
	for i, t := range tablets {
		talk := d.call(t, boxes[i%d.Boxes], false)
		talk.delay, talk.rate = localDelay, localRate
	}
	d.meet(boxes, tablets)
	for i, b := range boxes {
		d.at(eve+d.r.Int64N(signalMin), func() { d.signal(b, i%2 == 0) })
	}
	d.told = d.heard
	for range d.Records {
		i := d.r.IntN(len(tablets))
		d.at(eve+d.r.Int64N(d.Span.Milliseconds()), func() { d.visit(tablets[i], community(i%d.Boxes)) })
	}
	d.run(eve + d.Span.Milliseconds())
	for _, b := range boxes { // in the evening everybody has a signal
		if d.uplink[b] == nil {
			d.signal(b, true)
		}
	}
	d.run(d.now + 120_000)
	return d.sum()
}

// meet lives the eve.
func (d *day) meet(boxes, tablets []*Machine) {
	var talks []*talk
	for _, b := range boxes {
		talks = append(talks, d.call(b, d.World.county.replicas[d.r.IntN(replicas)], false))
	}
	for i, t := range tablets {
		for range 3 {
			d.at(d.r.Int64N(eve/2), func() { d.visit(t, community(i%d.Boxes)) })
		}
	}
	d.run(eve)
	for _, t := range talks {
		t.end("the eve is over")
	}
	for _, t := range d.talks {
		if !t.over {
			t.toll = &d.report.Local
		}
	}
}

// sum adds up, and says what is missing.
func (d *day) sum() error {
	if v := d.World.report.Violation; v != nil {
		return fmt.Errorf("a promise was broken: %s", v)
	}
	if d.report.AtCounty != d.Records {
		return fmt.Errorf("%d of %d records are at the county", d.report.AtCounty, d.Records)
	}
	return nil
}

// signal gives a box a signal for a while, or takes it.
func (d *day) signal(b *Machine, on bool) {
	if d.now >= eve+d.Span.Milliseconds() && d.uplink[b] != nil {
		return
	}
	if t := d.uplink[b]; t != nil {
		t.end("no signal")
		d.uplink[b] = nil
	}
	if on {
		d.report.Contacts++
		d.contact[b], d.uplink[b] = d.now, d.call(b, d.World.county.replicas[d.r.IntN(replicas)], false)
		d.uplink[b].toll = &d.report.Uplink
	}
	d.at(d.now+signalMin+d.r.Int64N(signalMore), func() { d.signal(b, !on) })
}

func (d *day) visit(t *Machine, area string) {
	grid := fmt.Sprintf("%s%03d", area, 1+d.r.IntN(5))
	filled, problems := d.World.cast.kinds.Check(visitKind, d.Form(grid, t.clock().UnixMilli()))
	if len(problems) > 0 {
		d.violated("harness", "a form is not filled in: %v", problems)
		return
	}
	records := filled.Records(t.id.IdentityKey, func() crdt.RecordID { return crdt.RecordID{} })
	err := t.store.Save(func(draft *store.Draft) error {
		for _, f := range records {
			draft.Write(f.Space, f.Ops(crdt.Record{}, draft.Writer())...)
		}
		return nil
	})
	if err != nil {
		d.violated("harness", "a form is not saved: %v", err)
	}
}

// heard notes when records come to boxes and to the county.
func (d *day) heard(m *Machine, e store.Event) {
	for _, c := range e.Changes {
		at, known := d.came[c.ID]
		switch {
		case !m.isHub() && m.id.Device.Index <= uint32(replicas+d.Boxes):
			if !known {
				d.came[c.ID] = arrival{d.now, m}
			}
		case m == d.World.county.leader && c.Before.Kind == "":
			d.report.AtCounty++
			d.report.Slowest = max(d.report.Slowest, time.Duration(d.now-max(at.at, d.contact[at.box]))*time.Millisecond)
		}
	}
}
