package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"wangge/crdt"
	"wangge/node/store"
)

// passages are what the county's work took on its way to a peer, and the peer.
type passages struct {
	cold         []passage // one for each of several new peers
	delta, edits passage
	peer         *benchBox
}

// benchColdRuns is how many new peers are told everything.
const benchColdRuns = 3

func benchDelta(ctx context.Context, b *bench) error {
	told, err := b.tell(ctx)
	if err != nil {
		return err
	}
	b.sheet.print(benchFigure{What: "100 visits, bytes both ways", Value: float64(told.delta.bytes), Unit: "B", Note: "each " +
		"saved at its author's own device and fetched by a box, which tells them to another on an open conversation; signatures " +
		"and frames included; what was before is committed by the county"}.atMost(6000))
	b.sheet.print(benchFigure{What: "round trips for it", Value: told.delta.trips}.atMost(1))
	return nil
}

func benchEdits(ctx context.Context, b *bench) error {
	told, err := b.tell(ctx)
	if err != nil {
		return err
	}
	b.sheet.print(benchFigure{What: "1,000 edits, bytes both ways", Value: float64(told.edits.bytes), Unit: "B",
		Note: "of one field each, by authors who hold the records of all"}.atMost(8000))
	b.sheet.print(benchFigure{What: "round trips for it", Value: told.edits.trips})
	return nil
}

func benchCold(ctx context.Context, b *bench) error {
	told, err := b.tell(ctx)
	if err != nil {
		return err
	}
	var times []time.Duration
	for _, p := range told.cold {
		times = append(times, p.processor)
	}
	plain, err := b.plainProcessor()
	if err != nil {
		return err
	}
	cold := told.cold[0]
	b.sheet.print(benchFigure{What: "10,000 visits of 40 authors, bytes both ways", Value: float64(cold.bytes), Unit: "B",
		Note: fmt.Sprintf("%d messages, %.1f round trips", cold.messages, cold.trips)}.atMost(450_000))
	b.sheet.print(benchFigure{What: "the new peer's processor time", Value: median(times).Seconds(), Unit: "s",
		Ratio: median(times).Seconds() / plain.Seconds(), Note: "unpacking, verifying, merging and writing; the middle of three new peers"}.atMost(0.5))
	return nil
}

// plainProcessor returns the processor time that plain bbolt takes for the base's
// bytes, in as many commits as chunks of 256 KB have them.
func (b *bench) plainProcessor() (time.Duration, error) {
	batches, err := b.batches(b.work.base)
	if err != nil {
		return 0, err
	}
	plain, err := store.OpenPlain(filepath.Join(b.dir, "plain-cold.db"))
	if err != nil {
		return 0, err
	}
	defer plain.Close()
	before := processorTime()
	for page := range slices.Chunk(batches, 600) {
		if err := plain.Put(page...); err != nil {
			return 0, err
		}
	}
	return processorTime() - before, nil
}

// tell has the county's authors work, each at a device of their own, and a box
// fetch it and tell it to peers. It is done once for all rows.
func (b *bench) tell(ctx context.Context) (*passages, error) {
	if b.told != nil {
		return b.told, nil
	}
	county, err := b.make()
	if err != nil {
		return nil, err
	}
	t := &benchWork{bench: b, county: county, told: &passages{}, authors: map[string]*author{}, places: map[string]crdt.Space{}}
	if t.sender, err = county.enrol("城东站"); err != nil {
		return nil, err
	}
	for _, step := range []func() error{t.base, t.cold, t.delta, t.edits} {
		if err := step(); err != nil {
			return nil, err
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	b.told = t.told
	return b.told, nil
}

func (b *bench) make() (*benchCounty, error) {
	if b.county != nil {
		return b.county, nil
	}
	var err error
	b.county, err = newBenchCounty(b.dir, b.kinds)
	return b.county, err
}

// benchWork is the county's work on its way.
type benchWork struct {
	bench   *bench
	county  *benchCounty
	told    *passages
	sender  *benchBox
	peer    *benchTalk // the sender's open conversation with its peer
	authors map[string]*author
	places  map[string]crdt.Space // of visits, by their ids
}

// author is a grid worker with a device, and its conversation with the sender.
type author struct {
	box  *benchBox
	talk *benchTalk
}

func (t *benchWork) author(name string) (*author, error) {
	if a := t.authors[name]; a != nil {
		return a, nil
	}
	box, err := t.county.enrol(name)
	if err != nil {
		return nil, err
	}
	a := &author{box: box}
	a.talk, err = t.county.talk(box, t.sender, false)
	t.authors[name] = a
	return a, err
}

// write has visits saved by their authors, each as a form of its own.
func (t *benchWork) write(visits []gridVisit) error {
	for _, v := range visits {
		a, err := t.author(v.Author)
		if err != nil {
			return err
		}
		form, err := t.county.fill(a.box, v)
		if err != nil {
			return err
		}
		if err := a.box.save(v.VisitedAt, form); err != nil {
			return err
		}
		t.places[v.ID] = form[len(form)-1].Space
	}
	return t.fetch()
}

// fetch brings to the sender what the authors have.
func (t *benchWork) fetch() error {
	for _, a := range t.authors {
		if _, err := a.talk.wake(0); err != nil {
			return err
		}
	}
	return nil
}

func (t *benchWork) base() error {
	t.bench.say("%d visits are saved by their authors, with an fsync each", len(t.bench.work.base))
	return t.write(t.bench.work.base)
}

func (t *benchWork) cold() error {
	t.county.committed()
	t.bench.say("a box tells them to %d new peers", benchColdRuns)
	for range benchColdRuns {
		peer, err := t.county.enrol("城西站")
		if err != nil {
			return err
		}
		if t.peer, err = t.county.talk(t.sender, peer, false); err != nil {
			return err
		}
		t.told.peer, t.told.cold = peer, append(t.told.cold, t.peer.spent)
	}
	t.county.committed()
	return nil
}

func (t *benchWork) delta() (err error) {
	t.bench.say("%d visits more", len(t.bench.work.delta))
	if err := t.write(t.bench.work.delta); err != nil {
		return err
	}
	t.told.delta, err = t.peer.wake(0)
	t.county.committed()
	return err
}

// edits are made at devices that hold what they change.
func (t *benchWork) edits() (err error) {
	t.bench.say("%d edits, by authors who fetch the records first", len(t.bench.work.edits))
	editors := map[string]*author{}
	for _, e := range t.bench.work.edits {
		if editors[e.Author] != nil {
			continue
		}
		a, err := t.author(e.Author)
		if err != nil {
			return err
		}
		if a.talk, err = t.county.talk(a.box, t.sender, true); err != nil {
			return err
		}
		editors[e.Author] = a
	}
	t.county.committed() // before the edits: none of these the county has yet
	for _, e := range t.bench.work.edits {
		if err := t.county.saveEdit(editors[e.Author].box, e, t.places); err != nil {
			return err
		}
	}
	if err := t.fetch(); err != nil {
		return err
	}
	t.told.edits, err = t.peer.wake(0)
	t.county.committed()
	return err
}
