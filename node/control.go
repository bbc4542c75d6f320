package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// controlName is the socket in a node's data folder by which commands on the
// same machine speak to the node that runs there. Only its own account may.
const controlName = "control.sock"

// sizeHeader says, about, how many bytes a copy will have.
const sizeHeader = "Wangge-Size"

// controlMax is the longest path, in bytes, that every system takes for a socket.
const controlMax = 103

// ErrNotRunning says that no node runs in a data folder.
var ErrNotRunning = errors.New("no node runs there")

// controlPath returns where a data folder's socket is, or why it can have none.
func controlPath(data string) (string, error) {
	path := filepath.Join(data, controlName)
	if len(path) > controlMax {
		return "", fmt.Errorf("the path %s has %d bytes, %d more than a socket may: give the node a data folder with a shorter path",
			path, len(path), len(path)-controlMax)
	}
	return path, nil
}

// listenControl opens the socket. The store's lock says that no other node runs
// here, so what lies there already was left by one that was killed. A node that
// can have no socket runs without.
func (n *node) listenControl() net.Listener {
	if n.config.Socket != nil {
		return nil
	}
	left, _ := filepath.Glob(filepath.Join(n.config.Data, copyName))
	for _, path := range left {
		os.Remove(path)
	}
	path, err := controlPath(n.config.Data)
	if err == nil {
		os.Remove(path)
		var l net.Listener
		if l, err = net.Listen("unix", path); err == nil {
			if err = os.Chmod(path, 0o600); err == nil {
				return l
			}
			l.Close()
		}
	}
	n.log.Warn("no backup can be made while this node runs", "error", err)
	return nil
}

// serveControl answers commands until ctx ends.
func (n *node) serveControl(ctx context.Context, l net.Listener) error {
	if l == nil {
		return nil
	}
	pages := http.NewServeMux()
	pages.HandleFunc("GET /snapshot", n.sendSnapshot)
	pages.HandleFunc("POST /kinds", n.takeKinds)
	pages.HandleFunc("POST /decide", n.takeHand)
	n.serveLetters(pages)
	server := &http.Server{
		Handler: pages, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(n.log.Handler(), slog.LevelDebug),
	}
	stop := context.AfterFunc(ctx, func() { server.Close() }) // a copy that is cut off is thrown away
	defer stop()
	if err := server.Serve(l); ctx.Err() == nil {
		return err
	}
	return context.Cause(ctx)
}

// sendSnapshot sends the store's file as it is at this moment; the node goes on
// meanwhile. An answer that breaks off is told from a whole one by its end.
func (n *node) sendSnapshot(w http.ResponseWriter, _ *http.Request) {
	size, _ := n.store.Room()
	w.Header().Set(sizeHeader, strconv.FormatInt(size, 10))
	if err := n.store.Snapshot(w); err != nil {
		n.log.Warn("a copy for a backup broke off", "error", err)
		panic(http.ErrAbortHandler)
	}
}

// copyName matches the copies of a running node's store. They lie in the node's
// own folder for as long as it takes to make a backup of them, because the key of
// its writer is in them; the next start removes what was left.
const copyName = "copy-*.db"

// Copy has the node that runs in a data folder copy its store as it is now, and
// returns where the copy is: whoever asked removes it. It is ErrNotRunning when
// none runs. progress is told bytes written and, about, bytes to write.
func Copy(ctx context.Context, data string, progress func(done, of int64)) (path string, err error) {
	answer, err := ask(ctx, data, "/snapshot")
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	file, err := os.CreateTemp(data, copyName)
	if err != nil {
		return "", err
	}
	size, _ := strconv.ParseInt(answer.Header.Get(sizeHeader), 10, 64)
	_, err = io.Copy(&counter{w: file, size: size, progress: progress}, answer.Body)
	if err = errors.Join(err, file.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("copying the running node's data broke off: %w", err), os.Remove(file.Name()))
	}
	return file.Name(), nil
}

// Running reports whether a node runs in a data folder, or why its socket cannot
// tell.
func Running(data string) (bool, error) {
	path, err := controlPath(data)
	if err != nil {
		return false, err
	}
	c, err := net.Dial("unix", path)
	if err != nil {
		return false, nil // the store's lock has the last word
	}
	return true, c.Close()
}

func ask(ctx context.Context, data, what string) (*http.Response, error) {
	return askWith(ctx, data, http.MethodGet, what, nil)
}

// askWith asks the node that runs in a data folder; it reads body as it is sent.
func askWith(ctx context.Context, data, method, what string, body io.Reader) (*http.Response, error) {
	path, err := controlPath(data)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}, DisableKeepAlives: true}}
	r, err := http.NewRequestWithContext(ctx, method, "http://node"+what, body)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(r)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return nil, ErrNotRunning
	}
	if err != nil {
		return nil, fmt.Errorf("speaking to the node on %s: %w", path, err)
	}
	if answer.StatusCode == http.StatusConflict { // it understands, and says why not
		why, err := io.ReadAll(io.LimitReader(answer.Body, 4<<10))
		return nil, errors.Join(errors.New(strings.TrimSpace(string(why))), err, answer.Body.Close())
	}
	if answer.StatusCode != http.StatusOK {
		answer.Body.Close()
		return nil, fmt.Errorf("the node on %s answers %s: it and this program are of different versions", path, answer.Status)
	}
	return answer, nil
}

// counter tells how much went through it.
type counter struct {
	w          io.Writer
	done, size int64
	progress   func(done, of int64)
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.done += int64(n)
	c.progress(c.done, max(c.size, c.done))
	return n, err
}
