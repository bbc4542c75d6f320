package city

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wangge/node/policy"
	"wangge/node/publication"
)

func TestAPublicationIsKeptAsItCame(t *testing.T) {
	gaoping := newCounty(t, "140581", "高平市")
	f := newCity(t, "1405", gaoping)
	first, second := gaoping.said("2026-11", 1), gaoping.said("2026-11", 2, visits(whole(t, 21)))
	for i, p := range []*publication.Publication{first, first, second, first} {
		r := f.takes(t, gaoping.file(p))
		if known := i == 1 || i == 3; r.Known != known || r.Number != p.Number || r.Latest != 1+i/2 {
			t.Errorf("taken as the file %d: %+v", i, r)
		}
	}
	kept, err := os.ReadFile(filepath.Join(f.dir, "received", "140581-2026-11-1.publication"))
	if err != nil || !bytes.Equal(kept, gaoping.sealed(first)) {
		t.Errorf("what was said first is kept as %s: %v", kept, err)
	}
	m, err := f.Month("2026-11")
	if err != nil || m.Said["140581"].Tables[0].Table.Total.Value != 21 {
		t.Errorf("the restatement does not replace what is shown: %+v %v", m, err)
	}
	if names, _ := filepath.Glob(filepath.Join(f.dir, "received", "*")); len(names) != 2 {
		t.Errorf("received holds %q", names)
	}
}

func TestASecondReplicasSealOnTheSameFiguresIsNoChange(t *testing.T) {
	gaoping := newCounty(t, "140581", "高平市")
	f := newCity(t, "1405", gaoping)
	f.takes(t, gaoping.file(gaoping.said("2026-11", 1)))
	other := newCounty(t, "140581", "another")
	other.root = gaoping.root
	keys := filepath.Join(t.TempDir(), "keys")
	if _, err := gaoping.root.Enrol(policy.Device{Name: "县中心二", Role: policy.Hub, Holds: []policy.Pattern{"*"}}, keys, december); err != nil {
		t.Fatal(err)
	}
	var err error
	if other.hub, err = policy.LoadIdentity(keys); err != nil {
		t.Fatal(err)
	}
	if r := f.takes(t, other.file(other.said("2026-11", 1))); !r.Known {
		t.Errorf("the other replica's file of the same figures is %+v", r)
	}
}

func TestWhatIsRefusedSaysWhatToDo(t *testing.T) {
	gaoping, stranger := newCounty(t, "140581", "高平市"), newCounty(t, "140581", "高平市")
	foreign, unknown := newCounty(t, "130102", "长安区"), newCounty(t, "140522", "阳城县")
	f := newCity(t, "1405", gaoping)
	f.takes(t, gaoping.file(gaoping.said("2026-11", 2)))
	good := gaoping.sealed(gaoping.said("2026-11", 3))
	city := newCounty(t, "1405", "晋城市")
	for what, c := range map[string]struct{ path, says string }{
		"a forged seal":       {stranger.file(gaoping.said("2026-11", 3)), "was not sealed by 140581: somebody changed or made it up"},
		"changed on the way":  {put(t, "x", bytes.Replace(good, []byte("王秀英"), []byte("王秀兰"), 1)), "was not sealed by 140581"},
		"a foreign area":      {foreign.file(foreign.said("2026-11", 1)), "of 130102, which does not lie in 1405: bring it to"},
		"nobody trusted":      {unknown.file(unknown.said("2026-11", 1)), "have somebody you know bring its county.crt, and put it at"},
		"its own":             {city.file(city.said("2026-11", 1)), "this is what 1405 itself publishes: bring it to the level above"},
		"an older number":     {gaoping.file(gaoping.said("2026-11", 1)), "older than number 2, which is here: ask the county for its latest"},
		"changed figures":     {gaoping.file(gaoping.said("2026-11", 2, visits(whole(t, 99)))), "is here with other figures: have the county publish a restatement"},
		"a month to come":     {gaoping.file(gaoping.said("2026-12", 1)), "2026-12 of 140581 is not over"},
		"cut off":             {put(t, "x", good[:len(good)/2]), "damaged: have the county write it again"},
		"cut off at the seal": {put(t, "x", good[:len(good)-3]), "damaged: have the county write it again"},
		"something behind it": {put(t, "x", append(bytes.Clone(good), 'x')), "damaged"},
		"empty":               {put(t, "x", nil), "damaged"},
		"too large":           {put(t, "x", make([]byte, publication.SealedMost+1)), "was not read: name the file that"},
		"a terabyte":          {terabyte(t), "this file has 1099511627776 and was not read"},
		"a folder":            {t.TempDir(), "this is no file: name the file"},
		"nothing at all":      {filepath.Join(t.TempDir(), "none"), "no such file"},
		"another area's name": {stranger.file(otherwise(stranger, "140500")), "nothing is known here of who publishes for 140500"},
	} {
		if r, err := f.Receive(c.path, december); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %+v %v; want %q", what, r, err, c.says)
		} else if said := publication.Say(err); !strings.ContainsAny(said.Zh, "请") || strings.ContainsAny(said.En, "请") || !strings.HasPrefix(err.Error(), said.Zh) {
			t.Errorf("%s is not refused in both languages, Chinese first: %v", what, err)
		}
	}
	if names, _ := filepath.Glob(filepath.Join(f.dir, "received", "*")); len(names) != 1 {
		t.Errorf("something of what was refused is here: %q", names)
	}
}

