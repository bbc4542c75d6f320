package cmd_test

import (
	"go/ast"
	"go/token"
	"path"
	"strings"
	"testing"
)

// breaches are small rooms that break one rule, by the rule's name: a rule that
// cannot fail keeps nothing. A path names the file, want what the rule says.
var breaches = []struct{ rule, path, text, want string }{
	{"Floors", "crdt/a.go", `package crdt; import "wangge/schema"`, "imports schema"},
	{"Floors", "node/store/a.go", `package store; import "wangge/node/policy"`, "imports node/policy"},
	{"Floors", "sync/wire/a.go", `package wire; import w "wangge/sync/session"`, "imports sync/session"},
	{"Floors", "node/a.go", `package node; import "wangge/cmd/wangge"`, "imports cmd/wangge"},
	{"Floors", "node/attic/a.go", `package attic`, "node/attic stands on no floor, give it one"},
	{"Reserved", "cmd/wangge/a.go", `package main; import "wangge/node/consensus"`, `imports node/consensus, which is for ["node"] alone`},
	{"Reserved", "node/web/a.go", `package web; import "wangge/node/store"`,
		`imports node/store, though node/web may import ["crdt" "schema" "sync/wire" "node/report" "node/export" "node/odata"] alone`},
	{"Reserved", "node/a.go", `package node; import "wangge/node/web/browser"`, "imports node/web/browser, which is for [] alone"},
	{"Doors", "node/a.go", `package node; import "github.com/hashicorp/raft"`, `imports github.com/hashicorp/raft, whose doors are ["node/consensus"]`},
	{"Doors", "node/store/a_test.go", `package store; import "github.com/hashicorp/raft-wal/metadb"`,
		`imports github.com/hashicorp/raft-wal/metadb, whose doors are ["node/consensus"]`},
	{"Doors", "node/web/a.go", `package web; import "github.com/chromedp/chromedp"`, `imports github.com/chromedp/chromedp, whose doors are ["node/web/browser"]`},
	{"Doors", "cmd/wangge/a.go", `package main; import "example.org/cli"`, `imports example.org/cli, whose doors are []`},
	{"PureImports", "crdt/a.go", `package crdt; import "time"`, "imports time"},
	{"PureImports", "schema/a.go", `package schema; import "math/rand/v2"`, "imports math/rand/v2"},
	{"PureImports", "sync/session/a.go", `package session; import "log/slog"`, "imports log/slog"},
	{"PureCalls", "schema/a.go", `package schema; import "time"; func today() time.Time { return time.Now() }`, "uses time.Now"},
	{"PureCalls", "schema/a.go", `package schema; import clock "time"; var zone, _ = clock.LoadLocation("Asia/Shanghai")`, "uses time.LoadLocation"},
	{"Goroutines", "sync/session/a.go", `package session; func step() { go step() }`, "starts a goroutine"},
	{"Goroutines", "schema/kindfile/a.go", `package kindfile; func read() { func() { go read() }() }`, "starts a goroutine"},
	{"Corridor", "sync/a.go", `package sync`, "a Go file stands in sync"},
	{"Corridor", "sync/a_test.go", `package sync_test`, "a Go file stands in sync"},
	{"Names", "node/util/a.go", `package util`, "package util is a drawer for anything"},
	{"Names", "node/rand/a.go", `package rand`, "package rand has a name of the standard library"},
	{"Names", "node/wires/a.go", `package wire`, "package wire lies in a folder called wires"},
	{"Names", "node/main/a.go", `package main`, "package main is for programs, which stand in cmd"},
	{"Comments", "crdt/a.go", "// package crdt merges.\npackage crdt", `no comment of the package begins "Package crdt "`},
	{"Comments", "cmd/wangge/a.go", "// Package main runs.\npackage main", `no comment of the package begins "Command wangge "`},
	{"NoInit", "node/a.go", `package node; func init() {}`, "has an init function"},
	{"NoGlobals", "node/a.go", `package node; var n int; func f() { n++ }`, "changes the package variable n"},
	{"NoGlobals", "node/a.go", `package node; import "x.org/x"; var m x.T; func f() { m.a[1].b = 2 }`, "changes the package variable m"},
	{"NoGlobals", "node/a.go", `package node; var m map[int]int; func f() { func() { delete(m, 1) }() }`, "changes the package variable m"},
	{"NoGlobals", "node/a.go", `package node; var n int; func f() { for n = range 3 {} }`, "changes the package variable n"},
	{"NoTesting", "node/sim/a.go", `package sim; import "testing/synctest"`, "imports testing/synctest"},
	{"Functions", "node/a_test.go", "package node; func long() {" + strings.Repeat("\n", functionMax) + "}", "long takes 71 lines"},
	{"Files", "node/a.go", "package node\n" + strings.Repeat("\n", fileMax), "the file takes 401 lines"},
	{"NoSleep", "node/a_test.go", `package node; import "time"; func f() { time.Sleep(1) }`, "uses time.Sleep"},
	{"NoSleep", "node/a.go", `package node; import t "time"; var pause = t.Sleep`, "uses time.Sleep"},
	{"Bubbles", "node/a_test.go", `package node; import "testing/synctest"; func f() { synctest.Test(nil, nil) }`, "opens a bubble"},
}

