package odata_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// mashup is how Excel and Power BI call (Power Query's documentation: Query diagnostics, and
// Handling authentication).
var mashup = map[string]string{
	"User-Agent":       "Microsoft.Data.Mashup (https://go.microsoft.com/fwlink/?LinkID=304225)",
	"Accept":           "application/json;odata.metadata=minimal;q=1.0,application/json;odata=minimalmetadata;q=0.9,application/atomsvc+xml;q=0.8,application/atom+xml;q=0.8,application/xml;q=0.7,text/plain;q=0.7",
	"OData-Version":    "4.0",
	"OData-MaxVersion": "4.0",
	"Accept-Encoding":  "gzip, deflate",
}

// requests are in the shapes in which clients send them: what Power Query hands on of steps in
// its editor (documentation of OData.Feed, Query folding, and TripPin), and what other clients
// of the protocol do. The golden file has the answers.
var requests = []struct{ client, method, target string }{
	{"the service document", "GET", ""},
	{"whether anything is there", "HEAD", ""},
	{"the metadata", "GET", "$metadata"},
	{"a preview", "GET", "tree?$top=2"},
	{"chosen columns, the comma escaped", "GET", "tree?$filter=name%20eq%20%27%E6%A7%90%27&$select=id%2Cage"},
	{"chosen columns, the dollar escaped", "GET", "tree?%24select=id%2Cshare&%24top=1"},
	{"a filter on a day", "GET", "tree?$filter=seen%20ge%202026-11-03%20and%20seen%20lt%202026-11-05&$select=id%2Cseen"},
	{"a filter on a moment in UTC", "GET", "tree?$filter=changed%20ge%202026-11-01T03%3A00%3A00Z&$select=id%2Cchanged"},
	{"a filter on a moment in a zone", "GET", "tree?$filter=changed%20ge%202026-11-01T11%3A00%3A00%2B08%3A00&$select=id"},
	{"the same, the plus left as it is", "GET", "tree?$filter=changed%20ge%202026-11-01T11:00:00+08:00&$select=id"},
	{"this year", "GET", "tree?$filter=year(seen)%20eq%202026&$select=id&$top=1"},
	{"several values of a column", "GET", "tree?$filter=name%20eq%20%27%E6%A7%90%27%20or%20name%20eq%20%27O%27%27Tree%27&$select=id%2Cname"},
	{"neither empty nor small", "GET", "tree?$filter=age%20ne%20null%20and%20not(age%20lt%20300)&$select=id%2Cage"},
	{"a part of a text, in any case", "GET", "tree?$filter=contains(tolower(name),%27tree%27)&$select=id%2Cname"},
	{"sorted, then some of it", "GET", "tree?$orderby=age%20desc%2Cid&$skip=1&$top=2&$select=id%2Cage"},
	{"how many rows", "GET", "tree/$count"},
	{"how many rows a filter leaves", "GET", "tree/$count?$filter=alive%20eq%20true"},
	{"rows with their number", "GET", "tree?$count=true&$top=1&$select=id"},
	{"one row", "GET", "tree('00003')?$select=id%2Cname"},
	{"a step that is done here", "GET", "tree?$apply=groupby((name),aggregate($count%20as%20n))"},
	{"a batch", "POST", "$batch"},
	{"a format in the address", "GET", "tree?$top=1&$select=id&$format=application/json;odata.metadata=minimal"},
}

