package main

import (
	"fmt"
	"slices"
	"strings"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/schema"
)

// textEdit is one place of a text that a change touched, in the text as the
// edits before it left it.
type textEdit struct {
	At  int    `json:"at"` // code points before it
	Cut string `json:"cut,omitempty"`
	Put string `json:"put,omitempty"`
}

// textTelling goes through a text's changes, each after those that it builds on.
type textTelling struct {
	*telling
	woven map[crdt.Dot]bool
	heads map[crdt.Dot]string // the text after each of the changes on which none was built so far
}

// textSteps tells a text's changes.
func (t *telling) textSteps(touches []store.Touch, names map[crdt.Writer]string) (steps []step) {
	tell := textTelling{t, map[crdt.Dot]bool{}, map[crdt.Dot]string{}}
	for _, touch := range byParents(touches) {
		s := step{
			Dot: touch.Dot.String(), Device: names[touch.Dot.Writer], At: touch.Stamp.Millis(), ReplacedBy: t.replacedBy[touch.Dot],
		}
		parents, edits, ok := touch.Op.Value.Event()
		for _, p := range parents {
			s.Parents = append(s.Parents, p.String())
		}
		switch {
		case !ok || len(s.ReplacedBy) > 0: // of a faulty writer, or a newer program
			s.Value = t.shown(touch.Op.Value)
			s.Outcome, s.Why = t.judge(touch)
		case slices.ContainsFunc(parents, func(p crdt.Dot) bool { return !tell.woven[p] }):
			s.Outcome, s.Why = "waits", schema.Text{
				Zh: "等待：它所依据的修改还没有到，到了才编入正文",
				En: "waits: a change on which it builds is not here yet",
			}
			for _, e := range edits { // what they cut cannot be told before that
				s.Edits = append(s.Edits, textEdit{At: e.At, Put: e.Put})
			}
		default:
			s.Edits = tell.weave(touch.Dot, parents, edits)
			s.Outcome, s.Why = "woven", builtOn(s.Parents)
		}
		if t.sealed || t.masks {
			s.Edits = nil
			if touch.Op.Value != "" { // else it would read as taken away
				s.Value = "***"
			}
		}
		steps = append(steps, s)
	}
	return steps
}

func builtOn(parents []string) schema.Text {
	if len(parents) == 0 {
		return schema.Text{Zh: "编入正文：写时还没有看到任何内容", En: "woven into the text: its author saw no words"}
	}
	dots := strings.Join(parents, ", ")
	return schema.Text{Zh: "编入正文：在 " + dots + " 的基础上写成", En: "woven into the text: written into what " + dots + " left"}
}

// weave returns what the edits did to the text that their author saw, and keeps
// the text that they left for who builds on it.
func (t *textTelling) weave(d crdt.Dot, parents []crdt.Dot, edits []crdt.Edit) (told []textEdit) {
	text, kept := "", len(parents) == 0
	if len(parents) == 1 {
		text, kept = t.heads[parents[0]]
		delete(t.heads, parents[0])
	}
	if !kept {
		text = t.cell.TextAt(parents)
	}
	chars := []rune(text)
	for _, e := range edits {
		at := min(e.At, len(chars))
		end := min(at+e.Cut, len(chars))
		told = append(told, textEdit{at, string(chars[at:end]), e.Put})
		chars = slices.Replace(chars, at, end, []rune(e.Put)...)
	}
	t.woven[d], t.heads[d] = true, string(chars)
	return told
}

// put says what a change put and cut.
func (s step) put() schema.Text {
	var zh, en []string
	for _, e := range s.Edits {
		z, n := fmt.Sprintf("第 %d 字后", e.At), fmt.Sprintf("after %d characters", e.At)
		if e.At == 0 {
			z, n = "开头", "at the beginning"
		}
		if e.Cut != "" {
			z, n = z+"删去“"+e.Cut+"”", n+" cut \""+e.Cut+"\""
		}
		if e.Put != "" {
			z, n = z+"写入“"+e.Put+"”", n+" put \""+e.Put+"\""
		}
		zh, en = append(zh, z), append(en, n)
	}
	return schema.Text{Zh: strings.Join(zh, "；"), En: strings.Join(en, "; ")}
}

// byParents puts each change of a text behind those that it builds on, whatever
// its writer's clock said.
func byParents(touches []store.Touch) (order []store.Touch) {
	at, placed := map[crdt.Dot]int{}, map[crdt.Dot]bool{}
	for i, t := range touches {
		at[t.Dot] = i
	}
	for i := range touches {
		for todo := []int{i}; len(todo) > 0; {
			t := touches[todo[len(todo)-1]]
			parents, _, _ := t.Op.Value.Event()
			missing := slices.DeleteFunc(parents, func(p crdt.Dot) bool { _, here := at[p]; return !here || placed[p] })
			if len(missing) > 0 && len(todo) <= len(touches) { // else a faulty writer names them in a circle
				todo = append(todo, at[missing[0]])
				continue
			}
			if todo = todo[:len(todo)-1]; !placed[t.Dot] {
				placed[t.Dot] = true
				order = append(order, t)
			}
		}
	}
	return order
}
