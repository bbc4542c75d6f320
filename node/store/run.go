package store

import (
	"bytes"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// refused is why a run was not taken; it becomes a Refusal.
type refused struct {
	why    wire.Why
	say    string
	beside wire.Message // what the sender is asked for, nil for nothing
}

func (e refused) Error() string { return e.say }

func refuse(why wire.Why, format string, args ...any) error {
	return refused{why: why, say: fmt.Sprintf(format, args...)}
}

func refusal(run wire.Run, err error) wire.Refusal {
	var no refused
	errors.As(err, &no)
	if errors.As(err, new(fork)) {
		no.why = wire.WhyForked
	}
	mark := wire.Mark{Space: run.Space, Writer: run.Writer, Seq: run.First}
	return wire.Refusal{Mark: mark, Why: no.why, Reason: err.Error(), Beside: no.beside}
}

// reason returns why a run was not taken, and nil when an error is this node's own.
func reason(err error) error {
	var why refused
	var apart fork
	switch {
	case errors.As(err, &why):
		return why
	case errors.As(err, &apart):
		return apart
	}
	return nil
}

func unproven(run wire.Run) error {
	return refuse(wire.WhyUnproven, "the signature of %s in %s after batch %d is false", run.Writer, run.Space, run.Last())
}

// runMax bounds the bytes that one signature covers: a run travels whole, so one
// that a chunk cannot carry would stop its stream for ever.
const runMax = 128 << 10

// read reads a run's batches and checks its measure.
func read(run wire.Run) (checked, error) {
	c := checked{run: run, batches: make([]crdt.Batch, len(run.Batches))}
	size := 0
	for _, b := range run.Batches {
		size += len(b)
	}
	if size > runMax || len(run.Batches) == 0 || run.First == 0 || len(run.Signature) > wire.SignatureMax {
		return c, refuse(wire.WhySize, "the run of %s in %s from batch %d on has no proper measure: %d batches of %d bytes, %d at most",
			run.Writer, run.Space, run.First, len(run.Batches), size, runMax)
	}
	for i, b := range run.Batches {
		var err error
		if c.batches[i], err = wire.DecodeBatch(b); err != nil {
			why := wire.WhyDamaged
			if wire.NewerBatch(b) {
				why = wire.WhyNewer
			}
			return c, refuse(why, "batch %d of %s in %s cannot be read: %v", run.First+uint64(i), run.Writer, run.Space, err)
		}
	}
	return c, nil
}

// overlap returns how many of a run's batches the store holds already, having
// compared them byte for byte. What an earlier run of the chunk brought cannot
// be compared, so one that follows it follows exactly.
func (s *Store) overlap(st stream, run wire.Run, h head, pending bool) (int, error) {
	if run.First > h.seq+1 || pending && run.First <= h.seq {
		return 0, gap(st, h, run)
	}
	n := min(int(h.seq-run.First+1), len(run.Batches))
	if n == 0 {
		return 0, nil
	}
	sp, _ := s.numberOf(st.space)
	return n, s.view(func(tx *bolt.Tx) error {
		return compare(s.layers(tx), sp, st, run, n, h.floor)
	})
}

// compare finds a fork among the first n batches of a run, which are held. Below
// the stream's floor there is nothing left to compare with; the chain binds it.
func compare(log layers, sp uint32, st stream, run wire.Run, n int, from floor) error {
	for i := range n {
		seq := run.First + uint64(i)
		if seq <= from.batch {
			continue
		}
		entry, err := log.get(logLayer, logKey(sp, st.writer, seq))
		if err != nil {
			return err
		}
		_, held := splitEntry(entry)
		if held == nil {
			return fmt.Errorf("the store is damaged: batch %d of %s in %s is missing", seq, st.writer, st.space)
		}
		if !bytes.Equal(held, run.Batches[i]) {
			return fork{st, seq}
		}
	}
	return nil
}

func gap(st stream, h head, run wire.Run) error {
	return refuse(wire.WhyGap, "the stream of %s in %s is held up to batch %d: batch %d does not follow", st.writer, st.space, h.seq, run.First)
}
