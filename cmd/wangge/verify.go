package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"wangge/node/store"
)

var verifyVerb = verb{
	name: "verify",
	does: "prove a stopped node's data, and repair it",
	help: `Usage: wangge verify --data DIR [flags]

Reads all of a stopped node's data: every page, every stream's chain from its
beginning with all signatures, whether records, lists and sums are what the log
gives, and each piece of each photo and file. Each fault is named with what helps. Takes as much memory as the
largest space's records.

` + folderHelp + `  --repair           write the file anew from what is proven, then prove it again
  --json             print JSON

A repair puts a new file in the old one's place and needs as much room again.
What the log does not prove is cut, and peers bring it again; where a cut is in
this node's own work, the node goes on under a new writer's key. A hub replica's
log is never cut. What cannot be found: a changed level of work that is on its
way, and damage to the file's name or county, which looks like a foreign file.

Example:
  wangge verify --data box-1/data
  wangge verify --data box-1/data --repair

Exit codes: 0 all is well, or was repaired; 1 there are faults.
`,
	run: runVerify,
}

func runVerify(_ context.Context, a *arguments) error {
	var d folder
	f := a.flags()
	d.register(f)
	repair, asJSON := f.Bool("repair", false, ""), f.Bool("json", false, "")
	if _, err := a.parse(f, 0); err != nil {
		return err
	}
	o, _, err := d.open()
	if err != nil {
		return err
	}
	if err := d.stopped(); err != nil {
		return err
	}
	found, err := store.Verify(o, reading(a.stderr))
	if err == nil && *repair && len(found.Faults)+int(found.Kills) > 0 {
		if _, err = store.Repair(o, reading(a.stderr)); err == nil {
			err = sound(o)
		}
	}
	if err != nil {
		return err
	}
	if *asJSON {
		err = json.NewEncoder(a.stdout).Encode(found)
	} else {
		printFindings(a.stdout, o.Path, found)
	}
	switch {
	case len(found.Faults) == 0 || err != nil:
		return err
	case *repair:
		fmt.Fprintln(a.stderr, "repaired; the faults above are those before the repair")
		return nil
	}
	return fmt.Errorf("%s has %d faults", o.Path, len(found.Faults)+found.More)
}

// sound proves a repaired file.
func sound(o store.Options) error {
	left, err := store.Verify(o, nil)
	if err == nil && len(left.Faults) > 0 {
		err = errors.New("the repaired file is not sound: keep it, and restore a backup or begin with an empty folder")
	}
	return err
}

func printFindings(out io.Writer, path string, found store.Findings) {
	fmt.Fprintf(out, "%s: %d spaces, %d streams, %d batches proven, %d records\n", path, found.Spaces, found.Streams, found.Batches, found.Records)
	for _, fault := range found.Faults {
		fmt.Fprintf(out, "%s: %s\n  %s\n", fault.Part, fault.What, fault.Remedy.Advice())
	}
	if found.More > 0 {
		fmt.Fprintf(out, "and %d faults more\n", found.More)
	}
	if found.Kills > 0 {
		fmt.Fprintf(out, "%d records remember other replaced versions than the log; they show the same, and wangge verify --repair makes them anew\n", found.Kills)
	}
	printFiles(out, found.Files)
	if len(found.Faults) == 0 {
		fmt.Fprintln(out, "all is well")
	}
}

// printFiles names the files that are not here. That is no fault: a record comes
// before its photos.
func printFiles(out io.Writer, f store.FileFindings) {
	fmt.Fprintf(out, "%d photos and files, %d bytes; %d are coming in pieces\n", f.Files, f.Bytes, f.Begun)
	for _, missing := range f.Missing {
		fmt.Fprintf(out, "not here: %s\n", missing)
	}
	if f.More > 0 {
		fmt.Fprintf(out, "and %d more\n", f.More)
	}
	if len(f.Missing) > 0 {
		fmt.Fprintln(out, "  what is not here comes from a machine that holds it, or from a backup's folder files, copied into the node's")
	}
}

// reading tells every five seconds how much of a file is read.
func reading(out io.Writer) func(done, of int64) {
	last := time.Now()
	return func(done, of int64) {
		if now := time.Now(); now.Sub(last) > 5*time.Second {
			last = now
			fmt.Fprintf(out, "%3d%% of %d MB read\n", min(100, 100*done/max(of, 1)), of>>20)
		}
	}
}
