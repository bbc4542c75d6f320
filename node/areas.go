package node

import (
	"sync"
	"time"

	"wangge/crdt"
	"wangge/node/web"
	"wangge/schema"
)

// areas is what the areas of this node are called, by the records that are here. Like the
// agenda it stands in memory alone.
type areas struct {
	mu     sync.Mutex // guards what follows
	places *schema.Places
	day    string         // on which called holds
	called []schema.Place // nil until somebody asks
}

func (a *areas) reset(kinds *schema.Registry) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.places, a.called = schema.NewPlaces(kinds), nil
}

func (a *areas) change(id crdt.RecordID, after crdt.Record) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.places != nil && a.places.Change(id, after) {
		a.called = nil
	}
}

// on returns the names that hold on a day, in order of their codes; not to be changed.
func (a *areas) on(day string) []schema.Place {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.called == nil || a.day != day {
		a.day, a.called = day, []schema.Place{}
		if a.places != nil {
			a.called = a.places.On(day)
		}
	}
	return a.called
}

var _ web.Gazetteer = (*node)(nil)

// Areas returns what areas are called today.
func (n *node) Areas() []schema.Place {
	return n.areas.on(schema.Day(crdt.Int(time.Now().UnixMilli())))
}

// areaName returns an area's name and code as sentences say them; the code alone where no
// name is known.
func (n *node) areaName(code string) string {
	if name := schema.Called(n.Areas(), code); name != "" {
		return name + " " + code
	}
	return code
}
