package odata_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/node/export"
	"wangge/node/odata"
	"wangge/schema"
)

var update = flag.Bool("update", false, "write the golden documents")

// trees is a set of as many rows as are wanted, its key in order.
func trees(n int) odata.Set {
	t := export.Table{Name: "tree", Title: schema.Text{Zh: "古树", En: "Trees"}, Columns: []export.Column{
		{Name: "id", Title: schema.Text{Zh: "编号", En: "Number"}},
		{Name: "name"}, {Name: "age", Type: export.Whole}, {Name: "girth", Type: export.Number}, {Name: "share", Type: export.Figure, Places: 2},
		{Name: "alive", Type: export.Bool}, {Name: "seen", Type: export.Day}, {Name: "changed", Type: export.Moment}, {Name: "notes", Type: export.List},
	}}
	return odata.Set{Table: t, Key: []string{"id"}, Rows: func(ctx context.Context, narrow odata.Narrow, yield func([]any) error) error {
		for i := range n {
			row := tree(i)
			if narrow.After != nil && row[0].(string) <= narrow.After[0] || !strings.HasPrefix(row[0].(string), narrow.Prefix("id")) {
				continue
			}
			if err := yield(row); err != nil {
				return err
			}
		}
		return nil
	}}
}

func tree(i int) []any {
	row := []any{fmt.Sprintf("%05d", i), []string{"槐", "柏", "O'Tree", "<&>"}[i%4], int64(i % 7 * 100), float64(i%5) + 0.1, int64(i*25 - 50),
		i%2 == 0, time.Date(2026, 11, 1+i%20, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, i%24, 0, 0, 0, time.UTC), []string{"a", "b"}}
	if i%6 == 5 {
		for c := 1; c < len(row); c++ {
			row[c] = nil
		}
	}
	return row
}

func ask(t testing.TB, h http.Handler, target string) *httptest.ResponseRecorder {
	t.Helper()
	path, query, _ := strings.Cut(target, "?")
	r := httptest.NewRequest("GET", "/odata/", nil)
	r.Host, r.URL.Path, r.URL.RawQuery = "10.0.0.1:8080", "/odata/"+path, query
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Header().Get("OData-Version") != "4.0" {
		t.Errorf("%s: OData-Version is %q", target, w.Header().Get("OData-Version"))
	}
	return w
}

func serving(n int) http.Handler {
	return odata.New([]odata.Set{trees(n)}, slog.New(slog.DiscardHandler))
}

func TestDocumentsAreAsTheyWere(t *testing.T) {
	h := serving(6)
	for file, target := range map[string]string{
		"service.json": "", "metadata.xml": "$metadata", "set.json": "tree?$count=true", "some.json": "tree?$select=id,share&$filter=share%20gt%200&$orderby=share%20desc&$top=2",
		"one.json": "tree('00002')", "count.txt": "tree/$count?$filter=age%20ge%20200", "error.json": "tree?$filter=agee%20eq%201",
	} {
		got := ask(t, h, target).Body.Bytes()
		path := "testdata/" + file
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || string(got) != string(want) {
			t.Errorf("%s: got\n%s\nwant\n%s (%v)", target, got, want, err)
		}
	}
}

