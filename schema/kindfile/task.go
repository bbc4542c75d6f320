package kindfile

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"wangge/schema"
)

// task is a task as people write it.
type task struct {
	Name     string      `yaml:"name"`
	Title    schema.Text `yaml:"title,flow"`
	While    string      `yaml:"while,omitempty"`
	From     string      `yaml:"from"`
	Days     string      `yaml:"days,omitempty"`
	Working  bool        `yaml:"working,omitempty"`
	Hours    string      `yaml:"hours,omitempty"`
	Repeats  bool        `yaml:"repeats,omitempty"`
	Times    []string    `yaml:"times,flow,omitempty"` // such as 07:00-09:00
	By       doing       `yaml:"by,flow,omitempty"`
	Escalate alarm       `yaml:"escalate,omitempty"`
}

type doing struct {
	Kind string `yaml:"kind"`
	Link string `yaml:"link"`
	Day  string `yaml:"day,omitempty"`
	Slot string `yaml:"slot,omitempty"`
}

type alarm struct {
	After string      `yaml:"after,omitempty"` // such as 30m, 2h or 3d; at once when left out
	To    string      `yaml:"to"`
	Say   schema.Text `yaml:"say,flow"`
	Raise doing       `yaml:"raise,flow,omitempty"`
}

// levels are the levels of an area by their names.
func levels() map[string]int {
	return map[string]int{"county": schema.County, "township": schema.Township, "community": schema.Community}
}

// compile returns the task, or the part that is wrong and why.
func (t *task) compile() (compiled schema.Task, part, text string) {
	compiled = schema.Task{
		Name: t.Name, Title: t.Title, Working: t.Working, Repeats: t.Repeats, By: schema.Doing(t.By),
	}
	for _, f := range []struct {
		part, text string
		into       *schema.Formula
	}{
		{"while", t.While, &compiled.While}, {"from", t.From, &compiled.From}, {"days", t.Days, &compiled.Days}, {"hours", t.Hours, &compiled.Hours},
	} {
		if f.text == "" {
			continue
		}
		var err error
		if *f.into, err = schema.ParseFormula(f.text); err != nil {
			return compiled, f.part, err.Error()
		}
	}
	for i, span := range t.Times {
		s, ok := readSpan(span)
		if !ok {
			return compiled, fmt.Sprintf("times[%d]", i), "a time is such as 07:00-09:00"
		}
		compiled.Times = append(compiled.Times, s)
	}
	return t.Escalate.compile(compiled)
}

func (a alarm) compile(t schema.Task) (_ schema.Task, part, text string) {
	if a == (alarm{}) {
		return t, "", ""
	}
	after, ok := minutes(a.After)
	if !ok {
		return t, "escalate.after", "give a time such as 30m, 2h or 3d"
	}
	level, ok := levels()[a.To]
	if !ok {
		return t, "escalate.to", "a level is county, township or community"
	}
	t.Escalate = schema.Alarm{After: after, To: level, Say: a.Say, Raise: schema.Doing(a.Raise)}
	return t, "", ""
}

func minutes(text string) (n int, ok bool) {
	if text == "" {
		return 0, true
	}
	units := map[byte]int{'m': 1, 'h': 60, 'd': 24 * 60}
	n, err := strconv.Atoi(text[:len(text)-1])
	unit := units[text[len(text)-1]]
	return n * unit, err == nil && unit > 0 && n >= 0 && n < 1_000_000
}

var spanShape = regexp.MustCompile(`^(\d\d):(\d\d)-(\d\d):(\d\d)$`)

func readSpan(text string) (schema.Span, bool) {
	m := spanShape.FindStringSubmatch(text)
	if m == nil {
		return schema.Span{}, false
	}
	var n [4]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1])
	}
	return schema.Span{Start: n[0]*60 + n[1], End: n[2]*60 + n[3]}, n[1] < 60 && n[3] < 60
}

func writtenTask(t schema.Task) task {
	w := task{
		Name: t.Name, Title: t.Title, While: t.While.String(), From: t.From.String(), Days: t.Days.String(), Hours: t.Hours.String(),
		Working: t.Working, Repeats: t.Repeats, By: doing(t.By),
	}
	for _, s := range t.Times {
		w.Times = append(w.Times, fmt.Sprintf("%02d:%02d-%02d:%02d", s.Start/60, s.Start%60, s.End/60, s.End%60))
	}
	if a := t.Escalate; a.To != 0 {
		w.Escalate = alarm{Say: a.Say, Raise: doing(a.Raise)}
		for name, level := range levels() {
			if level == a.To {
				w.Escalate.To = name
			}
		}
		if a.After > 0 {
			w.Escalate.After = strings.TrimSpace(strconv.Itoa(a.After)) + "m"
		}
	}
	return w
}
