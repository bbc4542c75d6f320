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
	"sync/atomic"
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

// saveUntilKilled has four people save form after form, each a record here and
// one there, and prints the number of each one that was acknowledged.
func saveUntilKilled(dir string) {
	s, err := Open(newDevice(1).options(filepath.Join(dir, "store.db")))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	var next atomic.Int64
	next.Store(int64(s.Held(village, newDevice(1).writer)))
	for range 4 {
		go func() {
			for {
				n := int(next.Add(1)) - 1
				if err := s.Save(bothForms(n)); err != nil {
					fmt.Println(err)
					os.Exit(1)
				}
				fmt.Println(n)
			}
		}()
	}
	select {}
}

func bothForms(n int) func(*Draft) error {
	word := strconv.Itoa(n)
	return func(d *Draft) error {
		if err := visit(village, recordID(n), word)(d); err != nil {
			return err
		}
		return visit(street, recordID(n%5), word)(d)
	}
}

func TestNothingAcknowledgedIsLostWhenTheProcessIsKilled(t *testing.T) {
	dir := t.TempDir()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	acked := map[int]bool{}
	o, w := newDevice(1).options(filepath.Join(dir, "store.db")), newDevice(1).writer
	for range 20 {
		killed(t, dir, 1+r.IntN(60), acked)
		if err := faultless(o, true); err != nil {
			t.Fatal(err)
		}
		opened(t, o, func(s *Store) {
			for n := range acked {
				if got := text(t, s, village, recordID(n)); got != strconv.Itoa(n) {
					t.Fatalf("form %d was acknowledged and shows %q", n, got)
				}
			}
			if s.Held(village, w) != s.Held(street, w) {
				t.Errorf("half a form was kept: %d batches here, %d there", s.Held(village, w), s.Held(street, w))
			}
			if digest(t, s, village) != recount(t, s, village) || digest(t, s, street) != recount(t, s, street) {
				t.Error("a digest is not what a recount gives")
			}
		})
	}
	t.Logf("%d forms were acknowledged", len(acked))
}

// killed runs a saving child, kills it after its k-th word, and notes the forms
// that it acknowledged.
func killed(t *testing.T, dir string, k int, acked map[int]bool) {
	t.Helper()
	for _, form := range killedAs(t, crashDir, dir, k) {
		acked[form] = true
	}
}

// killedAs runs this binary as something, kills it after its k-th word, and
// returns the numbers that it said.

func killedAs(t *testing.T, role, dir string, k int) (said []int) {
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
			said = append(said, form)
		}
		if n == k {
			child.Process.Kill()
		}
	}
	child.Wait()
	return said
}
