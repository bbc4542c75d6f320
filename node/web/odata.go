package web

import (
	"cmp"
	"context"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"

	"wangge/crdt"
	"wangge/node/export"
	"wangge/node/odata"
	"wangge/node/report"
	"wangge/schema"
)

// feeds are what Excel and Power BI may read here: the figures of every report and of
// closed months, and the records of every kind that is not confidential, with persons masked.
func (s *server) feeds() http.Handler {
	var sets []odata.Set
	kinds := s.Registry.Kinds()
	for i := range kinds {
		k := &kinds[i]
		if s.Archive != nil && k.Class != crdt.Confidential {
			sets = append(sets, s.recordFeed(k))
		}
		for j := range k.Reports {
			sets = append(sets, s.reportFeeds(k, &k.Reports[j])...)
		}
	}
	if s.Months != nil {
		sets = append(sets, s.monthFeeds()...)
	}
	slices.SortFunc(sets, func(a, b odata.Set) int { return cmp.Compare(a.Table.Name, b.Table.Name) })
	return odata.New(sets, s.Log)
}

// recordFeed gives a kind's records.
func (s *server) recordFeed(k *schema.Kind) odata.Set {
	records := export.Of(k, false, s.areaName)
	table := records.Table()
	return odata.Set{Table: table, Key: []string{"space", "record"},
		Rows: func(ctx context.Context, n odata.Narrow, yield func([]any) error) error {
			behind, err := placeOf(n.After)
			if err != nil {
				return err
			}
			area, _, _ := strings.Cut(n.Equal["space"], "/")
			area = cmp.Or(area, n.Prefix(k.Area.Field))
			return s.Archive.Each(ctx, k, area, behind, func(space crdt.Space, id crdt.RecordID, rec crdt.Record) error {
				if !records.Takes(rec, report.Query{}) {
					return ctx.Err()
				}
				return yield(records.Row(space, id, rec))
			})
		}}
}

// placeOf reads the key behind which a page begins.
func placeOf(key []string) (p Place, err error) {
	if key == nil {
		return p, nil
	}
	id, err := hex.DecodeString(key[1])
	if err == nil && len(id) == len(p.ID) {
		p.ID = crdt.RecordID(id)
		p.Space, err = crdt.ParseSpace(key[0])
	}
	if err != nil || len(id) != len(p.ID) {
		return p, schema.Problems{{Text: schema.Text{Zh: "$skiptoken 不是本服务给出的", En: "$skiptoken is none that this service gave: begin again without it"}}}
	}
	return p, nil
}
