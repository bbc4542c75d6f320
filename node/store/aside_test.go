package store

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"wangge/sync/wire"
)

func TestWhatWasDealtWithIsKeptForAYearAndCanBeTakenBack(t *testing.T) {
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	day := func(n int) int64 { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n).UnixMilli() }
	note := func(id string, n int) wire.Aside {
		return wire.Aside{ID: id, By: "王秀英", Reason: "已补发权限", At: day(n), Zh: "无权", En: "no right"}
	}
	opened(t, o, func(s *Store) {
		for n, id := range []string{"a", "b", "c"} {
			mustDo(t, s.PutAside(note(id, n)))
		}
		mustDo(t, s.PutAside(wire.Aside{ID: "b", By: "李", At: day(3)}))
	})
	opened(t, o, func(s *Store) {
		all, err := s.Asides()
		if err != nil || len(all) != 2 || all[0] != note("c", 2) || all[1] != note("a", 0) {
			t.Errorf("kept: %+v, %v", all, err)
		}
		mustDo(t, s.PutAside(note("d", 366)))
		if all, _ := s.Asides(); len(all) != 3 {
			t.Errorf("within a year some went: %+v", all)
		}
		mustDo(t, s.PutAside(note("e", 367)))
		if all, _ := s.Asides(); len(all) != 3 || all[2].ID != "c" {
			t.Errorf("after a year: %+v", all)
		}
	})
}

func TestAsidesAreBounded(t *testing.T) {
	s := newStore(t, 1)
	mustDo(t, s.commit(func(tx *transaction) error {
		for i := range asideMax + 5 {
			if err := tx.putAside(wire.Aside{ID: fmt.Sprint("t", i), Reason: "x", At: int64(i)}); err != nil {
				return err
			}
		}
		return nil
	}))
	all, err := s.Asides()
	if len(all) != asideMax || err != nil {
		t.Errorf("%d are kept, %v", len(all), err)
	}
	for _, c := range []struct {
		id, reason string
		fits       bool
	}{{"new", "x", false}, {"t1", "y", true}, {"t1", "", true}} {
		if fits, err := s.AsideFits(wire.Aside{ID: c.id, Reason: c.reason}); fits != c.fits || err != nil {
			t.Errorf("%+v: %t, %v", c, fits, err)
		}
	}
}
