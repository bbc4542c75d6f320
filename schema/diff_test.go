package schema_test

import (
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/schema"
	"wangge/schema/kindfile"
	shippedkinds "wangge/schema/kinds"
)

// changed returns what Diff says of the fewest kinds and a changed copy.
func changed(t *testing.T, change func(byName map[string]*schema.Kind)) []schema.Change {
	t.Helper()
	kinds, byName := copied(t, compiled(t))
	change(byName)
	now, err := schema.New(kinds)
	if err != nil {
		t.Fatal(err)
	}
	return schema.Diff(sound(t), now)
}

// private lets no report of a kind go up.
func private(k *schema.Kind) {
	for i := range k.Reports {
		k.Reports[i].Publish = nil
	}
}

func TestSameKindsDoNotDiffer(t *testing.T) {
	if got := changed(t, func(map[string]*schema.Kind) {}); len(got) > 0 {
		t.Errorf("got %v", got)
	}
	one, err := kindfile.Load(shippedkinds.Files)
	if err != nil {
		t.Fatal(err)
	}
	other, err := kindfile.Load(shippedkinds.Files)
	if err != nil {
		t.Fatal(err)
	}
	if got := schema.Diff(one, other); len(got) > 0 {
		t.Errorf("of all that ship: %v", got)
	}
}

func TestWhatWouldBeReadWronglyBreaks(t *testing.T) {
	visit := func(change func(v *schema.Kind)) func(map[string]*schema.Kind) {
		return func(byName map[string]*schema.Kind) { change(byName["grid_visit"]) }
	}
	for path, change := range map[string]func(map[string]*schema.Kind){
		"kind":               func(byName map[string]*schema.Kind) { byName["grid_visit"].Name = "grid_call" },
		"class":              visit(func(v *schema.Kind) { v.Class = crdt.Confidential; private(v) }),
		"area":               visit(func(v *schema.Kind) { v.Area.Level = schema.Township }),
		"identity":           visit(func(v *schema.Kind) { v.Identity = []string{"grid", "visited_at"} }),
		"fields.author.name": visit(func(v *schema.Kind) { v.Fields[1].Name = "worker" }),
		"fields.author.type": visit(func(v *schema.Kind) {
			v.Fields[1] = schema.Field{ID: 2, Name: "author", Title: v.Fields[1].Title, Type: schema.TypeBool, Merge: crdt.Register}
		}),
		"fields.followups.merge": visit(func(v *schema.Kind) { v.Fields[10].Merge = crdt.Register }),
		"fields.person":          visit(func(v *schema.Kind) { v.Fields[4].ID = 99 }),
		"fields.person.to": func(byName map[string]*schema.Kind) {
			f, _ := byName["newjob_checkin"].Field("person")
			f.To, f.Inline = "point_account", false
			byName["newjob_checkin"].Reports = nil
		},
		"fields.mobile.guarded": func(byName map[string]*schema.Kind) {
			f, _ := byName["person"].Field("name")
			f.Guarded = false
			f.Name = "name"
		},
		"fields.case_no.office": func(byName map[string]*schema.Kind) { // a confidential kind's texts are masked but for offices
			f, _ := byName["mediation_note"].Field("case_no")
			f.Office = true
		},
	} {
		var breaks []string
		for _, c := range changed(t, change) {
			if c.Breaks {
				breaks = append(breaks, c.Path)
			}
		}
		want := strings.Replace(path, "mobile", "name", 1)
		if len(breaks) != 1 || breaks[0] != want {
			t.Errorf("%s: breaks %v", path, breaks)
		}
	}
}

func TestWhatIsMaskedOrSealedFromNowOnIsSaid(t *testing.T) {
	paths := map[string]bool{}
	for _, c := range changed(t, func(byName map[string]*schema.Kind) {
		v := byName["grid_visit"]
		author, _ := v.Field("author")
		author.Guarded, author.Office = true, false
		centre, _ := byName["newjob_checkin"].Field("centre")
		centre.Sealed = true
	}) {
		if c.Breaks {
			t.Errorf("%v", c)
		}
		paths[c.Kind+"."+c.Path] = true
	}
	if !paths["grid_visit.fields.author.guarded"] || !paths["newjob_checkin.fields.centre.sealed"] {
		t.Errorf("it says %v", paths)
	}
}

func TestRetiredNumberIsNeverUsedAgain(t *testing.T) {
	retire := func(byName map[string]*schema.Kind) {
		v := byName["grid_visit"]
		v.Fields = append(v.Fields[:4:4], v.Fields[5:]...)
		v.Retired = []crdt.FieldID{5}
	}
	kinds, byName := copied(t, compiled(t))
	retire(byName)
	second, err := schema.New(kinds)
	if err != nil {
		t.Fatal(err)
	}
	if got := schema.Diff(sound(t), second); len(got) != 1 || got[0].Breaks || got[0].Path != "fields.person" {
		t.Fatalf("to retire a field: %v", got)
	}
	got := schema.Diff(second, sound(t))
	if len(got) != 2 || !got[0].Breaks || !got[1].Breaks || got[0].Path != "fields.person.id" || got[1].Path != "retired" {
		t.Errorf("to use its number again: %v", got)
	}
	byName["grid_visit"].Retired = []crdt.FieldID{1}
	if _, err := schema.New(kinds); err == nil || !strings.Contains(err.Error(), "the field grid has this number") {
		t.Errorf("a number in use is retired: %v", err)
	}
}

func TestWhatComesAndGoesWithoutHarmIsSaid(t *testing.T) {
	got := changed(t, func(byName map[string]*schema.Kind) {
		v := byName["grid_visit"]
		v.When = ""
		for i := range v.Reports {
			v.Reports[i].By = []string{"area"}
		}
		private(v)
		v.Reports[2].Publish = []string{"total"}
		v.Reports = append(v.Reports[:1:1], v.Reports[2:]...) // not those that a ratio divides
		v.Fields[7].Options = append(v.Fields[7].Options[1:], schema.Option{Value: "新", Title: schema.Text{Zh: "新", En: "New"}})
		v.Fields[1].Required = true
		v.Fields = append(v.Fields, schema.Field{ID: 40, Name: "more", Title: schema.Text{Zh: "更多", En: "More"}, Type: schema.TypeText, Merge: crdt.Register})
	})
	var paths []string
	for _, c := range got {
		if c.Breaks || c.Text == "" {
			t.Errorf("%v", c)
		}
		paths = append(paths, c.Path)
	}
	if want := "when fields.author.required fields.topic.options fields.topic.options fields.more reports.households reports.open_matters.publish"; strings.Join(paths, " ") != want {
		t.Errorf("got %v, want %s", paths, want)
	}
}

func TestTasksAndRungsMayChange(t *testing.T) {
	paths := map[string]bool{}
	for _, c := range changed(t, func(byName map[string]*schema.Kind) {
		pact := byName["elder_pact"]
		pact.Tasks[0].Name = "glance"
		status, _ := byName["hazard_report"].Field("status")
		status.Options[1].After = []string{"待处置"}
	}) {
		if paths[c.Kind+" "+c.Path] = true; c.Breaks {
			t.Errorf("%+v breaks", c)
		}
	}
	for _, want := range []string{"elder_pact tasks.look", "elder_pact tasks.glance", "hazard_report fields.status.options"} {
		if !paths[want] {
			t.Errorf("%s is not told: %v", want, paths)
		}
	}
}
