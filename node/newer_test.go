package node

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
	"wangge/sync/wire"
)

// newerKinds returns the forms of next year: a kind more, and in the visits more
// fields and options.
func newerKinds(t *testing.T, today *schema.Registry) *schema.Registry {
	t.Helper()
	b, err := json.Marshal(today.Kinds())
	if err != nil {
		t.Fatal(err)
	}
	var kinds []schema.Kind
	if err := json.Unmarshal(b, &kinds); err != nil {
		t.Fatal(err)
	}
	title := schema.Text{Zh: "明年", En: "next year"}
	for i := range kinds {
		k := &kinds[i]
		if k.Name != "grid_visit" {
			continue
		}
		k.Fields = append(k.Fields,
			schema.Field{ID: 90, Name: "mood", Title: title, Type: schema.TypeText, Merge: crdt.Register},
			schema.Field{ID: 91, Name: "story", Title: title, Type: schema.TypeText, Merge: crdt.MergedText, Multiline: true},
			schema.Field{ID: 92, Name: "visits", Title: title, Type: schema.TypeInt, Merge: crdt.Counter},
		)
		for _, name := range []string{"topic", "tags"} {
			f, _ := k.Field(name)
			f.Options = append(f.Options, schema.Option{Value: "无人机巡查", Title: title})
		}
		visit := *k
		visit.Name, visit.Reports = "drone_visit", nil
		kinds = append(kinds, visit)
	}
	registry, err := schema.New(kinds)
	if err != nil {
		t.Fatal(err)
	}
	return registry
}

// streams returns every batch that a box holds, byte for byte.
func (d desk) streams(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for sp, held := range d.store.Frontiers(func(crdt.Space) bool { return true }) {
		for w, head := range held {
			for after := uint64(0); after < head; {
				run, ok, err := d.store.Run(sp, w, after, 1<<20)
				if err != nil || !ok {
					t.Fatalf("%s of %s behind %d: %t, %v", sp, w, after, ok, err)
				}
				for i, b := range run.Batches {
					all[fmt.Sprintf("%s %s %d", sp, w, run.First+uint64(i))] = string(b)
				}
				after = run.Last()
			}
		}
	}
	return all
}

