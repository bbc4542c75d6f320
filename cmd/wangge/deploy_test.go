package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// The rules and the dashboard in deploy ask for metrics that there are.
func TestAlertsAndDashboardAskForMetricsThatAreThere(t *testing.T) {
	read := func(name string) []byte {
		t.Helper()
		b, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	format := string(read("node/web/FORMAT.md"))
	var rules struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	if err := yaml.Unmarshal(read("deploy/alerts.yml"), &rules); err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	if err := json.Unmarshal(read("deploy/dashboard.json"), &board); err != nil {
		t.Fatal(err)
	}
	var asked []string
	for _, r := range rules.Groups[0].Rules {
		asked = append(asked, r.Expr)
	}
	for _, p := range board.Panels {
		for _, q := range p.Targets {
			asked = append(asked, q.Expr)
		}
	}
	if len(asked) < 20 {
		t.Errorf("only %d questions were found", len(asked))
	}
	metric := regexp.MustCompile(`\b(wangge|go|process)_[a-z_]+`)
	for _, q := range asked {
		names := metric.FindAllString(q, -1)
		if len(names) == 0 && q != `up{job="wangge"} == 0` {
			t.Errorf("%s asks for nothing of ours", q)
		}
		for _, name := range names {
			if !strings.Contains(format, "`"+name+"`") {
				t.Errorf("%s asks for %s, which no node tells", q, name)
			}
		}
	}
}
