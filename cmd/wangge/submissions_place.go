package main

import (
	"fmt"
	"regexp"
	"strings"

	"wangge/schema"
)

// geoJSON returns a point as ODK writes it, latitude first, with altitude and accuracy as far
// as they are there.
func geoJSON(value map[string]any) (text string, ok bool) {
	place, _ := value["coordinates"].([]any)
	if value["type"] != "Point" || len(place) < 2 {
		return "", false
	}
	point := []any{place[1], place[0], nil, nil}
	if len(place) > 2 {
		point[2] = place[2]
	}
	about, _ := value["properties"].(map[string]any)
	point[3] = about["accuracy"]
	return pointText(point), true
}

// pointText writes a point as far as it is there: an accuracy stands behind an altitude.
func pointText(point []any) string {
	if point[2] == nil && point[3] != nil {
		point[2] = 0
	}
	var parts []string
	for _, one := range point {
		if one != nil {
			parts = append(parts, fmt.Sprint(one))
		}
	}
	return strings.Join(parts, " ")
}

// placeParts are what the columns of a point end in: loc-Latitude of ODK, _loc_latitude of Kobo.
var placeParts = [2][4]string{{"-Latitude", "-Longitude", "-Altitude", "-Accuracy"}, {"_latitude", "_longitude", "_altitude", "_precision"}}

// places brings points into the shape in which a kind asks for them: as one text, or as
// numbers of their own, by whatever the server wrote.
func (s *submissions) places(k *schema.Kind, said map[string]any) {
	for path := range said {
		whole, stem, parts, ok := placeOf(path)
		if !ok || said[stem+parts[1]] == nil {
			continue
		}
		var point []any
		for _, part := range parts {
			point = append(point, said[stem+part])
			delete(said, stem+part)
		}
		if said[whole] == nil {
			said[whole] = pointText(point)
		}
	}
	for path, value := range said {
		text, _ := value.(string)
		if _, asked := s.question(k, path); asked || !point.MatchString(text) {
			continue
		}
		if _, apart := s.question(k, "Latitude"); !apart {
			continue
		}
		delete(said, path)
		for i, number := range strings.Fields(text) {
			said[path+placeParts[0][i]] = number
		}
	}
}

// placeOf reads the path of a column with a latitude.
func placeOf(path string) (whole, stem string, parts [4]string, ok bool) {
	if stem, ok = strings.CutSuffix(path, placeParts[0][0]); ok {
		return stem, stem, placeParts[0], true
	}
	m := latitude.FindStringSubmatch(path)
	if m == nil {
		return "", "", parts, false
	}
	return m[2] + m[3], m[1], placeParts[1], true
}

var (
	latitude = regexp.MustCompile(`^((.*[/.])?_(.+))_latitude$`) // of Kobo
	point    = regexp.MustCompile(`^-?\d{1,2}(\.\d+)? -?\d{1,3}(\.\d+)?( -?\d+(\.\d+)?){0,2}$`)
)
