package node

import (
	"errors"
	"testing"

	"wangge/crdt"
	"wangge/node/web"
	"wangge/sync/weaklink"
	"wangge/sync/wire"
)

// stuckTroubles are those about streams that were not taken.
func (r *resident) stuckTroubles() []web.Trouble {
	return web.Status{Troubles: r.Status().Troubles}.Refusals()
}

// A clerk has dealt with what was refused: the light goes from red, who did what is
// kept at every replica and over a restart, and a refusal further on is told again.
func TestWhatAPersonPutsAsideReddensNoLightUntilItComesAnew(t *testing.T) {
	d := newDistrict(t, weaklink.LAN(), 3, 1, nil)
	hub := d.hub(0)
	refuse := func(seq uint64) {
		q := wire.Quarantine{Device: d.peers[3].Device, Name: "站3", At: 1, Refusal: wire.Refusal{
			Mark: wire.Mark{Space: field, Writer: crdt.NewWriter(77, 0), Seq: seq}, Why: wire.WhyRights, Reason: "no right",
		}}
		if err := hub.quarantine(t.Context(), q); err != nil {
			t.Error(err)
		}
	}
	d.until("the group is there", func() bool { return hub.hub.Status().Leader != 0 })
	refuse(5)
	d.until("it is told everywhere", func() bool { return len(d.hub(0).stuckTroubles()) == 1 && len(d.hub(2).stuckTroubles()) == 1 })
	told := hub.stuckTroubles()[0]
	if err := hub.PutAside("rights-0000", "王秀英", "x"); !errors.Is(err, web.ErrMissing) {
		t.Errorf("a trouble that is none was put aside: %v", err)
	}
	if err := hub.PutAside(told.ID, "王秀英", "已补发权限"); err != nil {
		t.Fatal(err)
	}
	d.until("it is aside everywhere", func() bool {
		for i := range 3 {
			s := d.hub(i).Status()
			if s.Light != web.LightSafe || len(s.Dealt) != 1 || s.Dealt[0].By != "王秀英" || !s.Dealt[0].Stands || s.Dealt[0].What != told.What {
				return false
			}
		}
		return true
	})
	hub.stop()
	d.start(0)
	if s := d.hub(0).Status(); len(s.Dealt) != 1 || s.Dealt[0].Reason != "已补发权限" || s.Light != web.LightSafe {
		t.Errorf("after a restart: %s, %+v", s.Light, s.Dealt)
	}
	d.until("the group is there again", func() bool { return d.hub(1).hub.Status().Leader != 0 })
	if err := d.hub(1).PutAside(told.ID, "李建国", ""); err != nil {
		t.Fatal(err)
	}
	d.until("it is told again", func() bool {
		s := d.hub(1).Status()
		return s.Light == web.LightAttention && len(s.Dealt) == 0
	})
	if err := d.hub(1).PutAside(told.ID, "李建国", ""); !errors.Is(err, web.ErrMissing) {
		t.Errorf("taken back twice: %v", err)
	}
}

func TestARefusalFurtherOnIsAnotherTroubleThanTheOnePutAside(t *testing.T) {
	d := newDistrict(t, weaklink.LAN(), 1, 1, nil)
	box := d.box(0)
	d.until("the county is met", func() bool { return box.Status().Light == web.LightSafe })
	theirs := func(writer uint32, seq uint64) wire.Quarantine {
		return wire.Quarantine{Device: 9, Name: "过路站", At: 1, Refusal: wire.Refusal{
			Mark: wire.Mark{Space: field, Writer: crdt.NewWriter(writer, 0), Seq: seq}, Why: wire.WhyRights,
		}}
	}
	for seq := range uint64(2) {
		if err := box.store.Quarantine(theirs(77+uint32(seq), 5+seq)); err != nil {
			t.Fatal(err)
		}
		told := box.stuckTroubles()
		if len(told) != 1 || box.Status().Light != web.LightAttention {
			t.Fatalf("refusal %d is told as %+v", seq, told)
		}
		if err := box.PutAside(told[0].ID, "王秀英", "已联系县里"); err != nil {
			t.Fatal(err)
		}
		if s := box.Status(); s.Light != web.LightSafe || len(s.Dealt) != int(seq)+1 {
			t.Errorf("put aside: %s, %+v", s.Light, s.Dealt)
		}
	}
}
