package kindfile

import (
	"fmt"
	"io/fs"

	"github.com/goccy/go-yaml"

	"wangge/schema"
	"wangge/schema/kinds"
)

// ShippedCalendar returns the calendar of the years whose holidays come with the program.
func ShippedCalendar() (schema.Calendar, error) { return LoadCalendar(kinds.Files) }

// LoadCalendar reads holidays/*.yaml beside the kinds in files, a year each.
func LoadCalendar(files fs.FS) (schema.Calendar, error) {
	names, err := fs.Glob(files, "holidays/*.yaml")
	if err != nil {
		return schema.Calendar{}, fmt.Errorf("list the holidays' files: %w", err)
	}
	var years []schema.Holidays
	for _, name := range names {
		data, err := readFile(files, name)
		if err != nil {
			return schema.Calendar{}, err
		}
		var year schema.Holidays
		if err := yaml.UnmarshalWithOptions(data, &year, yaml.Strict()); err != nil {
			return schema.Calendar{}, spoken(name, err)
		}
		if want := fmt.Sprintf("holidays/%d.yaml", year.Year); name != want {
			return schema.Calendar{}, fmt.Errorf("%s: name the file after its year: %s", name, want)
		}
		years = append(years, year)
	}
	return schema.NewCalendar(years)
}
