package node

import (
	"bytes"
	"testing"

	"wangge/sync/pieces"
	"wangge/sync/wire"
)

func TestAPersonIsToldWhoSendsFalsePieces(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	box.freight = newFreight(box.node)
	if all := box.troubles(); len(all) != 0 {
		t.Errorf("before anything happened: %+v", all)
	}
	hub, s := p.hub.id.Device, box.freight.seeker
	box.devices[hub.Index] = hub
	s.Seek([]pieces.Wish{{Root: wire.Hash{1}, Size: 100, From: func(uint32) bool { return true }}}, 0)
	s.Join(hub.Index, 0)
	if _, err := s.Step(hub.Index, wire.Piece{Root: wire.Hash{1}, Bytes: bytes.Repeat([]byte{7}, 100)}, 1); err != nil {
		t.Fatal(err)
	}
	all := box.troubles()
	if len(all) != 1 || all[0].Sort != "pieces" || all[0].Grave || all[0].Detail != "县中心 (device 1) sent 1 pieces that are not of the files" {
		t.Errorf("told: %+v", all)
	}
}