func TestEveryRuleCanFail(t *testing.T) {
	failed := map[string]bool{}
	for _, b := range breaches {
		for _, rule := range rules() {
			if rule.name != b.rule {
				continue
			}
			failed[rule.name] = true
			if got := judge(t, rule, b.path, b.text); len(got) != 1 || got[0] != b.want {
				t.Errorf("%s, given %s:\n%s\nsays %q, want %q", rule.name, b.path, b.text, got, b.want)
			}
		}
	}
	for _, rule := range rules() {
		if !failed[rule.name] {
			t.Errorf("no room breaks %s: write one, so that it is known to fail", rule.name)
		}
	}
}

// keepers are rooms that come close and break nothing.
var keepers = []struct{ path, text string }{
	{"schema/a.go", "// Package schema says.\npackage schema; import (\"time\"; \"wangge/crdt\"); var zone = time.FixedZone(\"+08:00\", 8*60*60)"},
	{"node/consensus/a.go", "// Package consensus commits.\npackage consensus; import \"github.com/hashicorp/raft-wal\"; func f() { go f() }"},
	{"node/a.go", "// Package node runs.\npackage node; var n int; func f() { n := n; n++; var now = struct{ Sleep func() }{}; now.Sleep() }"},
	{"node/web/a_test.go", "package web_test; import (\"github.com/chromedp/chromedp\"; \"wangge/node/store\"; \"testing\")"},
	{"cmd/wangge/a.go", "// Command wangge serves.\npackage main; import (\"github.com/goccy/go-yaml/ast\"; \"wangge/node\"); func main() {" +
		strings.Repeat("\n", functionMax-1) + "}"},
	{"node/bubble_test.go", "package node; import \"testing/synctest\"; func bubble() { synctest.Test(nil, nil) }"},
	{"crdt/a.go", "// Package crdt merges.\npackage crdt\n" + strings.Repeat("\n", fileMax-2)},
}

func TestRulesSpareWhatKeepsThem(t *testing.T) {
	for _, k := range keepers {
		for _, rule := range rules() {
			if got := judge(t, rule, k.path, k.text); len(got) > 0 {
				t.Errorf("%s says %q of %s:\n%s", rule.name, got, k.path, k.text)
			}
		}
	}
}

// judge returns what a rule says of a room of one file.
func judge(t *testing.T, rule rule, name, text string) (said []string) {
	t.Helper()
	f, err := readFile(token.NewFileSet(), name, text)
	if err != nil {
		t.Fatal(err)
	}
	r := room{path.Dir(name), []file{f}}
	rule.check(r, func(_ file, _ ast.Node, what string) { said = append(said, what) })
	return said
}

func TestRootTurnsStrangersAway(t *testing.T) {
	const ignored = "/wangge\n*.test\n"
	for name, want := range map[string]bool{
		"cmd": true, "README.md": true, ".ci": true, "wangge": true, "node.test": true,
		"docs": false, "main.go": false, "CHANGELOG.md": false, "Makefile": false,
	} {
		if got := belongs(name, ignored); got != want {
			t.Errorf("belongs(%s) = %t, want %t", name, got, want)
		}
	}
}
