package node

import (
	"slices"
	"sync"
	"time"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
)

// agenda is what is to be done about the records that are here. It follows from them,
// is made anew at each start, and stands in memory alone.
type agenda struct {
	calendar schema.Calendar

	mu  sync.Mutex     // guards what follows
	all *schema.Agenda // nil until the records were counted
}

func (a *agenda) reset(kinds *schema.Registry) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = schema.NewAgenda(kinds, a.calendar)
}

func (a *agenda) change(space crdt.Space, id crdt.RecordID, before, after crdt.Record) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.all != nil {
		a.all.Change(space, id, before, after)
	}
}

func (a *agenda) at(now int64, area string) []schema.Item {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.all.At(now, area)
}

// planner is what a node's pages show of what is to be done.
type planner struct{ *node }

var _ web.Planner = planner{}

// Due lists what is to be done now. Each thing has the words of the record that causes
// it, as lists show them.
func (p planner) Due(q web.DueQuery) (web.Due, error) {
	now := time.Now().UnixMilli()
	due := web.Due{Now: now, Counts: map[schema.State]int{}, Late: map[string]int{}, Told: map[int]int{}, Items: []web.DueItem{}}
	skipped := 0
	for _, i := range p.agenda.at(now, q.Area) {
		state := i.State(now)
		if state == schema.Escalated || state == schema.Overdue {
			due.Late[i.Kind.Name]++
		}
		if state == schema.Escalated {
			due.Told[i.Task.Escalate.To]++
		}
		if q.To != 0 && (state != schema.Escalated || i.Task.Escalate.To != q.To) {
			continue
		}
		if due.Counts[state]++; !slices.Contains(q.States, state) {
			continue
		}
		if skipped < q.Skip {
			skipped++
			continue
		}
		if len(due.Items) == q.Limit {
			due.More++
			continue
		}
		item, err := p.dueItem(i, state)
		if err != nil {
			return due, err
		}
		due.Items = append(due.Items, item)
	}
	return due, nil
}

func (p planner) dueItem(i schema.Item, state schema.State) (web.DueItem, error) {
	item := web.DueItem{
		Task: i.Task.Name, Title: i.Task.Title, Area: i.Area, Place: schema.Called(p.Areas(), i.Area), State: state,
		Opens: i.Opens, Due: i.Due, Missed: i.Missed, Unknown: i.Unknown, By: i.Task.By,
	}
	if state == schema.Escalated {
		item.To, item.Say, item.Raise = i.Task.Escalate.To, i.Task.Escalate.Say, i.Task.Escalate.Raise
	}
	item.Day, item.Slot = i.Occasion()
	rec, err := p.store.Record(i.Space, i.ID)
	if err != nil {
		return item, err
	}
	shown := desk(p).item(i.Kind, store.Listed{Space: i.Space, ID: i.ID, Record: rec})
	item.Name, item.Values, item.Labels = shown.Name, shown.Values, shown.Labels
	return item, nil
}
