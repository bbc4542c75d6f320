package main

import (
	"fmt"
	"time"
)

// maker makes a box's forms of one kind.
type maker struct {
	*countyYear
	*generator
	place     string
	box       int
	first, of int // of the kind's forms, the box's own
	last      yearForm
}

func (m *maker) form(kind string, i int) (f yearForm, err error) {
	switch kind {
	case "grid_visit":
		f = m.visited(i)
	case "curtain_check":
		f = m.looked(i)
	case "volunteer_attendance":
		f = m.attended(i)
	case "household":
		f = m.home(i)
	default:
		return m.filled(kind, i)
	}
	m.last = f
	return f, nil
}

// grid is one of the box's grids.
func (m *maker) grid(i int) string { return fmt.Sprintf("%s%02d", m.place, 1+i%yearGrids) }

// worker is whose grid it is.
func (m *maker) worker(grid string) string { return m.named("worker " + grid) }

// named is the name of somebody who is met again.
func (m *maker) named(who string) string {
	return (&generator{Rand: m.source("name "+who, 0)}).person()
}

// moment is a time of day of the i-th of so many forms, on a working day but for a few.
func (m *maker) moment(i int) time.Time {
	day := m.days[min(len(m.days)-1, i*len(m.days)/max(1, m.of))]
	if m.IntN(33) == 0 {
		day = m.begin().AddDate(0, 0, m.IntN(365))
	}
	return day.Add(8*time.Hour + time.Duration(m.IntN(10*60))*time.Minute)
}

// late is when something was saved: most at once, some when there was time, and a few
// of them after the month was closed.
func (m *maker) late(at time.Time) int64 {
	switch n := m.IntN(100); {
	case n < 2:
		at = at.Add(time.Duration(m.IntN(40*24)) * time.Hour)
	case n < 15:
		at = at.Add(time.Duration(m.IntN(3*24*60)) * time.Minute)
	}
	return at.Add(time.Duration(m.IntN(240_000)) * time.Millisecond).UnixMilli()
}

// visited is a visit; one in 500 is written down twice.
func (m *maker) visited(i int) yearForm {
	if m.last.form != nil && m.IntN(500) == 0 {
		f := m.last
		f.form = cloned(f.form)
		f.saved += 60_000
		f.form["id"] = ulid(m.Rand, f.saved)
		return f
	}
	at := m.moment(i)
	grid := m.grid(m.IntN(yearGrids))
	v := m.visit(m.worker(grid))
	f := yearForm{saved: m.late(at), void: m.IntN(300) == 0}
	v.ID, v.Grid, v.VisitedAt = ulid(m.Rand, f.saved), grid, at.UnixMilli()
	v.Household = fmt.Sprintf("%s%04d", grid, 1+m.IntN(yearHouseholds))
	v.Person = m.named(v.Household)
	if f.form = v.form(); m.IntN(100) == 0 {
		f.apart = map[string]any{"status": "已解决", "person": m.person()}
	}
	delete(f.form, "kind")
	return f
}

// visit makes what a visit says; of what day is the caller's.
func (m *maker) visit(author string) gridVisit {
	m.grids = []string{m.place + "01"}
	return m.generator.visit(author)
}

// looked is a look at a curtain. One in 200 was seen by a second volunteer, too.
func (m *maker) looked(i int) yearForm {
	if m.last.form != nil && !m.last.twin && m.IntN(200) == 0 {
		f := m.last
		f.form, f.twin = cloned(f.form), true
		f.saved += 300_000
		f.form["id"], f.form["checked_at"], f.form["how"] = ulid(m.Rand, f.saved), f.saved, "打电话"
		return f
	}
	first, elders := m.part("elder_pact", m.box)
	elder, look := i%elders, i/elders
	day := m.begin().AddDate(0, 0, look/2*365/max(1, (m.of+2*elders-1)/(2*elders)))
	slot, at := "早", day.Add(7*time.Hour+time.Duration(m.IntN(110))*time.Minute)
	if look%2 == 1 {
		slot, at = "晚", day.Add(17*time.Hour+time.Duration(m.IntN(110))*time.Minute)
	}
	f := yearForm{saved: m.late(at)}
	f.form = map[string]any{"grid": m.grid(elder), "elder": m.id("elder_pact", first+elder), "day": at.Format(time.DateOnly), "slot": slot,
		"checked_at": at.UnixMilli(), "state": "正常", "how": "看窗帘"}
	if m.IntN(150) == 0 {
		f.form["how"], f.form["cleared_by"], f.form["state"] = "上门", m.person(), []any{
			map[string]any{"step": "异常", "at": at.UnixMilli(), "note": "窗帘没有拉开，敲门没有人应。"},
			map[string]any{"step": "已核实", "at": at.Add(30 * time.Minute).UnixMilli(), "note": "老人外出，已电话联系上。"},
		}
	}
	return f
}

// attended is a volunteer's part in an activity.
func (m *maker) attended(i int) yearForm {
	at := m.begin().AddDate(0, 0, min(364, i*365/max(1, m.of))).Add(8*time.Hour + time.Duration(m.IntN(9*60))*time.Minute)
	f := yearForm{saved: m.late(at.Add(4 * time.Hour)), void: m.IntN(500) == 0}
	f.form = map[string]any{"id": ulid(m.Rand, f.saved), "area": m.place, "activity": m.known("volunteer_activity"), "volunteer": m.known("volunteer"),
		"started_at": at.UnixMilli(), "ended_at": at.Add(time.Duration(30+m.IntN(210)) * time.Minute).UnixMilli(),
		"duty": m.oneOf("秩序引导", "环境清洁", "入户探访", "文明劝导", "信息登记"), "approver": m.worker(m.grid(m.IntN(yearGrids)))}
	return f
}

// known names a record of a kind: the box's own where it has some.
func (m *maker) known(kind string) string { return m.id(kind, m.one(kind)) }

// one is the number of a record of a kind, as in known.
func (m *maker) one(kind string) int {
	first, n := m.part(kind, m.box)
	if n == 0 {
		first, n = 0, max(1, m.counts[kind])
	}
	return first + m.IntN(n)
}

// home is a household as its grid worker knows it.
func (m *maker) home(i int) yearForm {
	grid := m.grid(i)
	code := fmt.Sprintf("%s%04d", grid, 1+(i/yearGrids)%yearHouseholds)
	people := 1 + m.IntN(5)
	f := yearForm{saved: m.late(m.moment(i))}
	f.form = map[string]any{"household": code, "address": fmt.Sprintf("%d 号楼 %d 单元 %d 室", 1+m.IntN(20), 1+m.IntN(4), 101+m.IntN(500)),
		"head": m.named(code), "mobile": m.mobile(), "housing": m.oneOf("自住", "自住", "自住", "出租", "空置", "商住"),
		"residents": people, "children": m.IntN(people), "elders": m.IntN(people), "tags": []any{}}
	if m.IntN(3) == 0 {
		f.form["tags"] = []any{m.oneOf(tags...)}
	}
	return f
}
