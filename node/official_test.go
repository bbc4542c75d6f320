package node

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
	"wangge/schema/kindfile"
	"wangge/sync/weaklink"
)

// nameKind is a kind whose records only the county makes; needKind one whose records go
// to the first who stands for them.
const (
	nameKind = `kind: county_area_name
title: {zh: 区划名称, en: Name of an area}
class: open
area: {field: area, level: community}
identity: [area]
decide: true
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: name, title: {zh: 名称, en: Name}, type: text, required: true}
  - {id: 3, name: people, title: {zh: 人口, en: People}, type: int}
  - {id: 4, name: tags, title: {zh: 标签, en: Tags}, type: choices, options: [{value: 城, en: Town}, {value: 乡, en: Country}]}
`
	needKind = `kind: need
title: {zh: 求助, en: Call for help}
class: open
area: {field: area, level: community}
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: offers, title: {zh: 应答, en: Offers}, type: text, merge: log}
  - {id: 60003, name: team, title: {zh: 队伍, en: Team}, type: text, decide: {first: offers}}
  - {id: 60004, name: grade, title: {zh: 等级, en: Grade}, type: int, range: [1, 4], decide: {hand: true}}
`
)

func officeKinds(t testing.TB) *schema.Registry {
	t.Helper()
	kinds, err := kindfile.Load(fstest.MapFS{"county_area_name.yaml": {Data: []byte(nameKind)}, "need.yaml": {Data: []byte(needKind)}})
	if err != nil {
		t.Fatal(err)
	}
	return kinds
}

func areaName(name string) map[string]any {
	return map[string]any{"area": "140581105211", "name": name}
}

