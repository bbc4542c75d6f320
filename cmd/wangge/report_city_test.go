package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestACitysAnalystReadsTheSumAndWhoIsNotInIt(t *testing.T) {
	dir, counties := founded(t, "1405", "140522", "140525", "140581")
	if code, out, bad := wangge(t, nil, "report", "--data", dir); code != 0 || !strings.Contains(out, "还没有收到报送") {
		t.Errorf("an empty folder: code %d, %q %q", code, out, bad)
	}
	ok := func(args ...string) string {
		t.Helper()
		code, out, bad := wangge(t, nil, args...)
		if code != 0 || bad != "" {
			t.Fatalf("wangge %s: code %d, %s", strings.Join(args, " "), code, bad)
		}
		return out
	}
	ok("receive", "--data", dir, counties[0].file("2024-10", 1, 16), counties[0].file("2024-11", 1, 20), counties[1].file("2024-11", 1, 3))
	if out := ok("report", "--data", dir); out != "2024-11：2/3 个地区已报送，尚缺：县140581 140581\n2024-10：1/3 个地区已报送，尚缺：县140525 140525, 县140581 140581\n" {
		t.Errorf("the months are\n%s", out)
	}
	if out := ok("report", "--data", dir, "--month", "2024-11", "--lang", "en"); !strings.Contains(out, "2 of 3 areas have published, lacking: 县140581 140581\n  grid_visit.visits") {
		t.Errorf("the month has\n%s", out)
	}
	lines := ok("report", "--data", dir, "--month", "2024-11", "--lang", "en", "grid_visit.visits")
	for _, want := range []string{
		"total 1405 20 16 +4 +25.0% 1 of 3 areas", "县140522 140522 20 16 +4 +25.0% publication 1, complete for 38 of 41 boxes",
		"县140525 140525 – – – – withheld: too few persons", "县140581 140581 – – – – has not published",
		"Not in it: 县140525 140525 (withheld: too few persons), 县140581 140581 (has not published)",
	} {
		if !strings.Contains(strings.Join(strings.Fields(lines), " "), want) {
			t.Errorf("the report lacks %q:\n%s", want, lines)
		}
	}
	var said struct {
		Rows []struct{ Sum struct{ Value int64 } }
	}
	if err := json.Unmarshal([]byte(ok("report", "--data", dir, "--month", "2024-11", "--json", "grid_visit.visits")), &said); err != nil || said.Rows[0].Sum.Value != 20 {
		t.Errorf("as JSON: %+v %v", said, err)
	}
	rows, err := csv.NewReader(strings.NewReader(ok("report", "--data", dir, "--month", "2024-11", "--csv", "grid_visit.visits"))).ReadAll()
	if err != nil || len(rows) != 5 || strings.Join(rows[1], ",") != "1405,合计,20,20,16,4,25.0,1/3 个地区" {
		t.Errorf("as CSV: %q %v", rows, err)
	}
	file := filepath.Join(t.TempDir(), "city.xlsx")
	ok("export", "-o", file, "--data", dir, "--month", "2024-11", "--report", "grid_visit.visits")
	if b, err := os.ReadFile(file); err != nil || len(b) < 1000 || string(b[:2]) != "PK" {
		t.Errorf("the workbook has %d bytes: %v", len(b), err)
	}
	for _, args := range [][]string{
		{"report", "--data", dir, "grid_visit.visits"}, {"report", "--data", dir, "--area", "140581", "--month", "2024-11", "grid_visit.visits"},
		{"export", "--data", dir, "-o", file, "grid_visit"}, {"export", "--data", dir, "-o", file, "--from", "2024-11-01", "--report", "grid_visit.visits"},
	} {
		if code, _, bad := wangge(t, nil, args...); code != exitUsage {
			t.Errorf("wangge %s: code %d, %s", strings.Join(args, " "), code, bad)
		}
	}
}
