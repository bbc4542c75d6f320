package kindfile

import (
	"slices"

	"github.com/goccy/go-yaml"

	"wangge/schema"
)

// Write returns a kind as its file, such as Load reads: what goes without saying is
// left out.
func Write(k schema.Kind) ([]byte, error) {
	levels := map[int]string{schema.County: "county", schema.Township: "township", schema.Community: "community"}
	f := form{
		Kind: k.Name, Title: k.Title, System: k.System, Class: k.Class.String(), Area: area{k.Area.Field, levels[k.Area.Level]},
		Identity: k.Identity, When: k.When, Decide: k.Decide, Retired: k.Retired,
	}
	if k.Names != nil {
		f.Names = names(*k.Names)
	}
	if k.Alike != nil {
		f.Alike = alike(*k.Alike)
	}
	for _, one := range k.Fields {
		f.Fields = append(f.Fields, written(one))
	}
	for _, r := range k.Reports {
		f.Reports = append(f.Reports, writtenReport(r))
	}
	for _, one := range k.Tasks {
		f.Tasks = append(f.Tasks, writtenTask(one))
	}
	return yaml.MarshalWithOptions(f, yaml.IndentSequence(true), yaml.OmitEmpty())
}

func written(f schema.Field) field {
	w := field{
		ID: uint16(f.ID), Name: f.Name, Section: f.Section, Title: f.Title, Hint: f.Hint, Type: f.Type, Required: f.Required, Guarded: f.Guarded, Sealed: f.Sealed, Office: f.Office,
		Multiline: f.Multiline, To: f.To, Parent: f.Parent, Inline: f.Inline, Files: writtenFiles(f), Ask: f.Ask.String(), Is: f.Is.String(), Decide: f.Decide,
	}
	if f.Merge != f.Type.DefaultMerge() {
		w.Merge = f.Merge.String()
	}
	if f.Range != (schema.Range{}) {
		w.Range = []float64{f.Range.Min, f.Range.Max}
	}
	for _, o := range f.Options {
		one := option{Value: o.Value, Zh: o.Title.Zh, En: o.Title.En, After: o.After, Begins: o.Begins, Ends: o.Ends, Asks: o.Asks}
		if one.Zh == one.Value {
			one.Zh = ""
		}
		w.Options = append(w.Options, one)
	}
	for _, m := range f.Must {
		w.Must = append(w.Must, must{m.That.String(), m.Else})
	}
	return w
}

func writtenFiles(f schema.Field) (w files) {
	usual := f.Type.DefaultFiles()
	if !slices.Equal(f.Files.Media, usual.Media) {
		w.Media = f.Files.Media
	}
	if f.Files.Size != usual.Size {
		w.Size = f.Files.Size >> 20
	}
	if f.Files.Count != usual.Count {
		w.Count = f.Files.Count
	}
	return w
}
