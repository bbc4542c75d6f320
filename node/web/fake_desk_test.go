package web_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"time"

	"wangge/crdt"
	"wangge/node/web"
	"wangge/schema"
)

// box is a desk and a machine in memory. It merges with the real crdt, so that
// what the pages show of conflicts and sets is what a box would show.
type box struct {
	registry *schema.Registry

	mu       sync.Mutex
	records  map[web.Name]crdt.Record
	order    []web.Name // the latest changed last
	batch    uint64     // the last that was written
	county   uint64     // the last that is committed
	cut      bool
	troubles []web.Trouble
	dealt    []web.Dealt
	late     bool
	owed     web.FilesOwed // of every record with a photo
	forked   []web.Forked
	hollow   bool         // a space lacks a part of its records
	newer    []string     // kinds of a newer form
	edits    [][]web.Edit // as they were asked for
	listings int
}

func newBox(registry *schema.Registry) *box {
	return &box{registry: registry, records: map[web.Name]crdt.Record{}}
}

// The devices of the fake county.
const (
	east = 4
	west = 5
)

func deviceName(w crdt.Writer) string {
	return map[uint32]string{east: "东街党群服务中心", west: "西河党群服务中心"}[w.Device()]
}

const home = "140581105211"

func (b *box) Save(kind string, form map[string]any) ([]web.Name, error) {
	filled, problems := b.registry.Check(kind, form)
	if len(problems) > 0 {
		return nil, problems
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.batch++
	var names []web.Name
	for _, f := range filled.Records([]byte("key"), b.mint) {
		n := web.Name{Kind: f.Kind.Name, Space: f.Space.String(), ID: f.ID.String()}
		for _, field := range f.Kind.Fields {
			for _, v := range f.Values[field.ID] {
				if field.Merge == crdt.MergedText {
					text, _ := v.Text()
					b.writeText(n, east, field.ID, nil, text)
					continue
				}
				if amount, _ := v.Int(); field.Merge == crdt.Bounded {
					b.deal(n, &field, web.Edit{Plus: amount})
					continue
				}
				b.write(n, east, field.Merge, field.ID, v, b.records[n].Cells[field.ID].Dots())
			}
		}
		names = append(names, n)
	}
	return names, nil
}

func (b *box) mint() (id crdt.RecordID) {
	binary.BigEndian.PutUint64(id[8:], b.batch)
	return id
}

// write makes one op of a batch of its own.
func (b *box) write(n web.Name, device uint32, merge crdt.Type, field crdt.FieldID, v crdt.Value, saw []crdt.Dot) {
	if merge != crdt.Register {
		saw = nil
	}
	b.apply(n, device, crdt.Op{Kind: n.Kind, Field: field, Type: merge, Value: v, Replaces: saw})
}

func (b *box) apply(n web.Name, device uint32, op crdt.Op) {
	b.batch++
	record := b.records[n].Clone()
	stamp := crdt.NewStamp(time.Now().UnixMilli() + int64(b.batch)) // later batches are later
	dot := crdt.Dot{Writer: crdt.NewWriter(device, 0), Seq: b.batch}
	record.Apply(dot, stamp, op, crdt.Frontier{crdt.NewWriter(east, 0): b.batch, crdt.NewWriter(west, 0): b.batch})
	b.records[n] = record
	b.order = append(slices.DeleteFunc(b.order, func(o web.Name) bool { return o == n }), n)
}

// writeText makes a text of the one that was seen.
func (b *box) writeText(n web.Name, device uint32, field crdt.FieldID, saw []crdt.Dot, text string) {
	if op := b.records[n].EditText(crdt.RecordID{}, n.Kind, field, saw, text); op.Value != "" {
		b.write(n, device, crdt.MergedText, field, op.Value, nil)
	}
}

// apart writes a field from two boxes that do not see each other.
func (b *box) apart(n web.Name, field string, here, there crdt.Value) {
	b.mu.Lock()
	defer b.mu.Unlock()
	kind, _ := b.registry.Kind(n.Kind)
	f, _ := kind.Field(field)
	saw := b.records[n].Cells[f.ID].Dots()
	b.write(n, east, f.Merge, f.ID, here, saw)
	b.write(n, west, f.Merge, f.ID, there, saw)
}

// commit lets everything arrive at the county.
func (b *box) commit() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.county = b.batch
}

