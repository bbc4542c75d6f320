package cmd_test

import (
	"fmt"
	"go/ast"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// floors: a room may import rooms on the floors below it, never one beside or
// above it. Tests may look anywhere.
var floors = [][]string{
	{"crdt", "node/wake"},
	{"schema", "schema/kinds", "sync/wire", "sync/link", "sync/bundle", "sync/weaklink"},
	{"schema/kindfile", "schema/xlsform"},
	{"sync/session", "sync/pieces", "node/store", "node/gossip", "node/discover", "node/consensus", "node/policy", "node/registrar", "node/report", "node/publication", "node/doubt"},
	{"node/export", "node/freight", "node/township", "node/sink/cluster"},
	{"node/odata", "node/city"},
	{"node/sink", "node/web", "node/web/browser"},
	{"node/month"},
	{"node"},
	{"node/sim"},
	{"cmd"},
}

// importers and imports narrow the floors: who alone may import a room, and all
// of ours that a room may import.
var (
	importers = map[string][]string{
		"node/consensus":    {"node"},
		"node/web/browser":  {},
		"node/sink/cluster": {"cmd/wangge"},
		"sync/weaklink":     {"node/sim", "cmd/wangge"},
	}
	imports = map[string][]string{
		"crdt":             {},
		"node/odata":       {"schema", "node/export"},
		"node/web":         {"crdt", "schema", "sync/wire", "node/report", "node/export", "node/odata"},
		"node/web/browser": {},
	}
)

// doors are the rooms through which libraries come in, by the beginning of
// their import paths.
var doors = map[string][]string{
	"github.com/hashicorp/raft":        {"node/consensus"},
	"github.com/hashicorp/go-hclog":    {"node/consensus"},
	"github.com/hashicorp/memberlist":  {"node/gossip"},
	"github.com/hashicorp/mdns":        {"node/discover"},
	"github.com/miekg/dns":             {"node/discover"},
	"github.com/quic-go/quic-go":       {"sync/link"},
	"go.etcd.io/bbolt":                 {"node/store"},
	"github.com/goccy/go-yaml":         {"schema/kindfile", "cmd"},
	"github.com/santhosh-tekuri":       {"schema/kindfile"}, // in tests
	"github.com/xuri/excelize/v2":      {"schema/xlsform", "node/export"},
	"github.com/klauspost/compress":    {"sync/wire", "node/export"},
	"github.com/parquet-go/parquet-go": {"node/export"},
	"github.com/jackc/pgx/v5":          {"node/sink"},
	"golang.org/x/text":                {"cmd"},
	"golang.org/x/sync/errgroup":       {"node", "node/freight", "node/township", "cmd"},
	"github.com/chromedp":              {"node/web/browser"},
	"github.com/prometheus":            {}, // tests read with it what node/web writes
	"github.com/klauspost/reedsolomon": {"sync/link"},
	"github.com/RoaringBitmap/roaring": {"node/report"},
}

// testDoors are libraries that every room's tests may use.
var testDoors = []string{"github.com/chromedp", "github.com/prometheus"}

// pure rooms step and do not act; impure are the packages that act.
var (
	pure   = []string{"crdt", "schema", "sync/wire", "sync/session", "sync/pieces", "node/publication"}
	impure = []string{"context", "crypto/rand", "log", "math/rand", "net", "os", "sync", "time"}
	// schema reads and shows moments; pureCalls keeps it from the clock.
	excused = map[string][]string{"schema": {"time"}}
)

func floorsHold(r room, found found) {
	for _, f := range r.product() {
		here := floorOf(r.path)
		if here < 0 {
			found(f, f.syntax.Name, r.path+" stands on no floor, give it one")
			return
		}
		for spec, to := range f.ours() {
			if floorOf(to) >= here {
				found(f, spec, "imports "+to)
			}
		}
	}
}

// floorOf returns the floor of a room, or -1. All programs share one.
func floorOf(room string) int {
	return slices.IndexFunc(floors, func(f []string) bool { return slices.Contains(f, lobby(room)) })
}

// lobby stands for all programs under cmd.
func lobby(room string) string {
	if strings.HasPrefix(room, "cmd/") {
		return "cmd"
	}
	return room
}

func reservedRooms(r room, found found) {
	allowed, narrow := imports[r.path]
	for _, f := range r.product() {
		for spec, to := range f.ours() {
			if narrow && !slices.Contains(allowed, to) {
				found(f, spec, fmt.Sprintf("imports %s, though %s may import %q alone", to, r.path, allowed))
			}
			if who, ok := importers[to]; ok && !slices.Contains(who, r.path) {
				found(f, spec, fmt.Sprintf("imports %s, which is for %q alone", to, who))
			}
		}
	}
}

func doorsHold(r room, found found) {
	for _, f := range r.files {
		for spec, to := range f.imports() {
			host, _, _ := strings.Cut(to, "/")
			if !strings.Contains(host, ".") || f.isTest() && behind(testDoors, to) != "" {
				continue
			}
			library := behind(slices.Collect(maps.Keys(doors)), to)
			if !slices.Contains(doors[library], lobby(r.path)) {
				found(f, spec, fmt.Sprintf("imports %s, whose doors are %q", to, doors[library]))
			}
		}
	}
}

// behind returns the library that an import path begins with, or "". raft-wal
// lies behind raft's door.
func behind(libraries []string, to string) string {
	i := slices.IndexFunc(libraries, func(l string) bool {
		return to == l || strings.HasPrefix(to, l+"/") || strings.HasPrefix(to, l+"-")
	})
	if i < 0 {
		return ""
	}
	return libraries[i]
}

func pureImports(r room, found found) {
	if !slices.Contains(pure, r.path) {
		return
	}
	for _, f := range r.product() {
		for spec, to := range f.imports() {
			if std := within(impure, to); std != "" && !slices.Contains(excused[r.path], std) {
				found(f, spec, "imports "+to)
			}
		}
	}
}

// within returns the package of the list in which an import path lies, or "".
func within(packages []string, to string) string {
	i := slices.IndexFunc(packages, func(p string) bool { return to == p || strings.HasPrefix(to, p+"/") })
	if i < 0 {
		return ""
	}
	return packages[i]
}

// imports yields what the file imports, and where.
func (f file) imports() iter.Seq2[ast.Node, string] {
	return func(yield func(ast.Node, string) bool) {
		for _, spec := range f.syntax.Imports {
			if to, err := strconv.Unquote(spec.Path.Value); err == nil && !yield(spec, to) {
				return
			}
		}
	}
}

// ours yields the rooms that the file imports, and where.
func (f file) ours() iter.Seq2[ast.Node, string] {
	return func(yield func(ast.Node, string) bool) {
		for spec, to := range f.imports() {
			if room, ok := strings.CutPrefix(to, module); ok && !yield(spec, room) {
				return
			}
		}
	}
}
