package main

import (
	"strings"
	"time"

	"wangge/crdt"
	"wangge/schema"
)

// rung tells a step by where it went, and if its author claims a moment or noted
// something, when and what. When it was written, and where, stands beside it.
func rung(s schema.Step) string {
	text := s.Rung
	if s.At != 0 {
		text += time.UnixMilli(s.At).Local().Format(" 2006-01-02 15:04")
	}
	if s.Note != "" {
		text += " " + strings.ReplaceAll(s.Note, "\n", " ")
	}
	return text
}

// standing says what a step did to the case.
func (t *telling) standing(dot crdt.Dot) (outcome string, why schema.Text) {
	for _, s := range t.field.Case(t.cell).Steps {
		switch {
		case s.Entry.Dot != dot:
			continue
		case s.Standing == schema.Moved:
			return string(s.Standing), schema.Text{Zh: "办理到此步", En: "the case went on to it"}
		case s.Standing == schema.Again:
			return string(s.Standing), schema.Text{Zh: "已在此步：只作记录", En: "the case stood there already: it is noted"}
		}
		return string(s.Standing), schema.Text{Zh: "与当时所在的步骤不衔接：保留，但不起作用", En: "not in order where the case stood: it is kept, and moves nothing"}
	}
	return "unread", schema.Text{Zh: "不是可识别的步骤：保留，但不起作用", En: "this is no step: it is kept, and moves nothing"}
}
