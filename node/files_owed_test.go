package node

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/sync/weaklink"
	"wangge/sync/wire"
)

// owes reports how many originals and previews a box's account says are to send.
func (r *resident) owes() [2]int {
	u := r.Status().Unsent
	return [2]int{u.Files, u.Previews}
}

// The records are at the county within a moment, the photos are not: the light says so
// until most replicas have read them, through a restart too.
func TestTheLightIsNotGreenBeforeThePhotosAreAtTheCounty(t *testing.T) {
	d := newDistrict(t, weaklink.Profile{Rate: 4_000_000, Header: weaklink.Headers, Delay: 2 * time.Millisecond}, 3, 1, nil)
	box := d.box(0)
	d.until("green at first", func() bool { return box.Status().Light == web.LightSafe })
	photo := box.photograph(t, 1, 1_500_000, 20_000)
	if box.owes() != [2]int{} {
		t.Error("a file that no record names is owed")
	}
	box.attach(t, 1, photo)
	if s := box.Status(); s.Light == web.LightSafe || s.Unsent.Files != 1 || s.Unsent.Previews != 1 || s.Unsent.FileBytes != 1_520_000 {
		t.Errorf("saved, and the light is %s, with %+v", s.Light, s.Unsent)
	}
	d.until("the record at the county", func() bool { return box.store.Waiting() == 0 })
	if s := box.Status(); s.Light != web.LightSending || s.Unsent.Files != 1 || s.Unsent.Records["visit"] != 1 {
		t.Errorf("only the record arrived, and the light is %s, with %+v", s.Light, s.Unsent)
	}
	box.stop()
	d.start(3)
	if s := d.box(0).Status(); s.Light == web.LightSafe || s.Unsent.Files != 1 {
		t.Errorf("after a restart the light is %s, with %+v", s.Light, s.Unsent)
	}
	d.until("green", func() bool {
		s := d.box(0).Status()
		if s.Light != web.LightSafe {
			return false
		}
		at := 0
		for i := range 3 {
			if d.hub(i).has(photo.File, photo.Preview) {
				at++
			}
		}
		if at < 2 {
			t.Fatalf("green, and %d of three replicas have the photo", at)
		}
		return true
	})
}

// One replica alone is not the county, whichever is asked.
func TestOneReplicasCopyIsNotTheCountys(t *testing.T) {
	d := newDistrict(t, weaklink.LAN(), 3, 1, nil)
	photo := d.hub(0).photograph(t, 2, 200_000, 0)
	files := []store.Spare{{Root: photo.Root, Size: photo.Size}}
	receipts := func(want bool) {
		t.Helper()
		for i := range 3 {
			held, err := d.box(0).freight.HeldBy(t.Context(), d.peers[i].Device, files, wire.Ask{Most: true})
			if err != nil || held[photo.Root] != want {
				t.Errorf("replica %d gives a receipt: %t, %v; want %t", i, held[photo.Root], err, want)
			}
		}
	}
	receipts(false)
	d.hub(2).photograph(t, 2, 200_000, 0)
	receipts(true)
	if held, err := d.hub(0).freight.HeldBy(t.Context(), d.peers[3].Device, files, wire.Ask{Most: true}); err != nil || held[photo.Root] {
		t.Errorf("a box speaks for the county: %v, %v", held, err)
	}
}

// forget loses a file behind the machine's back.
func (r *resident) forget(t *testing.T, f crdt.File) {
	t.Helper()
	name := fmt.Sprintf("%x", f.Root)
	path := filepath.Join(r.config.Data, "files", name[:2], name)
	b, err := os.ReadFile(path)
	if err == nil {
		b[0] ^= 1
		err = os.WriteFile(path, b, 0o600)
	}
	if err != nil || r.store.Files().Sound(f.Root, f.Size) {
		t.Fatalf("the file was not lost: %v", err)
	}
}

// damage returns what a machine says of files that are damaged or gone.
func (r *resident) damage() (all []web.Trouble) {
	for _, t := range r.troubles() {
		if t.Sort == "file" {
			all = append(all, t)
		}
	}
	return all
}

