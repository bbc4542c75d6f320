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

// LoadCalendar puts the years of LoadHolidays together.
func LoadCalendar(files fs.FS) (schema.Calendar, error) {
	years, err := LoadHolidays(files)
	if err != nil {
		return schema.Calendar{}, err
	}
	return schema.NewCalendar(years)
}

// ShippedHolidays returns the years whose holidays come with the program.
func ShippedHolidays() ([]schema.Holidays, error) { return LoadHolidays(kinds.Files) }

// LoadHolidays reads holidays/*.yaml beside the kinds in files, a year each.
func LoadHolidays(files fs.FS) ([]schema.Holidays, error) {
	names, err := fs.Glob(files, "holidays/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the holidays' files: %w", err)
	}
	var years []schema.Holidays
	for _, name := range names {
		data, err := readFile(files, name)
		if err != nil {
			return nil, err
		}
		var year schema.Holidays
		if err := yaml.UnmarshalWithOptions(data, &year, yaml.Strict()); err != nil {
			return nil, spoken(name, err)
		}
		if want := fmt.Sprintf("holidays/%d.yaml", year.Year); name != want {
			return nil, fmt.Errorf("%s: name the file after its year: %s", name, want)
		}
		if _, err := schema.NewCalendar([]schema.Holidays{year}); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		years = append(years, year)
	}
	return years, nil
}
