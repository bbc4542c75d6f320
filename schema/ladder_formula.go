package schema

import (
	"errors"
	"fmt"

	"wangge/crdt"
)

// What formulas ask of a ladder beside its rung, behind the field's name.
const (
	askReached = ".reached."
	askEnded   = ".ended"
	askSteps   = ".steps"
)

// climbed answers what a formula asks of a ladder, "" for the rung; stored are a form's
// steps, or what shown returned. A rung that was left and reached again counts from
// the last time.
func (f *Field) climbed(stored []crdt.Value, asked string) any {
	rung, moves := "", 0
	var reached any
	for _, v := range stored {
		s, ok := ParseStep(v)
		if !ok {
			rung, _ = v.Text()
			continue
		}
		rung = s.Rung
		moves++
		if asked == askReached+s.Rung && s.At != 0 {
			reached = float64(s.At)
		}
	}
	switch asked {
	case "":
		return rung
	case askEnded:
		return f.Ends(rung)
	case askSteps:
		return float64(moves)
	}
	return reached
}

// laddered are the functions that ask a ladder, and what they give.
func laddered() map[string]sort {
	return map[string]sort{"reached": sortNumber, "ended": sortYesNo, "steps": sortNumber}
}

// climbFault says what is wrong with a function that asks a ladder.
func (k *Kind) climbFault(f Formula) error {
	if len(f.args) == 0 || f.args[0].op != opField {
		return fmt.Errorf("%s asks a ladder: name the field first", f.op)
	}
	ladder, ok := k.Field(f.args[0].operand.(string))
	if !ok || ladder.Type != TypeLadder {
		return fmt.Errorf("%s asks a ladder, which %s is not", f.op, f.args[0].operand)
	}
	if f.op != "reached" {
		if len(f.args) != 1 {
			return fmt.Errorf("%s takes the ladder alone", f.op)
		}
		return nil
	}
	if len(f.args) != 2 || f.args[1].op != opValue {
		return errors.New(`want reached(ladder, "rung")`)
	}
	rung, _ := f.args[1].operand.(string)
	if _, ok := ladder.option(rung); !ok {
		return fmt.Errorf("%s has no rung %q", ladder.Name, rung)
	}
	return nil
}

// climbed asks a ladder by the field's name and what is asked of it.
func (f Formula) climbed(of func(string) any) any {
	if len(f.args) == 0 || f.args[0].op != opField {
		return nil
	}
	field := f.args[0].operand.(string)
	switch f.op {
	case "ended":
		return of(field + askEnded)
	case "steps":
		return of(field + askSteps)
	}
	rung, _ := f.args[len(f.args)-1].operand.(string)
	return of(field + askReached + rung)
}
