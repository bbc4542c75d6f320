package schema

import (
	"fmt"
	"slices"
	"strings"

	"wangge/crdt"
)

// ladderFault checks a ladder's rungs: a case can begin, and come to each of them.
func (k *Kind) ladderFault(f *Field, at string) *Fault {
	reached := map[string]bool{}
	for i, o := range f.Options {
		at := fmt.Sprintf("%s.options[%d]", at, i)
		if fault := k.broken(
			rule{f.Type == TypeLadder || len(o.After) == 0, at + ".after", "only a ladder's rungs come after others"},
			rule{!o.Begins || len(o.After) > 0, at + ".begins", "only a rung that comes after others needs to say that a case may begin there too"},
			rule{f.Type == TypeLadder || !o.Ends, at + ".ends", "only a ladder's rungs end a case"},
			rule{f.Type == TypeLadder || len(o.Asks) == 0, at + ".asks", "only a ladder's rungs ask for fields"},
			rule{f.Type != TypeLadder || !strings.Contains(o.Value, "\n"), at + ".value", "a rung's value is one line"},
		); fault != nil {
			return fault
		}
		for j, name := range o.After {
			_, ok := f.option(name)
			if fault := k.broken(rule{ok && name != o.Value, fmt.Sprintf("%s.after[%d]", at, j), "name another rung of this ladder"}); fault != nil {
				return fault
			}
		}
		for j, name := range o.Asks {
			asked, ok := k.Field(name)
			if fault := k.broken(rule{ok && asked != f && asked.Merge != crdt.Bounded && !asked.Calculated(), fmt.Sprintf("%s.asks[%d]", at, j), "name another field of the kind, which a form fills in"}); fault != nil {
				return fault
			}
		}
		reached[o.Value] = o.begins()
	}
	if f.Type != TypeLadder {
		return nil
	}
	return k.broken(f.unreached(reached, at)...)
}

// unreached makes a rule for each rung: that some way leads to it from a beginning.
func (f *Field) unreached(reached map[string]bool, at string) (rules []rule) {
	for range f.Options {
		for _, o := range f.Options {
			if slices.ContainsFunc(o.After, func(name string) bool { return reached[name] }) {
				reached[o.Value] = true
			}
		}
	}
	for i, o := range f.Options {
		rules = append(rules, rule{reached[o.Value], fmt.Sprintf("%s.options[%d].after", at, i), "no case comes here: a case begins at a rung without after"})
	}
	return rules
}
