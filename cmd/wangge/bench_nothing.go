package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/sync/wire"
)

// nothingSpaces is how many spaces the two share of which nothing is new.
const nothingSpaces = 30

// benchNothing has two boxes that have met greet again on an open connection when
// nothing is new.
func benchNothing(_ context.Context, b *bench) error {
	county, err := b.make()
	if err != nil {
		return err
	}
	var boxes [2]*benchBox
	for i := range boxes {
		if boxes[i], err = county.enrol("无事站"); err != nil {
			return err
		}
		if err := boxes[i].saveEverywhere(nothingSpaces); err != nil {
			return err
		}
	}
	var talk *benchTalk
	for range 3 { // they meet for the first time; they meet again; what counts is every time from then on
		if talk, err = county.talk(boxes[0], boxes[1], true); err != nil {
			return err
		}
		talk.remember(boxes)
	}
	frames := fmt.Sprintf("a length of 1 byte before each of %d frames counted; the node adds %d B with its clock's time, QUIC and UDP about 55 B a packet",
		talk.spent.messages, 1+len(wire.Encode(wire.Clock{At: time.Now().UnixMilli()})))
	for i, way := range []string{"there", "back"} {
		b.sheet.print(benchFigure{What: "nothing new in 30 spaces, bytes " + way, Value: float64(talk.said[i]), Unit: "B", Note: frames}.atMost(60))
	}
	b.sheet.print(benchFigure{What: "round trips for it", Value: talk.spent.trips}.atMost(1))
	return nil
}

// saveEverywhere saves a form in each of so many villages.
func (box *benchBox) saveEverywhere(villages int) error {
	for n := range villages {
		sp := crdt.Space{Area: fmt.Sprintf("1405811052%02d", n+1), Class: crdt.Open}
		var id crdt.RecordID
		binary.BigEndian.PutUint64(id[:], uint64(box.device.Index)<<32|uint64(n))
		box.now = time.Now().UnixMilli()
		err := box.store.Save(func(d *store.Draft) error {
			d.Write(sp, crdt.Record{}.Assign(id.Of("grid_visit"), "grid_visit", 1, crdt.Text("入户")))
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
