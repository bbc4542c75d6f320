package main

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"wangge/schema"
)

// filled fills in a form of any kind: a sample of it, moved to another day and place,
// with other people, answers and numbers as far as its checks take them.
func (m *maker) filled(kind string, i int) (f yearForm, err error) {
	k, _ := m.kinds.Kind(kind)
	sample := map[string]any{}
	if all := m.samples[kind]; len(all) > 0 {
		sample = all[m.IntN(len(all))]
	}
	at := m.moment(i)
	if kind == "elder_pact" {
		at = m.days[0] // before the first look
	}
	sample = m.moved(k, sample, at).(map[string]any)
	f = yearForm{saved: m.late(at), form: cloned(sample)}
	if len(k.Identity) == 0 {
		f.form["id"] = m.id(kind, m.first+i)
	}
	for j := range k.Fields {
		if field := &k.Fields[j]; m.asks(k, field, sample) {
			if v := m.value(k, field, sample[field.Name], at); v != nil {
				f.form[field.Name] = v
			}
		}
	}
	maps.Copy(f.form, m.identity(k, m.first+i))
	return f, m.mend(kind, &f, sample)
}

// asks reports whether a field is to be given another value than the sample's.
func (m *maker) asks(k *schema.Kind, f *schema.Field, sample map[string]any) bool {
	_, said := sample[f.Name]
	return !f.Calculated() && !f.Decided() && (said || f.Required)
}

// mend takes back what the checks do not take: first what was made up in the place of
// the sample's value, then the value.
func (m *maker) mend(kind string, f *yearForm, sample map[string]any) error {
	var problems schema.Problems
	for range 4 {
		if _, problems = m.kinds.Check(kind, f.form); len(problems) == 0 {
			return nil
		}
		for _, p := range problems {
			name, _, _ := strings.Cut(p.Field, ".")
			if v, said := sample[name]; said && fmt.Sprint(v) != fmt.Sprint(f.form[name]) {
				f.form[name] = v
			} else {
				delete(f.form, name)
			}
		}
	}
	id := f.form["id"]
	if f.form = cloned(sample); id != nil {
		f.form["id"] = id
	}
	if _, problems = m.kinds.Check(kind, f.form); len(problems) > 0 {
		return fmt.Errorf("no form of %s can be made up, write a sample of it: %w", kind, problems)
	}
	return nil
}

// value makes up what a field says; nil leaves what the sample says.
func (m *maker) value(k *schema.Kind, f *schema.Field, sample any, at time.Time) any {
	switch f.Type {
	case schema.TypeCounty, schema.TypeDistrict:
		return m.place[:schema.County]
	case schema.TypeArea:
		return m.place
	case schema.TypeGrid:
		return m.grid(m.IntN(yearGrids))
	case schema.TypeHousehold:
		return fmt.Sprintf("%s%04d", m.grid(m.IntN(yearGrids)), 1+m.IntN(yearHouseholds))
	case schema.TypeResidentID:
		return m.resident()
	case schema.TypeMobile:
		return m.mobile()
	case schema.TypeCreditCode:
		return m.creditCode()
	case schema.TypeChoice:
		return f.Options[m.IntN(len(f.Options))].Value
	case schema.TypeText:
		return m.words(k, f, sample)
	case schema.TypeInt, schema.TypeDecimal:
		return m.amount(f, sample)
	case schema.TypeLink:
		return m.link(f, sample, at)
	case schema.TypeLinks:
		if to, _ := m.kinds.Kind(f.To); len(to.Identity) == 0 {
			return []any{m.known(f.To)}
		}
		if by := m.byIdentity(f.To); by != nil {
			return []any{by}
		}
	case schema.TypeBool:
		return true
	}
	if sample != nil {
		return nil
	}
	switch f.Type { // what there is no sample of
	case schema.TypeDate:
		return at.Format(time.DateOnly)
	case schema.TypeInstant:
		return at.UnixMilli()
	case schema.TypeLadder:
		return f.Next("")[0].Value
	}
	return nil
}

// words are a person's name, a note, or the sample's words, which tell of one thing
// only if they name a record.
func (m *maker) words(k *schema.Kind, f *schema.Field, sample any) any {
	text, said := sample.(string)
	switch {
	case f.Guarded || len([]rune(text)) == 3 && strings.Contains(surnames, string([]rune(text)[:1])):
		return m.person()
	case f.Multiline && m.IntN(2) == 0:
		return m.note()
	case len(k.Identity) > 0 && said || f.Required && !said:
		return fmt.Sprintf("%s%d", text, 1+m.IntN(100_000))
	}
	return nil
}

