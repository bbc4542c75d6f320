package odata

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// queryMax bounds an address's question, in bytes as it is written there.
const queryMax = 12000

// query is what is asked of a set.
type query struct {
	asked  url.Values
	filter condition
	picked []int // columns; nil for all
	order  []ordered
	top    int // math.MaxInt for all
	skip   int
	page   int // rows of a page
	count  bool
	after  []string
}

// ordered is one column by which rows are put in order.
type ordered struct {
	column int
	down   bool
}

// query reads what is asked. An option that it does not know is a problem: a misspelt
// filter would give a table that looks right.
func (s *Set) query(raw string) (q query, err error) {
	q = query{top: math.MaxInt, filter: condition{of: func([]any) truth { return yes }}}
	if q.asked, err = options(raw); err != nil {
		return q, err
	}
	for name := range q.asked {
		if err == nil {
			err = s.option(&q, name, q.asked.Get(name))
		}
	}
	if err == nil && q.after != nil && len(q.order) > 0 {
		err = bad("排序的表用 $skip 翻页", "an ordered set goes on by $skip, not by $skiptoken")
	}
	return q, err
}

// options reads the options of an address, each given once.
func options(raw string) (url.Values, error) {
	if len(raw) > queryMax {
		return nil, problem{414, "地址太长", "the address is too long: shorten its filter"}
	}
	raw = strings.ReplaceAll(eastward().ReplaceAllString(raw, "$1%2B"), ";", "%3B") // a semicolon parts no options here
	asked, err := url.ParseQuery(raw)
	if err != nil {
		return nil, bad("地址写法不对", "the address is not written as an address is: encode what stands behind the question mark")
	}
	for name, values := range asked {
		if len(values) > 1 {
			return nil, bad(shown(name)+" 只能给一次", "give "+shown(name)+" once")
		}
	}
	return asked, nil
}

// eastward matches the plus of a zone that a client left as it is: in an address it is a space.
func eastward() *regexp.Regexp { return regexp.MustCompile(`(T[0-9:.]+|T[0-9.]+(?:%3A[0-9.]+)+)\+`) }

func (s *Set) option(q *query, name, value string) (err error) {
	switch name {
	case "$filter":
		q.filter, err = s.filter(value)
	case "$select":
		q.picked, err = s.pick(value)
	case "$orderby":
		q.order, err = s.orders(value)
	case "$top":
		q.top, err = number(name, value)
	case "$skip":
		q.skip, err = number(name, value)
	case "$count":
		q.count = value == "true"
		if value != "true" && value != "false" {
			err = bad("$count 应为 true 或 false", "$count is true or false")
		}
	case "$skiptoken":
		q.after, err = s.afterOf(value)
	case "$format":
		err = format(value)
	case "$expand", "$search", "$apply", "$compute", "$levels":
		err = missing("此服务不支持 "+name, name+" is not served here: load the set and do that in Excel")
	default:
		err = bad("没有选项 "+shown(name), "there is no option "+shown(name)+": use $filter, $select, $orderby, $top, $skip or $count")
	}
	return err
}

func format(value string) error {
	kind, _, _ := strings.Cut(value, ";")
	if kind == "json" || kind == "application/json" {
		return nil
	}
	return problem{406, "只提供 JSON", "this service speaks JSON alone: leave $format out"}
}

func number(name, value string) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return 0, bad(name+" 应为不小于 0 的整数", name+" is a whole number from 0 on")
	}
	return n, nil
}

func (s *Set) pick(value string) (picked []int, err error) {
	for name := range strings.SplitSeq(value, ",") {
		name = strings.TrimSpace(name)
		if name == "*" {
			return nil, nil
		}
		i := s.column(name)
		if i < 0 {
			return nil, s.unknown(name)
		}
		picked = append(picked, i)
	}
	return picked, nil
}

// ordersMax is by how many columns rows are put in order at most.
const ordersMax = 10

func (s *Set) orders(value string) (all []ordered, err error) {
	for part := range strings.SplitSeq(value, ",") {
		words := strings.Fields(part)
		if len(words) == 0 || len(words) > 2 || len(words) == 2 && words[1] != "asc" && words[1] != "desc" || len(all) == ordersMax {
			return nil, bad("$orderby 应写作 列 asc,列 desc，最多 10 列", "$orderby is written column asc,column desc, of 10 columns at most")
		}
		i := s.column(words[0])
		if i < 0 {
			return nil, s.unknown(words[0])
		}
		if sortOf(s.Table.Columns[i].Type) == lists {
			return nil, bad("不能按列表排序", "rows are not ordered by a list: choose another column")
		}
		all = append(all, ordered{i, len(words) == 2 && words[1] == "desc"})
	}
	return all, nil
}

// token writes the key behind which the next page begins.
func (s *Set) token(key []string) string {
	b, _ := json.Marshal(key) // texts are always JSON
	return base64.RawURLEncoding.EncodeToString(b)
}

func (s *Set) afterOf(value string) (key []string, err error) {
	b, err := base64.RawURLEncoding.DecodeString(value)
	if err == nil {
		err = json.Unmarshal(b, &key)
	}
	if err != nil || len(key) != len(s.Key) {
		return nil, bad("$skiptoken 不是本服务给出的", "$skiptoken is none that this service gave: begin again without it")
	}
	return key, nil
}
