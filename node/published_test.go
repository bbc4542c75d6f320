package node

import (
	"encoding/json"
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/schema"
	"wangge/sync/wire"
)

// defined returns a kind's definition after a change of its text.
func defined(t *testing.T, k schema.Kind, changes ...string) string {
	t.Helper()
	b, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(changes...).Replace(string(b))
	if len(changes) > 0 && text == string(b) {
		t.Fatalf("nothing changed by %q", changes)
	}
	return text
}

func TestAPublishedKindThatThisProgramCannotUseIsLeftOutAndTheOthersGoOn(t *testing.T) {
	own := wishKinds(t)
	wish := own.Kinds()[0]
	registry, unusable := overlay(own, map[string]string{
		"wish":  defined(t, wish, `"en":"Small wish"`, `"en":"Wish of a rider"`),
		"later": defined(t, wish, `"name":"wish","title"`, `"name":"later","title"`, `"type":"instant"`, `"type":"orbit"`),
		"torn":  `{"name": "torn"`,
		"third": defined(t, wish, `"name":"wish","title"`, `"name":"third","title"`),
	})
	if len(unusable) != 2 || unusable["later"] == nil || unusable["torn"] == nil {
		t.Errorf("left out: %v", unusable)
	}
	if k, ok := registry.Kind("wish"); !ok || k.Title.En != "Wish of a rider" {
		t.Errorf("the published wording is not used: %+v", k)
	}
	if _, ok := registry.Kind("third"); !ok || len(registry.Kinds()) != 2 {
		t.Errorf("there are %d kinds", len(registry.Kinds()))
	}
	// A published version that cannot be used leaves the one that came with the program.
	registry, _ = overlay(own, map[string]string{"wish": defined(t, wish, `"type":"instant"`, `"type":"orbit"`)})
	if k, ok := registry.Kind("wish"); !ok || k.Title.En != "Small wish" {
		t.Errorf("the shipped form is gone: %+v", k)
	}
}

func TestNobodyButTheHubPublishesKinds(t *testing.T) {
	p := newProvince(t, 2)
	forger, other := p.boxes[0], p.boxes[1]
	w := writerOf(t, forger)
	op := crdt.Record{}.Assign(publishedID("wish"), publishedKind, definition, crdt.Text(defined(t, wishKinds(t).Kinds()[0])))
	chunk, err := forger.store.Draw(w, map[crdt.Space][]crdt.Op{policy.Everywhere(): {op}})
	if err != nil {
		t.Fatal(err)
	}
	for what, m := range map[string]*party{"a box": other, "the county": p.hub} {
		if good, refusals := m.store.Check(chunk); len(good.Runs) > 0 || len(refusals) != 1 || refusals[0].Why != wire.WhyRights {
			t.Errorf("%s takes a kind from a box: %+v", what, refusals)
		}
	}
}
