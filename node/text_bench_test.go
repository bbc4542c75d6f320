package node

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/node/web"
)

// grow adds events to a note as they come of saves, 200 of them in a batch.
func (d desk) grow(b *testing.B, name web.Name, events int) {
	r := rand.New(rand.NewPCG(1, 1))
	space, id, rec, err := d.find(name)
	if err != nil {
		b.Fatal(err)
	}
	head, length := rec.Cells[8].Entries[0].Dot, 1
	for done := 0; done < events; {
		err := d.save(func(draft *store.Draft) error {
			before, at, size := head, done, length // as they are when the draft is filled again
			for i := range min(200, events-at) {
				value := crdt.Event([]crdt.Dot{before}, crdt.Edit{At: r.IntN(size), Cut: 6, Put: "又去看了一次，"})
				draft.Write(space, crdt.Op{Record: id, Kind: name.Kind, Field: 8, Type: crdt.MergedText, Value: value})
				before, size = crdt.Dot{Writer: draft.Writer(), Seq: head.Seq + 1, Index: uint32(i)}, size+1
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		n := min(200, events-done)
		head = crdt.Dot{Writer: head.Writer, Seq: head.Seq + 1, Index: uint32(n - 1)}
		done, length = done+n, length+n
	}
}

// BenchmarkNote measures what a note of many saves costs: to open, to list, and to save
// once more.
func BenchmarkNote(b *testing.B) {
	for _, events := range []int{10, 100, 1000, 5000} {
		d := newDesk(b)
		names, err := d.Save("mediation_note", mediation("起"))
		if err != nil {
			b.Fatal(err)
		}
		d.grow(b, names[0], events)
		b.Run(fmt.Sprintf("open/%d", events), func(b *testing.B) {
			for b.Loop() {
				if _, err := d.Record(names[0]); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("list/%d", events), func(b *testing.B) {
			for b.Loop() {
				if _, err := d.List("mediation_note", nil, 1); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("save/%d", events), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				r, err := d.Record(names[0])
				if err != nil {
					b.Fatal(err)
				}
				last := r.Fields[len(r.Fields)-1].Versions[0]
				text := []rune(last.Value.(string))[:1+events/2]
				if err := d.Edit(names[0], []web.Edit{{Field: "note", Set: string(text) + fmt.Sprint(i), Saw: last.Saw}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
