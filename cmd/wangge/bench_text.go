package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"wangge/crdt"
)

const (
	textRuns = 5
	// textEach is how many keystrokes are saved at a time.
	textEach = 10_000
)

// benchText replays a recorded editing trace.
func benchText(_ context.Context, b *bench) error {
	if b.trace == "" {
		return misused("--trace FILE is missing: an editing trace, .json.gz, of josephg/editing-traces")
	}
	edits, end, err := readTrace(b.trace)
	if err != nil {
		return fmt.Errorf("reading %s: %w", b.trace, err)
	}
	var applied, loaded []time.Duration
	var cell crdt.Cell
	for range textRuns {
		t, _ := took(func() error { cell = keystrokes(edits, textEach); return nil })
		applied = append(applied, t)
		if t, err = took(func() error {
			if cell.Text() != end {
				return errors.New("the text does not end as the trace says")
			}
			return nil
		}); err != nil {
			return err
		}
		loaded = append(loaded, t)
	}
	size := 0
	for _, e := range cell.Entries {
		size += len(e.Value)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cell.Text()
	runtime.ReadMemStats(&after)
	b.sheet.print(benchFigure{What: fmt.Sprintf("%s edits: apply", thousands(float64(len(edits)))), Unit: "s",
		Value: (median(applied) + median(loaded)).Seconds(),
		Note:  fmt.Sprintf("saved %s edits at a time, and the text read once at the end", thousands(textEach))}.atMost(0.15))
	b.sheet.print(benchFigure{What: "size", Value: float64(size), Unit: "B"}.atMost(110_000))
	b.sheet.print(benchFigure{What: "load", Value: ms(median(loaded)), Unit: "ms"}.atMost(40))
	b.sheet.print(benchFigure{What: "memory for a load", Value: float64(after.TotalAlloc-before.TotalAlloc) / 1e6, Unit: "MB",
		Note: "all that is asked for from beginning to end, though not at one time"}.atMost(60))
	return nil
}

func readTrace(path string) (edits []crdt.Edit, end string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, "", err
	}
	var rec struct {
		EndContent string
		Txns       []struct{ Patches []tracePatch }
	}
	if err := json.NewDecoder(z).Decode(&rec); err != nil {
		return nil, "", err
	}
	for _, txn := range rec.Txns {
		for _, p := range txn.Patches {
			edits = append(edits, crdt.Edit(p))
		}
	}
	return edits, rec.EndContent, nil
}

// tracePatch is [position, characters cut, text put].
type tracePatch crdt.Edit

func (p *tracePatch) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&p.At, &p.Cut, &p.Put})
}

// keystrokes makes a cell of edits that one writer saves so many at a time.
func keystrokes(edits []crdt.Edit, each int) (cell crdt.Cell) {
	var parents []crdt.Dot
	held := crdt.Frontier{}
	for seq := uint64(1); len(edits) > 0; seq++ {
		n := min(each, len(edits))
		dot := crdt.Dot{Writer: 1, Seq: seq}
		op := crdt.Op{Type: crdt.MergedText, Value: crdt.Event(parents, edits[:n]...)}
		cell = cell.Apply(dot, crdt.NewStamp(int64(seq)), op, held)
		held.Raise(1, seq)
		edits, parents = edits[n:], []crdt.Dot{dot}
	}
	return cell
}
