package policy

import (
	"strings"
	"testing"

	"wangge/crdt"
)

func TestPatternsCoverWhatTheySay(t *testing.T) {
	village := crdt.Space{Area: "140581105211", Class: crdt.Personal}
	for pattern, want := range map[Pattern]bool{
		"140581105211/personal": true, "140581105*/personal": true, "14*/personal": true, "140581105211*/personal": true, "*": true,
		"140581105211/open": false, "140581105/personal": false, "140581105212/personal": false, "1405811052110/personal": false,
		"140581106*/personal": false, "14*/open": false, "140581105211": false, "": false, "/personal": false,
	} {
		if got := pattern.Covers(village); got != want {
			t.Errorf("%q covers %s: %v, want %v", pattern, village, got, want)
		}
	}
	if Pattern("14*/class9").Covers(crdt.Space{Area: "14", Class: 9}) && Pattern("14*/class9").Check() == nil {
		t.Error("a class that nobody knows can be granted")
	}
}

func TestAPatternThatCoversNothingIsRefused(t *testing.T) {
	for pattern, want := range map[Pattern]bool{
		"*": true, "14*/open": true, "140581105211/confidential": true,
		"": false, "**": false, "*/open": false, "1*/open": false, "14**/open": false, "14x/open": false, "14/secret": false,
		"14": false, "14*": false, "/open": false, "14/open/open": false, "*14/open": false, "123456789012345678/open": false,
	} {
		if err := pattern.Check(); (err == nil) != want {
			t.Errorf("%q: %v", pattern, err)
		}
	}
}

func TestRightsToHoldAndToWriteAreTwo(t *testing.T) {
	d := Device{Holds: []Pattern{"1405*/open"}, Writes: []Pattern{"14*/open", "1405*/personal"}}
	for space, want := range map[string][2]bool{
		"1405/open": {true, true}, "1406/open": {false, true}, "1405/personal": {false, true}, "1405/confidential": {false, false},
	} {
		s, err := crdt.ParseSpace(space)
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]bool{d.MayHold(s), d.MayWrite(s)}; got != want {
			t.Errorf("%s: may hold and write %v, want %v", space, got, want)
		}
	}
}

func TestARefusedPatternIsNamed(t *testing.T) {
	if err := Pattern("14/secret").Check(); err == nil || !strings.Contains(err.Error(), `"14/secret"`) {
		t.Errorf("got %v", err)
	}
}
