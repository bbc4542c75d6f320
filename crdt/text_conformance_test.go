package crdt_test

import (
	"encoding/json"
	"os"
	"testing"

	. "wangge/crdt"
)

// published is a case as josephg/eg-walker-reference publishes them: what people
// wrote in several branches, and the text that comes of it in the order Fugue.
type published struct {
	Txns []struct {
		Span    [2]int // the numbers of its first change and of the one after its last
		Parents []int
		Agent   string
		Ops     [][3]any // place, how many go, what comes
	}
	EndContent string
}

// TestPublishedCasesHaveTheOrderOfTheTwin reads testdata/conformance.json of that
// repository, which WANGGE_CONFORMANCE names. Its order is Fugue's; the product's
// is FugueMax, which differs where runs on one spot have other right neighbours.
func TestPublishedCasesHaveTheOrderOfTheTwin(t *testing.T) {
	path := os.Getenv("WANGGE_CONFORMANCE")
	if path == "" {
		t.Skip("WANGGE_CONFORMANCE names no file of published cases")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var cases []published
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	max := 0
	for i, c := range cases {
		entries := c.entries()
		if got := newTwinThat(fugueNotMax, entries).text(); got != c.EndContent {
			t.Errorf("case %d: the twin of Fugue has %q, want %q", i, got, c.EndContent)
		}
		got := Cell{Type: MergedText, Entries: entries}.Text()
		if got != newTwin(entries).text() {
			t.Errorf("case %d: the product has %q, its twin another", i, got)
		}
		if got != c.EndContent {
			max++
		}
	}
	t.Logf("%d cases; in %d of them FugueMax orders otherwise than Fugue", len(cases), max)
}

// entries makes an event of each character that came or went.
func (c published) entries() (entries []Entry) {
	dots, last := map[int]Dot{}, map[string]uint64{}
	for _, txn := range c.Txns {
		var parents []Dot
		for _, p := range txn.Parents {
			parents = append(parents, dots[p])
		}
		number := txn.Span[0]
		change := func(e Edit) {
			last[txn.Agent]++
			d := Dot{Writer: NewWriter(uint32(txn.Agent[0]), 0), Seq: last[txn.Agent]}
			entries = append(entries, Entry{Dot: d, Value: Event(parents, e)})
			dots[number], parents = d, []Dot{d}
			number++
		}
		for _, op := range txn.Ops {
			at := int(op[0].(float64))
			for range int(op[1].(float64)) {
				change(Edit{At: at, Cut: 1})
			}
			for i, char := range []rune(op[2].(string)) {
				change(Edit{At: at + i, Put: string(char)})
			}
		}
	}
	return entries
}
