package sim

import (
	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/sync/pieces"
	"wangge/sync/wire"
)

// Parts are what a mutant breaks beside conversations and disks. Each is nil where
// nothing is broken.
type Parts struct {
	Counts  func(store.Event) bool                                    // whether the figures hear of a commit
	Who     func(policy.Device) policy.Device                         // what a certificate says, to both ends of conversations
	Says    func([]wire.Message) []wire.Message                       // what a side of a conversation says
	Reads   func(*Machine, []byte) []byte                             // a committed entry, as a replica reads it
	Grants  func(crdt.Record, crdt.RecordID, crdt.Writer) crdt.Record // an account, as a form reads it before it spends
	Hasty   bool                                                      // a box drops what it may hold no more whether or not the county has it
	Finds   func(store.Findings) store.Findings                       // what a look through a file came to, as a person is told
	Spoils  func(path string)                                         // a file, before it is looked through at the end
	Trusts  func(store.Signatory) store.Signatory                     // whoever shows a credential
	Shows   func(crdt.Record) crdt.Record                             // a record of the county's, as it is shown
	Asks    func(*Machine, wire.FileWord) bool                        // whether what a machine asks of files is said
	Frank   bool                                                      // files are given to whoever asks
	Hurried bool                                                      // a replica that has a file says that most have
	Lulled  bool                                                      // a box that is connected never greets anew
	Credits bool                                                      // a box asks its neighbours for the county's receipts
	Keeps   func(pieces.Keeper) pieces.Keeper                         // what comes of files
}
