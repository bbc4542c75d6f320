package store

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const crashDir = "WANGGE_STORE_CRASH_DIR"

// TestMain turns the test's own binary into a node that is killed while it saves.
func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		saveUntilKilled(dir)
	}
	if dir := os.Getenv(fullDir); dir != "" {
		if err := saveUntilFull(dir); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	for name, play := range map[string]func(string) error{filesCrashDir: writeFilesUntilKilled, filesFullDir: writeUntilFull} {
		if dir := os.Getenv(name); dir != "" {
			if err := play(dir); err != nil {
				fmt.Println(err)
				os.Exit(1)
			}
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

// saveUntilKilled saves form after form, each a record here and one there, and
// prints the number of each one that was acknowledged.
func saveUntilKilled(dir string) {
	s, err := Open(newDevice(1).options(filepath.Join(dir, "store.db")))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for n := int(s.Held(village, newDevice(1).writer)); ; n++ {
		word := strconv.Itoa(n)
		err := s.Save(func(d *Draft) error {
			if err := visit(village, recordID(n), word)(d); err != nil {
				return err
			}
			return visit(street, recordID(n%5), word)(d)
		})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(word)
	}
}

func TestNothingAcknowledgedIsLostWhenTheProcessIsKilled(t *testing.T) {
	dir := t.TempDir()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	last := -1
	for range 20 {
		last = max(last, killed(t, dir, 1+r.IntN(30)))
		s, err := Open(newDevice(1).options(filepath.Join(dir, "store.db")))
		if err != nil {
			t.Fatal(err)
		}
		for n := range last + 1 {
			if got := text(t, s, village, recordID(n)); got != strconv.Itoa(n) {
				t.Fatalf("form %d was acknowledged and shows %q", n, got)
			}
		}
		w := newDevice(1).writer
		if s.Held(village, w) != s.Held(street, w) {
			t.Errorf("half a form was kept: %d batches here, %d there", s.Held(village, w), s.Held(street, w))
		}
		if digest(t, s, village) != recount(t, s, village) || digest(t, s, street) != recount(t, s, street) {
			t.Error("a digest is not what a recount gives")
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killed runs a saving child, kills it after its k-th word, and returns the last
// form that it acknowledged.
func killed(t *testing.T, dir string, k int) int {
	t.Helper()
	return killedAs(t, crashDir, dir, k)
}

func killedAs(t *testing.T, role, dir string, k int) int {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), role+"="+dir)
	out, err := child.StdoutPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	words := bufio.NewReader(out)
	last := -1
	for n := 0; ; n++ {
		line, err := words.ReadString('\n')
		if err == io.EOF {
			break
		}
		form, notNumber := strconv.Atoi(strings.TrimSpace(line))
		switch {
		case err != nil || notNumber != nil && line != "+\n":
			t.Fatalf("the child says %q: %v", line, err)
		case notNumber == nil:
			last = form
		}
		if n == k {
			child.Process.Kill()
		}
	}
	child.Wait()
	return last
}
