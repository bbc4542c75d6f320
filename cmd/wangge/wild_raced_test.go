//go:build race

package main

// memoryTimes is how many times as much memory a process takes that the race
// detector watches: it remembers who touched each word.
const memoryTimes = 8
