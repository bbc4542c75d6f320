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
	link.Bubble(t, func(t *testing.T) {
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

func TestALetterThatWasGivenUpDoesNotComeIntoTheMidstOfAGentleFrame(t *testing.T) {
	link.Bubble(t, func(t *testing.T) {
		_, one, two := village(t, 5, weaklink.LAN())
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s, err := one.Open(ctx, 2, link.Files)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.WriteFrame([]byte("first")); err != nil {
			t.Fatal(err)
		}
		photo, turns, repeated := bytes.Repeat([]byte("photo"), 2000), 0, make(chan struct{})
		err = s.WriteFrameGently(photo, func() error {
			if turns++; turns == 3 {
				go func() {
					defer close(repeated)
					s.Repeat(0, []byte("first"))
				}()
				synctest.Wait() // it has written, or waits
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		<-repeated
		in, err := two.Accept(ctx, link.Files)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range [][]byte{[]byte("first"), photo} {
			if got, err := in.ReadFrame(len(photo)); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%d bytes instead of %d, %v", len(got), len(want), err)
			}
		}
	})
}
