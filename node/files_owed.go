package node

import (
	"wangge/crdt"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/sync/wire"
)

// owed returns what this node has to bring to the county. It is the one account of
// files for the light, the pages, the command and the metrics.
func (n *node) owed() []store.Owed {
	files, err := n.store.Owed()
	if err != nil {
		n.log.Error("which files the county lacks cannot be read", "error", err)
	}
	return files
}

// addOwed adds the files that wait to what is unsent, and the records that refer to
// them to those that wait. What cannot be sent from here any more counts too, beside
// the trouble that it is: the light must not be green for it.
func (n *node) addOwed(u *web.Unsent, records map[crdt.Space]map[crdt.RecordID]string) {
	for _, o := range n.owed() {
		u.FileBytes += o.Size
		if o.Preview {
			u.Previews++
		} else {
			u.Files++
		}
		n.addRecord(records, o)
	}
}

// addRecord notes that of a record something waits.
func (n *node) addRecord(records map[crdt.Space]map[crdt.RecordID]string, o store.Owed) {
	if records[o.Space][o.Record] != "" {
		return
	}
	rec, err := n.store.Record(o.Space, o.Record)
	if err != nil || rec.Kind == "" {
		return
	}
	if records[o.Space] == nil {
		records[o.Space] = map[crdt.RecordID]string{}
	}
	records[o.Space][o.Record] = rec.Kind
}

// filesOwed says what of a record's photos and files is still to go to the county.
func (n *node) filesOwed(rec crdt.Record) (all web.FilesOwed) {
	if _, originals := rec.Files(); len(originals) == 0 {
		return all
	}
	owed := map[wire.Hash]bool{}
	for _, o := range n.owed() {
		owed[o.Root] = true
	}
	for _, c := range rec.Cells {
		for _, e := range c.Entries {
			if a, ok := e.Value.Attachment(); ok {
				addFile(&all, a, owed)
			}
		}
	}
	return all
}

func addFile(all *web.FilesOwed, a crdt.Attachment, owed map[wire.Hash]bool) {
	shown := a.Preview != crdt.File{}
	if owed[a.Preview.Root] {
		all.Previews++
		shown = false
	}
	if owed[a.Root] {
		all.Originals++
		if shown {
			all.Shown++
		}
	}
}
