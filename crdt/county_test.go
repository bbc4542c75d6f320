package crdt_test

import (
	"testing"

	. "wangge/crdt"
)

func TestAnOpShowsByEachOfItsNamesThatItIsTheCountys(t *testing.T) {
	id := RecordID{1}
	for _, op := range []Op{
		{Record: id.Of("county_unit"), Kind: "visit", Field: 1}, {Record: id.Of("county_unit"), Field: Deleted}, {Record: id.Of("county_unit"), Field: Alias},
		{Record: id, Kind: "visit", Field: CountyFields}, {Record: id, Kind: "visit", Field: Alias - 1}, {Record: id, Kind: "county_unit", Field: 1},
	} {
		if !op.County() {
			t.Errorf("%+v is anybody's", op)
		}
	}
	for _, field := range []FieldID{Deleted, 1, CountyFields - 1, Alias} {
		if op := (Op{Record: id, Kind: "visit", Field: field}); op.County() {
			t.Errorf("%+v is the county's", op)
		}
	}
}

func TestARecordsIDIsTheCountysWhereItsKindIs(t *testing.T) {
	ids := []RecordID{{}, {1}, {15: 1}, {0: 0xff, 1: 0xff, 2: 0xff}, {0: 0xff, 1: 0xff, 2: 0xff, 3: 0xff, 9: 7}}
	seen := map[RecordID]bool{}
	for _, id := range ids {
		for _, kind := range []string{"visit", "county_unit"} {
			named := id.Of(kind)
			if named.County() != CountyKind(kind) || named.Of(kind) != named {
				t.Errorf("%s of %s becomes %s, and that %s", id, kind, named, named.Of(kind))
			}
			if id.County() && CountyKind(kind) && named != id || seen[named] {
				t.Errorf("%s of %s becomes %s", id, kind, named)
			}
			seen[named] = true
		}
	}
}
