package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"time"

	"wangge/node/web"
)

// entry is a form that a box has called saved.
type entry struct {
	At     time.Time `json:"at"`
	Box    uint32    `json:"box"`
	Kind   string    `json:"kind"`
	Area   string    `json:"area"` // of its community
	ID     string    `json:"id"`   // a ULID
	Note   string    `json:"note"` // by which its content is known again
	Person string    `json:"person,omitempty"`
}

// journal is what boxes have acknowledged, by those who were told. Other people's
// memory is all that it has in common with the county's records.
type journal struct {
	mu      sync.Mutex
	entries []entry
	photos  []photo
	actions map[string][]string // what was noted in a township's shared hazard
	visits  map[string]int64    // what was added to the count of a township's shared visit
	doubt   map[string]int64    // the same, of which no answer came
}

func newJournal() *journal {
	return &journal{actions: map[string][]string{}, visits: map[string]int64{}, doubt: map[string]int64{}}
}

func (j *journal) add(all ...entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, all...)
}

// count returns how many forms of a kind there are, and of how many persons.
func (j *journal) count(kind string) (forms, persons int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	known := map[string]bool{}
	for _, e := range j.entries {
		if e.Kind == kind {
			forms++
			known[e.Person] = true
		}
	}
	return forms, int64(len(known))
}

// clerk writes at one box, has patience, and keeps a journal of what was acknowledged.
type clerk struct {
	box       uint32
	community string
	township  string
	near      []string // communities whose work this box holds, its own too
	far       []string // and others, for which it may write
	hazard    web.Name // shared by the township
	visit     web.Name // likewise
	rng       *rand.Rand
	client    *client
	journal   *journal
	wrong     func(format string, args ...any) // is told of what should not be
}

// work writes until told to stop, and then finishes what it has begun.
func (c *clerk) work(ctx context.Context, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(100+c.rng.IntN(800)) * time.Millisecond):
		}
		switch n := c.rng.IntN(100); {
		case n < 60:
			c.save(ctx, c.newVisit(c.community))
		case n < 66:
			c.save(ctx, c.newVisit(c.near[c.rng.IntN(len(c.near))]))
		case n < 70 && len(c.far) > 0:
			c.save(ctx, c.newVisit(c.far[c.rng.IntN(len(c.far))]))
		case n < 72:
			c.savePage(ctx)
		case n < 75:
			c.savePhoto(ctx)
		case n < 82:
			c.save(ctx, c.newCheckin())
		case n < 92:
			c.noteAction(ctx)
		default:
			c.countVisit(ctx)
		}
	}
}

// share saves the records that all boxes of the township will edit.
func (c *clerk) share(ctx context.Context) {
	visit, hazard := c.newVisit(c.community), c.newHazard()
	c.save(ctx, visit)
	c.save(ctx, hazard)
	c.visit, c.hazard = visit.name(), hazard.name()
}

// form is what a clerk fills in, and what it will remember of it.
type form struct {
	entry
	fields map[string]any
}

func (c *clerk) newEntry(kind, area string) entry {
	id := ulid(c.rng, 1730448085841)
	return entry{Box: c.box, Kind: kind, Area: area, ID: id, Note: id + "，由" + c.community + "记下"}
}

func (c *clerk) newVisit(community string) form {
	f := form{c.newEntry("grid_visit", community), visit(community, c.rng.IntN(9000))}
	f.fields["id"], f.fields["note"] = f.ID, f.Note
	return f
}

func (c *clerk) newHazard() form {
	f := form{entry: c.newEntry("hazard_report", c.community)}
	f.fields = map[string]any{
		"id": f.ID, "grid": c.community + "003", "reported_at": 1730448085841, "category": "消防", "severity": "一般", "status": "待处置",
		"description": f.Note,
	}
	return f
}

// name returns how the record is named that the form makes.
func (e entry) name() web.Name {
	return web.Name{Kind: e.Kind, Space: e.Area + "/personal", ID: recordID(e.Kind, e.ID)}
}

