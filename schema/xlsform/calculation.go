package xlsform

import "wangge/schema"

// calculate carries a row of the type calculate over, whose answer is worked out. Of which type
// that is the form does not say, so they are tried.
func (c *carrier) calculate(r row) {
	xpath := r.cell("calculation")
	t := translator{names: c.names, chosen: c.chosen, exact: true}
	text := c.translated(t, r, "calculation", xpath)
	if text == "" {
		return
	}
	ask := c.asked(translator{names: c.names, chosen: c.chosen}, r)
	var why error
	for _, sort := range []schema.FieldType{schema.TypeDecimal, schema.TypeBool, schema.TypeText} {
		f := schema.Field{Type: sort, Merge: sort.DefaultMerge(), Is: parsed(text), Ask: ask}
		if why = c.tried(f); why == nil {
			c.call(r, &f)
			c.put(r, f)
			return
		}
	}
	c.leave(r, "its calculation is left out, %v: %s", why, xpath)
}
