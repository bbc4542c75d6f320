package link_test

import (
	"testing"

	"wangge/sync/link"
)

func TestATryThatFindsSomebodyElseChangesNothing(t *testing.T) {
	c := newCounty(t)
	one, two := listen(t, c.options(t, 1)), listen(t, c.options(t, 2))
	stranger := listen(t, newCounty(t).options(t, 2))
	known := len(one.Contacts())
	ctx := timeout(t, patience)
	if one.Try(ctx, 3, two.Addr().AddrPort()) == nil || one.Try(ctx, 2, stranger.Addr().AddrPort()) == nil {
		t.Error("somebody else is believed")
	}
	if got := one.Contacts(); len(got) != known {
		t.Errorf("lies leave %v behind", got)
	}
	if err := one.Try(ctx, 2, two.Addr().AddrPort()); err != nil {
		t.Fatal(err)
	}
	s, err := one.Open(ctx, 2, link.Sync)
	if err != nil {
		t.Fatalf("the device that was found cannot be spoken with: %v", err)
	}
	s.Close()
}