func TestClientsGetWhatTheyDid(t *testing.T) {
	h := serving(6)
	var all strings.Builder
	for _, r := range requests {
		w := call(h, r.method, r.target, mashup)
		fmt.Fprintf(&all, "# %s\n%s /odata/%s\n%d %s\n", r.client, r.method, r.target, w.Code, w.Header().Get("Content-Type"))
		if r.target != "$metadata" && r.target != "" { // these have golden documents of their own
			fmt.Fprintf(&all, "%s\n", w.Body)
		}
		all.WriteByte('\n')
	}
	const path = "testdata/clients.txt"
	if *update {
		if err := os.WriteFile(path, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || all.String() != string(want) {
		t.Errorf("clients get\n%s\nand got\n%s (%v)", all.String(), want, err)
	}
}

func call(h http.Handler, method, target string, headers map[string]string) *httptest.ResponseRecorder {
	path, query, _ := strings.Cut(target, "?")
	r := httptest.NewRequest(method, "/odata/", nil)
	r.Host, r.URL.Path, r.URL.RawQuery = "10.0.0.1:8080", "/odata/"+path, query
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	r.Header.Del("Accept-Encoding") // one test of compressing is enough
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAClientsPreferencesAreKeptTo(t *testing.T) {
	h := serving(250)
	ids, pages := []string{}, 0
	for target := "tree?$select=id"; target != ""; pages++ {
		w := call(h, "GET", target, map[string]string{"Prefer": "odata.include-annotations=\"*\",odata.maxpagesize=100"})
		if got := w.Header().Get("Preference-Applied"); got != "odata.maxpagesize=100" {
			t.Fatalf("applied %q", got)
		}
		d := read(t, w)
		for _, row := range d.Value {
			ids = append(ids, row["id"].(string))
		}
		_, target, _ = strings.Cut(d.Next, "/odata/")
	}
	if len(ids) != 250 || pages != 3 || ids[249] != "00249" {
		t.Errorf("%d rows in %d pages", len(ids), pages)
	}
	for _, prefer := range []string{"odata.maxpagesize=0", "odata.maxpagesize=5000", "maxpagesize=x", "respond-async"} {
		if w := call(h, "GET", "tree", map[string]string{"Prefer": prefer}); w.Code != 200 || w.Header().Get("Preference-Applied") != "" {
			t.Errorf("%s: %d, applied %q", prefer, w.Code, w.Header().Get("Preference-Applied"))
		}
	}
	for accept, code := range map[string]int{
		"": 200, "*/*": 200, "text/html,application/xhtml+xml,*/*;q=0.8": 200, "application/json;odata.metadata=full": 200, "application/json; charset=utf-8": 200,
		"application/atom+xml,application/xml": 406, "application/json;odata=minimalmetadata": 406, "text/csv": 406,
	} {
		if w := call(h, "GET", "tree?$top=1", map[string]string{"Accept": accept}); w.Code != code {
			t.Errorf("Accept %q: %d", accept, w.Code)
		}
		if w := call(h, "GET", "$metadata", map[string]string{"Accept": accept}); w.Code != 200 {
			t.Errorf("the metadata, Accept %q: %d", accept, w.Code)
		}
	}
}

// A small client of our own reads as Excel does: it takes the types from the metadata, and
// each value has to be what its type says.
func TestATypedClientReadsEveryValue(t *testing.T) {
	h := serving(1200)
	types := properties(t, call(h, "GET", "$metadata", mashup).Body.Bytes())
	rows := 0
	for target := "tree"; target != ""; {
		d := read(t, call(h, "GET", target, mashup))
		for _, row := range d.Value {
			rows++
			for name, value := range row {
				if err := fits(types["tree"][name], value); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			if len(row) != len(types["tree"]) {
				t.Fatalf("%d values of %d", len(row), len(types["tree"]))
			}
		}
		_, target, _ = strings.Cut(d.Next, "/odata/")
	}
	if rows != 1200 {
		t.Errorf("%d rows", rows)
	}
}

// fits says why a value is none of an Edm type, if it is not.
func fits(edm string, value any) (err error) {
	text, isText := value.(string)
	number, isNumber := value.(float64)
	ok := value == nil
	switch edm {
	case "Edm.String":
		ok = ok || isText
	case "Edm.Int64":
		ok = ok || isNumber && number == float64(int64(number))
	case "Edm.Decimal":
		_, exact := new(big.Rat).SetString(fmt.Sprint(number))
		ok = ok || isNumber && exact
	case "Edm.Boolean":
		_, isBool := value.(bool)
		ok = ok || isBool
	case "Edm.Date":
		_, err = time.Parse(time.DateOnly, text)
		ok = ok || isText && err == nil
	case "Edm.DateTimeOffset":
		_, err = time.Parse(time.RFC3339Nano, text)
		ok = ok || isText && err == nil
	case "Collection(Edm.String)":
		_, ok = value.([]any)
	default:
		return fmt.Errorf("an undeclared type %q", edm)
	}
	if !ok {
		b, _ := json.Marshal(value)
		return fmt.Errorf("%s is no %s", b, edm)
	}
	return nil
}
