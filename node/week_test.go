package node

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"wangge/node/web"
	"wangge/sync/session"
	"wangge/sync/wire"
)

// call is a conversation between two boxes, frame by frame and without a
// network: what is under way arrives when the test says so, or never.
type call struct {
	t        *testing.T
	ends     [2]*session.Session
	underWay [2][][]byte // frames towards each end
}

func newCall(t *testing.T, a, b desk) *call {
	c := &call{t: t}
	c.ends[0], _ = a.begin(t.Context(), b.id.Device, true)
	c.ends[1], _ = b.begin(t.Context(), a.id.Device, false)
	c.says(0, c.ends[0].Start(), nil)
	return c
}

func (c *call) says(end int, out []wire.Message, err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
	for _, m := range out {
		c.underWay[1-end] = append(c.underWay[1-end], c.ends[end].Encode(m))
	}
}

// wakes tells an end that its store has grown.
func (c *call) wakes(end int) {
	out, err := c.ends[end].Wake()
	c.says(end, out, err)
}

// hears has an end hear the next frame, if one is under way.
func (c *call) hears(end int) bool {
	c.t.Helper()
	if len(c.underWay[end]) == 0 {
		return false
	}
	frame := c.underWay[end][0]
	c.underWay[end] = c.underWay[end][1:]
	m, err := c.ends[end].Decode(frame)
	if err != nil {
		c.t.Fatal(err)
	}
	out, err := c.ends[end].Step(m)
	c.says(end, out, err)
	return true
}

// ends lets both say all they have to say.
func (c *call) finishes() {
	c.t.Helper()
	c.wakes(0)
	c.wakes(1)
	for c.hears(0) || c.hears(1) {
	}
	if !c.ends[0].Settled() || !c.ends[1].Settled() {
		c.t.Fatal("two boxes have nothing more to say, and are not done")
	}
}

// mediator is a person at a box who works on a note: adds words between words,
// and takes some out, in the note as the page showed it.
type mediator struct {
	desk
	page opened
}

// mark ends every word of the note.
const mark = "、"

// work changes the note in one place and saves it.
func (m *mediator) work(t *testing.T, r *rand.Rand, name web.Name, stays map[string]bool) {
	t.Helper()
	words := strings.SplitAfter(strings.TrimSuffix(m.page.text, mark), mark)
	at := r.IntN(len(words))
	if r.IntN(4) == 0 && len(words) > 1 {
		stays[strings.TrimSuffix(words[at], mark)] = false
		words = slices.Delete(words, at, at+1)
	} else {
		for range 1 + r.IntN(3) {
			word := newWord(r)
			stays[word] = true
			words = slices.Insert(words, at, word+mark)
		}
	}
	text := strings.Join(words, "")
	if text != "" && !strings.HasSuffix(text, mark) {
		text += mark
	}
	m.writesNote(t, name, m.page, text)
	if r.IntN(5) > 0 { // else a page that stays open
		m.page = m.opens(t, name)
	}
}

func newWord(r *rand.Rand) string {
	word := make([]rune, 2+r.IntN(6))
	for i := range word {
		word[i] = rune(0x4e00 + r.IntN(20_000))
		if r.IntN(10) == 0 {
			word[i] = rune(0x1f300 + r.IntN(200)) // beyond 16 bits
		}
	}
	return string(word)
}

// Two people work on one note for a week, each at a box of their own. The link
// is cut and comes back, and frames get lost with it.
func TestANoteOfAWeekByTwoPeopleHoldsEveryWordOfBoth(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			week(t, rand.New(rand.NewPCG(seed, 3)))
		})
	}
}

func week(t *testing.T, r *rand.Rand) {
	desks := newDesks(t, "城东站", "城西站")
	name := desks[0].mustSave(t, "mediation_note", mediation("起因、"))
	newCall(t, desks[0], desks[1]).finishes()
	people, stays := [2]*mediator{}, map[string]bool{}
	for i, d := range desks {
		people[i] = &mediator{d, d.opens(t, name)}
	}
	var line *call
	for range 7 * 60 {
		end := r.IntN(2)
		switch n := r.IntN(100); {
		case n < 4:
			line = nil // with all that was under way
		case n < 12 && line == nil:
			line = newCall(t, desks[0], desks[1])
		case n < 40:
			people[end].work(t, r, name, stays)
		case n < 45:
			people[end].page = people[end].opens(t, name)
		case line != nil && n < 60:
			line.wakes(end)
		case line != nil:
			line.hears(end)
		}
	}
	newCall(t, desks[0], desks[1]).finishes()
	note := desks[0].opens(t, name).text
	if other := desks[1].opens(t, name).text; other != note {
		t.Fatalf("one box reads\n%s\nthe other\n%s", note, other)
	}
	for word, stays := range stays {
		if n := strings.Count(mark+note, mark+word+mark); stays != (n > 0) || n > 1 {
			t.Errorf("%q stands there %d times; it was to stay: %t", word, n, stays)
		}
	}
	if len(stays) < 50 {
		t.Errorf("only %d words were written", len(stays))
	}
	if a, b := desks[0].store.Spaces()[0].Digest, desks[1].store.Spaces()[0].Digest; a != b {
		t.Error("the boxes' digests differ")
	}
}
