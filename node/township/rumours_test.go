package township

import (
	"testing"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/sync/wire"
)

func TestARumourNamesNoSpaceThatTheBoxMayNotHold(t *testing.T) {
	self := policy.Device{Index: 3, Role: policy.Box, Holds: []policy.Pattern{"140581105*/personal"}}
	r := &Ring{host: Host{Self: self}, rumours: newRumours()}
	own := crdt.Space{Area: "140581105211", Class: crdt.Personal}
	far := crdt.Space{Area: "140581106211", Class: crdt.Personal}
	r.News([]wire.Mark{{Space: far, Seq: 1}, {Space: own, Seq: 1}})
	if heads := r.rumours.takeHeads(r.rumours.fetched); len(heads) != 1 || heads[0].Space != own {
		t.Errorf("told: %v", heads)
	}
}
