package city

import (
	"net/http/httptest"
	"strings"
	"testing"

	"wangge/node/export"
	"wangge/node/web"
	"wangge/schema"
)

// A sum that is published as over so much is said so on the page and in the file, beside
// the exact one.
func TestASumIsSaidAsItIsPublished(t *testing.T) {
	gaoping, yangcheng := newCounty(t, "140581", "高平市"), newCounty(t, "140522", "阳城县")
	f := newCity(t, "1405", gaoping, yangcheng)
	for county, n := range map[*county]int64{gaoping: 1420, yangcheng: 1330} {
		f.takes(t, county.file(county.said("2026-11", 1, figure("care_event.helped", "", "人次", whole(t, n)))))
	}
	r := f.reports(t, "2026-11", "care_event.helped", "")
	if sum := r.Rows[0].Sum; sum.Value != 2750 || sum.Said != (schema.Text{Zh: "2700余", En: "2,700 and more"}) {
		t.Errorf("the sum is %+v", sum)
	}
	var file strings.Builder
	if err := r.Write(&file, export.JSON, export.Style{}); err != nil || !strings.Contains(file.String(), "2700余") || !strings.Contains(file.String(), "2750") {
		t.Errorf("%v: the file is\n%s", err, file.String())
	}
	pages, err := f.Pages(kinds(t))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(web.Beside(pages))
	defer server.Close()
	if _, text := got(t, server.URL+"/report?month=2026-11&report=care_event.helped"); !strings.Contains(text, "2750 <small>2700余</small>") {
		t.Errorf("the page shows\n%s", text)
	}
}
