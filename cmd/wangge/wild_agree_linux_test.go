package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"wangge/node/web"
)

// settle waits until all machines hold the same, and nothing is on its way.
func (w *wild) settle() {
	w.t.Helper()
	began := time.Now()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	tell := time.NewTicker(10 * time.Second)
	defer tell.Stop()
	late := time.After(waitMax)
	for {
		lacking := w.lacking(w.t.Context())
		if len(lacking) == 0 {
			lacking = w.withoutPreview(w.t.Context())
		}
		if len(lacking) == 0 {
			w.note("all agree, after %.1f s", time.Since(began).Seconds())
			return
		}
		select {
		case <-tick.C:
		case <-tell.C:
			w.note("after %.0f s: %s", time.Since(began).Seconds(), strings.Join(lacking, "; "))
		case <-late:
			for _, l := range lacking {
				w.t.Log(l)
			}
			w.t.Fatalf("after %s there is no agreement", waitMax)
		}
	}
}

// lacking says what keeps the machines from agreeing.
func (w *wild) lacking(ctx context.Context) (lacking []string) {
	digests, whose := map[string]string{}, map[string]string{}
	say := func(m *machine, format string, args ...any) {
		lacking = append(lacking, m.device.Name+": "+fmt.Sprintf(format, args...))
	}
	for _, m := range w.machines {
		s, err := m.status(ctx)
		if err != nil {
			say(m, "does not answer: %v", err)
			continue
		}
		if s.Waiting > 0 {
			say(m, "%d batches are not known to be at the county", s.Waiting)
		}
		if s.Light != web.LightSafe {
			say(m, "its light shows %s", s.Light)
		}
		for _, trouble := range s.Troubles {
			say(m, "%s (%s)", trouble.What.En, trouble.Detail)
		}
		if m.isHub() && s.Files.Missing > 0 {
			say(m, "%d photos have not come", s.Files.Missing)
		}
		for _, sp := range s.Spaces {
			if !sp.Held {
				continue
			}
			if d, ok := digests[sp.Space]; ok && d != sp.Digest {
				say(m, "%s differs from that of %s", sp.Space, whose[sp.Space])
				continue
			}
			digests[sp.Space], whose[sp.Space] = sp.Digest, m.device.Name
		}
	}
	if len(digests) == 0 {
		lacking = append(lacking, "nothing is there")
	}
	return lacking
}

// withoutPreview says which boxes lack previews of their township's photos, which come
// unasked. That all photos are at the hub, the hub says.
func (w *wild) withoutPreview(ctx context.Context) (lacking []string) {
	for _, m := range w.machines[hubReplicas:] {
		for _, p := range w.journal.photos {
			if p.Area[:9] != m.device.Ring {
				continue
			}
			b, err := m.client().get(ctx, "/api/files/"+p.Preview)
			if err != nil || sha256.Sum256(b) != p.Content {
				lacking = append(lacking, fmt.Sprintf("%s: the preview %s of a photo that box %d took: %d bytes, %v", m.device.Name, p.Preview[:8], p.Box, len(b), err))
			}
		}
	}
	return lacking
}

// expectAll looks for everything in the journal, everywhere where it belongs.
func (w *wild) expectAll() {
	w.t.Helper()
	for _, m := range w.machines[:hubReplicas] {
		w.expectCounted(m)
	}
	for _, m := range w.machines[hubReplicas:] {
		w.expectHeld(m)
		w.expectShared(m)
	}
}

// expectCounted compares a replica's figures with the journal.
func (w *wild) expectCounted(m *machine) {
	w.t.Helper()
	visits, _ := w.journal.count("grid_visit")
	checkins, persons := w.journal.count("newjob_checkin")
	hazards, _ := w.journal.count("hazard_report")
	for report, want := range map[string]int64{
		"grid_visit.visits": visits, "newjob_checkin.checkins": checkins, "newjob_checkin.registered": persons, "hazard_report.hazards": hazards,
	} {
		var answer web.Answer
		err := m.client().getJSON(w.t.Context(), "/api/report?current=true&report="+url.QueryEscape(report), &answer)
		if err != nil || answer.Total != want {
			w.t.Errorf("%s: %s is %d, and %d were acknowledged (%v)", m.device.Name, report, answer.Total, want, err)
		}
	}
}

