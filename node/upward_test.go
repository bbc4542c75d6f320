package node

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/node/month"
	"wangge/node/policy"
	"wangge/node/publication"
	"wangge/node/report"
	"wangge/node/web"
)

const aidKind = `kind: aid
title: {zh: 帮扶, en: Aid}
class: personal
area: {field: grid, level: community}
when: made_at
fields:
  - {id: 1, name: grid, title: {zh: 网格, en: Grid}, type: grid, required: true}
  - {id: 2, name: made_at, title: {zh: 时间, en: Made at}, type: instant, required: true}
  - {id: 3, name: name, title: {zh: 姓名, en: Name}, type: text, required: true, guarded: true, range: [1, 40]}
  - {id: 4, name: mobile, title: {zh: 手机, en: Mobile}, type: mobile, guarded: true}
  - {id: 5, name: topic, title: {zh: 事项, en: Topic}, type: choice, options: [{value: 助餐, en: Meals}, {value: 助医, en: Doctor}]}
  - {id: 6, name: note, title: {zh: 备注, en: Note}, type: text, multiline: true}
  - {id: 7, name: hours, title: {zh: 时长, en: Hours}, type: decimal, range: [0, 24]}
reports:
  - {name: aids, title: {zh: 帮扶次数, en: Aids}, count: records, by: [area, topic, day], unit: {zh: 次, en: times}, publish: [total, township, topic]}
  - {name: people, title: {zh: 帮扶人数, en: People}, count: distinct, of: mobile, by: [area, day], unit: {zh: 人, en: people}, publish: [total, township]}
  - {name: hours, title: {zh: 帮扶时长, en: Hours}, count: sum, of: hours, decimals: 1, by: [area, day], unit: {zh: 小时, en: hours}, publish: [total]}
  - {name: secret, title: {zh: 内部次数, en: Not to be told}, count: records, by: [area, day]}
`

// parish is a county in virtual time whose kinds publish.
func parish(t *testing.T) *district { return ofKind(t, "aid", aidKind) }

// aid saves an aid to the person of a number, in a township, and returns what nobody above
// the county may see of it.
func (d *district) aid(town string, person int) []string {
	d.t.Helper()
	who, mobile := fmt.Sprintf("受助人%c", rune('甲'+person)), fmt.Sprintf("138%08d", 7_000_000+person)
	note := fmt.Sprintf("第%d次上门，家中无人", person)
	topic := []string{"助餐", "助医"}[person%2]
	name := desk{d.box(0).node}.mustSave(d.t, "aid", map[string]any{
		"grid": town + "211001", "made_at": "1999-12-09T09:30", "name": who, "mobile": mobile, "note": note, "topic": topic, "hours": 1.25,
	})
	return []string{who, mobile, note, name.ID, town + "211"}
}

// aids are of 6 people in one township, of 2 in the next, of one five times over in the
// third, and of 7 in the last: 20 in all, of 16.
func (d *district) aids() (secrets []string) {
	for town, people := range map[string][]int{"140581105": {1, 2, 3, 4, 5, 6}, "140581106": {11, 12}, "140581107": {21, 21, 21, 21, 21}, "140581108": {31, 32, 33, 34, 35, 36, 37}} {
		for _, person := range people {
			secrets = append(secrets, d.aid(town, person)...)
		}
	}
	d.eventually("the county counts them", d.aided(20))
	return secrets
}

func (d *district) aided(n int64) func() bool {
	return func() bool {
		a, err := office{d.hub(0).node}.Report(d.t.Context(), report.Query{Report: "aid.aids"}, false)
		return err == nil && a.Total == n
	}
}

// publication reads what a replica publishes of December, and checks its seal as the city
// would.
func (d *district) publication(hub, number int) (*publication.Publication, web.Publication) {
	d.t.Helper()
	file, err := d.hub(hub).months().Publication("1999-12", number)
	if err != nil {
		d.t.Fatal(err)
	}
	sealed, p, err := publication.ReadSealed(file.File)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := policy.NewAuthority(d.hub(hub).id.Root).Published(sealed.Content(), sealed.Seal); err != nil {
		d.t.Error(err)
	}
	return p, file
}

