package link_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"wangge/sync/link"
	"wangge/sync/weaklink"
)

func TestAGentleFrameWaitsForItsTurnAtEveryPacketAndArrivesWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, one, two := village(t, 5, weaklink.LAN())
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s, err := one.Open(ctx, 2, link.Files)
		if err != nil {
			t.Fatal(err)
		}
		sent, turns := bytes.Repeat([]byte("photo"), 2000), 0
		if err := s.WriteFrameGently(sent, func() error { turns++; return nil }); err != nil {
			t.Fatal(err)
		}
		in, err := two.Accept(ctx, link.Files)
		if err != nil {
			t.Fatal(err)
		}
		got, err := in.ReadFrame(len(sent))
		if err != nil || !bytes.Equal(got, sent) || turns < 9 {
			t.Errorf("%d bytes in %d turns, %v", len(got), turns, err)
		}
		enough := errors.New("enough")
		if err := s.WriteFrameGently(sent, func() error { return enough }); err != enough {
			t.Errorf("a turn that ends the writing: %v", err)
		}
	})
}
