package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"wangge/node"
	"wangge/node/policy"
	"wangge/node/store"
)

var backupVerb = verb{
	name: "backup",
	does: "copy a node's data, its photos and files beside it",
	help: `Usage: wangge backup --data DIR [flags] FILE

Copies a node's data into FILE, without free pages and without the key of the
node's writer, and proves the copy. The device's own keys are not in it: whoever
has both FILE and the folder of keys can read everything.

The node may run, and goes on saving meanwhile: the copy is its data at one moment,
with everything that it had called saved when the backup began. It is asked by a
socket in DIR, which takes nobody but its own account, and DIR needs as much room
again while the copy is made.

Photos and files that records refer to are copied into the folder files beside
FILE, each of them checked. They never change: what is there from an earlier
backup is not copied again, so keep several backups in one folder.

  --data DIR         the node's data folder
  --keys DIR         its keys (default: the folder keys beside the data folder)
  --without-files    leave photos and files out
  --json             print JSON

Example:
  wangge backup --data box-1/data /media/usb/box-1.db
`,
	run: runBackup,
}

func runBackup(ctx context.Context, a *arguments) error {
	var asJSON bool
	d, o, _, file, err := backupArguments(a, func(f *flag.FlagSet) { f.BoolVar(&asJSON, "json", false, "") })
	if err != nil {
		return err
	}
	if err := backUp(ctx, a, d, file); err != nil {
		return err
	}
	words := a.stdout
	if asJSON {
		words = a.stderr
	}
	if err := copyFiles(words, d, file, d.store(), file); err != nil {
		return errors.Join(err, os.Remove(file))
	}
	o.Path = file
	found, err := store.Verify(o, reading(a.stderr))
	if err == nil && len(found.Faults) > 0 {
		err = fmt.Errorf("the copy shows faults of the node's data: see wangge verify --data %s", d.data)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file))
	}
	if asJSON {
		return json.NewEncoder(a.stdout).Encode(found)
	}
	printFindings(a.stdout, file, found)
	return nil
}

// backUp writes the backup, from the node's own file or, while the node runs,
// from a copy that it makes of itself.
func backUp(ctx context.Context, a *arguments, d folder, file string) error {
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		return store.Backup(d.store(), file) // which says why not, before anything is copied
	}
	running, unsure := node.Running(d.data)
	if !running {
		err := store.Backup(d.store(), file)
		if err != nil && unsure != nil {
			err = fmt.Errorf("%w; while it runs no backup can be made: %w", err, unsure)
		}
		return err
	}
	fmt.Fprintf(a.stderr, "a node runs in %s: it copies its data and goes on\n", d.data)
	copied, err := node.Copy(ctx, d.data, reading(a.stderr))
	if err != nil {
		return err
	}
	return errors.Join(store.Backup(copied, file), os.Remove(copied))
}

var restoreVerb = verb{
	name: "restore",
	does: "begin a node's data from a backup",
	help: `Usage: wangge restore --data DIR FILE

Makes a backup the data of a node that has none, after proving all of it. The
node goes on under a new writer's key: what its old one wrote after the backup
comes back from neighbours and the county as far as it had reached them, and
nothing is ever signed twice under one number. DIR must hold no store.db.
Photos and files are taken from the folder files beside FILE, each of them
checked; those that are not good there are named, and keep nothing else back.

A hub replica needs no backup while the others stand: it fills itself from them.
When the whole hub is lost, restore the same FILE on every replica, into folders
without raft/, before starting any.

` + folderHelp + `  --without-files    leave photos and files out

Example:
  wangge restore --data box-1/data /media/usb/box-1.db
`,
	run: runRestore,
}

func runRestore(_ context.Context, a *arguments) error {
	d, o, id, file, err := backupArguments(a, func(*flag.FlagSet) {})
	if err != nil {
		return err
	}
	_, err = os.Stat(filepath.Join(d.data, "raft"))
	founding := id.Device.Role == policy.Hub && errors.Is(err, os.ErrNotExist)
	var begins uint64
	if founding {
		begins = node.Founding
	}
	found, err := store.Reinstate(o, file, begins, reading(a.stderr))
	if err != nil {
		return err
	}
	if err := copyFiles(a.stdout, d, d.store(), file, d.store()); err != nil {
		return err
	}
	printFindings(a.stdout, d.store(), found)
	if founding {
		fmt.Fprintln(a.stdout, "Restore the same file on every other replica before starting any.")
		return nil
	}
	fmt.Fprintln(a.stdout, "The node will write under a new key. What its old one wrote after the backup comes back from neighbours and the county; "+
		"what had reached nobody is gone.")
	return nil
}

func backupArguments(a *arguments, more func(*flag.FlagSet)) (d folder, o store.Options, id *policy.Identity, file string, err error) {
	f := a.flags()
	d.register(f)
	f.BoolVar(&d.bare, "without-files", false, "")
	more(f)
	rest, err := a.parse(f, 1)
	if err == nil && len(rest) == 0 {
		err = misused("FILE is missing")
	}
	if err != nil {
		return d, o, nil, "", err
	}
	o, id, err = d.open()
	return d, o, id, rest[0], err
}

// copyFiles copies the photos and files that a store's records refer to, and says
// what became of them.
func copyFiles(words io.Writer, d folder, index, from, to string) error {
	if d.bare {
		fmt.Fprintln(words, "photos and files are left out")
		return nil
	}
	done, err := store.CopyFiles(index, from, to)
	if err != nil {
		return err
	}
	fmt.Fprintf(words, "%d photos and files with %d bytes are copied\n", done.Copied, done.Bytes)
	if done.Left > 0 || done.Damaged > 0 {
		fmt.Fprintf(words, "%d that records refer to are not here, and %d are damaged: neither is copied\n", done.Left, done.Damaged)
	}
	return nil
}
