package kindfile

import "wangge/schema"

// said is what the schema says of a key beside its type.
type said struct {
	means string // one line, which editors show
	value node   // what the value may be
	each  node   // of a list: what each of its values may be
}

// keys returns what is said of every key, by its path. A path that ends in * is of the
// things themselves.
func keys() map[string]said {
	all := map[string]said{}
	for _, part := range []map[string]said{kindKeys(), fieldKeys(), typedKeys(), taskKeys(), reportKeys()} {
		for path, s := range part {
			all[path] = s
		}
	}
	return all
}

func named() node           { return node{"pattern": "^[a-z][a-z0-9_]{0,39}$"} }
func oneOf(all ...any) node { return node{"enum": all} }
func atLeast(n int) node    { return node{"minItems": n} }

func number() node { return node{"minimum": 1, "maximum": 65534} }

func kindKeys() map[string]said {
	return map[string]said{
		"kind":        {means: "The kind's name, and its file's: never changes.", value: named()},
		"title":       {means: "What people call it."},
		"system":      {means: "The work that it is part of; menus group kinds by it."},
		"class":       {means: "Who may read its records.", value: oneOf("open", "personal", "confidential")},
		"area":        {means: "The space in which records live."},
		"area.field":  {means: "The field whose code places a record: a county, area, grid or household, and required.", value: named()},
		"area.level":  {means: "How much of that code names the space: 6, 9 or 12 digits.", value: oneOf("county", "township", "community")},
		"identity":    {means: "Records with equal values in these fields are one record.", each: named()},
		"when":        {means: "The instant or date field that dates a record.", value: named()},
		"names":       {means: "Its records name areas: by these fields.", value: node{"minProperties": 2}},
		"names.code":  {means: "The field of an area's code.", value: named()},
		"names.title": {means: "The field of its name.", value: named()},
		"names.from":  {means: "The first day of the name.", value: named()},
		"names.to":    {means: "The last day of the name.", value: named()},
		"names.next":  {means: "The code by which the area goes on.", value: named()},
		"alike":       {means: "By what two records of one area may be the same thing.", value: node{"minProperties": 1}},
		"alike.name":  {means: "The field of what it is called.", value: named()},
		"alike.by":    {means: "Fields of which one has to agree too.", each: named()},
		"decide":      {means: "The county alone makes its records, and changes them: an official at the hub, by the page or wangge import.", value: oneOf(true)},
		"fields":      {means: "The questions, in the order of the form.", value: node{"minItems": 1, "maxItems": 200}},
		"tasks":       {means: "The work that records cause."},
		"reports":     {means: "The figures that records yield."},
		"retired":     {means: "Numbers of fields that there were: never used again.", each: number()},
	}
}

func fieldKeys() map[string]said {
	return map[string]said{
		"fields.id":        {means: "The field's number: never used again for another.", value: number()},
		"fields.name":      {means: "The field's name, in forms, formulas and exports.", value: node{"pattern": "^[a-z][a-z0-9_]{0,39}$", "not": oneOf("id", "kind")}},
		"fields.section":   {means: "The heading above this question, where a part of the form begins."},
		"fields.title":     {means: "The question."},
		"fields.hint":      {means: "What helps to answer it."},
		"fields.required":  {means: "It must be filled in where it is asked; of a bool: it must be true."},
		"fields.guarded":   {means: "It marks a person: lists show it masked."},
		"fields.sealed":    {means: "It is sensitive: shown in its record, and in no list, report, export, search or log."},
		"fields.office":    {means: "It names an office, or who acts in it: shown as it is."},
		"fields.multiline": {means: "A text of several lines."},
		"fields.range":     {means: "The least and the most: of a number's value, or of a text's length.", value: node{"minItems": 2, "maxItems": 2}},
		"fields.ask":       {means: "A formula: asked only where this holds of the fields before it.", value: formulaText()},
		"fields.is":        {means: "A formula: the field is worked out, and never asked for or stored.", value: formulaText()},
		"fields.must":      {means: "What has to hold where the field is filled in.", value: node{"maxItems": 10}},
		"fields.must.that": {means: "A formula.", value: formulaText()},
		"fields.must.else": {means: "What is said where it does not hold, and what to do."},

		"fields.decide":        {means: "The county alone writes the field, and in this way.", value: node{"minProperties": 1}},
		"fields.decide.number": {means: "The next number, by a pattern such as {area:6}-{year}-{number:4}."},
		"fields.decide.first":  {means: "A log, set or link of which the first entry that reached the county counts.", value: named()},
		"fields.decide.hand":   {means: "An official writes it at the hub."},
	}
}

