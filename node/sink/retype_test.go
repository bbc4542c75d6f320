package sink_test

import (
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/node/sink"
)

// What a kind masks from now on is masked of earlier records too. A day that is masked is a
// text: its column of days makes room, even where an analyst's view reads it.
func TestWhatANewerFormMasksIsMaskedInEveryRow(t *testing.T) {
	url, conn := database(t)
	private := crdt.Space{Area: "140581105211", Class: crdt.Personal}
	plain := strings.Replace(tree, "class: open", "class: personal", 1) +
		"  - {id: 7, name: seals, title: {zh: 封存, en: Seals}, type: date}\n  - {id: 8, name: log, title: {zh: 记事, en: Log}, type: text, merge: log}\n"
	m := newMemory()
	m.set(private, 1, 2, crdt.Text("1949-10-01"))
	m.set(private, 1, 3, crdt.Float(35.5))
	m.set(private, 1, 6, crdt.Text("张三的树"))
	m.set(private, 1, 7, crdt.Text("1949-10-02"))
	m.do(private, crdt.Op{Record: id(1), Kind: "tree", Field: 8, Type: crdt.Log, Value: crdt.Text("张三来过")})
	s := newSink(t, url, plain, m)
	once(t, s, sink.Account{Spaces: 1, Rows: 1})
	s.Close()
	do(t, conn, "create view mine as select planted, seals from wangge.tree")

	masked := strings.NewReplacer("type: date}", "type: date, guarded: true}", "type: decimal}", "type: decimal, guarded: true}", "type: text}", "type: text, guarded: true}",
		"merge: log}", "merge: log, guarded: true}").Replace(plain)
	masked = strings.Replace(masked, "en: Seals}, type: date, guarded: true", "en: Seals}, type: date, sealed: true", 1)
	s = newSink(t, url, masked, m)
	once(t, s, sink.Account{})
	s.Close()
	if got, want := asked(t, conn, "select planted, height, note, seals, log from wangge.tree"), "1949****** *** 张*** <nil> 张***"; got != want {
		t.Errorf("the table has\n%s\nwant\n%s", got, want)
	}
	if got, want := asked(t, conn, `select "种植日期", "高度" from wangge.tree_zh`), "1949****** ***"; got != want {
		t.Errorf("the view has %s, want %s", got, want)
	}
	if got := asked(t, conn, "select planted, seals from mine"); got != "<nil> <nil>" {
		t.Errorf("a view of others has %s, want nothing", got)
	}
	if got := asked(t, conn, "select string_agg(attname, ' ') from pg_attribute where attrelid = 'wangge.tree'::regclass and attname like E'\\\\_%' and not attisdropped"); got != "_1_planted" {
		t.Errorf("of the old columns %q are left, want that which a view of others reads", got)
	}

	// A replica that has not heard of it yet may come to write meanwhile, and again one that has.
	behind := newSink(t, url, plain, m)
	once(t, behind, sink.Account{})
	behind.Close()
	once(t, newSink(t, url, masked, m), sink.Account{})
	if got, want := asked(t, conn, "select planted, height, note, seals from wangge.tree"), "1949****** *** 张*** <nil>"; got != want {
		t.Errorf("the table has\n%s\nwant\n%s", got, want)
	}
}