func (b *box) Edit(n web.Name, edits []web.Edit) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.edits = append(b.edits, edits)
	kind, known := b.registry.Kind(n.Kind)
	if _, ok := b.records[n]; !ok || !known {
		return web.ErrMissing
	}
	for _, e := range edits {
		f, ok := kind.Field(e.Field)
		if !ok {
			return web.Refusal{Text: schema.Text{Zh: "没有这一项", En: "there is no such field"}}
		}
		if err := b.editField(n, f, e); err != nil {
			return err
		}
	}
	return nil
}

func (b *box) editField(n web.Name, f *schema.Field, e web.Edit) error {
	cell := b.records[n].Cells[f.ID]
	switch {
	case e.Set != nil:
		values, problem := f.Read(e.Set)
		if !problem.Empty() && schema.Show(cell.Winner()) == e.Set {
			values, problem = []crdt.Value{cell.Winner()}, schema.Text{} // what stands may stay
		}
		if !problem.Empty() {
			return schema.Problems{{Field: f.Name, Text: problem}}
		}
		saw := cell.Dots()
		if e.Saw != nil {
			saw = nil
			for _, s := range e.Saw {
				dot, _ := crdt.ParseDot(s)
				saw = append(saw, dot)
			}
		}
		if f.Merge == crdt.MergedText {
			text, _ := append(values, "")[0].Text()
			b.writeText(n, east, f.ID, saw, text)
			return nil
		}
		b.write(n, east, crdt.Register, f.ID, append(values, "")[0], saw)
	case e.Append != nil && f.Type == schema.TypeLadder:
		values, problem := f.Read(e.Append)
		if problem.Empty() && len(values) == 1 {
			s, _ := schema.ParseStep(values[0])
			problem = f.Follows(f.Case(cell).Rung, s.Rung)
		}
		if !problem.Empty() || len(values) != 1 {
			return schema.Problems{{Field: f.Name, Text: problem}}
		}
		b.write(n, east, crdt.Log, f.ID, f.Take(cell, values[0]), nil)
	case e.Append != nil:
		b.write(n, east, crdt.Log, f.ID, crdt.Text(e.Append.(string)), nil)
	case f.Merge == crdt.Bounded:
		return b.deal(n, f, e)
	case e.Add != nil:
		v, problem := element(f, e.Add)
		if !problem.Empty() {
			return schema.Problems{{Field: f.Name, Text: problem}}
		}
		b.write(n, east, f.Merge, f.ID, v, nil)
	case e.Remove != nil:
		v, _ := element(f, e.Remove)
		op := b.records[n].RemoveElement(crdt.RecordID{}, n.Kind, f.ID, v)
		op.Type = f.Merge
		record := b.records[n].Clone()
		b.batch++
		record.Apply(crdt.Dot{Writer: crdt.NewWriter(east, 0), Seq: b.batch}, 1, op, crdt.Frontier{crdt.NewWriter(east, 0): b.batch})
		b.records[n] = record
	default:
		b.write(n, east, crdt.Counter, f.ID, crdt.Int(e.Plus), nil)
	}
	return nil
}

// element reads one element of a set, of photos or not.
func element(f *schema.Field, given any) (crdt.Value, schema.Text) {
	if _, form := given.(map[string]any); form && f.Type == schema.TypeLinks {
		return crdt.Ref(crdt.RecordID{1}), schema.Text{} // the node would save it
	}
	if s, ok := given.(string); ok && f.Type != schema.TypeLinks {
		return crdt.Text(s), schema.Text{}
	}
	values, problem := f.Read([]any{given})
	return append(values, "")[0], problem
}

func (b *box) Import(kind string, forms []map[string]any) ([]web.Outcome, error) {
	var outcomes []web.Outcome
	for _, form := range forms {
		outcome := web.Outcome{State: "new"}
		if _, err := b.Save(kind, form); err != nil {
			outcome = web.Outcome{State: "refused", Problems: err.(schema.Problems)}
		}
		outcomes = append(outcomes, outcome)
	}
	return outcomes, nil
}

// List pages by the number of items that went before.
func (b *box) List(kind string, cursor []byte, limit int) (web.List, error) {
	return b.list(kind, cursor, limit, func(web.Item) bool { return true })
}

func (b *box) Waiting(kind string, cursor []byte, limit int) (web.List, error) {
	return b.list(kind, cursor, limit, func(i web.Item) bool { return i.Reached != "county" || i.Owed != (web.FilesOwed{}) })
}

