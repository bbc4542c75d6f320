package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"wangge/node/policy"
	"wangge/node/web"
)

// actor is one node of a demonstration: a child process that can be killed and
// started again.
type actor struct {
	device  policy.Device
	dir     string
	program string
	link    string // UDP address, fixed for the demonstration's life

	turn sync.Mutex // held while the process is started or ended

	mu      sync.Mutex // guards what follows
	process *os.Process
	exited  chan struct{} // closed when process has gone
	web     string
	cut     bool
}

func (a *actor) readyFile() string { return filepath.Join(a.dir, "ready.json") }

// start starts the process unless it is running.
func (a *actor) start() error {
	a.turn.Lock()
	defer a.turn.Unlock()
	if a.running() {
		return nil
	}
	if err := os.Remove(a.readyFile()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	log, err := os.OpenFile(filepath.Join(a.dir, "log.txt"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(a.program, string(a.device.Role),
		"--config", filepath.Join(a.dir, "node.yaml"), "--ready-file", a.readyFile(), "--with-parent")
	cmd.Stdout, cmd.Stderr = log, log
	// The child reads its standard input to the end, which comes when this
	// process dies, however it dies: no node is left behind.
	held, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", a.device.Name, err)
	}
	exited := make(chan struct{})
	a.mu.Lock()
	a.process, a.exited, a.cut = cmd.Process, exited, false
	a.mu.Unlock()
	go a.await(cmd, held, exited) // ends with the process, for which stop waits
	return nil
}

func (a *actor) await(cmd *exec.Cmd, held io.Closer, exited chan struct{}) {
	cmd.Wait() // how it ended stands in its log
	held.Close()
	close(exited)
}

func (a *actor) running() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.process == nil {
		return false
	}
	select {
	case <-a.exited:
		return false
	default:
		return true
	}
}

// awaitReady returns once the process says that it is up.
func (a *actor) awaitReady(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if r, err := readReady(a.readyFile()); err == nil {
			a.mu.Lock()
			a.web = r.Web
			a.mu.Unlock()
			return nil
		}
		select {
		case <-a.exited:
			return fmt.Errorf("%s ended instead of coming up; see %s", a.device.Name, filepath.Join(a.dir, "log.txt"))
		case <-ctx.Done():
			return fmt.Errorf("%s did not come up: %w", a.device.Name, context.Cause(ctx))
		case <-tick.C:
		}
	}
}

// kill ends the process at once.
func (a *actor) kill() { a.signal(syscall.SIGKILL) }

// stop asks the process to end, and ends it when it does not.
func (a *actor) stop() { a.signal(syscall.SIGTERM) }

// stopTimeout is how long a node may take to stop when asked.
const stopTimeout = 10 * time.Second

func (a *actor) signal(s syscall.Signal) {
	a.turn.Lock()
	defer a.turn.Unlock()
	a.mu.Lock()
	process, exited := a.process, a.exited
	a.mu.Unlock()
	if process == nil {
		return
	}
	process.Signal(s) // fails only if it has gone
	select {
	case <-exited:
	case <-time.After(stopTimeout):
		process.Kill()
		<-exited
	}
}

// Actor returns how the actor stands.
func (a *actor) Actor() web.Actor {
	running := a.running()
	a.mu.Lock()
	defer a.mu.Unlock()
	shown := web.Actor{
		Device: a.device.Index, Name: a.device.Name, Role: string(a.device.Role),
		Web: a.web, Running: running, Cut: running && a.cut,
	}
	if running {
		shown.Process = a.process.Pid
	}
	return shown
}

func (a *actor) client() (*client, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.web == "" {
		return nil, web.ErrMissing
	}
	return newClient(a.web)
}

func (a *actor) cutLink(cut bool) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := c.do(ctx, "POST", "/api/link", "application/json", fmt.Appendf(nil, `{"cut":%t}`, cut)); err != nil {
		return err
	}
	a.mu.Lock()
	a.cut = cut
	a.mu.Unlock()
	return nil
}
