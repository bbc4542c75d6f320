package sim

import (
	"fmt"
	"testing"

	"wangge/crdt"
	"wangge/node"
	"wangge/node/store"
	"wangge/sync/wire"
)

// mutant is a part that is broken on purpose, and the rule that must notice.
type mutant struct {
	name    string
	rules   []string
	setting Setting
}

// hasty acknowledges what it has not kept.
type hasty struct {
	node.Log
	level wire.Level
}

func (l hasty) Keep(c wire.Chunk) (wire.Ack, []wire.Refusal, error) {
	var ack wire.Ack
	for _, run := range c.Runs {
		ack.Marks = append(ack.Marks, wire.Mark{Space: run.Space, Writer: run.Writer, Seq: run.Last(), Level: l.level})
	}
	return ack, nil, nil
}

// boastful says that everything has come as far as it can.
type boastful struct{ node.Log }

func (l boastful) Reached(marks []wire.Mark) {
	for i := range marks {
		marks[i].Level = wire.AtCounty
	}
	l.Log.Reached(marks)
}

// stingy offers nothing of one space.
type stingy struct{ node.Log }

func (l stingy) Run(s crdt.Space, w crdt.Writer, after uint64, room int) (wire.Run, bool, error) {
	if s == village(0) && after > 0 {
		return wire.Run{}, false, nil
	}
	return l.Log.Run(s, w, after, room)
}

func at(hub bool, broken func(node.Log) node.Log) Setting {
	return Setting{Seam: func(m *Machine, log node.Log) node.Log {
		if m.isHub() == hub {
			return broken(log)
		}
		return log
	}}
}

func mutants() []mutant {
	return []mutant{
		{"a hub that acknowledges what it has not committed", []string{"level", "I8", "I1"},
			at(true, func(l node.Log) node.Log { return hasty{l, wire.AtCounty} })},
		{"a box that acknowledges what it has not kept", []string{"I8", "level", "I1"},
			at(false, func(l node.Log) node.Log { return hasty{l, wire.AtBox} })},
		{"a box that takes its neighbour for the county", []string{"level"},
			at(false, func(l node.Log) node.Log { return boastful{l} })},
		{"a box that offers nothing after the first batch", []string{"I8"},
			at(false, func(l node.Log) node.Log { return stingy{l} })},
		{"a disk that forgets its fsyncs", []string{"I1"}, Setting{
			Tune: func(o *Options) { o.Weights[crashes], o.Keeps = 20, 0 },
			Disk: func(_ *Machine, d *store.FaultyDisk) { d.Forgets = true },
		}},
		{"a box that believes to be copied by whom it has only greeted", []string{"level"},
			at(false, func(l node.Log) node.Log { return credulous{l} })},
		{"a conversation that says everything four times", []string{"I6"}, Setting{Parts: Parts{Says: stammering}}},
		{"a box that drops what the county does not have", []string{"I1"}, Setting{
			Tune: func(o *Options) { o.Weights[renews] = 10 }, Parts: Parts{Hasty: true},
		}},
		{"figures that miss every other commit", []string{"figures"}, Setting{Parts: Parts{Counts: everyOther()}}},
		{"certificates that let everybody hold everything", []string{"I4"}, Setting{Parts: Parts{Who: entitled}}},
		{"a conversation without a window", []string{"I7"}, Setting{Parts: Parts{Says: babbling}}},
		{"a replica that skips what another applies", []string{"I2", "I8"}, Setting{Parts: Parts{Reads: deaf()}}},
		{"a hub that hides a value that nobody replaced", []string{"I2"}, Setting{Parts: Parts{Shows: hiding}}},
		{"a hub that shows another value than was written", []string{"I2"}, Setting{Parts: Parts{Shows: changing}}},
		{"a disk that changes a record after the last save", []string{"I3"}, Setting{Parts: Parts{Spoils: decaying}}},
		{"a look through a file that calls all of it mendable", []string{"F8"}, often(rots, Parts{Finds: soothing})},
		{"a machine that believes whoever shows a credential", []string{"I4"}, often(lies, Parts{Trusts: gullible})},
		{"a machine that lets a box write what is the county's", []string{"I4"}, often(lies, Parts{Trusts: yielding})},
		{"a machine that lets another kind be claimed for a record", []string{"I4"}, often(lies, Parts{Trusts: renaming})},
		{"a machine that takes a liar for the county", []string{"level"}, often(lies, Parts{Who: promoted})},
		{"a box that keeps quiet about what it refused", []string{"F11"}, quietly()},
		{"a box that does not say that it must be updated", []string{"F14"}, vaguely()},
		{"a machine that asks for no piece of a photo", []string{"I8"}, Setting{Parts: Parts{Asks: incurious}}},
		{"a disk that changes a photo after it was saved", []string{"I3"}, Setting{Parts: Parts{Spoils: fading}}},
		{"a machine that gives photos to whoever asks", []string{"I4"}, often(lies, Parts{Frank: true})},
		{"a box that is connected and never greets anew", []string{"I8"}, Setting{Parts: Parts{Lulled: true}}},
		{"a replica that speaks for most when it has a photo alone", []string{"receipt"}, Setting{Parts: Parts{Hurried: true}}},
		{"a box that takes its neighbour's receipt for the county's", []string{"receipt"}, Setting{Parts: Parts{Credits: true}}},
		{"a machine that keeps quiet about false pieces", []string{"F11"}, often(lies, Parts{Keeps: silently})},
		{"a machine that takes anything for a piece", []string{"F11", "I8"}, often(lies, Parts{Keeps: trustingly})},
		{"a form that spends without the right to", []string{"I5"}, Setting{Parts: Parts{Grants: generous}}},
	}
}

// shy returns where to begin with mutants of which many seeds try nothing: at the seed
// that caught them last. The seeds before it took half of these tests' time.
func shy() map[string]uint64 {
	return map[string]uint64{
		"a conversation that says everything four times":            7,
		"a box that is connected and never greets anew":             10,
		"a box that does not say that it must be updated":           18,
		"a machine that gives photos to whoever asks":               9,
		"a box that takes its neighbour's receipt for the county's": 3,
	}
}

// catch lives seeds until one notices the mutant.
func catch(t *testing.T, c *Cast, m mutant, first uint64) {
	t.Helper()
	for seed := first; seed < 1000; seed++ {
		if r := run(t, c, seed, m.setting); r.Violation != nil {
			for _, rule := range m.rules {
				if r.Violation.Rule == rule {
					t.Logf("caught by seed %d: %s", seed, r.Violation)
					return
				}
			}
			t.Fatalf("seed %d: %s, want %v", seed, r.Violation, m.rules)
		}
	}
	t.Error("not caught within 1,000 seeds")
}

func TestMutantsAreCaught(t *testing.T) {
	whole(t)
	c, first := stage(t), shy()
	for i, m := range mutants() {
		t.Run(fmt.Sprintf("%d %s", i, m.name), func(t *testing.T) { catch(t, c, m, first[m.name]) })
		delete(first, m.name)
	}
	if len(first) > 0 {
		t.Errorf("no mutant is called so: %v", first)
	}
}
