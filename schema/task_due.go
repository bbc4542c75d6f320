package schema

import (
	"slices"
	"time"
)

// done is when something was done about a task.
type done struct {
	by, raised []int64 // moments, in order
}

// caused is a task as one record causes it, before anything is known of who did it.
type caused struct {
	kind *Kind
	task *Task
	from int64 // the moment, of a day its beginning
	n    int   // days or hours
}

// cause returns the task as a record causes it, if it does; of reads the record.
func (k *Kind) cause(t *Task, of func(string) any) (c caused, ok bool) {
	if !t.While.IsZero() && !t.While.Holds(of) {
		return c, false
	}
	c = caused{kind: k, task: t}
	switch from := t.From.Value(of).(type) {
	case float64:
		c.from = int64(from)
	case string:
		if dayOf(from) == nil {
			return c, false
		}
		c.from = startOf(from)
	default:
		return c, false
	}
	amount := t.Days
	if amount.IsZero() {
		amount = t.Hours
	}
	if len(t.Times) > 0 {
		return c, true
	}
	n, ok := amount.Value(of).(float64)
	c.n = int(min(max(n, 0), amountMax))
	return c, ok
}

// amountMax bounds what a formula may ask for: ten years of days.
const amountMax = 3660

// work returns what is to be done at a moment, if anything is.
func (c caused) work(d done, calendar Calendar, now int64) (w Work, ok bool) {
	w = Work{Kind: c.kind, Task: c.task}
	if len(c.task.Times) > 0 {
		c.round(&w, last(d.by, now), now)
	} else if !c.once(&w, last(d.by, now), calendar) {
		return w, false
	}
	if a := c.task.Escalate; a.To != 0 && w.Unknown == 0 && last(d.raised, now) < w.Opens {
		w.Told = w.Due + int64(a.After)*60*1000
	}
	return w, true
}

// once dates what is done once, or again so long after it was last done.
func (c caused) once(w *Work, by int64, calendar Calendar) bool {
	start := c.from
	if by >= start {
		if !c.task.Repeats {
			return false
		}
		start = by
	}
	w.Opens = start
	switch {
	case !c.task.Hours.IsZero():
		w.Due = start + int64(c.n)*hourMillis
	case !c.task.Working:
		w.Due = dayStart(dayNumber(start) + int64(c.n) + 1)
	default:
		var end int64
		if end, w.Unknown = calendar.after(dayNumber(start), c.n); w.Unknown == 0 {
			w.Due = dayStart(end + 1)
		}
	}
	return true
}

// round finds the first of the daily times that nobody has kept since it was last
// done, and how many went by. What was missed can be made up for until the next time
// begins; that somebody came since shows that all is well.
func (c caused) round(w *Work, by, now int64) {
	times := c.task.Times
	next := slotBefore(times, c.from-1) + 1 // the first that begins no earlier
	if by >= c.from {
		next = max(next, slotBefore(times, by)+1)
	}
	w.Opens, w.Due = slot(times, next)
	current := slotBefore(times, now)
	w.occasion = max(next, current)
	if _, end := slot(times, current); end > now {
		current--
	}
	w.Missed = int(max(current-next+1, 0))
}

// Occasion returns the day and which of its times, from 1, somebody keeps who does the
// work now: of what was missed the last time that has begun. It is 0 for all other work.
func (w Work) Occasion() (day string, slot int) {
	n := int64(len(w.Task.Times))
	if n == 0 {
		return "", 0
	}
	number := floored(w.occasion, n)
	return time.Unix(number*secondsDay, 0).UTC().Format(time.DateOnly), int(w.occasion-number*n) + 1
}

// slot returns the span of a number: those of the first day of 1970 are the first.
func slot(times []Span, number int64) (start, end int64) {
	day := floored(number, int64(len(times)))
	span := times[number-day*int64(len(times))]
	return dayStart(day) + int64(span.Start)*60*1000, dayStart(day) + int64(span.End)*60*1000
}

// slotBefore returns the number of the last span that has begun at a moment.
func slotBefore(times []Span, ms int64) int64 {
	day := dayNumber(ms)
	for i := int64(len(times)) - 1; i >= 0; i-- {
		number := day*int64(len(times)) + i
		if start, _ := slot(times, number); start <= ms {
			return number
		}
	}
	return day*int64(len(times)) - 1
}

// last returns the latest moment up to now. What a clock that is wrong has dated later
// does not keep anybody from looking after an elder meanwhile.
func last(moments []int64, now int64) int64 {
	i, _ := slices.BinarySearch(moments, now+aheadMax)
	if i == 0 {
		return never
	}
	return moments[i-1]
}

// aheadMax is how far another machine's clock may go before this one's, in milliseconds.
const aheadMax = 10 * 60 * 1000

// never lies before every moment that a record can claim.
const never = -1 << 62

// startOf returns the moment at which a day begins.
func startOf(day string) int64 {
	n := between("days", "1970-01-01", day)
	days, _ := n.(float64)
	return dayStart(int64(days))
}
