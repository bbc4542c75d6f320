package node

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/node/export"
	"wangge/node/web"
	"wangge/schema"
)

// exported asks a node's own pages for an export, and returns its lines and what was
// logged.
func exported(t *testing.T, d desk, o web.Options, question string) (code int, lines [][]string, logged string) {
	t.Helper()
	var log strings.Builder
	o.Registry, o.Machine, o.Log = d.kinds, d, slog.New(slog.NewTextHandler(&log, nil))
	if o.Archive == nil {
		o.Archive = archive(d)
	}
	r := httptest.NewRequest("GET", "/api/export?format=csv&"+question, nil)
	r.Host = "127.0.0.1:8080"
	w := httptest.NewRecorder()
	web.New(o).ServeHTTP(w, r)
	if w.Code == http.StatusOK {
		var err error
		if lines, err = csv.NewReader(strings.NewReader(strings.TrimPrefix(w.Body.String(), "\uFEFF"))).ReadAll(); err != nil {
			t.Fatal(err)
		}
	}
	return w.Code, lines, log.String()
}

func column(t *testing.T, lines [][]string, title string) (values []string) {
	t.Helper()
	for i, head := range lines[0] {
		if head != title {
			continue
		}
		for _, line := range lines[1:] {
			values = append(values, line[i])
		}
		return values
	}
	t.Fatalf("there is no column %s in %q", title, lines[0])
	return nil
}

func TestPersonsGoOutMaskedUnlessSomebodySaysWhy(t *testing.T) {
	d := newDesk(t)
	d.mustSave(t, "person", map[string]any{"county": "140581", "id_number": "14058119920307151X", "name": "高飞", "mobile": "13834561201"})
	_, lines, _ := exported(t, d, web.Options{}, "kind=person")
	if got := column(t, lines, "姓名"); len(got) != 1 || got[0] != "高*" {
		t.Errorf("the name went out as %q", got)
	}
	reason := url.QueryEscape("年度体检名单")
	_, lines, logged := exported(t, d, web.Options{}, "kind=person&reason="+reason)
	if got := column(t, lines, "身份证号"); got[0] != "14058119920307151X" {
		t.Errorf("for a reason the number went out as %q", got)
	}
	for _, told := range []string{"kind=person", "in_full=true", "年度体检名单", "rows=1", "to_address="} {
		if !strings.Contains(logged, told) {
			t.Errorf("the log lacks %s: %s", told, logged)
		}
	}
	if code, _, _ := exported(t, d, web.Options{}, "kind=person&reason=x"); code != http.StatusUnprocessableEntity {
		t.Errorf("a reason of one letter: code %d", code)
	}
}

// blind is an archive of a node whose pages show no persons.
type blind struct{ archive }

func (blind) Reveals() bool { return false }

func TestANodeThatShowsNoPersonsGivesNoneOut(t *testing.T) {
	d := newDesk(t)
	for _, question := range []string{"kind=person&reason=" + url.QueryEscape("年度体检名单"), "kind=mediation_note"} {
		if code, _, _ := exported(t, d, web.Options{Archive: blind{archive(d)}}, question); code != http.StatusUnprocessableEntity {
			t.Errorf("%s: code %d", question, code)
		}
	}
}

func TestAnExportHoldsEachRecordOfItsAreaOnce(t *testing.T) {
	d := newDesk(t)
	want := map[string]bool{}
	for i := range archivePage + 3 { // more than a page of them
		f := form(map[string]any{"id": "", "person": "甲"})
		delete(f, "id")
		if i%2 == 0 {
			f["grid"], f["household"] = "140581105212001", "1405811052120010001"
		}
		name := d.mustSave(t, "grid_visit", f)
		if i%2 == 0 {
			want[name.ID] = true
		}
	}
	_, lines, _ := exported(t, d, web.Options{}, "kind=grid_visit&area=140581105212")
	got := column(t, lines, "记录编号")
	for _, id := range got {
		if !want[id] {
			t.Fatalf("record %s went out twice or is of another area", id)
		}
		delete(want, id)
	}
	if len(want) != 0 {
		t.Errorf("%d records did not go out", len(want))
	}
	if _, lines, _ = exported(t, d, web.Options{}, "kind=grid_visit&from=2024-11-02"); len(lines) != 1 {
		t.Errorf("%d rows of a day without work", len(lines)-1)
	}
}

func TestAQuestionThatIsNoneGetsNoFile(t *testing.T) {
	d := newDesk(t)
	for question, want := range map[string]int{
		"kind=tree": 404, "": 404, "kind=person&area=x": 422, "kind=person&from=2024": 422, "kind=person&colour=red": 422,
		"kind=grid_visit&from=2024-11-02&to=2024-11-01": 422, "kind=person&from=2024-11-01": 422, "kind=person&lang=fr": 422,
	} {
		if code, _, _ := exported(t, d, web.Options{}, question); code != want {
			t.Errorf("%q: code %d, want %d", question, code, want)
		}
	}
}

// broken is an archive whose disk fails in the midst of an export.
type broken struct{ archive }

func (broken) Each(context.Context, *schema.Kind, string, web.Place, func(crdt.Space, crdt.RecordID, crdt.Record) error) error {
	return errors.New("the disk is gone")
}

func TestHalfAFileDoesNotLookLikeAWholeOne(t *testing.T) {
	d := newDesk(t)
	server := httptest.NewServer(web.New(web.Options{Registry: d.kinds, Machine: d, Archive: broken{archive(d)}, Log: slog.New(slog.DiscardHandler)}))
	defer server.Close()
	for _, format := range export.Formats() {
		resp, err := http.Get(server.URL + "/api/export?kind=person&format=" + string(format))
		if err != nil {
			continue // nothing came at all
		}
		if _, err := io.Copy(io.Discard, resp.Body); err == nil {
			t.Errorf("half a %s file came as if it were whole", format)
		}
		resp.Body.Close()
	}
}