// amount is about what the sample says.
func (m *maker) amount(f *schema.Field, sample any) any {
	about, _ := sample.(float64)
	about = max(about, f.Range.Min, 1)
	n := about * (0.5 + m.Float64())
	if f.Type == schema.TypeInt {
		return float64(int(n + 0.5))
	}
	return float64(int(n*10+0.5)) / 10
}

// link names a record of the year, or fills in the form within.
func (m *maker) link(f *schema.Field, sample any, at time.Time) any {
	form, within := sample.(map[string]any)
	to, _ := m.kinds.Kind(f.To)
	switch {
	case !f.Inline && len(to.Identity) > 0:
		return m.byIdentity(f.To)
	case within || sample == nil && f.Inline:
		form = cloned(form)
		for i := range to.Fields {
			if in := &to.Fields[i]; in.Name != to.Area.Field && m.asks(to, in, form) {
				if v := m.value(to, in, form[in.Name], at); v != nil {
					form[in.Name] = v
				}
			}
		}
		return form
	case len(to.Identity) == 0:
		return m.known(f.To)
	}
	return nil
}

// identity is what says which record of its kind the n-th is, so that links can name it:
// a firm's code or an account's number. Of other kinds nothing is.
func (y *countyYear) identity(k *schema.Kind, n int) map[string]any {
	if len(k.Identity) != 1 {
		return nil
	}
	one := &maker{countyYear: y, generator: &generator{Rand: y.source(k.Name+" identity", uint64(n))}}
	switch f, _ := k.Field(k.Identity[0]); f.Type {
	case schema.TypeCreditCode:
		return map[string]any{f.Name: one.creditCode()}
	case schema.TypeMobile:
		return map[string]any{f.Name: one.mobile()}
	}
	return nil
}

// byIdentity names a record of a kind that has an identity, which alone makes its id.
func (m *maker) byIdentity(kind string) any {
	k, _ := m.kinds.Kind(kind)
	if by := m.identity(k, m.one(kind)); by != nil {
		return by
	}
	return nil
}

// moved returns a sample told of another day: all its moments are moved by the same.
func (m *maker) moved(k *schema.Kind, sample map[string]any, at time.Time) any {
	days := 0
	if text, ok := sample[k.When].(string); ok && len(text) >= len(time.DateOnly) {
		if then, err := time.ParseInLocation(time.DateOnly, text[:len(time.DateOnly)], at.Location()); err == nil {
			days = int(at.Sub(then).Hours() / 24)
		}
	}
	return movedBy(sample, days)
}

func movedBy(v any, days int) any {
	switch v := v.(type) {
	case map[string]any:
		moved := make(map[string]any, len(v))
		for name, in := range v {
			moved[name] = movedBy(in, days)
		}
		return moved
	case []any:
		moved := make([]any, len(v))
		for i, in := range v {
			moved[i] = movedBy(in, days)
		}
		return moved
	case string:
		if len(v) >= len(time.DateOnly) {
			if day, err := time.Parse(time.DateOnly, v[:len(time.DateOnly)]); err == nil {
				return day.AddDate(0, 0, days).Format(time.DateOnly) + v[len(time.DateOnly):]
			}
		}
	}
	return v
}

// cloned copies a form; what is in it is never changed.
func cloned(form map[string]any) map[string]any {
	if form == nil {
		return map[string]any{}
	}
	return maps.Clone(form)
}

// mobile and resident make up numbers that pass the checks. The people do not exist.
func (m *maker) mobile() string { return fmt.Sprintf("1%d%09d", 3+m.IntN(7), m.IntN(1e9)) }

func (m *maker) resident() string {
	born := time.Date(1940+m.IntN(66), 1, 1+m.IntN(365), 0, 0, 0, 0, time.UTC).Format("20060102")
	return checked(fmt.Sprintf("140581%s%03d", born, m.IntN(1000)), "0123456789X", func(s string) bool {
		_, wrong := schema.ParseResident(s)
		return wrong.Empty()
	})
}

func (m *maker) creditCode() string {
	return checked(fmt.Sprintf("9114058100%07d", m.IntN(1e7)), "0123456789ABCDEFGHJKLMNPQRTUWXY", func(s string) bool {
		_, wrong := schema.ParseCreditCode(s)
		return wrong.Empty()
	})
}

// checked appends the check character that fits.
func checked(body, alphabet string, fits func(string) bool) string {
	for _, c := range alphabet {
		if s := body + string(c); fits(s) {
			return s
		}
	}
	return body
}
