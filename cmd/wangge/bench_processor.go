package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
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

// ticks are what Linux counts a process's time in, on every machine: USER_HZ.
const ticks = time.Second / 100

// processorOf returns what another process has used of all processors so far, to a
// hundredth of a second.
func processorOf(process int) (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", process))
	if err != nil {
		return 0, fmt.Errorf("what a process has used is read from Linux's /proc: %w", err)
	}
	const user, system = 11, 12 // behind the name, which may have spaces and ends with the last bracket
	fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(fields) <= system {
		return 0, fmt.Errorf("/proc/%d/stat is not as proc(5) says", process)
	}
	sum := time.Duration(0)
	for _, at := range []int{user, system} {
		n, err := strconv.ParseInt(string(fields[at]), 10, 64)
		if err != nil {
			return 0, err
		}
		sum += time.Duration(n) * ticks
	}
	return sum, nil
}
