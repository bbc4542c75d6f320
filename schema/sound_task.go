package schema

import (
	"fmt"
	"slices"

	"wangge/crdt"
)

// The bounds of what a kind may ask of people.
const (
	tasksMax = 20
	spansMax = 24
	alarmMax = 366 * 24 * 60 // minutes
)

func (r *Registry) tasksFault(k *Kind) *Fault {
	for i := range k.Tasks {
		t := &k.Tasks[i]
		at := fmt.Sprintf("tasks[%d]", i)
		first := slices.IndexFunc(k.Tasks, func(other Task) bool { return other.Name == t.Name })
		if fault := k.broken(
			rule{i < tasksMax, at, fmt.Sprintf("a kind has at most %d tasks", tasksMax)},
			rule{isName(t.Name), at + ".name", nameRule},
			rule{first == i, at + ".name", "another task has this name already"},
			rule{t.Title.both(), at + ".title", titleRule},
			rule{!t.From.IsZero(), at + ".from", "say from what moment or day the time runs"},
			rule{!t.Working || !t.Days.IsZero(), at + ".working", "only days are working days"},
			rule{!t.Repeats || len(t.Times) == 0, at + ".repeats", "what is done at times of the day repeats already"},
			rule{!t.Repeats && len(t.Times) == 0 || t.By.Kind != "", at + ".by", "what repeats is done by a record of its own: name its kind and the link"},
			rule{!t.While.IsZero() || t.By.Kind != "", at + ".while", "say while there is this work, or by which record it is done: else it never ends"},
		); fault != nil {
			return fault
		}
		for _, check := range []func(*Kind, *Task, string) *Fault{taskFormulas, timesFault, r.escalateFault} {
			if fault := check(k, t, at); fault != nil {
				return fault
			}
		}
	}
	return nil
}

func taskFormulas(k *Kind, t *Task, at string) *Fault {
	if fault := k.yesNoFault(t.While, at+".while"); fault != nil {
		return fault
	}
	ways := 0
	for _, part := range []struct {
		at    string
		f     Formula
		sorts []sort
	}{
		{".from", t.From, []sort{sortNumber, sortText}},
		{".days", t.Days, []sort{sortNumber}},
		{".hours", t.Hours, []sort{sortNumber}},
	} {
		if part.f.IsZero() {
			continue
		}
		if part.at != ".from" {
			ways++
		}
		s, err := k.sortOf(part.f)
		text := "this comes to a " + string(s)
		if err != nil {
			text = err.Error()
		}
		if fault := k.broken(rule{err == nil && slices.Contains(part.sorts, s), at + part.at, text}); fault != nil {
			return fault
		}
	}
	if len(t.Times) > 0 {
		ways++
	}
	return k.broken(rule{ways == 1, at, "say by when: after so many days or hours, or at times of the day"})
}

func timesFault(k *Kind, t *Task, at string) *Fault {
	if fault := k.broken(rule{len(t.Times) <= spansMax, at + ".times", fmt.Sprintf("a day has at most %d times", spansMax)}); fault != nil {
		return fault
	}
	end := 0
	for i, s := range t.Times {
		if fault := k.broken(rule{s.Start >= end && s.End > s.Start && s.End <= 24*60, fmt.Sprintf("%s.times[%d]", at, i), "a time is such as 07:00-09:00, each after the one before"}); fault != nil {
			return fault
		}
		end = s.End
	}
	return nil
}

func (r *Registry) escalateFault(k *Kind, t *Task, at string) *Fault {
	if fault := r.doingFault(k, t.By, len(t.Times), at+".by"); fault != nil {
		return fault
	}
	a := t.Escalate
	if a == (Alarm{}) {
		return nil
	}
	if fault := k.broken(
		rule{a.After >= 0 && a.After <= alarmMax, at + ".escalate.after", "tell others after some time, such as 2h, a year at most"},
		rule{slices.Contains([]int{County, Township, Community}, a.To), at + ".escalate.to", "a level is county, township or community"},
		rule{a.Say.both(), at + ".escalate.say", "say in both languages, zh and en, what is to be done now"},
	); fault != nil {
		return fault
	}
	return r.doingFault(k, a.Raise, 0, at+".escalate.raise")
}

// doingFault checks that records of a kind can be told to do something about this one.
func (r *Registry) doingFault(k *Kind, d Doing, times int, at string) *Fault {
	if d == (Doing{}) {
		return nil
	}
	by, ok := r.Kind(d.Kind)
	if !ok {
		return k.broken(rule{false, at + ".kind", noKind(d.Kind)})
	}
	link, linked := by.Field(d.Link)
	day, dated := by.Field(d.Day)
	slot, chosen := by.Field(d.Slot)
	return k.broken(
		rule{linked && (link.Type == TypeLink || link.Type == TypeLinks) && link.To == k.Name && !link.Inline, at + ".link", "name a field of that kind that links to this one"},
		rule{d.Day == "" || dated && day.Type == TypeDate && day.Merge == crdt.Register, at + ".day", "name a date of that kind"},
		rule{d.Slot == "" || chosen && slot.Type == TypeChoice && len(slot.Options) == times, at + ".slot", "name a choice of that kind with an option for each of the times"},
	)
}
