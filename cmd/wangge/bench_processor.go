package main

import (
	"syscall"
	"time"
)

// processorTime returns what this process has used of all processors so far, the
// garbage collector and the kernel's work for it included.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic("this system does not tell a process what it has used: " + err.Error())
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// worked returns what a piece of work took of the processors, which on a shared
// machine says more than the clock.
func worked(work func() error) (time.Duration, error) {
	before := processorTime()
	err := work()
	return processorTime() - before, err
}
