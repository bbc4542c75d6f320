package main

import (
	"flag"
	"fmt"
	"path/filepath"
	"time"

	"wangge/node"
	"wangge/node/policy"
	"wangge/node/store"
)

// folder is the data folder of a stopped node, and the keys that its content is
// judged by.
type folder struct {
	data, keys string
	bare       bool // without photos and files
}

const folderHelp = `  --data DIR         the node's data folder; the node must be stopped
  --keys DIR         its keys (default: the folder keys beside the data folder)
`

func (d *folder) register(f *flag.FlagSet) {
	f.StringVar(&d.data, "data", "", "")
	f.StringVar(&d.keys, "keys", "", "")
}

func (d *folder) store() string { return filepath.Join(d.data, "store.db") }

// stopped says what to do if a node runs on the folder.
func (d *folder) stopped() error {
	if running, _ := node.Running(d.data); running {
		return fmt.Errorf("a node runs in %s: stop that node first, or make a copy with wangge backup, which proves it, and look at that", d.data)
	}
	return nil
}

// open reads the keys, and says how the store is to be read.
func (d *folder) open() (store.Options, *policy.Identity, error) {
	if d.data == "" {
		return store.Options{}, nil, misused("--data DIR is missing")
	}
	if d.keys == "" {
		d.keys = filepath.Join(filepath.Dir(filepath.Clean(d.data)), "keys")
	}
	id, err := policy.LoadIdentity(d.keys)
	if err != nil {
		return store.Options{}, nil, fmt.Errorf("reading the device's keys, which --keys names: %w", err)
	}
	authority := policy.NewAuthority(id.Root)
	o := store.Options{
		Path: d.store(), County: id.County, Now: time.Now,
		Author: func(kept []byte) (store.Author, error) { return id.ReadWriter(kept) },
		Signatory: func(credential []byte) (store.Signatory, error) {
			s, err := authority.Signatory(credential)
			if err != nil {
				return nil, err
			}
			return s, nil
		},
	}
	if id.Device.Role == policy.Hub {
		o.Author = nil
	}
	return o, id, nil
}