func (b *box) list(kind string, cursor []byte, limit int, wanted func(web.Item) bool) (list web.List, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.listings++
	if _, ok := b.registry.Kind(kind); !ok && !slices.Contains(b.newer, kind) {
		return list, web.ErrMissing
	}
	var before int
	fmt.Sscan(string(cursor), &before)
	for _, n := range slices.Backward(b.order) {
		if n.Kind != kind || !wanted(b.item(n)) {
			continue
		}
		if before--; before >= 0 {
			continue
		}
		if len(list.Items) == limit {
			skipped := 0
			fmt.Sscan(string(cursor), &skipped)
			list.Next = fmt.Append(nil, skipped+limit)
			break
		}
		list.Items = append(list.Items, b.item(n))
	}
	return list, nil
}

func (b *box) kind(name string) *schema.Kind {
	if kind, ok := b.registry.Kind(name); ok {
		return kind
	}
	return &schema.Kind{Name: name}
}

func (b *box) item(n web.Name) web.Item {
	kind := b.kind(n.Kind)
	record := b.records[n]
	item := web.Item{Name: n, Reached: "county", Changed: record.Stamp().Millis(), Values: map[string]any{}, Conflict: len(record.Conflicts()) > 0, Owed: b.owed}
	for id, cell := range record.Cells {
		f, known := kind.FieldByID(id)
		for _, e := range cell.Entries {
			if e.Dot.Seq > b.county {
				item.Reached = "saved"
			}
		}
		if known && f.Guarded {
			item.Values[f.Name] = f.Mask(cell.Winner())
		} else if known && (f.Merge == crdt.Register || f.Type == schema.TypeLadder) {
			item.Values[f.Name] = schema.Show(f.Winner(cell))
		}
	}
	return item
}

func (b *box) Record(n web.Name) (web.Record, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	record, ok := b.records[n]
	if !ok {
		return web.Record{}, web.ErrMissing
	}
	shown := web.Record{Name: n, Reached: b.item(n).Reached, Owed: b.owed}
	for _, id := range record.Fields() {
		if !record.Cells[id].Empty() {
			shown.Fields = append(shown.Fields, b.field(n.Kind, id, record.Cells[id]))
		}
	}
	return shown, nil
}

func (b *box) field(kindName string, id crdt.FieldID, cell crdt.Cell) web.Field {
	kind := b.kind(kindName)
	f, known := kind.FieldByID(id)
	if !known {
		f = &schema.Field{Name: fmt.Sprintf("#%d", id), Merge: cell.Type}
	}
	shown := web.Field{Name: f.Name, Title: f.Title, Merge: cell.Type.String(), Conflict: cell.Conflict()}
	if cell.Type == crdt.Counter {
		sum := cell.Sum()
		shown.Total = &sum
	}
	if cell.Type == crdt.Bounded {
		shown.Ledger = b.ledger(cell)
		return shown
	}
	if cell.Type == crdt.MergedText {
		shown.Versions = []web.Version{b.whole(cell)}
		return shown
	}
	if known && f.Type == schema.TypeLadder {
		way := f.Case(cell)
		shown.Stands = way.Rung
		for _, s := range way.Steps {
			v := web.Version{Value: web.Step{Step: s.Rung, At: s.At, Note: s.Note, Standing: s.Standing}, Reached: "saved", Device: deviceName(s.Entry.Dot.Writer), At: s.Entry.Stamp.Millis()}
			v.Label, _ = f.Label(crdt.Text(s.Rung))
			shown.Versions = append(shown.Versions, v)
		}
		return shown
	}
	if cell.Type == crdt.Log {
		for _, e := range cell.Log() {
			shown.Versions = append(shown.Versions, web.Version{Value: schema.Show(e.Value), Reached: "saved", Device: deviceName(e.Dot.Writer), At: e.Stamp.Millis()})
		}
		return shown
	}
	for _, v := range cell.Values() {
		version := web.Version{Value: schema.Show(v), Reached: "county"}
		version.Label, _ = f.Label(v)
		for _, e := range cell.Entries {
			if e.Value != v {
				continue
			}
			version.Saw = append(version.Saw, e.Dot.String())
			version.Device, version.At = deviceName(e.Dot.Writer), e.Stamp.Millis()
			if e.Dot.Seq > b.county {
				version.Reached = "saved"
			}
		}
		shown.Versions = append(shown.Versions, version)
	}
	return shown
}