// expectHeld looks for every form of the spaces that a box holds.
func (w *wild) expectHeld(m *machine) {
	w.t.Helper()
	held := map[string]map[string]web.Item{}
	for _, kind := range []string{"grid_visit", "newjob_checkin", "hazard_report"} {
		items, err := listed(w.t.Context(), m.client(), kind)
		if err != nil {
			w.t.Fatalf("%s cannot be asked for its %s records: %v", m.device.Name, kind, err)
		}
		held[kind] = items
	}
	found, lost := 0, 0
	for _, e := range w.journal.entries {
		if e.Area[:9] != m.device.Ring {
			continue
		}
		item, ok := held[e.Kind][e.name().ID]
		said := ok && w.says(m, item.Name, e.Note)
		if said && item.Reached == "county" {
			found++
		} else if lost++; lost <= 5 {
			w.t.Errorf("%s: %s %s, acknowledged by box %d at %s: there %t, level %q, with its words %t",
				m.device.Name, e.Kind, e.ID, e.Box, e.At.Format("15:04:05.000"), ok, item.Reached, said)
		}
	}
	if lost > 0 || found == 0 {
		w.t.Errorf("%s has %d of the forms that belong to it, %d are not there as they should be", m.device.Name, found, lost)
	}
}

// says reports whether a record has the words that were written down. Lists mask them.
func (w *wild) says(m *machine, name web.Name, words string) bool {
	w.t.Helper()
	var rec web.Record
	if err := m.client().getJSON(w.t.Context(), recordPath(name), &rec); err != nil {
		w.t.Errorf("%s: %v", m.device.Name, err)
		return false
	}
	for _, field := range []string{"note", "description"} {
		for _, v := range fieldOf(rec, field).Versions {
			if text, _ := v.Value.(string); strings.Contains(text, words) {
				return true
			}
		}
	}
	return false
}

// listed returns all records of a kind by their ids.
func listed(ctx context.Context, c *client, kind string) (map[string]web.Item, error) {
	all := map[string]web.Item{}
	for next := ""; ; {
		var list struct {
			Items []web.Item
			Next  string
		}
		if err := c.getJSON(ctx, "/api/records?kind="+kind+"&limit=200&after="+next, &list); err != nil {
			return nil, err
		}
		for _, item := range list.Items {
			all[item.ID] = item
		}
		if next = list.Next; next == "" {
			return all, nil
		}
	}
}

// expectShared looks for what all boxes of a township wrote into the same records.
func (w *wild) expectShared(m *machine) {
	w.t.Helper()
	c := w.clerk(m.device.Index)
	var hazard, visit web.Record
	for name, into := range map[web.Name]*web.Record{c.hazard: &hazard, c.visit: &visit} {
		if err := m.client().getJSON(w.t.Context(), recordPath(name), into); err != nil {
			w.t.Fatalf("%s: %v", m.device.Name, err)
		}
	}
	noted := map[any]bool{}
	for _, v := range fieldOf(hazard, "status").Versions {
		step, _ := v.Value.(map[string]any)
		noted[step["note"]] = true
	}
	for _, action := range w.journal.actions[c.township] {
		if !noted[action] {
			w.t.Errorf("%s lacks what was noted as %s in %v", m.device.Name, action, c.hazard)
		}
	}
	var counted int64
	if n := fieldOf(visit, "followups").Total; n != nil {
		counted = *n
	}
	if least, doubt := w.journal.visits[c.township], w.journal.doubt[c.township]; counted < least || counted > least+doubt {
		w.t.Errorf("%s counts %d in %v, and %d were acknowledged, %d not answered", m.device.Name, counted, c.visit, least, doubt)
	}
}

func fieldOf(r web.Record, name string) web.Field {
	i := slices.IndexFunc(r.Fields, func(f web.Field) bool { return f.Name == name })
	if i < 0 {
		return web.Field{}
	}
	return r.Fields[i]
}
