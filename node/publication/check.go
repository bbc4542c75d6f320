package publication

import (
	"regexp"
	"strings"
	"unicode"
)

var (
	areas   = regexp.MustCompile(`^[1-9][0-9](?:[0-9]{2}){0,2}$`)
	months  = regexp.MustCompile(`^(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])$`)
	moments = regexp.MustCompile(`^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})$`)
	reports = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}\.[a-z][a-z0-9_]{0,39}(?::sum|:count)?$`)
	byAreas = regexp.MustCompile(`^area:[2-9]$`)
	fields  = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	codes   = regexp.MustCompile(`^[0-9]+$`)
)

// WordsMax is how many characters a title, an option, a unit or a name has at the most.
const WordsMax = 120

const (
	placesMax = 6
	rowsMax   = 10_000
	most      = 1 << 46 // of a figure, so that sums of rows stay exact
)

// check returns ErrDamaged for what no publisher may say.
func (p *Publication) check() error {
	good := p.Format == 1 && areas.MatchString(p.Area) && months.MatchString(p.Month) && moments.MatchString(p.At) && words(p.By) &&
		p.Number >= 1 && p.Boxes >= 0 && p.Boxes <= p.Of && p.Least >= Least && p.Tables != nil && lacks(p.Lacks, p.Area)
	if !good {
		return damaged("")
	}
	seen := map[[2]string]bool{}
	for i := range p.Tables {
		f := &p.Tables[i]
		name := [2]string{f.Report, f.By}
		if seen[name] || !f.holds(p.Area, p.Least) {
			return damaged(Words(f.Report + " " + f.By))
		}
		seen[name] = true
	}
	return nil
}

// lacks reports whether a list has areas within an area, in order. A county has none.
func lacks(list []string, area string) bool {
	for i, a := range list {
		if !areas.MatchString(a) || len(a) <= len(area) || !strings.HasPrefix(a, area) || i > 0 && list[i-1] >= a {
			return false
		}
	}
	return true
}

// Words returns a text as a publication takes it: of WordsMax characters, and without signs
// that act on a terminal or turn what stands beside them round.
func Words(text string) string {
	short, n := strings.Builder{}, 0
	for _, r := range strings.ToValidUTF8(text, "") {
		if n < WordsMax && !unicode.IsControl(r) && !unicode.Is(unicode.Bidi_Control, r) {
			n++
			short.WriteRune(r)
		}
	}
	return short.String()
}

func words(text string) bool { return Words(text) == text }

// holds reports whether a figure is what an area may publish: of itself, by keys that are
// its grouping's own, none of them for too few.
func (f *Figure) holds(area string, least int64) bool {
	byArea := byAreas.MatchString(f.By)
	if !reports.MatchString(f.Report) || !words(f.Title) || !words(f.Unit) || f.Decimals < 0 || f.Decimals > placesMax {
		return false
	}
	if f.By != "" && !byArea && !fields.MatchString(f.By) || f.By == "" && len(f.Table.Rows) > 0 {
		return false
	}
	for _, c := range f.Table.Rows {
		if byArea && !(codes.MatchString(c.Key) && len(c.Key) <= int(f.By[len(f.By)-1]-'0') && strings.HasPrefix(c.Key, area)) || !words(c.Key) {
			return false
		}
	}
	if f.Apart {
		alone := f.Own && byArea && !f.Table.Withheld && f.Table.Total == Cell{} && f.Table.Rest == Cell{}
		return alone && f.Table.holds(least) && lacks(f.Lacks, area)
	}
	return f.Table.holds(least) && f.Table.addsUp(f.Own) && lacks(f.Lacks, area)
}

// holds reports whether no figure of a table stands for too few.
func (t *Table) holds(least int64) bool {
	few := func(c Cell) bool {
		return max(c.Value, -c.Value, c.Persons) > most || c.Persons < 0 || c.Persons == 0 && c.Value != 0 || c.Persons > 0 && c.Persons < least
	}
	if t.Rows == nil || len(t.Rows) > rowsMax || few(t.Rest) || few(t.Total) || t.Rest.Key != "" || t.Total.Key != "" {
		return false
	}
	for i, c := range t.Rows {
		if few(c) || c.Persons == 0 || c.Key == "" || i > 0 && t.Rows[i-1].Key >= c.Key {
			return false
		}
	}
	return !t.Withheld || len(t.Rows) == 0 && t.Rest == Cell{} && t.Total == Cell{}
}

// addsUp reports whether rows and rest come to the total. Who stands behind two of them is
// one of the total's persons; a figure of a table's own counts him once too. The rest is made
// of several rows, so somebody may be in it twice, and it may be more than the total.
func (t *Table) addsUp(own bool) bool {
	sum, most := t.Rest, Cell{}
	for _, c := range t.Rows {
		sum = sum.plus(c)
		most.Persons, most.Value = max(most.Persons, c.Persons), max(most.Value, c.Value)
	}
	between := func(low, n, high int64) bool { return low <= n && n <= high }
	if !between(most.Persons, t.Total.Persons, sum.Persons) {
		return false
	}
	return t.Total.Value == sum.Value || own && between(most.Value, t.Total.Value, sum.Value)
}