func (b *box) whole(cell crdt.Cell) web.Version {
	last := cell.Entries[len(cell.Entries)-1]
	version := web.Version{Value: cell.Text(), Saw: []string{}, Reached: "saved", Device: deviceName(last.Dot.Writer), At: last.Stamp.Millis()}
	for _, dot := range cell.TextHeads() {
		version.Saw = append(version.Saw, dot.String())
	}
	return version
}

func (b *box) Status() web.Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	return web.Status{
		County: "高平市", Device: east, Name: "东街党群服务中心", Role: "box", Process: 4120, Started: now.Add(-3 * time.Hour),
		Link: "192.168.10.14:7400", Web: "http://127.0.0.1:8081/", Demo: true, Cut: b.cut,
		Waiting: b.batch - b.county, HeardHub: now.Add(-4 * time.Second), HeardBox: now.Add(-9 * time.Second),
		Light: b.light(), Unsent: b.unsent(now), Troubles: b.troubles, Dealt: b.dealt, Forked: b.forked, Newer: b.newer,
		Spaces: []web.Space{
			{Space: home + "/personal", Held: true, Digest: "7f3ac2e19b04d6aa", Records: uint64(len(b.records)), Batches: b.batch, County: b.county, Hollow: b.hollow},
			{Space: home + "/confidential", Held: true, Digest: "19be00c7a2f3d871", Records: 2, Batches: 2, County: 2},
			{Space: "140581/personal", Digest: "c0ffee9910aa23b4", Records: 1, Batches: 1, County: 1},
		},
		Peers: []web.Peer{
			{Device: 1, Name: "县中心一号", Role: "hub", Address: "10.0.0.1:7400", Connected: !b.cut, Heard: now.Add(-4 * time.Second), RTT: 41.2, Greeted: now.Add(-time.Hour), Lacks: b.batch - b.county},
			{Device: west, Name: "西河党群服务中心", Role: "box", Address: "192.168.10.15:7400", Connected: !b.cut, Heard: now.Add(-9 * time.Second), RTT: 8.4, Greeted: now.Add(-time.Minute), Lacks: 40, Left: &web.Left{Send: 40, SendBytes: 2400, Seconds: 11.2}},
			{Device: 6, Name: "南关党群服务中心", Role: "box", Address: "192.168.10.16:7400", Heard: now.Add(-52 * time.Minute), Greeted: now.Add(-time.Hour), Wants: 3, Lacks: 5,
				Failed: schema.Text{Zh: "没有应答：可能没开机、断网，或信号太弱", En: "no answer: it may be off, cut off, or the signal too weak"}},
		},
	}
}

// light sums up as a node does.
func (b *box) light() string {
	switch {
	case slices.ContainsFunc(b.troubles, func(t web.Trouble) bool { return t.Grave }):
		return web.LightAttention
	case b.batch == b.county && b.owed == (web.FilesOwed{}):
		return web.LightSafe
	case b.cut:
		return web.LightWaiting
	}
	return web.LightSending
}

func (b *box) unsent(now time.Time) web.Unsent {
	u := web.Unsent{Bytes: 1200 * (b.batch - b.county), Records: map[string]int{}, Late: b.late,
		Files: b.owed.Originals, Previews: b.owed.Previews, FileBytes: int64(b.owed.Originals)*3_250_000 + int64(b.owed.Previews)*20_000}
	for n := range b.records {
		if b.item(n).Reached != "county" {
			u.Since = now.Add(-2 * time.Hour)
		}
		if b.item(n).Reached != "county" || b.owed != (web.FilesOwed{}) {
			u.Records[n.Kind]++
		}
	}
	if b.late {
		u.Since = now.Add(-26 * time.Hour)
	}
	return u
}

func (b *box) PutAside(id, by, reason string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.troubles, func(t web.Trouble) bool { return t.ID == id })
	if reason == "" {
		b.dealt = nil
		return nil
	}
	if i < 0 {
		return web.ErrMissing
	}
	b.dealt = append(b.dealt, web.Dealt{ID: id, What: b.troubles[i].What, By: by, Reason: reason, At: time.Now(), Stands: true})
	b.troubles = slices.Delete(b.troubles, i, i+1)
	return nil
}

func (b *box) Cut(cut bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cut = cut
	return nil
}