// otherwise is what a county publishes in another's name.
func otherwise(c *county, area string) *publication.Publication {
	p := c.said("2026-11", 1)
	p.Area = area
	return p
}

// terabyte is a file of holes.
func terabyte(t *testing.T) string {
	t.Helper()
	path := put(t, "x", nil)
	if err := os.Truncate(path, 1<<40); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestACountyWithANewRootIsBelievedUnderBoth(t *testing.T) {
	old, renewed := newCounty(t, "140581", "高平市"), newCounty(t, "140581", "高平市")
	f := newCity(t, "1405", old)
	f.takes(t, old.file(old.said("2026-10", 1)))
	if _, err := f.Receive(renewed.file(renewed.said("2026-11", 1)), december); err == nil || !strings.Contains(err.Error(), "keep 140581.pem as 140581.1.pem") {
		t.Fatalf("the new root says %v", err)
	}
	f.trust(t, "140581.1", old.dir)
	f.trust(t, "140581", renewed.dir)
	f.takes(t, renewed.file(renewed.said("2026-11", 1)))
	for _, month := range []string{"2026-10", "2026-11"} {
		if m, err := f.Month(month); err != nil || len(m.Said) != 1 || len(m.Areas) != 1 {
			t.Errorf("%s is %+v: %v", month, m, err)
		}
	}
}

// What lies in the folder is not believed for lying there.
func TestWhatWasChangedInTheFolderIsNotShown(t *testing.T) {
	gaoping := newCounty(t, "140581", "高平市")
	path := gaoping.file(gaoping.said("2026-11", 1))
	good := gaoping.sealed(gaoping.said("2026-11", 1))
	for what, change := range map[string]func(here string) error{
		"other bytes": func(here string) error {
			return os.WriteFile(here, bytes.Replace(good, []byte(`"boxes":38`), []byte(`"boxes":41`), 1), 0o600)
		},
		"half of it":   func(here string) error { return os.WriteFile(here, good[:99], 0o600) },
		"another name": func(here string) error { return os.Rename(here, strings.Replace(here, "-1.pub", "-7.pub", 1)) },
	} {
		f := newCity(t, "1405", gaoping)
		f.takes(t, path)
		if err := change(filepath.Join(f.dir, "received", "140581-2026-11-1.publication")); err != nil {
			t.Fatal(err)
		}
		_, shown := f.Month("2026-11")
		_, taken := f.Receive(path, december)
		for _, err := range []error{shown, taken} {
			if err == nil || !strings.Contains(err.Error(), "is not as it was: remove it and receive the county's file again") {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
}

func TestATrustedFileIsAnAreaOfThisCityAndOnce(t *testing.T) {
	gaoping, foreign := newCounty(t, "140581", "高平市"), newCounty(t, "130102", "长安区")
	for what, c := range map[string]struct{ as, says string }{
		"another city's": {"130102", "is named after no area of 14"},
		"a township's":   {"140581105", "is named after no area of 14"},
		"no code":        {"gaoping", "is named after no area of 14"},
		"a part's":       {"1405", "lies in 1405, and both are in"},
	} {
		f := newCity(t, "14", gaoping)
		f.trust(t, c.as, foreign.dir)
		if _, err := f.Areas(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", what, err)
		}
	}
	f := newCity(t, "14", gaoping)
	if all, err := f.Areas(); err != nil || len(all) != 1 || all[0] != (Area{"140581", "高平市"}) {
		t.Errorf("a county that belongs to the province alone: %v %v", all, err)
	}
}

func TestAFolderIsMadeOnceAndForAnAreaThatHasOthers(t *testing.T) {
	f := newCity(t, "1405")
	if err := Found(f.dir, "1405", "晋城市", december); err == nil || !strings.Contains(err.Error(), "already holds") {
		t.Errorf("a second time: %v", err)
	}
	for _, area := range []string{"140581", "1", "014", "", "14x5"} {
		if err := Found(t.TempDir(), area, "x", december); err == nil || !strings.Contains(err.Error(), "the four digits of a city") {
			t.Errorf("a city %q: %v", area, err)
		}
	}
	if _, err := Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "make one with wangge init") {
		t.Errorf("an empty folder: %v", err)
	}
	if err := os.WriteFile(filepath.Join(f.dir, aboutFile), []byte(`{"format":2}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(f.dir); err == nil || !strings.Contains(err.Error(), "restore it") {
		t.Errorf("a format to come: %v", err)
	}
}
