package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// namespaces is where ip keeps the namespaces that have names.
const namespaces = "/run/netns"

// setns is the number of the call that puts a thread into a namespace. Package
// syscall was closed before the call came.
var setns = map[string]uintptr{"amd64": 308, "arm64": 268, "riscv64": 268, "loong64": 268}

// namespace is a network of its own: nothing that happens in it is seen outside.
type namespace struct{ name string }

// lab is the networks of one run: a router's, and one for each machine, which
// reaches the others through it. Nothing in it touches the machine's own network.
type lab struct {
	prefix string
	router namespace
}

// labPrefix and the process number begin the names of a run's namespaces.
const labPrefix = "wangge-"

// newLab opens a lab, or skips the test with what is missing.
func newLab(t *testing.T) *lab {
	t.Helper()
	if missing := labMissing(); missing != "" {
		t.Skipf("machines on wires of their own need Linux, root, and ip, tc and nft (apt-get install iproute2 nftables): %s", missing)
	}
	clearDeadLabs(t)
	l := &lab{prefix: fmt.Sprintf("%s%d-", labPrefix, os.Getpid())}
	t.Cleanup(func() { clearLab(l.prefix) })
	l.router = namespace{l.prefix + "router"}
	if err := l.open(); err != nil {
		t.Skipf("the kernel gives no networks of their own here: %v", err)
	}
	return l
}

func labMissing() string {
	if os.Geteuid() != 0 {
		return "this is not root"
	}
	if setns[runtime.GOARCH] == 0 {
		return "not known how to enter a namespace on " + runtime.GOARCH
	}
	for _, tool := range []string{"ip", "tc", "nft"} {
		if _, err := exec.LookPath(tool); err != nil {
			return "there is no " + tool
		}
	}
	return ""
}

func (l *lab) open() error {
	if err := ip("netns", "add", l.router.name); err != nil {
		return err
	}
	return l.router.do(func() error {
		return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0)
	})
}

// clearDeadLabs removes what runs have left that were killed.
func clearDeadLabs(t *testing.T) {
	left, _ := filepath.Glob(filepath.Join(namespaces, labPrefix+"*-router"))
	for _, path := range left {
		prefix := strings.TrimSuffix(filepath.Base(path), "router")
		var pid int
		if _, err := fmt.Sscanf(prefix, labPrefix+"%d-", &pid); err != nil || lives(pid) {
			continue
		}
		t.Logf("removing what process %d left when it was killed", pid)
		clearLab(prefix)
		folders, _ := filepath.Glob(filepath.Join(os.TempDir(), fmt.Sprintf("%s%d-*", wildFolder, pid)))
		for _, dir := range folders {
			os.RemoveAll(dir)
		}
	}
}

// lives reports whether a process runs. One that has ended and whose end nobody has
// asked for still has its number, but no command line.
func lives(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && len(b) > 0
}

// clearLab removes a run's namespaces, the router's last, by which it is known, and ends
// what still runs in them: a machine that was frozen when its parent died.
func clearLab(prefix string) {
	left, _ := filepath.Glob(filepath.Join(namespaces, prefix+"*"))
	router := filepath.Join(namespaces, prefix+"router")
	for _, path := range left {
		if path != router {
			removeNamespace(filepath.Base(path))
		}
	}
	removeNamespace(filepath.Base(router))
}

func removeNamespace(name string) {
	out, _ := exec.Command("ip", "netns", "pids", name).Output()
	for _, line := range strings.Fields(string(out)) {
		var pid int
		if _, err := fmt.Sscan(line, &pid); err == nil && pid != os.Getpid() {
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	ip("netns", "del", name) // fails only if it is gone
}

// ip runs the tool that sets networks up.
func ip(args ...string) error { return command("", "ip", args...) }

// command runs a tool, and says what it said when it fails.
func command(stdin, tool string, args ...string) error {
	c := exec.Command(tool, args...)
	c.Stdin = strings.NewReader(stdin)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", tool, strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}

// do calls f inside the namespace: sockets that it opens and processes that it
// starts belong there, from whatever goroutine they are used afterwards.
func (n namespace) do(f func() error) error {
	inside, err := os.Open(filepath.Join(namespaces, n.name))
	if err != nil {
		return err
	}
	defer inside.Close()
	runtime.LockOSThread()
	outside, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		runtime.UnlockOSThread()
		return err
	}
	defer outside.Close()
	if err := enter(inside); err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("entering namespace %s: %w", n.name, err)
	}
	err = f()
	if back := enter(outside); back != nil {
		return errors.Join(err, back) // the thread stays locked, and ends with its goroutine
	}
	runtime.UnlockOSThread()
	return err
}

func enter(ns *os.File) error {
	if _, _, errno := syscall.RawSyscall(setns[runtime.GOARCH], ns.Fd(), syscall.CLONE_NEWNET, 0); errno != 0 {
		return errno
	}
	return nil
}
