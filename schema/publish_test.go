package schema_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/schema"
)

func TestWhatMayNotGoUpIsNamed(t *testing.T) {
	publish := func(report int, by ...string) func(v, c, p *schema.Kind) {
		return func(v, c, p *schema.Kind) { v.Reports[report].Publish = by }
	}
	wantFaults(t, []damaged{
		{"$.reports[0].publish[0]", publish(0, "area:12")},
		{"$.reports[0].publish[0]", publish(0, "area")},
		{"$.reports[0].publish[0]", publish(0, "day")},
		{"$.reports[0].publish[0]", publish(0, "month")},
		{"$.reports[0].publish[0]", publish(0, "none")},
		{"$.reports[0].publish[1]", publish(0, "total", "person")},
		{"$.reports[0].publish[1]", publish(0, "total", "total")},
		{"$.reports[1].publish[0]", publish(1, "status")},
		{"$.reports[4].publish", publish(4, "total")},
		{"$.reports[0].publish[0]", func(v, c, p *schema.Kind) { // a report by no area
			v.Reports = v.Reports[:1]
			v.Reports[0].By, v.Reports[0].Publish = []string{"topic"}, []string{"township"}
		}},
		{"$.reports[0].publish[1]", func(v, c, p *schema.Kind) {
			v.Class = crdt.Confidential
			for i := range v.Reports {
				v.Reports[i].Publish = []string{"total", "township"}[:2-i%2]
			}
			v.Reports[4].Publish = nil
		}},
	})
}

// What the shipped kinds say of their persons decides what is withheld: a change is meant.
func TestRecordsAreOfThePersonsWhomTheyName(t *testing.T) {
	registry := shipped(t)
	var got []string
	for _, k := range registry.Kinds() {
		published := slices.ContainsFunc(k.Reports, func(r schema.Report) bool { return len(r.Publish) > 0 })
		if names := registry.Persons(&k); published && len(names) > 0 {
			got = append(got, fmt.Sprintf("%s: %s", k.Name, strings.Join(names, " ")))
		}
	}
	if text := strings.Join(got, "\n"); text != personsOfKinds {
		t.Errorf("got\n%s", text)
	}
}

const personsOfKinds = `benefit_grant: person
community_worker: person
curtain_check: elder
donation: donor
elder_alert: elder
elder_pact: name mobile contact_mobile companion companion_mobile
enterprise_problem: instructor
exam_result: person
good_deed: name
grid_visit: household
grid_worker: name mobile
household: household address mobile
mediation_case: parties
mediation_followup: case
mediation_note: case parties
micro_wish: wisher
newjob_checkin: person
newjob_site_survey: mobile
observer: name mobile
party_instructor: name mobile
party_post: name
petition_matter: petitioner
point_account: mobile name
point_entry: account
point_redemption: account
reception_visit: petitioner petition
relief_grant: person
rescue_need: mobile
rescue_team: mobile
service_request: applicant mobile
social_worker: person
suggestion: mobile
volunteer: person
volunteer_attendance: volunteer
worker_posting: worker`

// Of whom nobody may learn anything goes up at most as one figure of the county; and what
// goes up of persons at all has no condition, by which those whom it leaves out could be
// worked out, unless nothing else goes up that is counted so.
func TestFewFiguresOfPersonsGoUp(t *testing.T) {
	for _, k := range shipped(t).Kinds() {
		conditions := map[string]int{} // of each way to count
		for _, r := range k.Reports {
			if len(r.Publish) == 0 {
				continue
			}
			counted := fmt.Sprint(r.Count, " ", r.Of)
			if n, twice := conditions[counted]; k.Class != crdt.Open && twice && n != len(r.Where) {
				t.Errorf("%s: what %s leaves out can be worked out", k.Name, r.Name)
			}
			conditions[counted] = len(r.Where)
		}
		if slices.Contains([]string{"direct_report", "burden_complaint", "health_contact", "martyr_record"}, k.Name) && len(conditions) > 0 {
			t.Errorf("%s goes up", k.Name)
		}
	}
}
