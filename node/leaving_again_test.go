package node

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// A file that cannot be rewritten without a space, as on a full disk, must not have the
// box stop and start for ever.
func TestABoxWorksOnWhenASpaceCannotBeDropped(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	p.must(box.fill(far, 1, "那边的"))
	p.meet(box, p.hub)
	box = p.renew(box, own, own)
	p.meet(box, p.hub)
	box.undropped = errors.New("no space left on device")
	if all := box.leavingSpaces(); len(all) != 1 || !strings.Contains(all[0].Detail, "no space left") {
		t.Errorf("what is told: %+v", all)
	}
	bubble(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), departAgain-time.Minute)
		defer cancel()
		if err := box.depart(ctx); errors.Is(err, errDeparts) {
			t.Error("it departs at once again")
		}
		if err := box.depart(t.Context()); !errors.Is(err, errDeparts) {
			t.Errorf("later it ends with %v", err)
		}
	})
}
