package web

import (
	"net/http"
	"slices"
	"strings"

	"wangge/node/report"
	"wangge/schema"
)

// Gazetteer knows what areas are called.
type Gazetteer interface {
	// Areas returns the names that hold today, in order of their codes.
	Areas() []schema.Place
}

func (s *server) areas(w http.ResponseWriter, r *http.Request) {
	sendTagged(w, r, map[string]any{"areas": append([]schema.Place{}, s.Gazetteer.Areas()...)})
}

// called returns the names that are known; none where nobody knows them.
func (s *server) called() []schema.Place {
	if s.Gazetteer == nil {
		return nil
	}
	return s.Gazetteer.Areas()
}

// areaName returns what an area is called, or "".
func (s *server) areaName(code string) string { return schema.Called(s.called(), code) }

// nameAreas labels the groups of an answer by the names of their areas. Keys stay codes.
func (s *server) nameAreas(a *Answer) {
	places := s.called()
	if len(places) == 0 {
		return
	}
	a.Rows, a.Undivided = slices.Clone(a.Rows), slices.Clone(a.Undivided) // the office may keep its own
	if a.Month != nil && a.Month.Now != nil {
		month, now := *a.Month, *a.Month.Now
		now.Rows, month.Now = slices.Clone(now.Rows), &now
		a.Month = &month
	}
	for i, c := range a.Columns {
		if !isArea(c) {
			continue
		}
		for j, r := range a.Rows {
			a.Rows[j].Labels = labelled(r.Labels, i, places, r.Keys)
		}
		for j, r := range a.Undivided {
			a.Undivided[j].Labels = labelled(r.Labels, i, places, r.Keys)
		}
		if a.Month == nil {
			continue
		}
		if a.Month.Now != nil {
			for j, r := range a.Month.Now.Rows {
				a.Month.Now.Rows[j].Labels = labelled(r.Labels, i, places, r.Keys)
			}
		}
		for j, r := range a.Month.Restated {
			a.Month.Restated[j].Labels = labelled(r.Labels, i, places, r.Keys)
		}
	}
}

func isArea(c report.Column) bool {
	base, _, _ := strings.Cut(c.Name, ":")
	return base == schema.ByArea
}

// labelled returns labels of which one is the name of an area, if it has any.
func labelled(labels []schema.Text, i int, places []schema.Place, keys []string) []schema.Text {
	if i >= len(keys) || i >= len(labels) {
		return labels // of a total
	}
	if name := schema.Called(places, keys[i]); name != "" {
		labels = slices.Clone(labels)
		labels[i] = schema.Text{Zh: name, En: name}
	}
	return labels
}