func TestADamagedPhotoIsSaidAloudAndFetchedFromWhoHasIt(t *testing.T) {
	d := newDistrict(t, weaklink.LAN(), 1, 2, func(c *Config) { c.Originals = "all" })
	box, neighbour := d.box(0), d.box(1)
	d.until("the neighbour is met", func() bool { return box.talks.with(d.peers[0].Device) })
	d.hub(0).stop()
	photo := box.photograph(t, 3, 100_000, 0)
	box.attach(t, 1, photo)
	d.until("the photo at the neighbour", func() bool { return neighbour.has(photo.File) })
	neighbour.stop()
	box.forget(t, photo.File)
	told := box.damage()
	if len(told) != 1 || !told[0].Grave || told[0].At.IsZero() || len(told[0].Records) != 1 || told[0].Records[0].ID != recordOf(1).String() {
		t.Errorf("told: %+v", told)
	}
	if s := box.Status(); s.Light != web.LightAttention || s.Unsent.Files != 1 {
		t.Errorf("the light is %s, with %+v", s.Light, s.Unsent)
	}
	d.start(2)
	d.until("the photo is back from the neighbour", func() bool { return box.has(photo.File) })
	if told := box.damage(); told != nil || box.owes() != [2]int{1, 0} {
		t.Errorf("it is back, and is told: %+v; %v owed", told, box.owes())
	}
	d.start(0)
	d.until("green", func() bool { return box.Status().Light == web.LightSafe })
	d.hub(0).stop() // nobody mends it at once
	d.box(1).stop()
	box.forget(t, photo.File)
	if told := box.damage(); len(told) != 1 || told[0].Grave || box.Status().Light != web.LightSafe {
		t.Errorf("the county has it: %+v, and the light is %s", told, box.Status().Light)
	}
	d.start(0)
	d.until("the photo is back from the county", func() bool { return box.has(photo.File) && box.damage() == nil })
}

// What is gone from the disk without a trace is missed as soon as the county says that
// it lacks it too.
func TestAPhotoThatIsGoneHereAndLackingAtTheCountyIsSaidAloud(t *testing.T) {
	d := newDistrict(t, weaklink.LAN(), 1, 1, nil)
	d.hub(0).stop()
	photo := d.box(0).photograph(t, 4, 100_000, 0)
	d.box(0).attach(t, 1, photo)
	d.box(0).stop()
	name := fmt.Sprintf("%x", photo.Root)
	if err := os.Remove(filepath.Join(d.box(0).config.Data, "files", name[:2], name)); err != nil {
		t.Fatal(err)
	}
	d.start(1)
	if s := d.box(0).Status(); s.Light != web.LightWaiting || s.Unsent.Files != 1 {
		t.Errorf("the light is %s, with %+v", s.Light, s.Unsent)
	}
	d.start(0)
	d.until("it is told", func() bool {
		told := d.box(0).damage()
		return len(told) == 1 && told[0].Grave && d.box(0).Status().Light == web.LightAttention
	})
	d.box(0).photograph(t, 4, 100_000, 0) // the person adds it again
	d.until("green", func() bool { return d.box(0).Status().Light == web.LightSafe })
}

// A photo may come to the county from elsewhere, as from a neighbour that fetched it
// before this box was cut off. No replica then asks this box for it, or says that it
// needs nothing more.
func TestAPhotoThatCameToTheCountyFromElsewhereIsNotOwedForLong(t *testing.T) {
	d := newDistrict(t, weaklink.LAN(), 1, 1, nil)
	box := d.box(0)
	d.hub(0).stop()
	photo := box.photograph(t, 3, 100_000, 0)
	box.attach(t, 1, photo)
	box.forget(t, photo.File) // so that nobody can have it from here
	d.start(0)
	d.until("the county said that it lacks it", func() bool { return box.freight.Lacked(photo.Root) })
	d.hub(0).photograph(t, 3, 100_000, 0)
	d.until("nothing is owed", func() bool { return box.owes() == [2]int{} })
}

// A photo that the county has already, as of another form, is added where the conversation
// with it has been open for long.
func TestAPhotoThatTheCountyHasAlreadyIsNotOwedForLong(t *testing.T) {
	d := newDistrict(t, weaklink.LAN(), 1, 1, nil)
	box := d.box(0)
	box.attach(t, 1, box.photograph(t, 4, 50_000, 0))
	d.until("all is at the county", func() bool { return box.Status().Light == web.LightSafe })
	d.hub(0).photograph(t, 3, 100_000, 0)
	box.attach(t, 2, box.photograph(t, 3, 100_000, 0))
	d.until("nothing is owed", func() bool { return box.owes() == [2]int{} })
}
