package main

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"wangge/node/web"
)

// measured returns what a node's metrics say: the value of each that has one
// sample, and of the lights the one that is on.
func (c *county) measured(device uint32) (values map[string]float64, light string) {
	c.t.Helper()
	b, err := c.ask(device).get(c.t.Context(), "/metrics")
	if err != nil {
		c.t.Fatal(err)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(b))
	if err != nil {
		c.t.Fatal(err)
	}
	values = map[string]float64{}
	for name, f := range families {
		if len(f.GetMetric()) == 1 {
			values[name] = f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	for _, m := range families["wangge_light"].GetMetric() {
		if m.GetGauge().GetValue() == 1 {
			light += m.GetLabel()[0].GetValue()
		}
	}
	return values, light
}

// A box is cut off and joined again, and nobody saves anything after that. At each
// stage its page in a browser, the command and the metrics say one thing.
func TestPageStatusAndMetricsSayTheSame(t *testing.T) {
	ctx := newBrowser(t)
	c := newCounty(t)
	page := (&demonstration{t: t}).open(ctx, c.ask(eastBox).base+"/#/exchange")
	agree := func(light, words, command string, waiting float64) {
		t.Helper()
		c.until("the light "+light, func() bool { return c.status(eastBox).Light == light })
		page.await("the light "+words, fmt.Sprintf(`document.querySelector('.pill').innerText.startsWith(%q) && document.querySelector('.light').innerText.startsWith(%q)`, words, words))
		values, on := c.measured(eastBox)
		if s := c.status(eastBox); on != light || values["wangge_unsent_batches"] != waiting || s.Waiting != uint64(waiting) {
			t.Errorf("the metrics say %q and that %v wait, the status that %d wait; want %q and %v", on, values["wangge_unsent_batches"], s.Waiting, light, waiting)
		}
		code, out, _ := wangge(t, nil, "status", "--node", c.ask(eastBox).base)
		if code != 0 || !regexp.MustCompile(command).MatchString(out) {
			t.Errorf("status: code %d, want %s in\n%s", code, command, out)
		}
	}
	c.until("the county is met", func() bool {
		return slices.ContainsFunc(c.status(eastBox).Peers, func(p web.Peer) bool { return p.Role == "hub" && !p.Greeted.IsZero() })
	})
	agree(web.LightSafe, "记录和照片全部已到县", "\nsafe: ", 0)
	if err := c.Cut(eastBox, true); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		c.save(eastBox, "grid_visit", visit("140581105211", i))
	}
	agree(web.LightWaiting, "2 份待送", "\nto send: 2 batches with ", 2)
	page.await("the neighbours and the county", `document.querySelector('.peers').innerText.includes('所知对方还缺 2 份')`)
	if err := c.Cut(eastBox, false); err != nil {
		t.Fatal(err)
	}
	agree(web.LightSafe, "记录和照片全部已到县", "\nsafe: ", 0)

	// The county's replicas name their boxes, and which of them they have heard.
	c.until("the county has all of the box's work", func() bool {
		for hub := uint32(1); hub <= 3; hub++ {
			for _, p := range c.status(hub).Peers {
				if p.Device == eastBox && p.Complete.IsZero() {
					return false
				}
			}
		}
		return true
	})
	_, out, _ := wangge(t, nil, "status", "--node", c.ask(1).base)
	if !strings.Contains(out, "COMPLETE TO") {
		t.Errorf("the replica says nothing of its boxes:\n%s", out)
	}
	if values, _ := c.measured(1); values["wangge_raft_leader_known"] != 1 || values["wangge_records"] == 0 {
		t.Errorf("the replica's metrics: %v", values)
	}
}
