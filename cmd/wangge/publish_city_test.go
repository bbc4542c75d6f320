package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Two counties of a city, and a province above it: by files and commands alone.
func TestFiguresGoUpFromCountiesToTheirProvince(t *testing.T) {
	ok := func(args ...string) string {
		t.Helper()
		code, out, bad := wangge(t, nil, args...)
		if code != 0 || bad != "" {
			t.Fatalf("wangge %s: code %d, %s", strings.Join(args, " "), code, bad)
		}
		return out
	}
	city, counties := founded(t, "1405", "140522", "140581")
	top, _ := founded(t, "14")
	root, err := os.ReadFile(filepath.Join(city, "county.crt"))
	if err == nil {
		err = os.WriteFile(filepath.Join(top, "trusted", "1405.pem"), root, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	publish := []string{"publish", "--data", city, "--month", "2024-11", "--by", "李建国"}
	ok("receive", "--data", city, counties[0].file("2024-11", 1, 20))
	if code, _, bad := wangge(t, nil, publish...); code != exitFailed || !strings.Contains(bad, "nothing of 2024-11 came from 县140581 140581") || !strings.Contains(bad, "wait for it, or give --incomplete") {
		t.Errorf("a part of the city: code %d, %s", code, bad)
	}
	ok("receive", "--data", city, counties[1].file("2024-11", 1, 12))
	file := filepath.Join(city, "published", "1405-2024-11-1.publication")
	if out := ok(publish...); out != file+": publication 1 of 1405 for 2024-11, 2 tables: written\n" {
		t.Errorf("publishing says %s", out)
	}
	if out := ok(publish...); !strings.Contains(out, file) || !strings.Contains(out, "nothing has changed since") {
		t.Errorf("publishing again says %s", out)
	}
	var said struct {
		Path  string
		Known bool
	}
	if err := json.Unmarshal([]byte(ok(append(publish, "--json")...)), &said); err != nil || said.Path != file || !said.Known {
		t.Errorf("as JSON: %+v %v", said, err)
	}
	ok("receive", "--data", top, file)
	if out := strings.Join(strings.Fields(ok("report", "--data", top, "--month", "2024-11", "--lang", "en", "grid_visit.visits")), " "); !strings.Contains(out, "total 14 32") ||
		!strings.Contains(out, "晋城市 1405 32") || !strings.Contains(out, "publication 1, complete for 76 of 82 boxes") {
		t.Errorf("the province reads\n%s", out)
	}
	if out := ok("report", "--data", top, "--month", "2024-11", "--by", "area:6", "--csv", "grid_visit.visits"); !strings.Contains(out, "140581,140581,1405,晋城市,12,12") {
		t.Errorf("the province's counties are\n%s", out)
	}
	for _, args := range [][]string{{"publish", "--data", city, "--month", "2024-11"}, {"publish", "--month", "2024-11", "--by", "x"}, {"publish", "--data", city, "--by", "x"}} {
		if code, _, _ := wangge(t, nil, args...); code != exitUsage {
			t.Errorf("wangge %s: code %d", strings.Join(args, " "), code)
		}
	}
}

// The pages of a city run until they are stopped, and read what comes meanwhile.
func TestACitysPagesShowWhatIsReceivedMeanwhile(t *testing.T) {
	dir, counties := founded(t, "1405", "140581")
	ctx, stop := context.WithCancel(t.Context())
	said, out := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"city", "--data", dir, "--web", "127.0.0.1:0"}, nil, out, io.Discard)
		out.Close()
	}()
	line, err := bufio.NewReader(said).ReadString('\n')
	address, _, ok := strings.Cut(line, " shows 1405")
	if err != nil || !ok {
		t.Fatal(line, err)
	}
	page := func() string {
		t.Helper()
		r, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if text := page(); !strings.Contains(text, "还没有收到报送") {
		t.Errorf("at first it shows %s", text)
	}
	if code, _, bad := wangge(t, nil, "receive", "--data", dir, counties[0].file("2024-11", 1, 20)); code != 0 {
		t.Fatal(bad)
	}
	if text := page(); !strings.Contains(text, "1/1 个地区已报送") {
		t.Errorf("then it shows %s", text)
	}
	stop()
	if code := <-ended; code != 0 {
		t.Errorf("stopped, it says %d", code)
	}
	if code, _, _ := wangge(t, nil, "city"); code != exitUsage {
		t.Errorf("of no city: code %d", code)
	}
}
