package registrar_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/fstest"

	"wangge/crdt"
	"wangge/node/registrar"
	"wangge/schema"
	"wangge/schema/kindfile"
)

const kind = `kind: matter
title: {zh: 事项, en: Matter}
class: open
area: {field: area, level: community}
when: day
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: day, title: {zh: 日期, en: Day}, type: date}
  - {id: 60003, name: number, title: {zh: 编号, en: Number}, type: text, decide: {number: "{area:9}号{year}-{number:2}"}}
  - {id: 4, name: claims, title: {zh: 认领, en: Claims}, type: text, merge: log}
  - {id: 60005, name: first, title: {zh: 认领人, en: Claimed by}, type: text, decide: {first: claims}}
`

func kinds(t *testing.T) *schema.Registry {
	t.Helper()
	r, err := kindfile.Load(fstest.MapFS{"matter.yaml": {Data: []byte(kind)}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var space = crdt.Space{Area: "140581105211", Class: crdt.Open}

// matter is a record with registers as given, in order of fields, "" for none.
func matter(values ...string) crdt.Record {
	rec := crdt.Record{Kind: "matter", Cells: map[crdt.FieldID]crdt.Cell{}}
	for i, v := range values {
		if v != "" {
			rec.Cells[crdt.FieldID(i+1)] = crdt.Cell{Type: crdt.Register, Entries: []crdt.Entry{{Dot: crdt.Dot{Writer: 7, Seq: uint64(i + 1)}, Value: crdt.Text(v)}}}
		}
	}
	return rec
}

// decided writes what is due into the records, as the county does, and shows them.
func decided(r *registrar.Registrar, records map[crdt.RecordID]crdt.Record, most int) int {
	due := r.Due(most)
	for _, d := range due {
		records[d.ID].Cells[d.Field.ID] = crdt.Cell{Type: crdt.Register, Entries: []crdt.Entry{{Value: d.Value}}}
		r.Change(space, d.ID, records[d.ID])
	}
	return len(due)
}

func TestNumbersCountUpWithinWhatTheyBeginWith(t *testing.T) {
	r, records := registrar.New(kinds(t)), map[crdt.RecordID]crdt.Record{}
	chance := rand.New(rand.NewPCG(1, 2))
	for i := range 300 {
		id := crdt.RecordID{byte(i >> 8), byte(i)}
		records[id] = matter(fmt.Sprintf("14058110%d211", 5+chance.IntN(3)), fmt.Sprintf("202%d-03-01", chance.IntN(3)))
		r.Change(space, id, records[id])
		if chance.IntN(20) == 0 { // whoever comes into office knows it from the records alone
			r = registrar.New(kinds(t))
			for id, rec := range records {
				r.Change(space, id, rec)
			}
		}
		if chance.IntN(4) == 0 {
			decided(r, records, 1+chance.IntN(5))
		}
	}
	for decided(r, records, 7) > 0 {
	}
	given, most := map[string]bool{}, map[string]int{}
	for id, rec := range records {
		number, _ := rec.Cells[60003].Values()[0].Text()
		if given[number] {
			t.Errorf("%s was given twice, to %x too", number, id[:2])
		}
		given[number] = true
		most[number[:9+len("号")+4]]++
	}
	for begin, n := range most {
		for i := range n {
			if number := fmt.Sprintf("%s-%02d", begin, i+1); !given[number] {
				t.Errorf("%s was left out", number)
			}
		}
	}
}

func TestTheNumberOfADeadRecordIsNotGivenAgain(t *testing.T) {
	r := registrar.New(kinds(t))
	dead := matter("140581105211", "2026-03-01")
	dead.Cells[60003] = crdt.Cell{Type: crdt.Register, Entries: []crdt.Entry{{Dot: crdt.Dot{Writer: 7, Seq: 3}, Value: crdt.Text("140581105号2026-07")}}}
	op := dead.Delete(crdt.RecordID{9})
	dead.Cells[op.Field] = crdt.Cell{Type: op.Type, Entries: []crdt.Entry{{Value: op.Value}}}
	if dead.Fate() != crdt.Dead {
		t.Fatal("the record is not dead")
	}
	r.Change(space, crdt.RecordID{9}, dead)
	r.Change(space, crdt.RecordID{1}, matter("140581105211", "2026-05-01"))
	if due := r.Due(9); len(due) != 1 || due[0].Value != crdt.Text("140581105号2026-08") {
		t.Errorf("due is %+v", due)
	}
}

func TestADeadRecordGetsNoNumber(t *testing.T) {
	r := registrar.New(kinds(t))
	dead := matter("140581105211", "2026-03-01")
	op := dead.Delete(crdt.RecordID{9})
	dead.Cells[op.Field] = crdt.Cell{Type: op.Type, Entries: []crdt.Entry{{Value: op.Value}}}
	r.Change(space, crdt.RecordID{9}, dead)
	if due := r.Due(9); len(due) != 0 {
		t.Errorf("due is %+v", due)
	}
}

func TestTheFirstClaimCountsAndLaterOnesDoNotChangeIt(t *testing.T) {
	r := registrar.New(kinds(t))
	rec := matter("140581105211")
	claims := crdt.Cell{Type: crdt.Log, Entries: []crdt.Entry{
		{Dot: crdt.Dot{Writer: 1, Seq: 1}, Stamp: crdt.NewStamp(9), Value: crdt.Text("站一")},
		{Dot: crdt.Dot{Writer: 2, Seq: 1}, Stamp: crdt.NewStamp(5), Value: crdt.Text("站二")},
	}}
	r.Change(space, crdt.RecordID{1}, rec)
	if due := r.Due(9); len(due) != 0 {
		t.Errorf("nobody has claimed it, and due is %+v", due)
	}
	rec.Cells[4] = claims
	r.Change(space, crdt.RecordID{1}, rec)
	due := r.Due(9)
	if len(due) != 1 || due[0].Value != crdt.Text("站二") || due[0].Field.Name != "first" {
		t.Fatalf("due is %+v", due)
	}
	rec.Cells[60005] = crdt.Cell{Type: crdt.Register, Entries: []crdt.Entry{{Value: due[0].Value}}}
	claims.Entries = append(claims.Entries, crdt.Entry{Dot: crdt.Dot{Writer: 3, Seq: 1}, Stamp: crdt.NewStamp(1), Value: crdt.Text("站三")})
	rec.Cells[4] = claims
	r.Change(space, crdt.RecordID{1}, rec)
	if due := r.Due(9); len(due) != 0 {
		t.Errorf("it was decided, and due is %+v", due)
	}
}

// Of a record that is called what nobody knows, the id tells that it has a number.
func TestANumberIsNotGivenAgainWhateverTheRecordIsCalledSince(t *testing.T) {
	id := crdt.RecordID{9}.Of("matter")
	had := matter("140581105211", "2026-03-01")
	had.Cells[60003] = crdt.Cell{Type: crdt.Register, Entries: []crdt.Entry{{Dot: crdt.Dot{Writer: 7, Seq: 3}, Value: crdt.Text("140581105号2026-07")}}}
	called := had.Clone()
	called.Kind = "aaa"
	for what, show := range map[string]func(r *registrar.Registrar){
		"by who saw it before":     func(r *registrar.Registrar) { r.Change(space, id, had); r.Change(space, id, called) },
		"by who was started since": func(r *registrar.Registrar) { r.Change(space, id, called) },
		"by who saw it wait before": func(r *registrar.Registrar) {
			r.Change(space, id, matter("140581105211", "2026-03-01"))
			r.Change(space, id, called)
		},
	} {
		r := registrar.New(kinds(t))
		show(r)
		r.Change(space, crdt.RecordID{1}, matter("140581105211", "2026-05-01"))
		if due := r.Due(9); len(due) != 1 || due[0].Value != crdt.Text("140581105号2026-08") {
			t.Errorf("%s: due is %+v", what, due)
		}
	}
}
