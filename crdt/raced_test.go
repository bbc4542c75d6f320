//go:build race || js

package crdt_test

const (
	runsUsual = 300
	countAll  = false // until a mutant is caught
)
