package odata

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
)

// Limits of an answer.
const (
	pageMax = 1000    // rows
	scanMax = 200_000 // rows looked at for one page; then it ends early, and the next goes on
	sortMax = 100_000 // rows put in order
)

var errEnough = errors.New("enough")

// page is a part of the rows that are wanted.
type page struct {
	rows  [][]any
	next  url.Values // what to ask for the rows behind it; nil if there are none
	count int        // all rows that the filter takes, if they were asked for
}

func (q query) narrow() Narrow {
	return Narrow{Equal: q.filter.equal, Begins: q.filter.begins, After: q.after}
}

// read reads a page.
func (s *Set) read(ctx context.Context, q query) (page, error) {
	if len(q.order) > 0 {
		return s.readOrdered(ctx, q)
	}
	var p page
	var last []any // the row behind which the next page begins
	limit, scanned, skipped, more := min(q.top, q.page), 0, 0, false
	err := s.Rows(ctx, q.narrow(), func(row []any) error {
		scanned++
		switch {
		case q.filter.of(row) != yes:
		case skipped < q.skip:
			skipped++
			p.count++
		case len(p.rows) < limit:
			p.rows = append(p.rows, row)
			p.count++
		default:
			p.count++
			if more = true; !q.count {
				return errEnough
			}
		}
		if !more || len(p.rows) < limit {
			last = row
		}
		if scanned == scanMax && !q.count {
			more = true
			return errEnough
		}
		return ctx.Err()
	})
	if err != nil && !errors.Is(err, errEnough) {
		return page{}, err
	}
	if more && len(p.rows) < q.top {
		p.next = q.next(q.top-len(p.rows), q.skip-skipped)
		if len(p.rows) == limit {
			last = p.rows[limit-1]
		}
		p.next.Set("$skiptoken", s.token(s.key(last)))
	}
	return p, nil
}

// readOrdered reads all rows that are wanted, puts them in order and gives a page of them.
func (s *Set) readOrdered(ctx context.Context, q query) (page, error) {
	var rows [][]any
	err := s.Rows(ctx, q.narrow(), func(row []any) error {
		if q.filter.of(row) != yes {
			return ctx.Err()
		}
		if len(rows) == sortMax {
			return bad("要排序的行超过 100000，请先用 $filter 缩小范围", "more than 100000 rows are to be ordered: narrow them by $filter, or order them in Excel")
		}
		rows = append(rows, row)
		return ctx.Err()
	})
	if err != nil {
		return page{}, err
	}
	slices.SortStableFunc(rows, func(a, b []any) int { return s.inOrder(q.order, a, b) })
	p := page{count: len(rows)}
	rows = rows[min(q.skip, len(rows)):]
	p.rows = rows[:min(q.top, q.page, len(rows))]
	if len(rows) > len(p.rows) && q.top > len(p.rows) {
		p.next = q.next(q.top-len(p.rows), q.skip+len(p.rows))
	}
	return p, nil
}

func (s *Set) inOrder(order []ordered, a, b []any) int {
	for _, o := range order {
		c := s.Table.Columns[o.column]
		by := compare(comparable(c, a[o.column]), comparable(c, b[o.column]))
		if o.down {
			by = -by
		}
		if by != 0 {
			return by
		}
	}
	return 0
}

// next is the query for what is left. All rows were counted for the first page.
func (q query) next(top, skip int) url.Values {
	next := url.Values{}
	for _, name := range []string{"$filter", "$select", "$orderby"} {
		if q.asked.Has(name) {
			next.Set(name, q.asked.Get(name))
		}
	}
	if q.asked.Has("$top") {
		next.Set("$top", strconv.Itoa(top))
	}
	if skip > 0 {
		next.Set("$skip", strconv.Itoa(skip))
	}
	return next
}

// total counts the rows that a filter takes.
func (s *Set) total(ctx context.Context, q query) (n int, err error) {
	return n, s.Rows(ctx, q.narrow(), func(row []any) error {
		if q.filter.of(row) == yes {
			n++
		}
		return ctx.Err()
	})
}
