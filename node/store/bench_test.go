package store

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
)

// form fills eight fields, as a visit does.
func form(d *Draft, n int) {
	id := recordID(n)
	for f := range 8 {
		d.Write(village, crdt.Record{}.Assign(id, "visit", crdt.FieldID(f+1), crdt.Text("走访独居老人一户")))
	}
}

func BenchmarkSave(b *testing.B) {
	for _, writers := range []int{1, 100} {
		b.Run(fmt.Sprint("writers ", writers), func(b *testing.B) {
			o := newDevice(1).options(filepath.Join(b.TempDir(), "store.db"))
			commits := 0
			o.Committed = func(Event) { commits++ }
			s := open(b, o)
			var n atomic.Int64
			share(b, writers, func() error {
				return s.Save(func(d *Draft) error { form(d, int(n.Add(1))); return nil })
			})
			b.ReportMetric(float64(b.N)/float64(commits), "saves/commit")
		})
	}
}

// share runs do b.N times from a number of goroutines.
func share(b *testing.B, writers int, do func() error) {
	left := atomic.Int64{}
	left.Store(int64(b.N))
	done := make(chan error, writers)
	b.ResetTimer()
	for range writers {
		go func() {
			for left.Add(-1) >= 0 {
				if err := do(); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range writers {
		if err := <-done; err != nil {
			b.Error(err)
		}
	}
	b.StopTimer()
}

// BenchmarkPlainBbolt puts the bytes of the same form under one key: what the
// disk asks for, without order, proof or merge.
func BenchmarkPlainBbolt(b *testing.B) {
	s := newStore(b, 1)
	if err := s.Save(func(d *Draft) error { form(d, 1); return nil }); err != nil {
		b.Fatal(err)
	}
	run, _, err := s.Run(village, newDevice(1).writer, 0, 1)
	if err != nil {
		b.Fatal(err)
	}
	db, err := bolt.Open(filepath.Join(b.TempDir(), "plain.db"), 0o600, &bolt.Options{FreelistType: bolt.FreelistMapType})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	n := uint64(0)
	share(b, 1, func() error {
		n++
		return db.Update(func(tx *bolt.Tx) error {
			bucket, err := tx.CreateBucketIfNotExists(logBucket)
			if err != nil {
				return err
			}
			return bucket.Put(binary.BigEndian.AppendUint64(nil, n), run.Batches[0])
		})
	})
}

func BenchmarkImportPageOf200Visits(b *testing.B) {
	s := newStore(b, 1)
	n := 0
	share(b, 1, func() error {
		return s.Save(func(d *Draft) error {
			for range 200 {
				n++
				form(d, n)
			}
			return nil
		})
	})
}

// BenchmarkKeep100Forms is what a box pays to take a neighbour's 100 forms.
func BenchmarkKeep100Forms(b *testing.B) {
	from := newStore(b, 1)
	for n := range 100 {
		if err := from.Save(func(d *Draft) error { form(d, n); return nil }); err != nil {
			b.Fatal(err)
		}
	}
	c := chunk(b, from, village, newDevice(1).writer, 0, 1<<20)
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		to := newStore(b, 2)
		b.StartTimer()
		if _, refusals, err := to.Keep(c); err != nil || len(refusals) > 0 {
			b.Fatal(refusals, err)
		}
	}
}
