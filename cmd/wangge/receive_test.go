package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"wangge/node/policy"
	"wangge/node/publication"
	"wangge/schema"
)

// publisher is an area that publishes: a folder with its root, which seals.
type publisher struct {
	t          *testing.T
	area, root string
}

func (p publisher) file(month string, number int, visits int64) string {
	p.t.Helper()
	all := publication.Cell{Value: visits, Persons: visits}
	table, err := publication.Suppress([]publication.Cell{all}, all, publication.Least)
	if err != nil {
		p.t.Fatal(err)
	}
	text, err := publication.Append(nil, &publication.Publication{
		Format: 1, Area: p.area, Month: month, Number: number, At: "2024-12-03T09:00:00+08:00", By: "王秀英", Boxes: 38, Of: 41, Least: 4,
		Tables: []publication.Figure{{Report: "grid_visit.visits", Title: "走访次数", Unit: "次", Table: table}},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	root, err := policy.OpenCounty(p.root)
	if err != nil {
		p.t.Fatal(err)
	}
	s := publication.Sealed{Publication: text}
	s.Seal = root.Seal(s.Content())
	b, err := publication.AppendSealed(nil, s)
	if err != nil {
		p.t.Fatal(err)
	}
	path := filepath.Join(p.t.TempDir(), p.area+"-"+month+"-"+strconv.Itoa(number)+".publication")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		p.t.Fatal(err)
	}
	return path
}

// founded makes a city by the commands that a person gives, and counties that it trusts.
func founded(t *testing.T, area string, counties ...string) (dir string, all []publisher) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "city")
	if code, out, bad := wangge(t, nil, "init", "--county", dir, "--name", "晋城市", "--area", area); code != 0 || !strings.Contains(out, "trusted/AREA.pem") {
		t.Fatal(code, out, bad)
	}
	for _, code := range counties {
		p := publisher{t, code, filepath.Join(t.TempDir(), "county")}
		if _, err := policy.NewCounty(p.root, "县"+code, time.Now()); err != nil {
			t.Fatal(err)
		}
		root, err := os.ReadFile(filepath.Join(p.root, "county.crt"))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "trusted", code+".pem"), root, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return dir, all
}

func TestACityTakesWhatItsCountiesPublish(t *testing.T) {
	dir, counties := founded(t, "1405", "140522", "140581")
	east, west := counties[0], counties[1]
	file, forged := east.file("2024-11", 1, 20), publisher{t, "140522", west.root}.file("2024-11", 1, 99)
	code, out, bad := wangge(t, nil, "receive", "--data", dir, file)
	if code != 0 || bad != "" || !strings.Contains(out, "publication 1 of 140522 for 2024-11, 1 tables, all work of 38 of 41 boxes: taken") {
		t.Errorf("code %d, %q %q", code, out, bad)
	}
	if code, out, _ = wangge(t, nil, "receive", file, "--data", dir); code != 0 || !strings.Contains(out, "here already") {
		t.Errorf("again: code %d, %q", code, out)
	}
	restated := east.file("2024-11", 2, 21)
	code, out, bad = wangge(t, nil, "receive", "--data", dir, restated, file, forged)
	if code != exitPartial || !strings.Contains(out, "here already; number 2 is shown") || !strings.Contains(bad, forged+": what this says of 140522 in 2024-11 was not sealed by 140522") ||
		!strings.Contains(bad, "a part of the input was refused: 1 of 3 files") {
		t.Errorf("with a forged one: code %d, %q %q", code, out, bad)
	}
	code, out, bad = wangge(t, nil, "receive", "--data", dir, "--json", forged, west.file("2024-11", 1, 5))
	first, second, _ := strings.Cut(out, "\n")
	var said struct {
		File, Area string
		Refused    schema.Text
		Number     int
	}
	if code != exitPartial || json.Unmarshal([]byte(first), &said) != nil || said.File != forged || !strings.Contains(said.Refused.En, "not sealed") || !strings.Contains(said.Refused.Zh, "不是 140522 签发的") || said.Area != "" {
		t.Errorf("as JSON: code %d, %s%s", code, out, bad)
	}
	if said.Refused = (schema.Text{}); json.Unmarshal([]byte(second), &said) != nil || said.Area != "140581" || said.Number != 1 || !said.Refused.Empty() {
		t.Errorf("as JSON: %s", second)
	}
	if code, _, bad = wangge(t, nil, "receive", "--data", dir, forged); code != exitFailed || !strings.Contains(bad, "nothing was taken") {
		t.Errorf("a forged one alone: code %d, %q", code, bad)
	}
	for _, args := range [][]string{{"receive", file}, {"receive", "--data", dir}} {
		if code, _, _ := wangge(t, nil, args...); code != exitUsage {
			t.Errorf("%q: code %d", args, code)
		}
	}
	if code, _, bad := wangge(t, nil, "receive", "--data", t.TempDir(), file); code != exitFailed || !strings.Contains(bad, "wangge init") {
		t.Errorf("in a folder of no city: code %d, %q", code, bad)
	}
	if code, _, bad := wangge(t, nil, "init", "--county", t.TempDir(), "--area", "140581"); code != exitFailed || !strings.Contains(bad, "four digits of a city") {
		t.Errorf("a city that is a county: code %d, %q", code, bad)
	}
}
