package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"wangge/node"
	"wangge/node/policy"
	"wangge/sync/bundle"
)

var bundleVerb = verb{
	name: "bundle",
	does: "carry work on a stick between machines that have no signal",
	help: `Usage: wangge bundle export --data DIR [flags] FILE
       wangge bundle import --data DIR [flags] FILE
       wangge bundle show FILE
       wangge bundle card --data DIR FILE

A bundle is a file for one machine, or for the county's hub. Whoever carries it can
neither read nor change it; to lose it, or to bring it twice or late, does no harm.

export writes what the addressee lacks, as far as this machine knows: all work that
the hub is not known to have, the own first, then photos and files: previews, then the
small before the large. Should the stick be pulled out, what is there already is good:
the unfinished file is called FILE.part, can be imported as it is, and the same command
goes on with it. Of photos for which a limit leaves no room export says how many there
are: they go with the next bundle, from the piece on that the other side has.
import takes what is whole, names what is missing, and writes an answer for the sender
beside FILE. Carried back and imported there, it shows what the county has, photos too
once most of its replicas have read their copy, what it did not take and why, and brings
what the sender lacked. A hub's replica must run meanwhile; a box may run or not.
show says what anybody can see of a bundle. card writes down this machine's public
sealing key, by which another box can write to it before it has had a bundle from it.

  --data DIR       the node's data folder
  --keys DIR       its keys (default: the folder keys beside the data folder)
  --json           print JSON
export:
  --to WHOM        hub (default), or the number of a device that a bundle came from
  --card FILE      or the card of the machine that it is for
  --all            also what the addressee is known to have
  --since DATE     only what was saved since, such as 2026-05-01
  --limit SIZE     at most so large, such as 500MB, for an answer too; the rest goes on
                   another stick, or with the next bundle
  --after FILES    leave out what these bundles hold, which are carried as well
import:
  --answer FILE    where the answer goes (default: FILE.answer; none for an answer)
  --no-answer      write none

Example:
  wangge bundle export --data box-1/data /media/usb/box-1.bundle
  wangge bundle import --data hub-1/data /media/usb/box-1.bundle
  wangge bundle import --data box-1/data /media/usb/box-1.bundle.answer
  wangge bundle export --data box-1/data --limit 500MB --after /mnt/a/1.bundle /mnt/b/2.bundle

Exit codes: 0 done, 1 failed, 2 called wrongly, 3 a part is missing, was refused or did not fit.
`,
	run: runBundle,
}

// bundling is what the verb is given.
type bundling struct {
	folder
	a                    *arguments
	to, card, since      string
	limit, after, answer string
	all, silent, asJSON  bool
	id                   *policy.Identity
	path                 string
	post                 node.Post
}

func runBundle(ctx context.Context, a *arguments) error {
	b := &bundling{a: a}
	does := map[string]func(context.Context) error{"export": b.export, "import": b.take, "show": b.show, "card": b.writeCard}
	f := a.flags()
	b.register(f)
	rest, err := a.parse(f, 2)
	if err != nil {
		return err
	}
	if len(rest) == 0 || does[rest[0]] == nil {
		return misused("want export, import, show or card")
	}
	if len(rest) == 1 {
		return misused("FILE is missing")
	}
	b.path = rest[1]
	if rest[0] == "show" {
		return b.show(ctx)
	}
	if _, b.id, err = b.open(); err != nil {
		return err
	}
	return does[rest[0]](ctx)
}

func (b *bundling) register(f *flag.FlagSet) {
	b.folder.register(f)
	f.StringVar(&b.to, "to", "hub", "")
	f.StringVar(&b.card, "card", "", "")
	f.StringVar(&b.since, "since", "", "")
	f.StringVar(&b.limit, "limit", "", "")
	f.StringVar(&b.after, "after", "", "")
	f.StringVar(&b.answer, "answer", "", "")
	f.BoolVar(&b.all, "all", false, "")
	f.BoolVar(&b.silent, "no-answer", false, "")
	f.BoolVar(&b.asJSON, "json", false, "")
}