func formulaText() node { return node{"minLength": 1, "maxLength": 1000} }

// typedKeys are those that hang on a field's type.
func typedKeys() map[string]said {
	var types []any
	for _, t := range schema.FieldTypes() {
		types = append(types, string(t))
	}
	var merges []any
	for _, m := range schema.Merges() {
		merges = append(merges, m.String())
	}
	return map[string]said{
		"fields.*": {value: node{"allOf": []any{
			only("options", "choice", "choices", "ladder"), only("to", "link", "links"), only("files", "photo", "file"),
			node{"dependentRequired": node{"inline": []any{"to"}, "parent": []any{"inline"}}},
			node{"if": typed("choice", "choices", "ladder"), "then": node{"required": []any{"options"}}},
			node{"if": typed("link", "links"), "then": node{"required": []any{"to"}}},
		}}},
		"fields.type":           {means: "What the field holds.", value: oneOf(types...)},
		"fields.merge":          {means: "How what is written apart comes together: never changes. The type's own unless it is said.", value: oneOf(merges...)},
		"fields.options":        {means: "What a choice or choices offer, or the rungs of a ladder.", value: node{"minItems": 1, "maxItems": 500}},
		"fields.options.value":  {means: "What is stored, and the Chinese title unless zh gives another.", value: node{"minLength": 1}},
		"fields.options.zh":     {means: "The title in Chinese."},
		"fields.options.en":     {means: "The title in English.", value: node{"minLength": 1}},
		"fields.options.begins": {means: "Of a rung that comes after others: a case may begin here all the same."},
		"fields.options.after":  {means: "Of a rung: those from which a case goes on to it; without them a case may begin here.", value: atLeast(1)},
		"fields.options.ends":   {means: "Of a rung: the case is closed."},
		"fields.options.asks":   {means: "Of a rung: fields that must be filled in by then.", each: named()},
		"fields.to":             {means: "The kind that a link or links point at.", value: named()},
		"fields.inline":         {means: "The form asks for the linked kind's fields."},
		"fields.parent":         {means: "Of inline links: that kind's link back to this one, which is filled in by itself.", value: named()},
		"fields.files":          {means: "What a photo or file takes."},
		"fields.files.media":    {means: "The media types taken.", value: atLeast(1)},
		"fields.files.size":     {means: "The most MB of one file.", value: node{"minimum": 1, "maximum": schema.FileSizeMax >> 20}},
		"fields.files.count":    {means: "The most files that one form gives.", value: node{"minimum": 1, "maximum": 50}},
	}
}

// typed holds of a field of one of the types, and only says that no other has the key.
func typed(types ...any) node {
	return node{"properties": node{"type": oneOf(types...)}, "required": []any{"type"}}
}

func only(key string, types ...any) node {
	return node{"if": node{"required": []any{key}}, "then": node{"properties": node{"type": oneOf(types...)}}}
}

