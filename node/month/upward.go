package month

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"wangge/node/publication"
	"wangge/node/report"
	"wangge/node/web"
	"wangge/schema"
)

// What a county publishes of a closed month is made of what was frozen for it then: figures
// and for how many persons they stand, of which too few are withheld only now; beside them which
// rows have to go with those (withhold.go).

// upwardPart is what that is kept under, beside the month's reports.
const upwardPart = "upward"

// upward is what is kept of a month so that it can go up.
type upward struct {
	Area   string          `json:"area,omitempty"` // the county's code, if it was known
	Least  int64           `json:"least"`
	Tables []report.Upward `json:"tables"`
}

// upwardOf returns what a statement keeps; no tables of one from before there were any.
func (m Months) upwardOf(s statement) (u upward, err error) {
	if err := m.thawed(s.closing, upwardPart, &u); err != nil {
		return u, err
	}
	if u.Area == "" {
		u.Area, err = m.countyCode()
	}
	if errors.Is(err, errArea) {
		return u, web.Refusal{Text: schema.Text{Zh: "本副本不知道是哪个县：请在每个副本的配置中写明 area（六位代码）后重启", En: err.Error()}}
	}
	return u, err
}

// upwardNow is what a month's tables are kept as, with what they have to withhold for the sake of
// each other and of what was published before.
func (m Months) upwardNow(month string, tables []report.Upward) (upward, error) {
	area, _ := m.countyCode() // else it is looked for again when something goes up
	u := upward{area, max(m.LeastPersons, publication.Least), tables}
	kept, err := m.keptBack(month)
	if err != nil {
		return u, err
	}
	return u, u.withhold(kept)
}

var countyCodes = regexp.MustCompile(`^[1-9][0-9]{5}$`)

// countyCode returns the six digits of this county: those of the configuration, or those
// with which all areas of its records begin.
func (m Months) countyCode() (string, error) {
	if m.Area != "" {
		return m.Area, nil
	}
	code := ""
	for _, s := range m.Store.Spaces() {
		area := s.Space.Area
		if len(area) < schema.County || !countyCodes.MatchString(area[:schema.County]) {
			continue
		}
		if code != "" && code != area[:schema.County] {
			return "", errArea
		}
		code = area[:schema.County]
	}
	if code == "" {
		return "", errArea
	}
	return code, nil
}

var errArea = errors.New("this replica does not know which county it is: set area to its six digits in the configuration of each replica, and start them again")

// figuresOf withholds what stands for too few persons.
func (m Months) figuresOf(u upward) ([]publication.Figure, error) {
	figures := []publication.Figure{}
	for _, t := range u.Tables {
		if !m.goesUp(t) {
			continue
		}
		table, err := u.table(t)
		if err != nil {
			return nil, fmt.Errorf("%s by %q cannot be published: %w", t.Report, t.By, err)
		}
		figures = append(figures, publication.Figure{
			Report: t.Report, Title: publication.Words(t.Title), By: t.By, Unit: publication.Words(t.Unit), Decimals: t.Decimals, Own: t.Own, Table: table,
		})
	}
	return figures, nil
}

// goesUp reports whether the kinds of today still publish a table: what a county takes back
// goes up no more.
func (m Months) goesUp(t report.Upward) bool {
	own, _ := schema.PartOf(t.Report)
	kind, name, _ := strings.Cut(own, ".")
	k, ok := m.Kinds.Kind(kind)
	if !ok {
		return false
	}
	_, r, ok := m.Kinds.Report(k, name)
	return ok && slices.Contains(r.Publish, report.PublishOf(t.By))
}

// cells are a table's rows, of which those that are of no area of this county, or have no
// name that a publication could give, have no key.
func cells(t report.Upward, county string) []publication.Cell {
	all := []publication.Cell{}
	none := publication.Cell{}
	for _, r := range t.Rows {
		foreign := report.PublishOf(t.By) == schema.PublishTownship && !strings.HasPrefix(r.Key, county)
		if r.Key == "" || foreign || publication.Words(r.Key) != r.Key {
			none.Value, none.Persons = none.Value+r.Value, none.Persons+r.Persons
			continue
		}
		all = append(all, publication.Cell{Key: r.Key, Value: r.Value, Persons: r.Persons})
	}
	if t.By == "" {
		none = publication.Cell{Value: t.Total.Value, Persons: t.Total.Persons}
	}
	return append(all, none)
}

// publicationOf makes the publication of a statement.
func (m Months) publicationOf(s statement) (*publication.Publication, error) {
	u, err := m.upwardOf(s)
	if err != nil {
		return nil, err
	}
	if u.Tables == nil {
		return nil, web.Refusal{Text: schema.Text{
			Zh: s.Month + " 结账时还没有留存可上报的数字；请先重述这个月", En: "nothing was kept of " + s.Month + " that could go up when it was closed: restate it first",
		}}
	}
	figures, err := m.figuresOf(u)
	if err != nil {
		return nil, err
	}
	return &publication.Publication{
		Format: 1, Area: u.Area, Month: s.Month, Number: s.number, At: s.At.In(china()).Format(time.RFC3339), By: publication.Words(s.By),
		Boxes: s.Complete.Boxes, Of: s.Complete.Of, Least: u.Least, Tables: figures,
	}, nil
}

func china() *time.Location { return time.FixedZone("+08:00", 8*60*60) }

// Publication returns the sealed publication of a closed month: of a number, or of 0 the
// latest.
func (m Months) Publication(month string, number int) (web.Publication, error) {
	all, err := m.statements(month)
	if err != nil || number < 0 || len(all) < max(number, 1) {
		return web.Publication{}, orMissing(err)
	}
	s := all[cmp.Or(number, len(all))-1]
	p, err := m.publicationOf(s)
	if err != nil {
		return web.Publication{}, err
	}
	text, err := publication.Append(nil, p)
	if err != nil {
		return web.Publication{}, fmt.Errorf("publishing %s: %w", month, err)
	}
	sealed := publication.Sealed{Publication: text}
	sealed.Seal = m.ID.Seal(sealed.Content())
	file, err := publication.AppendSealed(nil, sealed)
	return web.Publication{Name: fmt.Sprintf("%s-%s-%d.publication", p.Area, p.Month, p.Number), File: file}, err
}
