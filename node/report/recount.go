package report

import (
	"math/big"
	"slices"
	"strings"
	"sync"
	"time"

	"wangge/crdt"
	"wangge/schema"
)

// Recount is the dumb twin of Figures: it notes of every record what reports look at, and
// goes through all of them for each question. It shares nothing with Figures but what a
// report sees of a record, and the shape of a query. It is what figures are checked
// against; at a county's year it takes some 70 bytes a record while it lasts. Count may be
// called from several goroutines once all records were added.
type Recount struct {
	registry *schema.Registry
	notes    map[string]*notes
	names    map[string][]string         // of a kind, the fields that are noted
	own      map[string][]schema.Formula // of a report, the conditions on a record's own fields
	linked   map[string][]linked         // and those through a link
	judged   map[string][]linked         // the same, by the kind to which they look
	links    int                         // how many conditions look through links
	met      map[verdict]bool
	aliases  map[crdt.RecordID][]crdt.RecordID
	settled  sync.Once // that it is known which records are one
	same     crdt.Same
	kept     []crdt.Value         // each that was seen, by its token; the first is ""
	tokens   map[crdt.Value]token // of the values
	keeps    bool                 // piles keep the notes of which they are
}

// token stands for a value in notes: so many values in few bytes leave the collector
// nothing to do.
type token uint32

// notes is what reports look at of the living records of a kind, one after the other.
type notes struct {
	ids     []crdt.RecordID
	areas   []token
	said    []token // of each record, of the fields that are noted; of what is added up the addend
	own     []bool  // of each record and report, whether it meets the conditions on its own fields
	fields  int     // that are noted
	reports int
}

// note is one of them.
type note struct {
	*notes
	row int
}

func (n note) id() crdt.RecordID { return n.ids[n.row] }

// at returns what is noted at a place.
func (n note) at(place int) token {
	if place == none {
		return 0
	}
	return n.said[n.row*n.fields+place]
}

// linked is a condition through a link.
type linked struct {
	number int // no other's
	link   string
	to     *schema.Kind
	that   schema.Formula
	absent bool // whether it holds of a record that is not here
}

// verdict says which record a condition through a link was held against.
type verdict struct {
	record    crdt.RecordID
	condition int
}

// NewRecount returns a recount of no records.
func NewRecount(registry *schema.Registry) *Recount {
	c := &Recount{
		registry: registry, notes: map[string]*notes{}, names: map[string][]string{}, met: map[verdict]bool{},
		own: map[string][]schema.Formula{}, linked: map[string][]linked{}, judged: map[string][]linked{},
		aliases: map[crdt.RecordID][]crdt.RecordID{}, kept: []crdt.Value{""}, tokens: map[crdt.Value]token{"": 0},
	}
	for _, k := range registry.Kinds() {
		for i := range k.Reports {
			c.names[k.Name] = append(c.names[k.Name], looksAt(&k, &k.Reports[i])...)
			if len(k.Reports[i].Publish) > 0 {
				c.names[k.Name] = append(c.names[k.Name], registry.Persons(&k)...)
			}
			c.conditions(&k, &k.Reports[i])
		}
		slices.Sort(c.names[k.Name])
		c.names[k.Name] = slices.Compact(c.names[k.Name])
		c.notes[k.Name] = &notes{fields: len(c.names[k.Name]), reports: len(k.Reports)}
	}
	return c
}

// conditions takes a report's conditions apart.
func (c *Recount) conditions(k *schema.Kind, r *schema.Report) {
	report := k.Name + "." + r.Name
	for _, condition := range r.Where {
		link, that, _ := condition.Through()
		if link == "" {
			c.own[report] = append(c.own[report], that)
			continue
		}
		field, _ := k.Field(link)
		to, _ := c.registry.Kind(field.To)
		c.links++
		l := linked{c.links, link, to, that, meets(to, that, crdt.Record{})}
		c.linked[report], c.judged[to.Name] = append(c.linked[report], l), append(c.judged[to.Name], l)
	}
}

// looksAt returns what a report looks at of a record, beside its area.
func looksAt(k *schema.Kind, r *schema.Report) (names []string) {
	if r.Count == schema.Ratio || r.Count == schema.Difference || r.Count == schema.Growth {
		return nil
	}
	for _, name := range append([]string{r.When, k.When, r.From, r.To}, r.By...) {
		if _, ok := k.Field(name); ok {
			names = append(names, name)
		}
	}
	if r.Of != "" {
		names = append(names, noted(r))
	}
	for _, condition := range r.Where {
		if link, _, _ := condition.Through(); link != "" {
			names = append(names, link)
		}
	}
	return names
}

