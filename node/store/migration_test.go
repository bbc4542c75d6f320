package store

import (
	"fmt"
	"os"
	"testing"
)

// A file of an earlier format becomes one of this format at its first start. A
// power cut in the midst of that leaves a file that still becomes one, with all
// that was in it.
func TestAFileOfAnEarlierFormatSurvivesAPowerCutAtItsFirstStart(t *testing.T) {
	for format := formatOldest; format < formatVersion; format++ {
		t.Run(fmt.Sprint("format ", format), func(t *testing.T) {
			golden, _ := goldenFile(format)
			old, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			l := unborn(t, newDevice(1).options(""))
			if err := os.WriteFile(l.o.Path, old, 0o600); err != nil {
				t.Fatal(err)
			}
			f := l.tape.named("store.db")
			l.tape.add(step{act: didWrite, inode: f.inode, data: old})
			l.tape.add(step{act: didFsync, inode: f.inode})
			l.tape.add(step{act: didFsyncFolder})
			begun := len(l.tape.steps)
			l.o.Committed = func(Event) { l.answered() }
			l.begin()
			l.save(1, "goes on")
			l.Close()
			if err := l.tape.play(l.o, begun, func() string { return quick(t) }); err != nil {
				t.Error(err)
			}
		})
	}
}
