package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestSimulateLivesSeedsAndTellsWhatTheyCameTo(t *testing.T) {
	code, out, bad := wangge(t, nil, "simulate", "--seeds", "3", "--from", "7", "--jobs", "2", "--json", "--keep", t.TempDir())
	var told simulated
	if err := json.Unmarshal([]byte(out), &told); err != nil || code != 0 {
		t.Fatalf("code %d, %v: %s%s", code, err, out, bad)
	}
	if told.First != 7 || told.Seeds != 3 || told.Forms == 0 || len(told.Violations) > 0 {
		t.Errorf("%+v", told)
	}
}

func TestSimulateTellsOneSeedTheSameAgain(t *testing.T) {
	args := []string{"simulate", "--seed", "7", "--acts", "0-9", "--transcript"}
	code, once, bad := wangge(t, nil, args...)
	if code != 0 || !strings.Contains(once, "act 9: ") || strings.Contains(once, "act 10: ") {
		t.Fatalf("code %d: %s%s", code, once, bad)
	}
	if _, again, _ := wangge(t, nil, args...); again != once {
		t.Errorf("told otherwise again:\n%s\n%s", once, again)
	}
	if code, _, _ := wangge(t, nil, "simulate", "--seed", "7", "--acts", "nine"); code != exitUsage {
		t.Errorf("acts that are no numbers: code %d", code)
	}
}