// noted returns the name under which it is noted what a report counts or adds up.
func noted(r *schema.Report) string {
	if r.Count == schema.Sum || r.Count == schema.Average {
		return "+" + r.Of
	}
	return r.Of
}

// Add notes a record. Each is added once, before anything is counted.
func (c *Recount) Add(id crdt.RecordID, rec crdt.Record) {
	if names := rec.Aliases(); len(names) > 0 {
		c.aliases[id] = names
	}
	rec = calculated(c.registry, rec)
	c.judge(id, rec)
	k, ok := c.registry.Kind(rec.Kind)
	if !ok || rec.Fate() == crdt.Dead || len(k.Reports) == 0 {
		return
	}
	n := c.notes[k.Name]
	n.ids, n.areas = append(n.ids, id), append(n.areas, c.token(crdt.Value(areaOf(k, rec))))
	for _, name := range c.names[k.Name] {
		value := crdt.Value("")
		if of, added := strings.CutPrefix(name, "+"); !added {
			value = c.noted(k, rec, name)
		} else if addend, filled := addendOf(k, rec, of); filled {
			value = crdt.Int(addend)
		}
		n.said = append(n.said, c.token(value))
	}
	for i := range k.Reports {
		own := true
		for _, that := range c.own[k.Name+"."+k.Reports[i].Name] {
			own = own && meets(k, that, rec)
		}
		n.own = append(n.own, own)
	}
}

// noted returns what is noted of a field: of a date the day.
func (c *Recount) noted(k *schema.Kind, rec crdt.Record, name string) crdt.Value {
	value := memberOf(k, rec, name)
	if f, ok := k.Field(name); ok && (f.Type == schema.TypeInstant || f.Type == schema.TypeDate) && value != "" {
		return crdt.Text(schema.Day(value))
	}
	return value
}

// token returns the token of a value, of which one copy is kept.
func (c *Recount) token(v crdt.Value) token {
	n, ok := c.tokens[v]
	if !ok {
		n, v = token(len(c.kept)), crdt.Value(strings.Clone(string(v)))
		c.tokens[v], c.kept = n, append(c.kept, v)
	}
	return n
}

// text returns what a token stands for, "" if that is no text.
func (c *Recount) text(n token) string {
	text, _ := c.kept[n].Text()
	return text
}

// judge holds a record against all conditions through links to its kind.
func (c *Recount) judge(id crdt.RecordID, rec crdt.Record) {
	for _, l := range c.judged[rec.Kind] {
		c.met[verdict{id, l.number}] = meets(l.to, l.that, rec)
	}
}

// Count answers a query as Figures does: the figure of each row, by its keys, and under
// "" that of the total. Where there is no figure there is no entry.
func (c *Recount) Count(q Query) map[string]string {
	c.settle()
	of, own, _ := strings.Cut(q.Report, ".")
	kind, _ := c.registry.Kind(of)
	_, report, ok := c.registry.Report(kind, own)
	if !ok {
		panic("report: a recount of an unknown report: " + q.Report)
	}
	rows := map[string]string{}
	total, groups := c.values(kind, report, q)
	for keys, value := range groups {
		if value != nil {
			rows[keys] = cutOff(value, report.Shown)
		}
	}
	delete(rows, "")
	if total != nil {
		rows[""] = cutOff(total, report.Shown)
	}
	return rows
}

// settle finds out which records are one, once all of them were added.
func (c *Recount) settle() {
	c.settled.Do(func() { c.same = crdt.Resolve(c.aliases) })
}

// Counted is a table as a recount has it.
func (t Table) Counted() map[string]string {
	rows := map[string]string{}
	for _, row := range t.Rows {
		rows[strings.Join(row.Keys, keysApart)] = t.Figure(row.Count)
	}
	delete(rows, "")
	if !t.None {
		rows[""] = t.Sum()
	}
	return rows
}

const keysApart = "\x1f"

