package sink

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"wangge/crdt"
	"wangge/node/export"
	"wangge/schema"
)

// A view is made of tables alone, so that each may be made anew without the others.
type view struct {
	name    string // plain
	columns []viewColumn
	from    string // what follows "select …"
	says    string // its comment
}

type viewColumn struct {
	name, is, says string
}

// furnishViews makes the views of all kinds.
func (s *Sink) furnishViews(ctx context.Context, tx pgx.Tx) error {
	views := []view{s.called()}
	for _, k := range s.options.Kinds.Kinds() {
		t := s.tables[k.Name]
		views = append(views, s.words(t))
		for i := range k.Reports {
			if v, ok := s.reported(t, &k.Reports[i]); ok {
				views = append(views, v)
			}
		}
	}
	for _, v := range views {
		s.moved()
		if err := s.makeView(ctx, tx, v); err != nil {
			return fmt.Errorf("view %s: %w", v.name, err)
		}
	}
	return nil
}

// called is the view area_called: what areas are called today.
func (s *Sink) called() view {
	v := view{name: "area_called", says: "区划现在的名称 / What areas are called today", columns: []viewColumn{{"code", "code", "区划代码 / Code"}, {"name", "name", "名称 / Name"}}}
	parts := []string{}
	for _, k := range s.options.Kinds.Kinds() {
		if k.Names == nil {
			continue
		}
		t, n := s.tables[k.Name], k.Names
		code, _ := t.records.Column(n.Code)
		title, _ := t.records.Column(n.Title)
		from, _ := t.records.Column(n.From)
		to, _ := t.records.Column(n.To)
		day := func(column, none string) string {
			if column == "" {
				return none
			}
			return "coalesce(" + quoted(column) + ", " + none + ")"
		}
		parts = append(parts, fmt.Sprintf("select %s as code, %s as name, %s as since, %s as until, record from %s",
			quoted(code), quoted(title), day(from, "date '0001-01-01'"), day(to, "date '9999-12-31'"), t.name))
	}
	if len(parts) == 0 {
		parts = []string{"select null::text as code, null::text as name, current_date as since, current_date as until, null::text as record where false"}
	}
	v.from = "from (select distinct on (code) code, name from (" + strings.Join(parts, " union all ") + `) given
where code is not null and name is not null and (current_timestamp at time zone 'Asia/Shanghai')::date between since and until order by code, since desc, record) called`
	return v
}

// words is the view KIND_zh, whose columns are called as the form calls them: with the
// area's name, and of a link what the other record is called.
func (s *Sink) words(t *table) view {
	v := view{name: t.kind.Name + "_zh", from: "from " + t.name + " t", says: bilingual(t.kind.Title)}
	taken := map[string]bool{}
	add := func(title, name, is, says string) {
		title = short(title)
		if title == "" || taken[title] {
			title = name
		}
		taken[title] = true
		v.columns = append(v.columns, viewColumn{title, is, says})
	}
	area, _ := t.records.Column(t.kind.Area.Field)
	for _, c := range t.records.Table().Columns {
		add(c.Title.Zh, c.Name, "t."+quoted(c.Name), bilingual(c.Title))
		named := schema.Text{Zh: c.Title.Zh + "（名称）", En: c.Title.En + " (name)"}
		if c.Name == area {
			v.from += " left join " + s.in("area_called") + " a on a.code = t." + quoted(area)
			add(named.Zh, c.Name+"_name", "a.name", bilingual(named))
			continue
		}
		if is := s.other(t, c); is != "" {
			add(named.Zh, c.Name+"_name", is, bilingual(named))
		}
	}
	return v
}

// other returns what a linked record is called, as its own list calls it: masked where
// its name is guarded. "" of what is no link.
func (s *Sink) other(t *table, c export.Column) string {
	for i := range t.kind.Fields {
		f := &t.kind.Fields[i]
		column, _ := t.records.Column(f.Name)
		to, ok := s.tables[f.To]
		if column != c.Name || f.To == "" || f.Sealed || f.Guarded || !ok {
			continue
		}
		name := calledBy(to)
		if name == "" {
			return ""
		}
		if c.Type == export.List {
			return fmt.Sprintf("(select array_agg(o.%s order by o.record) from %s o where o.record = any(t.%s))", quoted(name), to.name, quoted(column))
		}
		return fmt.Sprintf("(select o.%s from %s o where o.record = t.%s order by o.space limit 1)", quoted(name), to.name, quoted(column))
	}
	return ""
}

// calledBy returns the column that says what a kind's records are called: the field by
// which likely doubles are looked for, else the first text that a form cannot do without.
func calledBy(t *table) string {
	if t.kind.Alike != nil {
		name, _ := t.records.Column(t.kind.Alike.Name)
		return name
	}
	for _, f := range t.kind.Fields {
		if f.Type == schema.TypeText && f.Merge == crdt.Register && f.Required && !f.Sealed {
			name, _ := t.records.Column(f.Name)
			return name
		}
	}
	return ""
}

// makeView makes a view, or makes it anew. One that others build upon stays as it is where
// the new one cannot take its place.
func (s *Sink) makeView(ctx context.Context, tx pgx.Tx, v view) error {
	var columns, comments []string
	name := pgx.Identifier{s.schema, short(v.name)}.Sanitize()
	for _, c := range v.columns {
		columns = append(columns, c.is+" as "+quoted(c.name))
		comments = append(comments, fmt.Sprintf("comment on column %s.%s is %s", name, quoted(c.name), literal(c.says)))
	}
	comments = append(comments, fmt.Sprintf("comment on view %s is %s", name, literal(v.says)))
	body := name + " as select " + strings.Join(columns, ", ") + " " + v.from + "; " + strings.Join(comments, "; ")
	var last error
	for _, make := range []string{"create or replace view " + body, "drop view if exists " + name + "; create view " + body} {
		inner, err := tx.Begin(ctx) // a savepoint
		if err != nil {
			return err
		}
		if _, last = inner.Exec(ctx, make); last == nil {
			return inner.Commit(ctx)
		}
		if err := inner.Rollback(ctx); err != nil {
			return err
		}
	}
	if coded(last, dependent) {
		s.options.Log.Warn("a view stays as it was: others build upon it", "view", v.name, "error", last)
		return nil
	}
	return last
}

// dependent is PostgreSQL's code for what others depend on.
const dependent = "2BP01"

// bilingual writes a title in both languages.
func bilingual(t schema.Text) string {
	if t.En == "" || t.En == t.Zh {
		return t.Zh
	}
	return t.Zh + " / " + t.En
}

// leadsTo reports whether a kind has a link to one of that name.
func leadsTo(name string) func(schema.Kind) bool {
	return func(k schema.Kind) bool {
		return slices.ContainsFunc(k.Fields, func(f schema.Field) bool { return f.To == name })
	}
}