// atPost runs do where the node's letters are written and read.
func (b *bundling) atPost(do func() error) (err error) {
	b.post, err = node.OpenPost(b.id, b.data, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return errors.Join(do(), b.post.Close())
}

func (b *bundling) export(ctx context.Context) error {
	to, err := b.addressee()
	if err != nil {
		return err
	}
	x := node.Export{To: to, Order: node.Order{All: b.all}, Progress: growing(b.a.stderr)}
	if x.Limit, err = parseSize(b.limit); err != nil {
		return err
	}
	if b.since != "" {
		if x.Order.Since, err = time.ParseInLocation(time.DateOnly, b.since, time.Local); err != nil {
			return misused("--since %s: want a date such as 2026-05-01", b.since)
		}
	}
	files, err := openAll(b.after)
	defer closeAll(files)
	if err != nil {
		return err
	}
	for _, f := range files {
		x.After = append(x.After, f)
	}
	return b.atPost(func() error {
		err := b.make(ctx, &x, b.path)
		return errors.Join(b.sayExport(b.a.stdout, x, err), err)
	})
}

// addressee returns the card of the machine that the bundle is for.
func (b *bundling) addressee() (policy.Card, error) {
	device, err := strconv.ParseUint(b.to, 10, 32)
	if err != nil && b.to != "hub" {
		return policy.Card{}, misused("--to %s: want hub, or a device's number", b.to)
	}
	var card []byte
	if b.card != "" {
		if card, err = policy.ReadCardFile(b.card); err != nil {
			return policy.Card{}, err
		}
	}
	return node.Addressee(b.id, b.data, uint32(device), card)
}

// exported is what export prints as JSON.
type exported struct {
	File    string         `json:"file"`
	To      uint32         `json:"to"` // 0 is the hub
	Bundle  string         `json:"bundle"`
	Bytes   int64          `json:"bytes"`
	Frames  uint64         `json:"frames"`
	Batches uint64         `json:"batches"` // that went in now
	Files   bundle.Freight `json:"files"`   // photos and files of which something went in now
	Left    bundle.Freight `json:"left"`    // those that did not, and bytes
	More    bool           `json:"more"`    // there was more than room
}

func (b *bundling) sayExport(out io.Writer, x node.Export, failed error) error {
	if failed != nil && !errors.Is(failed, errPartial) {
		return nil
	}
	e := exported{b.path, x.Header.To, fmt.Sprintf("%x", x.Header.ID[:6]), x.Bytes, x.Frames, x.Batches, x.Files, x.Left(), x.More}
	if b.asJSON {
		return json.NewEncoder(out).Encode(e)
	}
	fmt.Fprintf(out, "%s: bundle %s for %s, %d bytes; %d batches went in\n", e.File, e.Bundle, whom(x.To.Device), e.Bytes, e.Batches)
	sayFreight(out, x)
	return nil
}

func whom(d policy.Device) string {
	if d.Role == policy.Hub {
		return "the county's hub"
	}
	return fmt.Sprintf("device %d (%s)", d.Index, d.Name)
}

func (b *bundling) show(context.Context) error {
	f, err := openBundleFile(b.path)
	if err != nil {
		return err
	}
	defer f.Close()
	s, err := bundle.Look(f)
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name(), err)
	}
	to, end := fmt.Sprintf("device %d", s.Header.To), "torn: its end is missing"
	if s.Header.To == bundle.Hub {
		to = "the county's hub"
	}
	switch {
	case s.More:
		end = "ended where there was no more room; the rest is elsewhere"
	case s.Ended:
		end = "whole"
	}
	if b.asJSON {
		return json.NewEncoder(b.a.stdout).Encode(map[string]any{
			"bundle": fmt.Sprintf("%x", s.Header.ID[:6]), "county": fmt.Sprintf("%x", s.Header.County), "to": s.Header.To, "from": s.Header.From,
			"begun": time.UnixMilli(s.Header.At), "frames": s.Frames, "bytes": s.Size, "ended": s.Ended, "more": s.More,
		})
	}
	fmt.Fprintf(b.a.stdout, "bundle %x of county %x, for %s, from device %d, begun %s\n%d frames, %d bytes; %s\n",
		s.Header.ID[:6], s.Header.County, to, s.Header.From, moment(time.UnixMilli(s.Header.At)), s.Frames, s.Size, end)
	return nil
}

func (b *bundling) writeCard(context.Context) error {
	card, err := b.id.Card()
	if err != nil {
		return err
	}
	if err := policy.WriteCardFile(b.path, card); err != nil {
		return err
	}
	fmt.Fprintf(b.a.stdout, "%s: the card of device %d (%s). It is no secret; at the other machine: wangge bundle export --card %s\n",
		b.path, b.id.Device.Index, b.id.Device.Name, b.path)
	return nil
}

// parseSize reads a number of bytes.
func parseSize(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	digits, unit := strings.ToUpper(s), int64(1)
	for suffix, n := range map[string]int64{"KB": 1e3, "MB": 1e6, "GB": 1e9} {
		if rest, ok := strings.CutSuffix(digits, suffix); ok {
			digits, unit = rest, n
		}
	}
	n, err := strconv.ParseInt(digits, 10, 40)
	if err != nil || n <= 0 || n > 1<<62/unit {
		return 0, misused("--limit %s: want a size such as 500MB", s)
	}
	return n * unit, nil
}

// growing tells every five seconds how much was written.
func growing(out io.Writer) func(bytes int64) {
	last := time.Now()
	return func(bytes int64) {
		if now := time.Now(); now.Sub(last) > 5*time.Second {
			last = now
			fmt.Fprintf(out, "%.1f MB written\n", float64(bytes)/1e6)
		}
	}
}

func openAll(list string) (files []*os.File, err error) {
	for path := range strings.SplitSeq(list, ",") {
		if path = strings.TrimSpace(path); path == "" {
			continue
		}
		f, err := openBundleFile(path)
		if err != nil {
			return files, err
		}
		files = append(files, f)
	}
	return files, nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}