// values returns exact figures, nil where there is none.
func (c *Recount) values(k *schema.Kind, r *schema.Report, q Query) (total *big.Rat, groups map[string]*big.Rat) {
	groups = map[string]*big.Rat{}
	switch r.Count {
	case schema.Ratio:
		above, aboves := c.part(k, r.Of, q)
		below, belows := c.part(k, r.Per, q)
		for keys, per := range belows {
			groups[keys] = divided(aboves[keys], per, r.Times)
		}
		return divided(above, below, r.Times), groups
	case schema.Difference, schema.Growth:
		return c.compared(k, r, q)
	}
	piles, all := c.piles(k, r, q)
	for keys, p := range piles {
		if value := p.value(k, r); value != nil && (r.Count != schema.Distinct || value.Sign() > 0) {
			groups[keys] = value
		}
	}
	return all.value(k, r), groups
}

func (c *Recount) part(k *schema.Kind, name string, q Query) (*big.Rat, map[string]*big.Rat) {
	of, report, _ := c.registry.Report(k, name)
	return c.values(of, report, q)
}

func divided(a, b *big.Rat, times int64) *big.Rat {
	if b == nil || b.Sign() == 0 {
		return nil
	}
	if a == nil {
		a = new(big.Rat)
	}
	quotient := new(big.Rat).Quo(a, b)
	return quotient.Mul(quotient, big.NewRat(max(times, 1), 1))
}

// compared holds a figure against the same a period back.
func (c *Recount) compared(k *schema.Kind, r *schema.Report, q Query) (total *big.Rat, groups map[string]*big.Rat) {
	then := q
	for _, day := range []*string{&then.From, &then.To, &then.AsOf} {
		*day = dayBack(r.Back, *day)
	}
	_, of, _ := c.registry.Report(k, r.Of)
	counted := of.Count == schema.Records || of.Count == schema.Distinct || of.Count == schema.Sum
	held := func(now, before *big.Rat) *big.Rat {
		if before == nil && counted {
			before = new(big.Rat)
		}
		if now == nil && counted {
			now = new(big.Rat)
		}
		if now == nil || before == nil || r.Count == schema.Growth && before.Sign() == 0 {
			return nil
		}
		difference := new(big.Rat).Sub(now, before)
		if r.Count == schema.Growth {
			return divided(difference, before, r.Times)
		}
		return difference
	}
	nowTotal, now := c.part(k, r.Of, q)
	beforeTotal, before := c.part(k, r.Of, then)
	timed := slices.ContainsFunc(q.By, schema.IsPeriod)
	groups = map[string]*big.Rat{}
	for keys, value := range now {
		groups[keys] = held(value, before[keysBack(r.Back, q.By, keys)])
	}
	for keys, value := range before {
		if _, known := now[keys]; !known && !timed {
			groups[keys] = held(nil, value)
		}
	}
	return held(nowTotal, beforeTotal), groups
}

// keysBack names the row with which a row is compared: that of a period before the first
// day of its shortest period.
func keysBack(back string, by []string, keys string) string {
	parts := strings.Split(keys, keysApart)
	for _, period := range schema.Periods() {
		at := slices.Index(by, period)
		if at < 0 || parts[at] == "" {
			continue
		}
		day := dayBack(back, firstOf(period, parts[at]))
		for i, name := range by {
			if schema.IsPeriod(name) {
				parts[i] = named(name, day)
			}
		}
		break
	}
	return strings.Join(parts, keysApart)
}

// firstOf returns the first day of a period: the first of its year that has its name.
func firstOf(period, name string) string {
	t := date(name[:4]+"-01-01").AddDate(0, 0, -7)
	for named(period, t.Format(time.DateOnly)) != name {
		t = t.AddDate(0, 0, 1)
	}
	return t.Format(time.DateOnly)
}

// dayBack returns the day a period before: the last of a month for the last of a month.
func dayBack(period, day string) string {
	if day == "" {
		return ""
	}
	t := date(day)
	n := map[string]int{schema.ByMonth: 1, schema.ByQuarter: 3, schema.ByYear: 12}[period]
	if n == 0 {
		return t.AddDate(0, 0, -map[string]int{schema.ByWeek: 7, schema.ByDay: 1}[period]).Format(time.DateOnly)
	}
	first := date(day[:7]+"-01").AddDate(0, -n, 0)
	last := first.AddDate(0, 1, -1)
	if t.AddDate(0, 0, 1).Day() == 1 || t.Day() > last.Day() {
		return last.Format(time.DateOnly)
	}
	return first.AddDate(0, 0, t.Day()-1).Format(time.DateOnly)
}
