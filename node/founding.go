package node

import "wangge/node/consensus"

// Founding is up to where in the hub's log a backup stands from which the whole hub is
// begun anew: who restores one says so to store.Reinstate.
const Founding = consensus.Founding
