package node

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"wangge/node/web"
)

// A feed shows of persons what a masked export does, each once, whole or by its key.
func TestFeedsMaskPersonsAndGoOnBehindAPlace(t *testing.T) {
	d := newDesk(t)
	for i := range 3 {
		d.mustSave(t, "person", map[string]any{"county": "140581", "id_number": idNumber(i), "name": "高飞", "mobile": "13834561201"})
	}
	pages := web.New(web.Options{Registry: d.kinds, Machine: d, Office: office(d), Archive: archive(d), Log: slog.New(slog.DiscardHandler)})
	ask := func(target string) (rows []map[string]any, body string) {
		r := httptest.NewRequest("GET", target, nil)
		r.Host = "127.0.0.1:8080"
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, r)
		var page struct{ Value []map[string]any }
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s (%v)", target, w.Code, w.Body, err)
		}
		return page.Value, w.Body.String()
	}
	all, body := ask("/odata/person")
	if len(all) != 3 || strings.Contains(body, "高飞") || strings.Contains(body, "13834561201") || all[0]["name"] != "高*" {
		t.Fatalf("got %s", body)
	}
	for i, row := range all {
		if one, text := ask(fmt.Sprintf("/odata/person(space='%s',record='%s')", row["space"], row["record"])); one != nil || !strings.Contains(text, row["record"].(string)) {
			t.Errorf("by its key: %s", text)
		}
		rest, _ := ask("/odata/person?$skiptoken=" + token(row["space"], row["record"]))
		if len(rest) != 2-i {
			t.Errorf("behind row %d are %d", i, len(rest))
		}
	}
	if none, _ := ask("/odata/person?$filter=contains(name,'%E9%A3%9E')"); len(none) != 0 {
		t.Errorf("a filter sees behind the mask: %v", none)
	}
}

func token(key ...any) string {
	b, _ := json.Marshal(key)
	return base64.RawURLEncoding.EncodeToString(b)
}

// idNumber is the n-th identity number of one day, with its check digit (GB 11643).
func idNumber(n int) string {
	base := fmt.Sprintf("14058119920307%03d", n+1)
	sum, weight := 0, 1
	for i := len(base) - 1; i >= 0; i-- {
		weight = weight * 2 % 11
		sum += int(base[i]-'0') * weight
	}
	return base + string("10X98765432"[sum%11])
}
