package city

import (
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"wangge/node/policy"
	"wangge/node/publication"
	"wangge/schema"
)

// Published is what the folder's own area published, and where it lies.
type Published struct {
	Path  string `json:"path"`
	Known bool   `json:"known"` // nothing has changed since: it is the one that was published last
	*publication.Publication
}

// ErrIncomplete says that not all areas have published, and that nobody said to publish all
// the same.
var ErrIncomplete = errors.New("a part is not to be taken for the whole")

// Publish adds up what the areas published of a month, and seals it with the folder's own
// root for the level above. While an area has published nothing it does so only if that is
// meant: the publication names it. What has not changed is not published twice.
func (f *Folder) Publish(month, by string, incomplete bool, now time.Time) (Published, error) {
	m, err := f.Month(month)
	if err != nil {
		return Published{}, err
	}
	if lacks := m.Lacks(); len(m.Said) == 0 {
		return Published{}, publication.Refuse(nil, "还没有收到 %s 的任何报送：请先接收各地的报送", "nothing of %s was received: receive what the areas published first", month)
	} else if len(lacks) > 0 && !incomplete {
		return Published{}, publication.Refuse(ErrIncomplete, "%[1]s 还缺 %[2]s 的报送：不能把一部分当作全部", "nothing of %[1]s came from %[2]s, and a part is not to be taken for the whole", month, names(lacks))
	}
	root, err := policy.OpenCounty(f.dir)
	if err != nil {
		return Published{}, err
	}
	had, err := f.published(month)
	if err != nil {
		return Published{}, err
	}
	p := m.sum(f.area)
	p.Number, p.By, p.At = 1, publication.Words(by), now.In(time.FixedZone("", 8*60*60)).Format(time.RFC3339)
	if len(had) > 0 {
		last := had[len(had)-1].p
		if same(last, p) {
			return Published{f.path(publishDir, last), true, last}, nil
		}
		p.Number = last.Number + 1
	}
	b, err := seal(root, p)
	if err != nil {
		return Published{}, err
	}
	return Published{f.path(publishDir, p), false, p}, f.keep(publishDir, p, b)
}

func names(areas []Area) string {
	var all []string
	for _, a := range areas {
		all = append(all, a.Name+" "+a.Code)
	}
	return strings.Join(all, ", ")
}

func seal(root *policy.County, p *publication.Publication) ([]byte, error) {
	text, err := publication.Append(nil, p)
	if err != nil {
		why := publication.Say(err)
		return nil, publication.Refuse(err, "%[1]s 的合计过大或过多，不能报送：请告知维护人员（%[2]s）", "the sums of %[1]s are too large, or too many, to be published: tell whoever looks after the program (%[3]s)", p.Month, why.Zh, why.En)
	}
	s := publication.Sealed{Publication: text}
	s.Seal = root.Seal(s.Content())
	return publication.AppendSealed(nil, s)
}

// published reads what this area published of a month, the oldest first.
func (f *Folder) published(month string) ([]kept, error) {
	return f.read(publishDir, f.area, month, publication.ReadSealed, schema.Text{Zh: "请从副本或从收到它的上级恢复", En: "restore it from a copy, or from whoever received it"})
}

// same reports whether two publications say the same figures.
func same(a, b *publication.Publication) bool {
	one := *a
	one.Number, one.At, one.By = b.Number, b.At, b.By
	x, wrong := publication.Append(nil, &one)
	y, too := publication.Append(nil, b)
	return wrong == nil && too == nil && string(x) == string(y)
}

// sum adds up what was published of a month. It is made of publications alone, so it tells
// nothing that they do not.
func (m Month) sum(area string) *publication.Publication {
	p := &publication.Publication{Format: 1, Area: area, Month: m.Month, Least: math.MaxInt64, Tables: []publication.Figure{}}
	for _, a := range m.Areas {
		said := m.Said[a.Code]
		if said == nil {
			p.Lacks = append(p.Lacks, a.Code)
			continue
		}
		p.Lacks = union(p.Lacks, said.Lacks)
		p.Boxes, p.Of, p.Least = p.Boxes+said.Boxes, p.Of+said.Of, min(p.Least, said.Least)
	}
	for _, name := range m.Reports() {
		if m.own(name) {
			p.Tables = append(p.Tables, m.apart(name, p.Lacks))
			continue
		}
		p.Tables = append(p.Tables, m.total(name, p.Lacks), m.byArea(name, p.Lacks))
		for _, by := range m.Groupings(name) {
			if by != "" && !strings.HasPrefix(by, "area:") {
				p.Tables = append(p.Tables, m.added(name, by, p.Lacks))
			}
		}
	}
	return p
}

