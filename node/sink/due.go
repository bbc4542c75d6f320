package sink

import (
	"maps"
	"time"

	"wangge/crdt"
	"wangge/sync/wire"
)

const (
	// touchedMax is up to how many changed records are written one by one; of more
	// the space is written anew, which is quicker.
	touchedMax = 20_000
	runRoom    = 1 << 20 // bytes of the log that are read at a time
)

// Progress says how far the database has come.
type Progress struct {
	// Known is whether the database was reached, so that what it lacks is known.
	Known   bool
	Batches uint64 // held here that it lacks
	Records int    // that these are about; of a space that is written anew all that it has
	Ahead   int    // spaces of which it has more than this node
	Rows    uint64 // written since the sink began
	// Current is when it last had all that was here; zero for never.
	Current time.Time
}

// due is what of a space the database lacks.
type due struct {
	had     crdt.Frontier          // what the database has; nil of a space that it has not
	held    crdt.Frontier          // up to here the log was read
	records map[crdt.RecordID]bool // that it is about
	anew    bool                   // where that is not known, or it is better to write the whole space
	batches uint64                 // that it lacks
}

// look finds out what the database lacks, as far as it is known what it has. The log is
// read once, however long the database is away.
func (s *Sink) look() error {
	if s.written == nil {
		return nil
	}
	s.progress.Ahead = 0
	all := s.options.Source.Frontiers(func(crdt.Space) bool { return true })
	for space, held := range all {
		had, some := s.written[space]
		switch {
		case some && maps.Equal(had, held):
			delete(s.due, space)
		case some && !held.Covers(had):
			delete(s.due, space)
			s.progress.Ahead++
		default:
			if err := s.read(space, had, held); err != nil {
				return err
			}
		}
	}
	for space := range s.written {
		if _, some := all[space]; !some {
			s.progress.Ahead++
		}
	}
	s.sum()
	return nil
}

// sum adds up what is due, and tells of it.
func (s *Sink) sum() {
	s.progress.Known, s.progress.Batches, s.progress.Records = true, 0, 0
	for space, d := range s.due {
		s.progress.Batches += d.batches
		if d.anew {
			s.progress.Records += int(s.options.Source.Size(space))
		} else {
			s.progress.Records += len(d.records)
		}
	}
	s.options.Told(s.progress)
}

// read adds to what is due of a space the records that new batches are about.
func (s *Sink) read(space crdt.Space, had, held crdt.Frontier) error {
	d := s.due[space]
	if d == nil {
		d = &due{had: had, held: had, records: map[crdt.RecordID]bool{}, anew: had == nil}
		s.due[space] = d
	}
	if !d.anew && held.Covers(d.held) {
		known, err := s.touched(d, space, held)
		if err != nil {
			delete(s.due, space)
			return err
		}
		d.anew = !known
	} else {
		d.anew = true
	}
	if d.anew {
		clear(d.records)
	}
	d.held, d.batches = held, 0
	for w, last := range held {
		d.batches += last - had[w]
	}
	return nil
}

// touched notes the records that batches up to a frontier are about; false where that
// is not known or where there are too many.
func (s *Sink) touched(d *due, space crdt.Space, held crdt.Frontier) (bool, error) {
	for w, last := range held {
		for after := d.held[w]; after < last; {
			run, ok, err := s.options.Source.Run(space, w, after, runRoom)
			if err != nil || !ok || len(d.records) > touchedMax {
				return false, err
			}
			for _, b := range run.Batches {
				batch, err := wire.DecodeBatch(b)
				if err != nil {
					return false, err
				}
				for _, op := range batch.Ops {
					d.records[op.Record] = true
				}
			}
			after = run.Last()
		}
	}
	return true, nil
}
