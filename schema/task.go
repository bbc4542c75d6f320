package schema

// A task is work that a record causes: an elder's curtain is looked at twice a day, a
// petition is answered within fifteen. Tasks are no records. What is to be done follows
// from the records at a moment, so that it is the same on every machine that holds
// them, and nothing has to be ticked off twice.

// Task is one sort of work that a kind's records cause.
type Task struct {
	Name  string  `json:"name"`
	Title Text    `json:"title"`
	While Formula `json:"while,omitzero"` // there is this work as long as it holds of the record; none: always
	From  Formula `json:"from"`           // the moment or the day from which the time runs; no work while it is nothing

	Days     Formula `json:"days,omitzero"`     // due at the end of the day that is so many days later
	Working  bool    `json:"working,omitempty"` // of those days: only working days count
	Hours    Formula `json:"hours,omitzero"`    // due so many hours later
	Repeats  bool    `json:"repeats,omitempty"` // of days and hours: due again, so long after it was last done
	Times    []Span  `json:"times,omitempty"`   // due every day, in each of these spans
	By       Doing   `json:"by,omitzero"`       // the record that does it; none: it is done at the record itself, when While holds no more
	Escalate Alarm   `json:"escalate,omitzero"`
}

// Doing says which records do a task: those of Kind whose field Link names the record
// that causes it, by the moment that dates them.
type Doing struct {
	Kind string `json:"kind"`
	Link string `json:"link"`
	Day  string `json:"day,omitempty"`  // a date field of Kind that a form finds filled in with the task's day
	Slot string `json:"slot,omitempty"` // a choice of Kind, likewise: its options stand for the task's times, in order
}

// Span is a part of a day in minutes since midnight in China, the end not in it.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// Alarm says whom to tell when a task is late.
type Alarm struct {
	After int   `json:"after"` // minutes after it was due
	To    int   `json:"to"`    // County, Township or Community
	Say   Text  `json:"say"`
	Raise Doing `json:"raise,omitzero"` // the record by which who is told takes it up
}

// Work is one thing to do.
type Work struct {
	Kind   *Kind
	Task   *Task
	Opens  int64 // milliseconds since 1970: not before
	Due    int64 // late from this moment on; 0 when it is not known
	Missed int   // times that went by undone
	// Unknown is the year of which the calendar knows no holidays, on which Due hangs.
	Unknown int
	// Told is the moment from which others are told; 0 when nobody is, or when
	// somebody has taken it up.
	Told int64

	occasion int64 // of times, see Occasion
}

// State says how urgent a thing is.
type State string

// The states, the most urgent first.
const (
	Escalated State = "escalated" // late, and others are told
	Overdue   State = "overdue"
	Open      State = "open"    // to be done today, or now
	Later     State = "later"   // on another day
	Undated   State = "undated" // until when is not known
)

// State returns how urgent the work is at a moment.
func (w Work) State(now int64) State {
	switch {
	case w.Unknown != 0:
		return Undated
	case w.Told != 0 && now >= w.Told:
		return Escalated
	case now >= w.Due:
		return Overdue
	case dayNumber(w.Due-1) <= dayNumber(now):
		return Open
	}
	return Later
}