// begin starts a report's figure, with the words and the scale of most of its areas.
func (m Month) begin(name, by string) publication.Figure {
	s := m.scale(name)
	return publication.Figure{Report: name, Title: m.first(name).Title, By: by, Unit: s.unit, Decimals: s.decimals}
}

// counted returns the areas' figures that may be added up, and names those, and areas of
// theirs, that it lacks beside those of which the publication says so.
func (m Month) counted(name, by string, known []string) (counted []publication.Part, lacks []string) {
	for _, a := range m.Areas {
		if m.Said[a.Code] == nil {
			continue
		}
		f := m.table(a.Code, name, by)
		if by == "" {
			f = m.whole(a.Code, name)
		}
		if state := (part{name, m.scale(name)}).stands(f); state != Counted {
			lacks = append(lacks, a.Code)
			continue
		}
		lacks = union(lacks, f.Lacks)
		counted = append(counted, publication.Part{Area: a.Code, Table: f.Table})
	}
	return counted, slices.DeleteFunc(lacks, func(area string) bool { return slices.Contains(known, area) })
}

// added adds up a report by a field.
func (m Month) added(name, by string, known []string) publication.Figure {
	f := m.begin(name, by)
	var parts []publication.Part
	parts, f.Lacks = m.counted(name, by, known)
	f.Table = publication.Add(parts).Table
	f.Table.Withheld = len(parts) == 0
	return f
}

// total adds up a report without groups.
func (m Month) total(name string, known []string) publication.Figure {
	f := m.added(name, "", known)
	f.Table.Rows, f.Table.Rest = []publication.Cell{}, f.Table.Total
	return f
}

// byArea has a row for each area, and so a total for the areas' level.
func (m Month) byArea(name string, known []string) publication.Figure {
	f := m.total(name, known)
	f.By, f.Table.Rest = m.level(), publication.Cell{}
	parts, _ := m.counted(name, "", known)
	for _, p := range parts {
		if c := p.Table.Total; c.Persons > 0 {
			f.Table.Rows = append(f.Table.Rows, publication.Cell{Key: p.Area, Value: c.Value, Persons: c.Persons})
		}
	}
	return f
}

// apart has the figures that count persons once side by side: a row for each area, or for
// each of the areas of one that has them so itself.
func (m Month) apart(name string, known []string) publication.Figure {
	f := m.begin(name, "area:"+strconv.Itoa(len("140581")))
	f.Own, f.Apart, f.Table.Rows = true, true, []publication.Cell{}
	for _, a := range m.Areas {
		if m.Said[a.Code] == nil {
			continue
		}
		t := m.whole(a.Code, name)
		switch (part{name, m.scale(name)}).stands(t) {
		case Apart:
			f.Table.Rows = append(f.Table.Rows, t.Table.Rows...)
		case Counted:
			if c := t.Table.Total; c.Persons > 0 {
				f.Table.Rows = append(f.Table.Rows, publication.Cell{Key: a.Code, Value: c.Value, Persons: c.Persons})
			}
		default:
			f.Lacks = append(f.Lacks, a.Code)
			continue
		}
		f.Lacks = union(f.Lacks, t.Lacks)
	}
	f.Lacks = slices.DeleteFunc(f.Lacks, func(area string) bool { return slices.Contains(known, area) })
	return f
}

// level returns the grouping by the areas that publish to here.
func (m Month) level() string {
	digits := 0
	for _, a := range m.Areas {
		digits = max(digits, len(a.Code))
	}
	return "area:" + strconv.Itoa(digits)
}

// path returns where a publication lies.
func (f *Folder) path(dir string, p *publication.Publication) string {
	return filepath.Join(f.dir, dir, name(p.Area, p.Month, strconv.Itoa(p.Number)))
}