// filters holds each filter against a twin that is written out by hand.
var filters = map[string]func(r []any) bool{
	"name eq '槐'":                            func(r []any) bool { return r[1] == "槐" },
	"'槐' eq name":                            func(r []any) bool { return r[1] == "槐" },
	"name eq 'O''Tree'":                      func(r []any) bool { return r[1] == "O'Tree" },
	"name ne '槐'":                            func(r []any) bool { return r[1] != "槐" },
	"name eq null":                           func(r []any) bool { return r[1] == nil },
	"null ne name":                           func(r []any) bool { return r[1] != nil },
	"notes eq notes":                         nil,
	"age gt 300":                             func(r []any) bool { return r[2] != nil && r[2].(int64) > 300 },
	"not (age gt 300)":                       func(r []any) bool { return r[2] == nil || r[2].(int64) <= 300 },
	"300 ge age":                             func(r []any) bool { return r[2] != nil && r[2].(int64) <= 300 },
	"girth eq 2.1":                           func(r []any) bool { return r[3] == 2.1 },
	"share lt 1.25":                          func(r []any) bool { return r[4] != nil && r[4].(int64) < 125 },
	"share eq -0.50":                         func(r []any) bool { return r[4] == int64(-50) },
	"share le -2.5e-1":                       func(r []any) bool { return r[4] != nil && r[4].(int64) <= -25 },
	"alive":                                  func(r []any) bool { return r[5] == true },
	"not alive":                              func(r []any) bool { return r[5] == false },
	"alive ne true":                          func(r []any) bool { return r[5] != true },
	"seen ge 2026-11-12":                     func(r []any) bool { return r[6] != nil && r[6].(time.Time).Day() >= 12 },
	"changed lt 2026-11-01T13:00:00%2B08:00": func(r []any) bool { return r[7] != nil && r[7].(time.Time).Hour() < 5 },
	"changed eq 2026-11-01T05:00:00.000Z":    func(r []any) bool { return r[7] != nil && r[7].(time.Time).Hour() == 5 },
	"startswith(id,'0001')":                  func(r []any) bool { return strings.HasPrefix(r[0].(string), "0001") },
	"startswith(id,'0001') or id eq '00003'": func(r []any) bool { return strings.HasPrefix(r[0].(string), "0001") || r[0] == "00003" },
	"not startswith(id,'0001')":              func(r []any) bool { return !strings.HasPrefix(r[0].(string), "0001") },
	"endswith( id , '7' )":                   func(r []any) bool { return strings.HasSuffix(r[0].(string), "7") },
	"contains(name,'Tree')":                  func(r []any) bool { return r[1] == "O'Tree" },
	"not contains(name,'Tree')":              func(r []any) bool { return r[1] != nil && r[1] != "O'Tree" },
	"id eq '00003' and id eq '00004'":        func(r []any) bool { return false },
	"name eq '槐' or name eq '柏' and age gt 300":          func(r []any) bool { return r[1] == "槐" || r[1] == "柏" && r[2].(int64) > 300 },
	"(name eq '槐' or name eq '柏') and age gt 300":        func(r []any) bool { return (r[1] == "槐" || r[1] == "柏") && r[2].(int64) > 300 },
	"not (name eq '槐' and age gt 300) and alive eq true": func(r []any) bool { return !(r[1] == "槐" && r[2].(int64) > 300) && r[5] == true },
}

func TestFiltersTakeWhatTheirTwinTakes(t *testing.T) {
	const n = 200
	h := serving(n)
	for filter, twin := range filters {
		w := ask(t, h, "tree?$filter="+strings.NewReplacer(" ", "%20", "'", "%27").Replace(filter))
		if twin == nil {
			if w.Code != http.StatusBadRequest {
				t.Errorf("%s: code %d", filter, w.Code)
			}
			continue
		}
		want := []string{}
		for i := range n {
			if row := tree(i); twin(row) {
				want = append(want, row[0].(string))
			}
		}
		got := []string{}
		for _, row := range read(t, w).Value {
			got = append(got, row["id"].(string))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", filter, got, want)
		}
	}
}

type document struct {
	Context string           `json:"@odata.context"`
	Count   *int             `json:"@odata.count"`
	Next    string           `json:"@odata.nextLink"`
	Value   []map[string]any `json:"value"`
}

