// Package policy says who may do what in a county: its root key, its devices' certificates, and the credentials of their writers.
package policy

import (
	"fmt"
	"slices"
	"strings"

	"wangge/crdt"
)

// Role is what a device is for.
type Role string

// The roles.
const (
	Hub Role = "hub" // a replica of the county's hub
	Box Role = "box" // a node in a community service centre
)

// Device is one machine as its certificate describes it.
type Device struct {
	Index  uint32    `json:"device"` // given by the county, from 1
	Name   string    `json:"name"`
	Role   Role      `json:"role"`
	Ring   string    `json:"ring,omitempty"`   // the township whose boxes it gossips with
	Holds  []Pattern `json:"holds,omitempty"`  // spaces that it replicates
	Writes []Pattern `json:"writes,omitempty"` // spaces that it may sign for
}

// Pattern covers spaces: "140581105211/open" one space, "140581105*/open" every
// area below a prefix, "*" everything.
type Pattern string

// Covers reports whether the pattern covers a space.
func (p Pattern) Covers(s crdt.Space) bool {
	if p == "*" {
		return true
	}
	area, class, _ := strings.Cut(string(p), "/")
	if class != s.Class.String() {
		return false
	}
	if prefix, ok := strings.CutSuffix(area, "*"); ok {
		return strings.HasPrefix(s.Area, prefix)
	}
	return area == s.Area
}

// Check reports what is wrong with a pattern.
func (p Pattern) Check() error {
	if p == "*" {
		return nil
	}
	area, class, _ := strings.Cut(string(p), "/")
	if _, err := crdt.ParseClass(class); err != nil || !crdt.IsArea(strings.TrimSuffix(area, "*")) {
		return fmt.Errorf("%q covers no space: want area/class, prefix*/class, or *", string(p))
	}
	return nil
}

// check reports what no certificate can say of a device.
func (d Device) check() error {
	if d.Role != Hub && d.Role != Box {
		return fmt.Errorf("%q is not a role: want %s or %s", d.Role, Hub, Box)
	}
	for _, p := range slices.Concat(d.Holds, d.Writes) {
		if err := p.Check(); err != nil {
			return err
		}
	}
	return nil
}

func covers(patterns []Pattern, s crdt.Space) bool {
	for _, p := range patterns {
		if p.Covers(s) {
			return true
		}
	}
	return false
}

// Everywhere returns the space that every machine of a county holds, in which the county
// says what concerns all: no area has its code.
func Everywhere() crdt.Space { return crdt.Space{Area: "00", Class: crdt.Open} }

// CountyAlone returns the space that the replicas of the hub hold and no other machine,
// whatever its certificate says: what the county keeps of persons in small numbers.
func CountyAlone() crdt.Space { return crdt.Space{Area: "00", Class: crdt.Confidential} }

// MayHold reports whether the device is entitled to a space's records.
func (d Device) MayHold(s crdt.Space) bool {
	if s == CountyAlone() {
		return d.Role == Hub
	}
	return s == Everywhere() || covers(d.Holds, s)
}

// MayWrite reports whether the device's writers may sign for a space. A centre
// serves whoever comes in, so it may write for areas that it does not hold. A
// replica of the hub writes what the county decides, anywhere.
func (d Device) MayWrite(s crdt.Space) bool {
	return d.Role == Hub || s != CountyAlone() && covers(d.Writes, s)
}