func taskKeys() map[string]said {
	amount := node{"type": []any{"string", "number"}} // YAML has a number for a formula such as 60
	all := map[string]said{
		"tasks.name":           {means: "The task's name.", value: named()},
		"tasks.title":          {means: "What is to be done."},
		"tasks.while":          {means: "A formula: there is this work as long as it holds.", value: formulaText()},
		"tasks.from":           {means: "A formula: the moment or day from which the time runs.", value: formulaText()},
		"tasks.days":           {means: "A formula: due at the end of the day so many days after.", value: amount},
		"tasks.working":        {means: "Of those days only working days count."},
		"tasks.hours":          {means: "A formula: due so many hours after.", value: amount},
		"tasks.repeats":        {means: "Due again, so long after it was last done."},
		"tasks.times":          {means: "Due every day, in each of these spans, such as 07:00-09:00."},
		"tasks.by":             {means: "The record by which it is done."},
		"tasks.escalate":       {means: "Who is told when it is late."},
		"tasks.escalate.after": {means: "How late it is then: 30m, 2h or 3d.", value: node{"pattern": "^[0-9]+[mhd]$"}},
		"tasks.escalate.to":    {means: "Who is told.", value: oneOf("community", "township", "county")},
		"tasks.escalate.say":   {means: "What is said."},
		"tasks.escalate.raise": {means: "The record by which who is told takes it up."},
	}
	for _, path := range []string{"tasks.by", "tasks.escalate.raise"} {
		all[path+".kind"] = said{means: "The record's kind.", value: named()}
		all[path+".link"] = said{means: "Its link to this record.", value: named()}
		all[path+".day"] = said{means: "Its date, which its form finds filled in.", value: named()}
		all[path+".slot"] = said{means: "Its choice with an option for each of the times.", value: named()}
	}
	return all
}

// conditions are formulas, or as they were written before there were formulas.
func conditions() node {
	return node{
		"type": []any{"string", "object"}, "minLength": 1, "maxLength": 1000, "required": []any{"path", "in"}, "additionalProperties": false,
		"properties": node{"path": node{"type": "string"}, "in": node{"type": "array", "minItems": 1, "items": node{"type": "string"}}},
	}
}

func periods() node {
	var all []any
	for _, p := range schema.Periods() {
		all = append(all, p)
	}
	return oneOf(all...)
}

func reportKeys() map[string]said {
	var counts []any
	for _, c := range schema.Counts() {
		counts = append(counts, string(c))
	}
	return map[string]said{
		"reports.name":     {means: "The figure's name.", value: named()},
		"reports.title":    {means: "What people call it."},
		"reports.count":    {means: "How it counts.", value: oneOf(counts...)},
		"reports.of":       {means: "The field that is counted or summed; of a ratio the report above the line."},
		"reports.per":      {means: "Of a ratio: the report below the line."},
		"reports.where":    {means: "Which records count: formulas, all of which hold.", each: conditions()},
		"reports.back":     {means: "Of a difference or growth: by which period the earlier figure lies back.", value: periods()},
		"reports.when":     {means: "The date by which the report counts, if not the kind's own."},
		"reports.from":     {means: "The first day of what stands for a time.", value: named()},
		"reports.to":       {means: "The day from which it stands no more.", value: named()},
		"reports.say":      {means: "How the figure is published.", value: oneOf(string(schema.Over), string(schema.AndMore), string(schema.Near), string(schema.AtLeast))},
		"reports.step":     {means: "To which multiple it is cut for that."},
		"reports.by":       {means: "What it may be grouped by: area, a period, or fields."},
		"reports.publish":  {means: "By what a closed month's figure goes up to city and province: total, township, or a choice, ladder or bool of by.", each: named()},
		"reports.unit":     {means: "What is counted: 人, 件, 户次."},
		"reports.times":    {means: "Of a ratio: 100 for per cent, 10000 for each ten thousand.", value: node{"minimum": 0, "maximum": 1_000_000}},
		"reports.decimals": {means: "Places behind the point.", value: node{"minimum": 0, "maximum": 6}},
		"reports.rounding": {means: "How the rest is cut.", value: oneOf(string(schema.HalfUp), string(schema.Floor))},
	}
}