// newCheckin has one of some riders check in, who may have done so elsewhere.
func (c *clerk) newCheckin() form {
	f := form{c.newEntry("newjob_checkin", c.community), checkin(c.community, "13834561201")}
	f.Person = riderNumber(c.rng.IntN(60))
	f.fields["id"], f.fields["note"] = f.ID, f.Note
	person := maps.Clone(f.fields["person"].(map[string]any))
	person["id_number"] = f.Person
	f.fields["person"] = person
	return f
}

// riderNumber returns the identity number of a county's nth rider (GB 11643).
func riderNumber(n int) string {
	digits := fmt.Sprintf("14058119920307%03d", n+1)
	sum := 0
	for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += weight * int(digits[i]-'0')
	}
	return digits + "10X98765432"[sum%11:][:1]
}

// persist does it until the box says that it is done.
func (c *clerk) persist(ctx context.Context, do func() error) bool {
	for {
		err := do()
		switch {
		case err == nil:
			return true
		case ctx.Err() != nil:
			return false
		case !errors.Is(err, errAway):
			c.wrong("box %d refuses a form: %v", c.box, err)
			return false
		}
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// save saves forms, however often they have to be sent: they name their records.
func (c *clerk) save(ctx context.Context, forms ...form) (done bool) {
	var lines []byte
	for _, f := range forms {
		b, err := json.Marshal(f.fields)
		if err != nil {
			c.wrong("%v", err)
			return false
		}
		lines = append(append(lines, b...), '\n')
	}
	done = c.persist(ctx, func() error {
		b, err := c.client.do(ctx, "POST", "/api/import?kind="+forms[0].Kind, "application/x-ndjson", lines)
		if err != nil {
			return err
		}
		var answer struct{ Outcomes []web.Outcome }
		if err := json.Unmarshal(b, &answer); err != nil || len(answer.Outcomes) != len(forms) {
			return fmt.Errorf("no answer for each line: %s", b)
		}
		for _, o := range answer.Outcomes {
			if o.State == "refused" {
				return o.Problems
			}
		}
		return nil
	})
	for _, f := range forms {
		if f.At = time.Now(); done {
			c.journal.add(f.entry)
		}
	}
	return done
}

// savePage saves many forms at once, as an import does.
func (c *clerk) savePage(ctx context.Context) {
	page := make([]form, 20+c.rng.IntN(60))
	for i := range page {
		page[i] = c.newVisit(c.community)
	}
	c.save(ctx, page...)
}

// noteAction adds to what was done about a hazard that the township shares.
func (c *clerk) noteAction(ctx context.Context) {
	action := ulid(c.rng, 1730448085841)
	if !c.persist(ctx, func() error {
		return c.edit(ctx, c.hazard, web.Edit{Field: "status", Append: map[string]any{"step": "处置中", "note": action}})
	}) {
		return
	}
	c.journal.mu.Lock()
	defer c.journal.mu.Unlock()
	c.journal.actions[c.township] = append(c.journal.actions[c.township], action)
}

// countVisit adds to a count that the township shares. It is not sent again when
// no answer came: nobody could tell whether that counts twice.
func (c *clerk) countVisit(ctx context.Context) {
	err := c.edit(ctx, c.visit, web.Edit{Field: "followups", Plus: 1})
	c.journal.mu.Lock()
	defer c.journal.mu.Unlock()
	switch {
	case err == nil:
		c.journal.visits[c.township]++
	case errors.Is(err, errAway):
		c.journal.doubt[c.township]++
	default:
		c.wrong("box %d refuses an edit: %v", c.box, err)
	}
}

func (c *clerk) edit(ctx context.Context, name web.Name, edits ...web.Edit) error {
	b, err := json.Marshal(map[string]any{"edits": edits})
	if err != nil {
		return err
	}
	_, err = c.client.do(ctx, "PATCH", recordPath(name), "application/json", b)
	return err
}
