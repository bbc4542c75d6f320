//go:build !race && !js

package crdt_test

// How much is tried unless a flag says otherwise. The race detector and a
// browser's machine take ten times as long for the same, and what they are asked
// shows in the first seeds.
const (
	runsUsual = 2000
	countAll  = true // try a mutant with all seeds, and count in how many it is caught
)