func TestABoxRefusesWhatTheCountyAloneWritesDown(t *testing.T) {
	d := newDesk(t)
	d.kinds = officeKinds(t)
	told := func(err error) bool {
		var problems schema.Problems
		return errors.As(err, &problems) && strings.Contains(problems[0].Text.Zh, "由县里统一登记") && problems[0].Field == "kind"
	}
	if _, err := d.Save("county_area_name", areaName("东街社区")); !told(err) {
		t.Errorf("a form: %v", err)
	}
	outcomes, err := d.Import("county_area_name", []map[string]any{areaName("东街社区")})
	if err != nil || outcomes[0].State != lineRefused || !told(outcomes[0].Problems) {
		t.Errorf("a line: %+v, %v", outcomes, err)
	}
	space := crdt.Space{Area: "140581105211", Class: crdt.Open}
	id := crdt.RecordID{7}.Of("county_area_name")
	lying(t, d.node)
	err = d.store.Save(func(draft *store.Draft) error {
		draft.Write(space, crdt.Record{}.Assign(id, "county_area_name", 2, crdt.Text("东街社区")))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	name := web.Name{Kind: "county_area_name", Space: space.String(), ID: id.String()}
	for what, edit := range map[string]web.Edit{"a change": {Field: "name", Set: "西街社区"}, "a deletion": {Delete: true}, "a word that two are one": {Same: &name}} {
		if err := d.Edit(name, []web.Edit{edit}); !told(err) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// bureau is a small county in virtual time with the kinds above.
func bureau(t *testing.T) *district {
	t.Helper()
	t.Cleanup(func() { <-time.After(2 * time.Hour) }) // what the libraries leave to its timers
	kinds := officeKinds(t)
	d := newDistrict(t, weaklink.Profile{Rate: 1_000_000, Header: weaklink.Headers, Delay: 25 * time.Millisecond}, 3, 2, func(c *Config) {
		c.Web, c.RaftTimeouts, c.Kinds = "", 20, kinds
	})
	d.eventually("the hub has a leader", func() bool { return d.hub(0).hub.Status().Leader != 0 })
	return d
}

// signed opens an official's desk at a replica.
func (d *district) signed(hub int) web.Desk {
	return officials{d.hub(hub).node}.Desk(web.Signed{By: "王秀英", Reason: "市里核定"})
}

// reads returns what a machine shows of a record's field, "" while it has none.
func (r *resident) reads(t *testing.T, name web.Name, field string) any {
	t.Helper()
	record, err := desk{r.node}.Record(name)
	if errors.Is(err, web.ErrMissing) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(record.Fields, func(f web.Field) bool { return f.Name == field })
	if i < 0 || len(record.Fields[i].Versions) != 1 {
		return ""
	}
	return record.Fields[i].Versions[0].Value
}

func TestTheCountysOwnRecordsAreMadeAtTheHubAndReachTheirBoxes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := bureau(t)
		names, err := d.signed(0).Save("county_area_name", areaName("东街社区"))
		if err != nil {
			t.Fatal(err)
		}
		everywhere := func(what, want string) {
			t.Helper()
			d.eventually(what, func() bool {
				for _, r := range d.nodes {
					if (r.node.isHub() || r.node.id.Device.MayHold(crdt.Space{Area: "140581105211", Class: crdt.Open})) && r.reads(t, names[0], "name") != want {
						return false
					}
				}
				return true
			})
		}
		everywhere("every machine that holds the place shows its name", "东街社区")
		if d.box(0).reads(t, names[0], "name") != "东街社区" {
			t.Fatal("no box has it")
		}
		if err := d.signed(1).Edit(names[0], []web.Edit{{Field: "name", Set: "东街"}, {Field: "tags", Add: "城"}}); err != nil {
			t.Fatal(err)
		}
		everywhere("what another replica changed takes the place of it", "东街")
		outcomes, err := d.signed(2).Import("county_area_name", []map[string]any{
			{"area": "140581105211", "name": "东街", "people": 3200.0}, {"area": "140581105211", "name": "东街", "people": 3200.0},
			{"area": "140581105212", "name": "西街"}, {"area": "140581105212", "name": ""},
		})
		if err != nil {
			t.Fatal(err)
		}
		var states []string
		for _, o := range outcomes {
			states = append(states, o.State)
		}
		if !slices.Equal(states, []string{lineChanged, lineKnown, lineNew, lineRefused}) {
			t.Errorf("the lines are %v", states)
		}
		if _, err := d.signed(0).Save("need", map[string]any{"area": "140581105211"}); err == nil {
			t.Error("the hub took a form of the boxes")
		}
		if err := d.signed(0).Edit(names[0], []web.Edit{{Delete: true}}); err != nil {
			t.Fatal(err)
		}
		written, err := officials{d.hub(0).node}.Written(50)
		if err != nil || len(written) != 5 || written[0].By != "王秀英" || written[0].Reason != "市里核定" || written[0].Count != 1 {
			t.Errorf("it is noted as %+v, %v", written, err)
		}
		for _, i := range []int{0, 1} {
			rec, err := d.box(i).store.Kinds()
			if err != nil || slices.Contains(rec, writtenKind) {
				t.Errorf("a box was told who wrote it: %v, %v", rec, err)
			}
		}
	})
}

func TestAnOfficialGivesACallToAnotherOfThoseWhoOffered(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := bureau(t)
		need := desk{d.box(0).node}.mustSave(t, "need", map[string]any{"area": "140581105211", "offers": "城东队"})
		d.eventually("the first has it", func() bool { return d.box(0).reads(t, need, "team") == "城东队" })
		if err := (desk{d.box(0).node}).Edit(need, []web.Edit{{Field: "offers", Append: "城西队"}}); err != nil {
			t.Fatal(err)
		}
		county := officials{d.hub(2).node}
		var page web.Undecided
		d.eventually("the county knows of both", func() bool {
			var err error
			if page, err = county.Undecided("need", "team", true, nil, 10); err != nil {
				t.Fatal(err)
			}
			return len(page.Items) == 1 && len(page.Items[0].Candidates) == 2
		})
		signed := web.Signed{By: "王秀英", Reason: "城东队在外执行任务"}
		for _, wrong := range []web.Hand{
			{Signed: signed, Record: need, Field: "team", Value: "河口队"}, {Signed: signed, Record: need, Field: "team", Value: ""},
			{Signed: signed, Record: need, Field: "offers", Value: "河口队"}, {Signed: signed, Record: need, Field: "grade", Value: "9"},
			{Signed: web.Signed{By: "王秀英"}, Record: need, Field: "team", Value: "城西队"}, {Signed: web.Signed{Reason: "某种理由"}, Record: need, Field: "team", Value: "城西队"},
		} {
			var problems schema.Problems
			if err := county.Decide(t.Context(), wrong); !errors.As(err, &problems) {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
		if err := county.Decide(t.Context(), web.Hand{Signed: signed, Record: need, Field: "team", Candidate: page.Items[0].Candidates[1].Key}); err != nil {
			t.Fatal(err)
		}
		if err := county.Decide(t.Context(), web.Hand{Signed: signed, Record: need, Field: "grade", Value: "2"}); err != nil {
			t.Fatal(err)
		}
		d.eventually("the box shows both", func() bool {
			return d.box(0).reads(t, need, "team") == "城西队" && d.box(0).reads(t, need, "grade") == int64(2)
		})
		written, err := county.Written(50)
		if err != nil || len(written) != 2 || written[1].Value != "城西队" || written[1].Field != "team" || written[1].Reason != signed.Reason {
			t.Errorf("it is noted as %+v, %v", written, err)
		}
		if waits, err := county.Undecided("need", "grade", false, nil, 10); err != nil || len(waits.Items) != 0 {
			t.Errorf("%+v still waits, %v", waits, err)
		}
	})
}

func TestWhoWroteInTheCountysNameStaysWithTheCounty(t *testing.T) {
	box := policy.Device{Role: policy.Box, Holds: []policy.Pattern{"*"}, Writes: []policy.Pattern{"*"}}
	if !ours(writtenKind) || box.MayHold(policy.CountyAlone()) || box.MayWrite(policy.CountyAlone()) {
		t.Error("a box may have it")
	}
}