func (d *district) restate(hub int, by string) web.Statement {
	d.t.Helper()
	s, err := d.hub(hub).months().Restate(d.t.Context(), "1999-12", by)
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

func figure(t *testing.T, p *publication.Publication, report, by string) publication.Table {
	t.Helper()
	for _, f := range p.Tables {
		if f.Report == report && f.By == by {
			return f.Table
		}
	}
	t.Fatalf("%s by %q is not published", report, by)
	return publication.Table{}
}

func TestACountyPublishesAClosedMonthAndRestatesWhatCameLate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := parish(t)
		secrets := d.aids()
		if _, err := d.hub(0).months().Publication("1999-12", 0); !errors.Is(err, web.ErrMissing) {
			t.Errorf("an open month is published: %v", err)
		}
		if _, err := d.hub(0).months().Restate(t.Context(), "1999-12", "王会计"); !errors.Is(err, web.ErrMissing) {
			t.Errorf("an open month is restated: %v", err)
		}
		closed := d.close(0, "王会计")
		p, file := d.publication(0, 0)
		if p.Area != "140581" || p.Number != 1 || p.By != "王会计" || p.Boxes != closed.Complete.Boxes || p.Of != 2 || file.Name != "140581-1999-12-1.publication" || len(p.Tables) != 6 {
			t.Errorf("published as %s: %+v", file.Name, p)
		}
		wantTable(t, figure(t, p, "aid.aids", "area:9"), 20, 16, 13, "140581108 7/7")
		wantTable(t, figure(t, p, "aid.aids", ""), 20, 16, 20, "")
		wantTable(t, figure(t, p, "aid.people", "area:9"), 16, 16, 9, "140581108 7/7")
		wantTable(t, figure(t, p, "aid.hours", ""), 250, 16, 250, "")
		silent(t, file.File, secrets)
		d.publishesAlike(1, file)

		if s := d.restate(1, "李会计"); s.Number != 1 || s.By != "王会计" {
			t.Errorf("nothing changed, and it was restated as %+v", s)
		}
		secrets = append(secrets, d.aid("140581108", 38)...)
		d.eventually("the county counts the late one", d.aided(21))
		if again, _ := d.publication(0, 0); again.Number != 1 || figure(t, again, "aid.aids", "").Total.Value != 20 {
			t.Errorf("what came late changed what was published: %+v", again)
		}
		if s := d.restate(1, "李会计"); s.Number != 2 || s.By != "李会计" {
			t.Errorf("it was restated as %+v", s)
		}
		p2, second := d.publication(1, 0)
		if p2.Number != 2 || p2.By != "李会计" {
			t.Errorf("the restatement is %+v", p2)
		}
		wantTable(t, figure(t, p2, "aid.aids", "area:9"), 21, 17, 13, "140581108 8/8")
		silent(t, second.File, secrets)
		if first, old := d.publication(1, 1); first.Number != 1 || !bytes.Equal(body(old), body(file)) {
			t.Error("the first publication is another one now")
		}
		if err := publication.Follows([][]byte{body(file)}, body(second)); err != nil {
			t.Errorf("a city would refuse the second: %v", err)
		}
		d.publishesAlike(2, second)
		d.statementsKept()
	})
}

// statementsKept has a replica start anew: it knows what was said of the month.
func (d *district) statementsKept() {
	d.t.Helper()
	d.stopped(0)
	d.start(0)
	d.eventually("the replica that was stopped knows both", func() bool {
		end, err := d.hub(0).months().Month("1999-12")
		return err == nil && len(end.Statements) == 2 && end.Statements[0].By == "王会计" && end.Statements[1].Number == 2 && end.Statements[1].By == "李会计"
	})
	if _, err := d.hub(0).months().Publication("1999-12", 3); !errors.Is(err, web.ErrMissing) {
		d.t.Errorf("a number that there is not is published: %v", err)
	}
}