func read(t testing.TB, w *httptest.ResponseRecorder) (d document) {
	t.Helper()
	if w.Code != http.StatusOK {
		t.Fatalf("code %d: %s", w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	return d
}

// follow reads a set as a client does: page after page, as each names the next.
func follow(t testing.TB, h http.Handler, target string) (ids []string, pages []document) {
	t.Helper()
	for target != "" {
		d := read(t, ask(t, h, target))
		pages = append(pages, d)
		for _, row := range d.Value {
			ids = append(ids, row["id"].(string))
		}
		_, target, _ = strings.Cut(d.Next, "/odata/")
	}
	return ids, pages
}

func TestPagesJoinToWhatWasAsked(t *testing.T) {
	const n = 2500
	h := serving(n)
	all := func(from, to int) (ids []string) {
		for i := from; i < to; i++ {
			ids = append(ids, fmt.Sprintf("%05d", i))
		}
		return ids
	}
	down := all(0, n)
	slices.Reverse(down)
	for query, want := range map[string][]string{
		"":                                       all(0, n),
		"$count=true":                            all(0, n),
		"$skip=1500":                             all(1500, n),
		"$top=1200&$skip=10":                     all(10, 1210),
		"$top=1000":                              all(0, 1000),
		"$top=0":                                 nil,
		"$skip=9999":                             nil,
		"$orderby=id%20desc":                     down,
		"$orderby=id%20desc&$top=1500&$skip=500": down[500:2000],
	} {
		got, pages := follow(t, h, "tree?"+query)
		if !slices.Equal(got, want) || len(pages) != max(1, (len(want)+999)/1000) {
			t.Errorf("%s: %d rows in %d pages, want %d", query, len(got), len(pages), len(want))
		}
		if query == "$count=true" && (*pages[0].Count != n || pages[1].Count != nil) {
			t.Errorf("counted %v", pages[0].Count)
		}
	}
}

// A filter that few rows meet ends a page early instead of running for ever.
func TestAPageLooksAtBoundedlyManyRows(t *testing.T) {
	looked, h := 0, http.Handler(nil)
	set := trees(0)
	set.Rows = func(ctx context.Context, n odata.Narrow, yield func([]any) error) error {
		for i := range 450_000 {
			row := []any{fmt.Sprintf("%06d", i), nil, int64(i), nil, nil, nil, nil, nil, nil}
			if n.After != nil && row[0].(string) <= n.After[0] {
				continue
			}
			looked++
			if err := yield(row); err != nil {
				return err
			}
		}
		return nil
	}
	h = odata.New([]odata.Set{set}, slog.New(slog.DiscardHandler))
	ids, pages := follow(t, h, "tree?$filter=age%20eq%20444444&$skip=0")
	if !slices.Equal(ids, []string{"444444"}) || len(pages) != 3 || looked != 450_000 {
		t.Errorf("found %v in %d pages, looking at %d rows", ids, len(pages), looked)
	}
	if w := ask(t, h, "tree?$orderby=age"); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "narrow them") {
		t.Errorf("450,000 rows in order: %d %s", w.Code, w.Body)
	}
	var n int
	if json.Unmarshal(ask(t, h, "tree/$count").Body.Bytes(), &n); n != 450_000 {
		t.Errorf("counted %d", n)
	}
}

func TestWhatIsWrongIsSaidInASentence(t *testing.T) {
	h := serving(3)
	for target, code := range map[string]int{
		"bush": 404, "tree('9')": 404, "tree('1'": 400, "tree(name='1')": 400, "tree(1)": 400, "tree/name": 404, "tree?filter=x": 400, "?$top=1": 400,
		"tree?$expand=x": 501, "tree?$top=-1": 400, "tree?$skip=x": 400, "tree?$top=1&$top=2": 400, "tree?$count=maybe": 400, "tree?$format=atom": 406,
		"tree?$select=nose": 400, "tree?$orderby=id%20up": 400, "tree?$orderby=notes": 400, "tree?$skiptoken=x": 400, "tree('00001')?$top=1": 400,
		"tree?$filter=id%20eq": 400, "tree?$filter=id%20eq%20'x": 400, "tree?$filter=age%20eq%20'1'": 400, "tree?$filter=hour(changed)%20eq%201": 501,
		"tree?$filter=id": 400, "tree?$filter=(id%20eq%20'1'": 400, "tree?$filter=seen%20eq%202026-13-40": 400, "tree?$filter=": 400, "tree?$filter=contains(age,'1')": 400,
		"tree?$filter=age%20eq%201e9999": 400, "tree?$filter=" + strings.Repeat("not%20", 21) + "alive": 400,
		"tree?$filter=" + strings.Repeat("x", 4001): 400, "tree?$select=" + strings.Repeat("x", 12000): 414,
	} {
		w := ask(t, h, target)
		var told struct {
			Error struct{ Code, Message string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil || w.Code != code || told.Error.Code == "" || told.Error.Message == "" {
			t.Errorf("%s: got %d %s (%v), want %d", shorter(target), w.Code, w.Body, err, code)
		}
	}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "/odata/tree", nil))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}

func shorter(s string) string { return s[:min(len(s), 60)] }

// As Excel goes about it: the service document, the metadata, each set, page by page.
func TestAClientFindsEverythingFromTheServiceDocument(t *testing.T) {
	h := serving(1500)
	doc := read(t, ask(t, h, ""))
	w := ask(t, h, strings.TrimPrefix(doc.Context, "http://10.0.0.1:8080/odata/"))
	declared := properties(t, w.Body.Bytes())
	for _, entry := range doc.Value {
		_, pages := follow(t, h, entry["url"].(string))
		for _, p := range pages {
			if p.Context != "http://10.0.0.1:8080/odata/$metadata#"+entry["name"].(string) {
				t.Errorf("the context is %s", p.Context)
			}
			for _, row := range p.Value {
				for name := range row {
					if declared[entry["name"].(string)][name] == "" {
						t.Fatalf("%s has an undeclared %s", entry["name"], name)
					}
				}
			}
		}
	}
}

// properties reads a metadata document: set, property, type.
func properties(t testing.TB, doc []byte) map[string]map[string]string {
	t.Helper()
	var m struct {
		XMLName xml.Name `xml:"http://docs.oasis-open.org/odata/ns/edmx Edmx"`
		Version string   `xml:",attr"`
		Schema  struct {
			Namespace  string `xml:",attr"`
			EntityType []struct {
				Name string `xml:",attr"`
				Key  []struct {
					Name string `xml:",attr"`
				} `xml:"Key>PropertyRef"`
				Property []struct {
					Name string `xml:",attr"`
					Type string `xml:",attr"`
				}
			}
			EntityContainer struct {
				EntitySet []struct {
					Name       string `xml:",attr"`
					EntityType string `xml:",attr"`
				}
			}
		} `xml:"DataServices>Schema"`
	}
	if err := xml.Unmarshal(doc, &m); err != nil || m.Version != "4.0" {
		t.Fatalf("%v, version %q", err, m.Version)
	}
	types, sets := map[string]map[string]string{}, map[string]map[string]string{}
	for _, e := range m.Schema.EntityType {
		all := map[string]string{}
		for _, p := range e.Property {
			all[p.Name] = p.Type
		}
		for _, k := range e.Key {
			if all[k.Name] != "Edm.String" {
				t.Errorf("%s has a key %s of no declared text", e.Name, k.Name)
			}
		}
		if len(e.Key) == 0 || types[m.Schema.Namespace+"."+e.Name] != nil {
			t.Errorf("%s has no key, or is declared twice", e.Name)
		}
		types[m.Schema.Namespace+"."+e.Name] = all
	}
	for _, s := range m.Schema.EntityContainer.EntitySet {
		if sets[s.Name] = types[s.EntityType]; sets[s.Name] == nil {
			t.Errorf("set %s is of an undeclared type %s", s.Name, s.EntityType)
		}
	}
	return sets
}

func TestLongAnswersAreCompressedForWhoTakesThat(t *testing.T) {
	h := serving(500)
	plain := ask(t, h, "tree").Body.String()
	r := httptest.NewRequest("GET", "http://10.0.0.1:8080/odata/tree", nil)
	r.Header.Set("Accept-Encoding", "gzip, deflate")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	z, err := gzip.NewReader(w.Body)
	if err != nil || w.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("%v, headers %v", err, w.Header())
	}
	if got, err := io.ReadAll(z); err != nil || string(got) != plain {
		t.Errorf("%d bytes (%v), want %d", len(got), err, len(plain))
	}
}

func FuzzFilter(f *testing.F) {
	for filter := range filters {
		f.Add(filter)
	}
	f.Add("((((('") // and what else is odd
	h := serving(20)
	f.Fuzz(func(t *testing.T, filter string) {
		w := ask(t, h, "tree?$filter="+url.QueryEscape(filter))
		if w.Code != http.StatusOK && w.Code != http.StatusBadRequest && w.Code != http.StatusNotImplemented && w.Code != http.StatusRequestURITooLong || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%q: %d %s", filter, w.Code, w.Body)
		}
	})
}
