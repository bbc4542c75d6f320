package session

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

var update = flag.Bool("update", false, "write the transcripts anew; look at the difference before you keep it")

// stage runs a scene in which each line of the transcript is one message.
type stage struct {
	*talk
	out strings.Builder
}

func (s *stage) note(text string) { fmt.Fprintf(&s.out, "-- %s\n", text) }

func (s *stage) hear(from int, m wire.Message) {
	fmt.Fprintf(&s.out, "%d > %d  %s\n", s.at[from].device, s.at[1-from].device, line(m))
}

func (s *stage) end() {
	s.finish()
	for i, side := range s.side {
		fmt.Fprintf(&s.out, "device %d: quiet %v, settled %v\n", s.at[i].device, side.Quiet(), side.Settled())
	}
}

func line(m wire.Message) string {
	switch m := m.(type) {
	case wire.Hello:
		var holds []string
		for _, sp := range slices.SortedFunc(maps.Keys(m.Holds), crdt.Space.Compare) {
			for _, w := range m.Holds[sp].Writers() {
				holds = append(holds, fmt.Sprintf("%s %s:1-%d", sp, w, m.Holds[sp][w]))
			}
		}
		return strings.TrimSpace("hello " + strings.Join(holds, ", "))
	case wire.Chunk:
		var parts []string
		for _, c := range m.Credentials {
			parts = append(parts, string(c))
		}
		for _, r := range m.Runs {
			parts = append(parts, fmt.Sprintf("%s %s:%d-%d", r.Space, r.Writer, r.First, r.Last()))
		}
		return "chunk " + strings.Join(parts, ", ")
	case wire.Ack:
		var marks []string
		for _, k := range m.Marks {
			marks = append(marks, mark(k)+" "+k.Level.String())
		}
		return "ack " + strings.Join(marks, ", ")
	case wire.Kept:
		text := fmt.Sprintf("kept %d %s", m.Chunk, m.Level)
		if len(m.Not) > 0 {
			text += fmt.Sprintf(" but %v", m.Not)
		}
		return text
	case wire.Refusal:
		return "refusal " + mark(m.Mark) + ": " + m.Reason
	}
	return "done"
}

func mark(m wire.Mark) string { return fmt.Sprintf("%s %s:%d", m.Space, m.Writer, m.Seq) }

func TestTranscripts(t *testing.T) {
	scenes := map[string]func(*stage, *replica, *replica){
		"first meeting": func(s *stage, a, h *replica) {
			s.note("a box meets the hub for the first time; both bring work")
			a.write(village, 10)
			a.write(village, 10)
			a.write(street, 10)
			h.log[stream{village, crdt.NewWriter(2, 0)}] = [][]byte{word(1), word(2), word(3)}
			s.open()
		},
		"nothing new": func(s *stage, a, h *replica) {
			a.write(village, 10)
			meet(s.t, a, h).finish()
			s.note("they meet again and nobody has written")
			s.open()
		},
		"push while live": func(s *stage, a, h *replica) {
			s.open()
			s.finish()
			s.note("the box writes twice, the hub hears of another's work")
			a.write(village, 10)
			s.wake(0)
			a.write(village, 10)
			s.wake(0)
			s.finish()
			h.log[stream{village, crdt.NewWriter(2, 0)}] = [][]byte{word(1)}
			s.wake(1)
		},
		"refusal": func(s *stage, a, h *replica) {
			s.note("the hub refuses the box's work in one space; the other space goes on")
			a.write(village, 10)
			a.write(notes, 10)
			h.refuses[a.own(notes)] = "box 1 may not write for 140581105211/personal"
			s.open()
			s.finish()
			s.note("the box writes in both")
			a.write(village, 10)
			a.write(notes, 10)
			s.wake(0)
		},
	}
	for name, scene := range scenes {
		t.Run(name, func(t *testing.T) {
			a, h := newReplica(1, town...), newReplica(hub, town...)
			s := &stage{talk: &talk{t: t, at: [2]*replica{a, h}}}
			s.observe = s.hear
			scene(s, a, h)
			s.end()
			compare(t, strings.ReplaceAll(name, " ", "-"), s.out.String())
		})
	}
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the conversation went\n%s\nwant\n%s", got, want)
	}
}
