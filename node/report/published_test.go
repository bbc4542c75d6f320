package report

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"wangge/schema"
)

// published is a figure that one of five reports of real counties, cities and a province
// gives, and the question by which we have it.
type published struct {
	id, seed, figure, value, unit, qualifier string
	query                                    Query
	times                                    string // what one counted record stands for, or the unit of the text
	note                                     string
}

func (p published) computed() bool { return !strings.HasPrefix(p.note, "not computed: ") }

func publishedFigures(t *testing.T) (all []published) {
	t.Helper()
	for _, c := range table(t, "figures.tsv", 13) {
		q := Query{Report: c[6], Where: map[string]string{}, From: c[9], To: c[10]}
		if c[8] != "" {
			q.By = strings.Split(c[8], ",")
		}
		for _, pair := range strings.Split(c[7], ";") {
			if name, value, ok := strings.Cut(pair, "="); ok {
				q.Where[name] = value
			}
		}
		all = append(all, published{c[0], c[1], c[2], c[3], c[4], c[5], q, c[11], c[12]})
	}
	return all
}

func TestEveryPublishedFigureIsAskedForOrSaysWhyNot(t *testing.T) {
	seen := map[string]bool{}
	left := 0
	for _, p := range publishedFigures(t) {
		seen[p.id] = true
		if !p.computed() {
			left++
		}
		if p.query.Report == "" {
			t.Errorf("%s, %s: no report would give it", p.id, p.figure)
		}
	}
	for i := range 155 {
		if id := fmt.Sprintf("F%03d", i+1); !seen[id] {
			t.Errorf("%s is missing", id)
		}
	}
	if left > 14 {
		t.Errorf("%d figures are left out", left)
	}
}

func TestPublishedFiguresComeOutOfRecordsOfTheSameMake(t *testing.T) {
	for _, seed := range []string{"000", "001", "002", "003", "004"} {
		t.Run(seed, func(t *testing.T) {
			t.Parallel()
			all := slices.DeleteFunc(publishedFigures(t), func(p published) bool { return p.seed != seed })
			w := build(t, seed, loosened(t, all))
			for _, p := range all {
				answer, err := w.figures.Answer(p.query)
				if err != nil {
					t.Errorf("%s asks for what is not there: %+v", p.id, p.query)
				} else if p.computed() {
					p.compare(t, answer)
					p.hangsOnAll(t, w, answer)
				}
			}
		})
	}
}

// compare holds an answer against what was published, as precisely as that was said.
func (p published) compare(t *testing.T, answer Table) {
	t.Helper()
	if least, most, ok := strings.Cut(p.value, "-"); ok { // of every row
		for _, row := range answer.Rows {
			if n := number(answer.Figure(row.Count)); n.Cmp(number(least)) < 0 || n.Cmp(number(most)) > 0 {
				t.Errorf("%s, %s: %v has %s, want %s", p.id, p.figure, row.Keys, n, p.value)
			}
		}
		if len(answer.Rows) == 0 {
			t.Errorf("%s: no rows", p.id)
		}
		return
	}
	if answer.None {
		t.Errorf("%s, %s: no figure", p.id, p.figure)
		return
	}
	got, want := number(answer.Sum()), number(p.value)
	if p.times != "" {
		got.Mul(got, number(p.times))
	}
	if said := answer.Said.Zh; p.qualifier != "exact" && (said == "" || p.times == "" && said != p.value && !p.worded(said)) {
		t.Errorf("%s, %s: published %s %s, said %q", p.id, p.figure, p.qualifier, p.value, said)
	}
	if !p.says(got, want) {
		t.Errorf("%s, %s: counted %s, published %s %s", p.id, p.figure, got.FloatString(4), p.qualifier, p.value)
	}
}

// worded reports whether a report says its figure with one of the words of the text.
func (p published) worded(said string) bool {
	words := map[string][]string{"over": {"超" + p.value, p.value + "余"}, "near": {"近" + p.value}, "at_least": {"达到" + p.value}}
	return slices.Contains(words[p.qualifier], said)
}

// says reports whether a figure is published so: 312 as over 300, 986 as near 1000.
func (p published) says(got, want *big.Rat) bool {
	words := map[string]struct {
		say  schema.Qualifier
		word string
	}{"over": {schema.Over, "超"}, "near": {schema.Near, "近"}, "at_least": {schema.AtLeast, "达到"}}
	if said, ok := words[p.qualifier]; ok {
		shown := schema.Shown{Say: said.say, Step: roundness(want).Num().Int64()}
		return got.IsInt() && shown.Said(got.Num().Int64()).Zh == said.word+p.value
	}
	return got.Cmp(want) == 0
}

// roundness returns the power of ten to which a number is round.
func roundness(n *big.Rat) *big.Rat {
	step, ten := big.NewRat(1, 1), big.NewRat(10, 1)
	for n.Sign() > 0 {
		next := new(big.Rat).Mul(step, ten)
		if !new(big.Rat).Quo(n, next).IsInt() {
			break
		}
		step = next
	}
	return step
}

func number(s string) *big.Rat {
	n, ok := new(big.Rat).SetString(s)
	if !ok {
		return new(big.Rat)
	}
	return n
}
