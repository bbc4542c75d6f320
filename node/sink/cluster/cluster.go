// Package cluster runs a PostgreSQL server of its own for tests and measurements, out of the system's packages.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
)

// ErrAbsent says that no server is installed here.
var ErrAbsent = errors.New("there is no PostgreSQL server here: apt-get install --no-install-recommends postgresql")

// Cluster is a running server that listens at a socket in its own folder alone.
type Cluster struct {
	URL string // how it is reached
	dir string
	bin string
}

// Start makes a cluster in a new folder and starts its server. A server of root's
// would refuse to run: it is the user postgres's then.
func Start(ctx context.Context) (_ *Cluster, err error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is sound
	if len(found) == 0 {
		return nil, ErrAbsent
	}
	slices.Sort(found)
	c := &Cluster{bin: filepath.Dir(found[len(found)-1])}
	if c.dir, err = os.MkdirTemp("", "wangge-pg-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(c.dir)
		}
	}()
	if err := c.own(); err != nil {
		return nil, err
	}
	if err := c.do(ctx, "initdb", "-D", filepath.Join(c.dir, "data"), "-U", "wangge", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"); err != nil {
		return nil, err
	}
	if err := c.Run(ctx); err != nil {
		return nil, err
	}
	c.URL = fmt.Sprintf("host=%s user=wangge dbname=postgres", c.dir)
	return c, nil
}

// Dir returns the cluster's folder, in which its socket and its data stand.
func (c *Cluster) Dir() string { return c.dir }

// own gives the folder to the server's user.
func (c *Cluster) own() error {
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return errors.Join(ErrAbsent, err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	return os.Chown(c.dir, uid, -1)
}

// Run starts the server again.
func (c *Cluster) Run(ctx context.Context) error {
	return c.do(ctx, "pg_ctl", "-D", filepath.Join(c.dir, "data"), "-l", filepath.Join(c.dir, "log"), "-w", "-t", "60",
		"-o", fmt.Sprintf("-k %s -c listen_addresses=''", c.dir), "start")
}

// Stop ends the server at once, as a power cut would.
func (c *Cluster) Stop(ctx context.Context) error {
	return c.do(ctx, "pg_ctl", "-D", filepath.Join(c.dir, "data"), "-m", "immediate", "-w", "stop")
}

// Close stops the server and takes its folder away.
func (c *Cluster) Close() error {
	err := c.Stop(context.Background())
	return errors.Join(err, os.RemoveAll(c.dir))
}

func (c *Cluster) do(ctx context.Context, program string, args ...string) error {
	args = append([]string{filepath.Join(c.bin, program)}, args...)
	if os.Getuid() == 0 {
		args = append([]string{"runuser", "-u", "postgres", "--"}, args...)
	}
	run := exec.CommandContext(ctx, args[0], args[1:]...)
	run.Dir = c.dir
	// Its output goes to a file: a server keeps a pipe open for as long as it lives.
	said, err := os.Create(filepath.Join(c.dir, program+".out"))
	if err != nil {
		return err
	}
	defer said.Close()
	run.Stdout, run.Stderr = said, said
	if err := run.Run(); err != nil {
		text, _ := os.ReadFile(said.Name()) // what there is of a reason
		return fmt.Errorf("%s: %w: %s", program, err, text)
	}
	return nil
}
