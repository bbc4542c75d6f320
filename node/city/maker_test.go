package city

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"wangge/node/policy"
	"wangge/node/publication"
)

// december is a day on which November is over.
var december = time.Date(2026, 12, 3, 9, 0, 0, 0, time.UTC)

// county is one that publishes: a real root, and a replica of its hub that seals.
type county struct {
	t    *testing.T
	area string
	dir  string
	root *policy.County
	hub  *policy.Identity
}

func newCounty(t *testing.T, area, name string) *county {
	t.Helper()
	c := &county{t: t, area: area, dir: filepath.Join(t.TempDir(), "county")}
	var err error
	if c.root, err = policy.NewCounty(c.dir, name, december); err != nil {
		t.Fatal(err)
	}
	keys := filepath.Join(t.TempDir(), "keys")
	if _, err := c.root.Enrol(policy.Device{Name: "县中心一", Role: policy.Hub, Holds: []policy.Pattern{"*"}}, keys, december); err != nil {
		t.Fatal(err)
	}
	if c.hub, err = policy.LoadIdentity(keys); err != nil {
		t.Fatal(err)
	}
	return c
}

// cells are a table's, by key.
type cells map[string]int64

// table is one in which nobody stands twice. What has no key is in the rest.
func table(t *testing.T, by cells) publication.Table {
	t.Helper()
	var all []publication.Cell
	var together publication.Cell
	for key, n := range by {
		all = append(all, publication.Cell{Key: key, Value: n, Persons: n})
		together.Value, together.Persons = together.Value+n, together.Persons+n
	}
	made, err := publication.Suppress(all, together, publication.Least)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// whole is a table without groups.
func whole(t *testing.T, n int64) publication.Table { return table(t, cells{"": n}) }

func (c *county) said(month string, number int, tables ...publication.Figure) *publication.Publication {
	if tables == nil {
		tables = []publication.Figure{visits(whole(c.t, 20))}
	}
	return &publication.Publication{
		Format: 1, Area: c.area, Month: month, Number: number, At: "2026-12-03T09:00:00+08:00", By: "王秀英", Boxes: 38, Of: 41, Least: 4, Tables: tables,
	}
}

func visits(t publication.Table) publication.Figure {
	return publication.Figure{Report: "grid_visit.visits", Title: "走访次数", Unit: "次", Table: t}
}

func (c *county) sealed(p *publication.Publication) []byte {
	c.t.Helper()
	text, err := publication.Append(nil, p)
	if err != nil {
		c.t.Fatal(err)
	}
	s := publication.Sealed{Publication: text}
	s.Seal = c.hub.Seal(s.Content())
	b, err := publication.AppendSealed(nil, s)
	if err != nil {
		c.t.Fatal(err)
	}
	return b
}

// file writes what a county publishes into a file.
func (c *county) file(p *publication.Publication) string {
	return put(c.t, p.Area+"-"+p.Month+"-"+strconv.Itoa(p.Number), c.sealed(p))
}

func put(t *testing.T, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func newCity(t *testing.T, area string, trusted ...*county) *Folder {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "city")
	if err := Found(dir, area, "晋城市", december); err != nil {
		t.Fatal(err)
	}
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range trusted {
		f.trust(t, c.area, c.dir)
	}
	return f
}

// trust brings a root certificate.
func (f *Folder) trust(t *testing.T, as, from string) {
	t.Helper()
	root, err := os.ReadFile(filepath.Join(from, "county.crt"))
	if err == nil {
		err = os.WriteFile(filepath.Join(f.dir, trustedDir, as+".pem"), root, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (f *Folder) takes(t *testing.T, path string) Received {
	t.Helper()
	r, err := f.Receive(path, december)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
