package schema

import (
	"fmt"
	"slices"

	"wangge/crdt"
)

// publishFault checks that what a report publishes can be added up by a city, and tells
// of nobody: no figure is finer than a township and a month, and rows are options that
// everybody knows.
func (r *Registry) publishFault(k *Kind, report *Report, at string) *Fault {
	if len(report.Publish) == 0 {
		return nil
	}
	if fault := k.broken(
		rule{report.whole() || report.Count == Average, at + ".publish", "a city divides sums: publish the reports of which this one is made, and not the " + string(report.Count)},
	); fault != nil {
		return fault
	}
	for i, by := range report.Publish {
		at := fmt.Sprintf("%s.publish[%d]", at, i)
		_, own := k.Field(by)
		field := own && by != PublishTotal && by != PublishTownship
		if fault := k.broken(
			rule{slices.Index(report.Publish, by) == i, at, "the grouping stands here twice"},
			rule{by == PublishTotal || by == PublishTownship || field, at, "publish total, township or a choice, ladder or bool of the kind, and nothing finer"},
			rule{by != PublishTownship || report.Grouped(ByArea), at, "the report groups by no area: add area to its by"},
			rule{!field || report.Grouped(by), at, "the report does not group by " + by + ": add it to its by"},
			rule{by == PublishTotal || !k.Wholes(), at, "townships are no parts that add up where the area is a district: publish the total alone"},
			rule{by == PublishTotal || k.Class != crdt.Confidential, at, "of a confidential kind the county's total alone goes up"},
		); fault != nil {
			return fault
		}
	}
	return nil
}