// writeStrange writes what no form of today describes: another merge type, and a
// value of another sort in a field that the form knows.
func (d desk) writeStrange(t *testing.T, name web.Name) {
	t.Helper()
	space, id, _, err := d.find(name)
	if err != nil {
		t.Fatal(err)
	}
	err = d.save(func(draft *store.Draft) error {
		draft.Write(space,
			crdt.Op{Record: id, Kind: name.Kind, Field: 93, Type: 200, Value: "\x01 of a type to come"},
			crdt.Op{Record: id, Kind: name.Kind, Field: 2, Type: crdt.Register, Value: "\x02 of a sort to come"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWorkOfANewerNodePassesThroughAnOldOneUnchanged(t *testing.T) {
	desks := newDesks(t, "新一站", "老站", "新二站")
	first, old, second := desks[0], desks[1], desks[2]
	first.kinds = newerKinds(t, old.kinds)
	second.kinds = first.kinds

	next := form(map[string]any{"topic": "无人机巡查", "tags": []any{"独居", "无人机巡查"}, "mood": "好", "story": "飞了一圈。", "visits": 3})
	delete(next, "author")
	name := first.mustSave(t, "grid_visit", next)
	first.writeStrange(t, name)
	drone := first.mustSave(t, "drone_visit", next)
	newCall(t, first, old).finishes()
	newCall(t, old, second).finishes()
	if a, b := first.streams(t), second.streams(t); !maps.Equal(a, b) || len(a) < 3 {
		t.Fatalf("behind the old node %d batches are not the %d that were written", len(b), len(a))
	}

	status := old.Status()
	if !slices.Equal(status.Newer, []string{"drone_visit"}) || status.Spaces[0].Records != 2 || status.Spaces[0].Digest != first.Status().Spaces[0].Digest {
		t.Errorf("the old node's account: %+v", status)
	}
	if newer := first.Status().Newer; len(newer) > 0 {
		t.Errorf("a node with these forms calls %q newer", newer)
	}
	for _, kind := range []string{"grid_visit", "drone_visit"} {
		if list, err := old.List(kind, nil, 10); err != nil || len(list.Items) != 1 {
			t.Errorf("the old node lists %+v of %s, %v", list, kind, err)
		}
	}
	if err := old.Edit(drone, []web.Edit{{Delete: true}, {Restore: true}}); err != nil {
		t.Errorf("a record of a newer kind cannot be deleted and restored: %v", err)
	}
	fields := old.fields(t, drone)
	if fields["#8"].Versions[0].Value != "无人机巡查" || fields["#91"].Versions[0].Value != "飞了一圈。" {
		t.Errorf("a record of a newer kind shows as %+v", fields)
	}
	fields = old.fields(t, name)
	if fields["topic"].Versions[0].Value != "无人机巡查" || fields["#90"].Versions[0].Value != "好" || *fields["#92"].Total != 3 ||
		fields["#93"].Merge != "type200" || !strings.HasPrefix(fields["author"].Versions[0].Value.(string), "02") {
		t.Errorf("a visit with newer parts shows as %+v", fields)
	}
}

func TestAnOldNodesEditKeepsWhatItDoesNotKnow(t *testing.T) {
	desks := newDesks(t, "新站", "老站")
	newer, old := desks[0], desks[1]
	newer.kinds = newerKinds(t, old.kinds)
	name := newer.mustSave(t, "grid_visit", form(map[string]any{"topic": "无人机巡查", "tags": []any{"独居", "无人机巡查"}, "mood": "好", "story": "飞了一圈。"}))
	newer.writeStrange(t, name)
	newCall(t, newer, old).finishes()

	before := newer.fields(t, name)
	saw := old.fields(t, name)["status"].Versions[0].Saw
	if err := old.Edit(name, []web.Edit{{Field: "status", Set: "已解决", Saw: saw}, {Field: "tags", Add: "残疾"}, {Field: "followups", Plus: 1}}); err != nil {
		t.Fatal(err)
	}
	if err := newer.Edit(name, []web.Edit{{Field: "mood", Set: "很好"}, {Field: "topic", Set: "独居老人"}}); err != nil { // meanwhile
		t.Fatal(err)
	}
	newCall(t, old, newer).finishes()
	after := newer.fields(t, name)
	for _, field := range []string{"story", "#93", "author", "household", "person"} {
		if fmt.Sprint(values(before[field])) != fmt.Sprint(values(after[field])) {
			t.Errorf("%s was %v and is %v", field, before[field], after[field])
		}
	}
	if after["status"].Versions[0].Value != "已解决" || after["mood"].Versions[0].Value != "很好" || len(after["tags"].Versions) != 3 {
		t.Errorf("the visit shows as %+v", after)
	}
	if a, b := record(t, newer, name), record(t, old, name); a != b {
		t.Error("the two hold different records")
	}
}

func TestWhatStandsFromANewerFormMayBeKeptAndTakenOut(t *testing.T) {
	desks := newDesks(t, "新站", "老站")
	newer, old := desks[0], desks[1]
	newer.kinds = newerKinds(t, old.kinds)
	name := newer.mustSave(t, "grid_visit", form(map[string]any{"tags": []any{"独居", "无人机巡查"}}))
	newCall(t, newer, old).finishes()
	if err := newer.Edit(name, []web.Edit{{Field: "topic", Set: "无人机巡查"}}); err != nil {
		t.Fatal(err)
	}
	if err := old.Edit(name, []web.Edit{{Field: "topic", Set: "邻里纠纷"}}); err != nil {
		t.Fatal(err)
	}
	newCall(t, newer, old).finishes()
	topic := old.fields(t, name)["topic"]
	if !topic.Conflict || len(topic.Versions) != 2 {
		t.Fatalf("the topic shows as %+v", topic)
	}
	saw := slices.Concat(topic.Versions[0].Saw, topic.Versions[1].Saw)
	if err := old.Edit(name, []web.Edit{{Field: "topic", Set: "无人机巡查", Saw: saw}, {Field: "tags", Remove: "无人机巡查"}}); err != nil {
		t.Fatal(err)
	}
	fields := old.fields(t, name)
	if got := values(fields["topic"]); !slices.Equal(got, []any{"无人机巡查"}) {
		t.Errorf("the topic is %v", got)
	}
	if got := values(fields["tags"]); !slices.Equal(got, []any{"独居"}) {
		t.Errorf("the tags are %v", got)
	}
	if err := old.Edit(name, []web.Edit{{Field: "topic", Set: "火星巡查"}}); err == nil {
		t.Error("an option that stands nowhere is taken")
	}
}

func values(f web.Field) (all []any) {
	for _, v := range f.Versions {
		all = append(all, v.Value)
	}
	return all
}

// record returns a record's bytes as a box holds it.
func record(t *testing.T, d desk, name web.Name) string {
	t.Helper()
	_, _, rec, err := d.find(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(wire.AppendRecord(nil, rec.Visible()))
}

// A batch of a version to come cannot be merged here, so it is not taken; what
// stands before it and beside it is, and its sender is told what to do.
func TestABatchOfANewerVersionWaitsWithItsSender(t *testing.T) {
	desks := newDesks(t, "新站", "老站")
	newer, old := desks[0], desks[1]
	author, err := newer.id.NewWriter()
	if err != nil {
		t.Fatal(err)
	}
	run := func(area string, batches ...[]byte) wire.Run {
		r := wire.Run{Space: crdt.Space{Area: area, Class: crdt.Personal}, Writer: author.Name(), First: 1, Batches: batches}
		h := wire.Origin(newer.id.County, r.Space, r.Writer)
		for _, b := range batches {
			h = h.Next(b)
		}
		r.Signature = author.Sign(wire.HeadMessage(newer.id.County, r.Space, r.Writer, r.Last(), h))
		return r
	}
	batch := wire.AppendBatch(nil, crdt.Batch{Stamp: crdt.NewStamp(1730448085841), Ops: []crdt.Op{
		crdt.Record{}.Assign(crdt.RecordID{1}.Of("grid_visit"), "grid_visit", 5, crdt.Text("张桂兰")),
	}})
	tomorrow := append([]byte{2}, "of a version to come"...)
	before, both, beside := run("140581105211", batch), run("140581105211", batch, tomorrow), run("140581105212", batch)
	both.First, both.Batches = 2, both.Batches[1:]
	sent := wire.Encode(wire.Chunk{Credentials: [][]byte{author.Credential()}, Runs: []wire.Run{before, both, beside}})
	arrived, err := wire.Decode(sent)
	if err != nil {
		t.Fatal(err)
	}
	ack, refusals, err := old.store.Keep(arrived.(wire.Chunk))
	if err != nil || len(ack.Marks) != 2 || len(refusals) != 1 {
		t.Fatalf("kept %+v, refused %+v, %v", ack, refusals, err)
	}
	if r := refusals[0]; r.Mark.Seq != 2 || !strings.Contains(r.Reason, "version 2") || !strings.Contains(r.Reason, "update") {
		t.Errorf("the sender is told %q of batch %d", r.Reason, r.Mark.Seq)
	}
	if err := old.store.ReadOnly(); err != nil || len(old.streams(t)) != 2 {
		t.Errorf("the old node holds %d batches, %v", len(old.streams(t)), err)
	}
}
