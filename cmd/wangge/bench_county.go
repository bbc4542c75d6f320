package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/schema"
	"wangge/sync/wire"
)

// benchCounty is a county whose devices are all in this process, each with its
// own keys and its own store on disk.
type benchCounty struct {
	dir    string
	county *policy.County
	kinds  *schema.Registry
	boxes  []*benchBox
}

func newBenchCounty(dir string, kinds *schema.Registry) (*benchCounty, error) {
	county, err := policy.NewCounty(filepath.Join(dir, "county"), "评测县 140581", time.Now())
	return &benchCounty{dir: dir, county: county, kinds: kinds}, err
}

// close closes all stores; what is in them is not needed any more.
func (c *benchCounty) close() {
	for _, box := range c.boxes {
		if box.store != nil {
			box.store.Close()
		}
	}
}

// benchBox is one device: a grid worker's own, or a centre's.
type benchBox struct {
	dir     string // with keys and data, as wangge box has them
	device  policy.Device
	options store.Options
	store   *store.Store
	key     []byte // hashes identities
	now     int64  // the device's clock: ms since 1970
}

// enrol makes a box, which may hold and write all that the workload is about.
func (c *benchCounty) enrol(name string) (*benchBox, error) {
	all := []policy.Pattern{"140581*/open", "140581*/personal", "140581*/confidential"}
	box, err := c.device(policy.Device{Name: name, Role: policy.Box, Ring: "140581105", Holds: all, Writes: all})
	if err != nil {
		return nil, err
	}
	return box, box.reopen()
}

// device enrols a device, whose store is not open yet.
func (c *benchCounty) device(d policy.Device) (*benchBox, error) {
	box := &benchBox{dir: filepath.Join(c.dir, fmt.Sprintf("%s-%d", d.Role, len(c.boxes)+1))}
	var err error
	if box.device, err = c.county.Enrol(d, filepath.Join(box.dir, "keys"), time.Now()); err != nil {
		return nil, err
	}
	id, err := policy.LoadIdentity(filepath.Join(box.dir, "keys"))
	if err != nil {
		return nil, err
	}
	box.key = id.IdentityKey
	authority := policy.NewAuthority(id.Root)
	box.options = store.Options{
		Path: filepath.Join(box.dir, "data", "store.db"), County: id.County,
		Now: func() time.Time { return time.UnixMilli(box.now) },
		Author: func(kept []byte) (store.Author, error) {
			if kept == nil {
				return id.NewWriter()
			}
			return id.ReadWriter(kept)
		},
		Signatory: func(credential []byte) (store.Signatory, error) { return authority.Signatory(credential) },
	}
	c.boxes = append(c.boxes, box)
	return box, nil
}

// reopen opens a device's store, which is closed.
func (box *benchBox) reopen() error {
	s, err := store.Open(box.options)
	if err == nil {
		box.store = s
	}
	return err
}

// fill checks a visit's form, as the desk does.
func (c *benchCounty) fill(box *benchBox, v gridVisit) ([]schema.Filled, error) {
	filled, problems := c.kinds.Check("grid_visit", v.form())
	if len(problems) > 0 {
		return nil, fmt.Errorf("visit %s: %w", v.ID, problems)
	}
	return filled.Records(box.key, func() crdt.RecordID { return crdt.RecordID{} }), nil
}

// save saves forms together, at a moment: one commit.
func (box *benchBox) save(now int64, forms ...[]schema.Filled) error {
	box.now = now
	return box.saveNow(forms...)
}

func (box *benchBox) saveNow(forms ...[]schema.Filled) error {
	return box.store.Save(func(d *store.Draft) error {
		for _, form := range forms {
			for _, f := range form {
				rec, err := d.Record(f.Space, f.ID)
				if err != nil {
					return err
				}
				d.Write(f.Space, f.Ops(rec, d.Writer())...)
			}
		}
		return nil
	})
}

// batch returns a form as its author would sign it, all records in one batch.
func (box *benchBox) batch(now int64, form []schema.Filled) crdt.Batch {
	batch := crdt.Batch{Stamp: crdt.NewStamp(now)}
	for _, f := range form {
		batch.Ops = append(batch.Ops, f.Ops(crdt.Record{}, crdt.NewWriter(box.device.Index, 1))...)
	}
	return batch
}

// saveEdit saves an edit of a record that the box holds.
func (c *benchCounty) saveEdit(box *benchBox, e edit, places map[string]crdt.Space) error {
	kind, _ := c.kinds.Kind("grid_visit")
	field, ok := kind.Field(e.Field)
	id, err := schema.ParseID(e.ID)
	space, held := places[e.ID]
	if err != nil || !ok || !held {
		return fmt.Errorf("the edit of %s in %s is of no visit of the workload", e.Field, e.ID)
	}
	box.now = e.At
	id = id.Of(kind.Name)
	return box.store.Save(func(d *store.Draft) error {
		rec, err := d.Record(space, id)
		if err == nil && rec.Kind == "" {
			err = errors.New("its author does not hold the record")
		}
		if err != nil {
			return err
		}
		op, err := e.op(id, rec, field, d.Writer())
		d.Write(space, op)
		return err
	})
}

// committed notes everywhere that the county has committed all that is there:
// what the evening's contact with the hub brings.
func (c *benchCounty) committed() {
	for _, box := range c.boxes {
		var marks []wire.Mark
		for sp, f := range box.store.Frontiers(func(crdt.Space) bool { return true }) {
			for w, seq := range f {
				marks = append(marks, wire.Mark{Space: sp, Writer: w, Seq: seq, Level: wire.AtCounty})
			}
		}
		box.store.Reached(marks)
	}
}
