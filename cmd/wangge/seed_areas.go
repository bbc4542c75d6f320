package main

import "context"

// demoAreas are the areas of the demonstration by name. The county is made up, and so are
// they.
var demoAreas = []struct{ code, name, level, category string }{
	{"140581", "演示县", "县级", ""},
	{"140581105", "城关镇", "乡镇（街道）", "镇"},
	{"140581105211", "城东村", "村（社区）", "村"},
	{"140581105212", "城西村", "村（社区）", "村"},
	{"140581108", "河口镇", "乡镇（街道）", "镇"},
	{"140581108213", "河口村", "村（社区）", "村"},
}

// seedAreas writes what the county's areas are called, at the hub: no box may.
func seedAreas(ctx context.Context, s *stage) error {
	var units []any
	for _, a := range demoAreas {
		unit := map[string]any{"county": demoAreas[0].code, "unit_code": a.code, "name": a.name, "level": a.level, "valid_from": "2019-12-31"}
		if a.category != "" {
			unit["category"] = a.category
		}
		units = append(units, unit)
	}
	return s.replica(func(c *client) error { return c.plant(ctx, "county_admin_unit", "演示", units) })
}
