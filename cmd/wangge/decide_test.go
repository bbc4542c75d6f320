package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What coverage is divided by is frozen by an official, at whichever replica; no box can.
func TestOfficialsDecideAtTheHubAlone(t *testing.T) {
	c := newCounty(t)
	firm := map[string]any{"area": "140581105211", "name": "东街快递站", "code": "91350100M000100Y43", "category": "新业态"}
	name := c.save(eastBox, "biz_entity", firm)
	record := name.Kind + "/" + name.Space + "/" + name.ID
	decide := func(device uint32, field, value string) (code int, said string) {
		code, _, said = wangge(t, nil, "decide", "--data", c.dataOf(device), "--by", "王秀英", "--reason", "市里核定", record, field, value)
		return code, said
	}
	shows := func(n int, value any) func() bool {
		return func() bool {
			fields, _, ok := c.look(eastBox, name)
			versions := fields["baseline"].Versions
			return ok && len(versions) == n && (n == 0 || versions[0].Value == value)
		}
	}
	c.until("the county has the firm", c.agreed)
	if code, said := decide(2, "baseline", "true"); code != 0 {
		t.Fatalf("code %d, %s", code, said)
	}
	c.until("the box shows it", shows(1, true))
	if code, said := decide(3, "baseline", "false"); code != 0 {
		t.Fatalf("code %d, %s", code, said)
	}
	c.until("what is decided anew takes the place of it", shows(1, false))
	for _, wrong := range []struct {
		device             uint32
		field, value, said string
	}{
		{1, "baseline", "perhaps", "biz_entity.baseline"},
		{1, "staff", "12", "not decided by hand"},
		{eastBox, "baseline", "true", "replica of the hub"},
	} {
		if code, said := decide(wrong.device, wrong.field, wrong.value); code != exitFailed || !strings.Contains(said, wrong.said) {
			t.Errorf("%+v: code %d, %s", wrong, code, said)
		}
	}
	if code, said := decide(1, "baseline", ""); code != 0 {
		t.Fatalf("code %d, %s", code, said)
	}
	c.until("it is empty again", shows(0, nil))
	if !strings.Contains(c.logOf(2), "王秀英") {
		t.Error("the replica's log does not say who decided it")
	}
}

// The inhabitants by which figures are divided are the county's own: a list brought in at
// the hub is counted at every replica, read at boxes that hold its space, and refused at a box.
func TestAListOfTheCountysOwnComesInAtTheHubAlone(t *testing.T) {
	c := newCounty(t)
	list := filepath.Join(t.TempDir(), "inhabitants.csv")
	bring := func(device uint32, text string, more ...string) (code int, out, bad string) {
		t.Helper()
		if err := os.WriteFile(list, []byte("区划,统计时点,常住人口,城镇常住人口,数据来源,停用日期\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
		args := append([]string{"import", "--quiet", "--kind", "county_area_population", "--node", c.ask(device).base}, more...)
		return wangge(t, nil, append(args, list)...)
	}
	const year23, year24 = "140581,2023-12-31,446500,262800,公报,2024-12-31\n", "140581,2024-12-31,441200,263100,公报,\n"
	const town = "140581105,2024-12-31,61200,48300,乡镇资料,\n" // a part of the county's, and not added to it
	if code, out, bad := bring(1, year23+year24+town, "--by", "王秀英"); code != 0 || !strings.Contains(out, "3 new") {
		t.Fatalf("code %d, %s%s", code, out, bad)
	}
	if code, out, bad := bring(2, year23+strings.Replace(year24, "441200", "441300", 1), "--by", "王秀英"); code != 0 || !strings.Contains(out, "0 new, 1 changed, 1 there already") {
		t.Fatalf("brought in again: code %d, %s%s", code, out, bad)
	}
	for device := uint32(1); device <= 3; device++ {
		c.until("every replica counts the last count alone", func() bool { return c.total(device, "county_area_population.residents") == 441300 })
	}
	c.until("a box reads both", func() bool {
		code, out, _ := wangge(t, nil, "export", "--node", c.ask(eastBox).base, "--format", "csv", "-o", "-", "county_area_population")
		return code == 0 && strings.Contains(out, "446500") && strings.Contains(out, "441300")
	})
	if code, _, bad := bring(1, year24); code == 0 || !strings.Contains(bad, "say who you are") {
		t.Errorf("of nobody: code %d, %s", code, bad)
	}
	if code, _, bad := bring(eastBox, year24, "--by", "王秀英"); code != exitPartial || !strings.Contains(bad, "the county alone writes down Inhabitants") {
		t.Errorf("at a box: code %d, %s", code, bad)
	}
}
