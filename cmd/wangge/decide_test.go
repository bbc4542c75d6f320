package main

import (
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
