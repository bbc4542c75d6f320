package sim

import (
	"bytes"
	"os"

	"wangge/crdt"
	"wangge/node"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/sync/wire"
)

// often has one kind of act happen often.
func often(a act, p Parts) Setting {
	return Setting{Parts: p, Tune: func(o *Options) { o.Weights[a] = 20 }}
}

// decaying changes a letter wherever it stands in a file.
func decaying(path string) {
	if b, err := os.ReadFile(path); err == nil {
		os.WriteFile(path, bytes.ReplaceAll(b, []byte(visitKind), []byte("grid_visiu")), 0o600)
	}
}

// soothing says of what is lost that peers bring it again.
func soothing(found store.Findings) store.Findings {
	for i, f := range found.Faults {
		if f.Remedy == store.Lost {
			found.Faults[i].Remedy = store.Rebuild
		}
	}
	return found
}

// credulity takes every signature for good, and every space for its writer's.
type credulity struct{ store.Signatory }

func (credulity) Signed(_, _ []byte) bool { return true }

func gullible(s store.Signatory) store.Signatory { return credulity{s} }

// yield lets whoever may write in a space write what is the county's there.
type yield struct{ store.Signatory }

func (yield) MayMake(crdt.Op) error { return nil }

func yielding(s store.Signatory) store.Signatory { return yield{s} }

// rename lets a record be claimed for any kind but the county's.
type rename struct{ store.Signatory }

func (r rename) MayMake(op crdt.Op) error {
	if op.County() {
		return r.Signatory.MayMake(op)
	}
	return nil
}

func renaming(s store.Signatory) store.Signatory { return rename{s} }

// promoted takes the liar for a replica of the hub.
func promoted(d policy.Device) policy.Device {
	if d.Name == "liar" {
		d.Role = policy.Hub
	}
	return d
}

// hushed says less than it should of what it refuses.
type hushed struct {
	node.Log
	says func([]wire.Refusal) []wire.Refusal
}

func (l hushed) Keep(c wire.Chunk) (wire.Ack, []wire.Refusal, error) {
	ack, refusals, err := l.Log.Keep(c)
	return ack, l.says(refusals), err
}

func quietly() Setting {
	s := often(lies, Parts{})
	s.Seam = at(false, func(l node.Log) node.Log {
		return hushed{l, func([]wire.Refusal) []wire.Refusal { return nil }}
	}).Seam
	return s
}

func vaguely() Setting {
	s := often(lies, Parts{})
	s.Seam = at(false, func(l node.Log) node.Log {
		return hushed{l, func(all []wire.Refusal) []wire.Refusal {
			for i := range all {
				all[i].Why = wire.WhyOther
			}
			return all
		}}
	}).Seam
	return s
}
