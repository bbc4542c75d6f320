package odata

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"wangge/schema"
)

// Root is the path under which the service stands.
const Root = "/odata/"

// Limits of the service.
const (
	atOnceMax = 4                // reads under way; others wait for their turn
	readMax   = 30 * time.Second // for one, waiting included
)

type serving struct {
	sets  []Set
	model func() []byte // written when it is first asked for: most nodes never are
	turns chan struct{}
	log   *slog.Logger
}

// New returns the handler of a service of these sets.
func New(sets []Set, log *slog.Logger) http.Handler {
	return &serving{sets, sync.OnceValue(func() []byte { return metadata(sets) }), make(chan struct{}, atOnceMax), log}
}

func (s *serving) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == Root+"$batch" {
		tell(w, problem{http.StatusNotImplemented, "此服务不接受 $batch，请逐个查询", "$batch is not served here: ask one question at a time"})
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		tell(w, problem{http.StatusMethodNotAllowed, "此服务只读", "this service is read-only: use GET"})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readMax)
	defer cancel()
	media, body, err := s.answer(ctx, r)
	if err != nil {
		s.fail(ctx, w, r, err)
		return
	}
	if size, ok := preferredSize(r.Header); ok {
		w.Header().Set("Preference-Applied", "odata.maxpagesize="+strconv.Itoa(size))
	}
	w.Header().Set("Vary", "Accept-Encoding, Prefer")
	if len(body) > zipFrom && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		body = zipped(body)
	}
	reply(w, http.StatusOK, media, body)
}

// zipFrom is from how many bytes on an answer is compressed for who takes that: what
// fits a packet gains nothing.
const zipFrom = 1400

func zipped(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(body) // a buffer takes everything
	z.Close()
	return b.Bytes()
}

// fail tells what an error means to the one who asked. All else is for the log.
func (s *serving) fail(ctx context.Context, w http.ResponseWriter, r *http.Request, err error) {
	var p problem
	var problems schema.Problems
	switch {
	case errors.As(err, &p):
	case errors.As(err, &problems) && len(problems) > 0:
		p = problem{http.StatusBadRequest, problems[0].Text.Zh, problems[0].Text.En}
	case r.Context().Err() != nil:
		return // nobody reads the answer
	case ctx.Err() != nil:
		p = problem{http.StatusServiceUnavailable, "30 秒内没有算完，请用 $filter 缩小范围或稍后再试", "this took more than 30 seconds: narrow it by $filter, or try again later"}
	default:
		s.log.Error("a table could not be read", "path", r.URL.Path, "error", err)
		p = problem{http.StatusInternalServerError, "本机没有做成，请稍后再试；原因已写入日志", "this node could not do it: try again later; its log says why"}
	}
	tell(w, p)
}

// answer answers a path: the service, its metadata, a set, its count or one of its rows.
func (s *serving) answer(ctx context.Context, r *http.Request) (string, []byte, error) {
	path := strings.TrimPrefix(r.URL.Path, Root)
	if path != "$metadata" && !strings.HasSuffix(path, "/$count") && !takes(r.Header.Get("Accept")) {
		return "", nil, problem{http.StatusNotAcceptable, "只提供 OData 4.0 的 JSON；Excel 请用“获取数据 > 来自 OData 数据源”", "this service speaks OData 4.0 in JSON: in Excel use Get Data > From OData Feed, not the older data feed"}
	}
	switch path {
	case "", "$metadata":
		asked, err := options(r.URL.RawQuery)
		for name := range asked {
			if err == nil && name != "$format" {
				err = bad("此地址没有选项", "this address takes no options: ask a set")
			}
		}
		if err != nil {
			return "", nil, err
		}
		if path == "" {
			return media, service(base(r), s.sets), nil
		}
		return "application/xml;charset=utf-8", s.model(), nil
	}
	name, key, keyed := strings.Cut(path, "(")
	name, counted := strings.CutSuffix(name, "/$count")
	i := slices.IndexFunc(s.sets, func(t Set) bool { return t.Table.Name == name })
	if i < 0 || keyed && counted {
		return "", nil, gone("没有这个表", "there is no such set: "+Root+" lists them")
	}
	set := &s.sets[i]
	q, err := set.query(r.URL.RawQuery)
	if err != nil {
		return "", nil, err
	}
	q.page = pageMax
	if size, ok := preferredSize(r.Header); ok {
		q.page = size
	}
	select {
	case s.turns <- struct{}{}:
		defer func() { <-s.turns }()
	case <-ctx.Done():
		return "", nil, busy("查询太多，请稍后再试", "too many tables are being read: try again later")
	}
	switch {
	case keyed:
		return set.one(ctx, base(r), q, key)
	case counted:
		n, err := set.total(ctx, q)
		return "text/plain;charset=utf-8", strconv.AppendInt(nil, int64(n), 10), err
	}
	p, err := set.read(ctx, q)
	if err != nil {
		return "", nil, err
	}
	return media, set.document(base(r), q, p), nil
}

// base returns the service's own address, as it was called.
func base(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host + Root
	}
	return "http://" + r.Host + Root
}

// one answers with the row that a key names.
func (s *Set) one(ctx context.Context, base string, q query, text string) (string, []byte, error) {
	for name := range q.asked {
		if name != "$select" && name != "$format" {
			return "", nil, bad("单行只接受 $select", "one row takes no option but $select")
		}
	}
	key, err := s.readKey(text)
	if err != nil {
		return "", nil, err
	}
	var found []any
	err = s.Rows(ctx, Narrow{Equal: key}, func(row []any) error {
		for i, value := range s.key(row) {
			if value != key[s.Key[i]] {
				return ctx.Err()
			}
		}
		found = row
		return errEnough
	})
	switch {
	case err != nil && !errors.Is(err, errEnough):
		return "", nil, err
	case found == nil:
		return "", nil, gone("没有这一行", "there is no such row")
	}
	return media, s.entity(base, q, found), nil
}

// readKey reads 'value') or name='value',name='value').
func (s *Set) readKey(text string) (map[string]string, error) {
	all, err := tokens(text)
	if err != nil {
		return nil, err
	}
	wrong := bad("主键应写作 ("+s.Key[0]+"='值',…)", "the key of a row is written ("+strings.Join(s.Key, "='…',")+"='…')")
	if len(s.Key) == 1 && len(all) == 2 && all[0].quoted && all[1].is(")") {
		return map[string]string{s.Key[0]: all[0].text}, nil
	}
	key := map[string]string{}
	for ; len(all) >= 4 && slices.Contains(s.Key, all[0].text) && all[1].is("=") && all[2].quoted; all = all[4:] {
		key[all[0].text] = all[2].text
		if all[3].is(")") && len(all) == 4 && len(key) == len(s.Key) {
			return key, nil
		}
		if !all[3].is(",") {
			return nil, wrong
		}
	}
	return nil, wrong
}