// publishesAlike holds that each replica publishes the same bytes under a number, whoever
// seals them.
func (d *district) publishesAlike(number int, file web.Publication) {
	d.t.Helper()
	for hub := range 3 {
		d.eventually("each replica publishes the same", func() bool {
			end, err := d.hub(hub).months().Month("1999-12")
			if err != nil || len(end.Statements) < number {
				return false
			}
			_, own := d.publication(hub, number)
			return bytes.Equal(body(own), body(file)) && own.Name == file.Name
		})
	}
}

func body(p web.Publication) []byte {
	line, _, _ := bytes.Cut(p.File, []byte("\n"))
	return line
}

func wantTable(t *testing.T, table publication.Table, value, persons, rest int64, rows string) {
	t.Helper()
	var got []string
	for _, c := range table.Rows {
		got = append(got, fmt.Sprintf("%s %d/%d", c.Key, c.Value, c.Persons))
	}
	if table.Total.Value != value || table.Total.Persons != persons || table.Rest.Value != rest || strings.Join(got, ", ") != rows {
		t.Errorf("it is published as %+v", table)
	}
}

// silent holds that nothing of any record stands in a file but what counts.
func silent(t *testing.T, file []byte, secrets []string) {
	t.Helper()
	for _, s := range secrets {
		if bytes.Contains(file, []byte(s)) {
			t.Errorf("%q stands in the file", s)
		}
	}
	if bytes.Contains(file, []byte("secret")) || bytes.Contains(file, []byte("140581106")) || len(secrets) < 100 {
		t.Errorf("the file tells of what is withheld: %s", file)
	}
}

func TestOfTwoWhoRestateAMonthAtOnceOneIsFirstForAll(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := parish(t)
		d.aids()
		d.close(0, "王会计")
		d.aid("140581108", 38)
		for hub := range 3 {
			d.eventually("each replica counts the late one", func() bool {
				a, err := office{d.hub(hub).node}.Report(d.t.Context(), report.Query{Report: "aid.aids"}, false)
				return err == nil && a.Total == 21
			})
		}
		said := make(chan web.Statement, 3)
		for hub := range 3 {
			go func() {
				s, err := d.hub(hub).months().Restate(t.Context(), "1999-12", fmt.Sprint("会计", hub))
				if err != nil {
					t.Error(err)
				}
				said <- s
			}()
		}
		first := <-said
		for range 2 {
			if other := <-said; other.Number != 2 || other.By != first.By {
				t.Errorf("one was told of number %d by %s, another of %d by %s", first.Number, first.By, other.Number, other.By)
			}
		}
		if s := d.restate(0, "又一人"); s.Number != 2 || s.By != first.By {
			t.Errorf("then it is restated as %+v", s)
		}
	})
}

// A month that was closed before figures could go up has nothing that could.
func TestAMonthFromBeforeIsRestatedFirst(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := parish(t)
		d.aids()
		n := d.hub(0).node
		w, err := n.id.NewWriter()
		if err != nil {
			t.Fatal(err)
		}
		old := fmt.Sprintf(`{"month": "1999-12", "by": "王会计", "at": "2000-01-01T08:00:00Z", "writer": %q}`, w.Name())
		op := crdt.Record{}.Append(month.ClosedID("1999-12"), month.ClosedKind, 1, crdt.Text(old))
		if _, err := (deciding{n}).First(t.Context(), w, op, func() (bool, error) { return false, nil }); err != nil {
			t.Fatal(err)
		}
		var refusal web.Refusal
		if _, err := n.months().Publication("1999-12", 0); !errors.As(err, &refusal) || !strings.Contains(refusal.En, "restate it first") {
			t.Errorf("it is published: %v", err)
		}
		if s := d.restate(0, "李会计"); s.Number != 2 {
			t.Errorf("restated as %+v", s)
		}
		if p, _ := d.publication(0, 0); p.Number != 2 || figure(t, p, "aid.aids", "").Total.Value != 20 {
			t.Errorf("published as %+v", p)
		}
	})
}

func TestAConfigurationNamesACountyAndMoreThanTheFewest(t *testing.T) {
	for _, c := range []Config{{LeastPersons: 3}, {LeastPersons: -1}, {Area: "1405"}, {Area: "县"}} {
		c.Keys, c.Data, c.Link = "k", "d", "127.0.0.1:0"
		if c.Check() == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}
