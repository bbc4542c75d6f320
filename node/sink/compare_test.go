package sink_test

import (
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/node/sink"
)

// What is missing, too many, other or elsewhere is found, of rows and of what the sink
// keeps of records that are one or deleted.
func TestAComparisonFindsEachRowThatDiffers(t *testing.T) {
	url, conn := database(t)
	m := newMemory()
	for i := range 9 {
		m.set(north, i, 3, crdt.Float(float64(i)))
		m.set(south, 100+i, 4, crdt.Int(1763775000000))
	}
	m.do(north, m.at(north, 1).AddElement(id(1), "tree", 5, crdt.Text("古树")), m.at(north, 1).AddElement(id(1), "tree", 5, crdt.Text("病树")))
	m.set(north, 2, 6, crdt.Text("两\x00行"))
	m.set(north, 3, 2, crdt.Text("2024-02-29"))
	m.do(north, m.at(north, 4).Delete(id(4)))
	m.do(north, m.at(north, 5).AddElement(id(5), "tree", crdt.Alias, crdt.Ref(id(6))))
	if _, err := newSink(t, url, tree, m).Compare(t.Context()); err == nil {
		t.Error("an empty database was compared")
	}
	s := newSink(t, url, tree, m)
	once(t, s, sink.Account{Spaces: 2, Rows: 17})
	s.Close()
	if c := compared(t, url, m); c != (sink.Compared{Rows: 18}) || !c.Equal() { // seventeen, and one that names another
		t.Errorf("of equals it says %+v", c)
	}
	at := func(n int) string { return "record = '" + id(n).String() + "'" }
	for _, one := range []struct {
		does string
		want sink.Compared
	}{
		{"update wangge.tree set height = height + 0.5 where " + at(7), sink.Compared{Other: 1}},
		{"update wangge.tree set tags = '{病树}' where " + at(1), sink.Compared{Other: 1}},
		{"update wangge.tree set seen = seen + interval '1 millisecond' where " + at(101), sink.Compared{Other: 1}},
		{"update wangge.tree set planted = null where " + at(3), sink.Compared{Other: 1}},
		{"update wangge.tree set note = 'null' where " + at(2), sink.Compared{Other: 1}},
		{"delete from wangge.tree where " + at(8), sink.Compared{Missing: 1}},
		{"insert into wangge.tree select '" + id(50).String() + "', space from wangge.tree where " + at(8), sink.Compared{Surplus: 1}},
		{"update wangge.tree set space = '140581105212/open' where " + at(8), sink.Compared{Missing: 1, Surplus: 1}},
		{"delete from wangge.sink_alias", sink.Compared{Missing: 1}},
		{"insert into wangge.sink_dead values ('" + id(4).String() + "', '140581105211/open', 'tree', '{}')", sink.Compared{Surplus: 1}},
		{"update wangge.sink_position set batch = batch - 1 where space = '140581105212/open'", sink.Compared{Apart: 1}},
		{"delete from wangge.sink_position where space = '140581105212/open'", sink.Compared{Apart: 1}},
		{"insert into wangge.sink_position values ('140581105213/open', '" + writer().String() + "', 1)", sink.Compared{Apart: 1}},
	} {
		for _, do := range []string{"drop schema if exists wangge cascade", one.does} {
			if do == one.does {
				fresh := newSink(t, url, tree, m)
				once(t, fresh, sink.Account{Spaces: 2, Rows: 17})
				fresh.Close()
			}
			if _, err := conn.Exec(t.Context(), do); err != nil {
				t.Fatalf("%s: %v", do, err)
			}
		}
		c := compared(t, url, m)
		if c.Equal() || c.Missing != one.want.Missing || c.Surplus != one.want.Surplus || c.Other != one.want.Other || c.Apart != one.want.Apart {
			t.Errorf("after %s it says %+v", one.does, c)
		}
		if one.want.Apart == 0 && !strings.Contains(c.First, "140581105211/open") && !strings.Contains(c.First, "140581105212/open") {
			t.Errorf("after %s the first is %q", one.does, c.First)
		}
	}
	if _, err := conn.Exec(t.Context(), "update wangge.sink_kind set print = 'another'"); err != nil {
		t.Fatal(err)
	}
	if _, err := newSink(t, url, tree, m).Compare(t.Context()); err == nil || !strings.Contains(err.Error(), "tree") {
		t.Errorf("tables of another form: %v", err)
	}
}

func compared(t *testing.T, url string, m *memory) sink.Compared {
	t.Helper()
	c, err := newSink(t, url, tree, m).Compare(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}
