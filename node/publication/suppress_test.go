package publication_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"testing"

	"wangge/node/publication"
)

// TestNothingWithheldCanBeSolved attacks with everything there is to know: the rule, all
// keys, and what was published. It tries every table of up to five keys, puts together
// those that look alike once published, and looks for a key without a row that is the
// same in all of them.
func TestNothingWithheldCanBeSolved(t *testing.T) {
	for keys, most := range map[int]int{1: 30, 2: 30, 3: 20, 4: 13, 5: 9} {
		for least := int64(publication.Least); least <= publication.Least+1; least++ {
			attack(t, keys, most, least)
		}
	}
}

func attack(t *testing.T, keys, most int, least int64) {
	alike := map[string][][]int64{}
	attacked := 0
	for _, persons := range worlds(keys, most) {
		table, err := publication.Suppress(cells(persons), together(cells(persons)), least)
		if err != nil {
			t.Fatal(err)
		}
		if table.Rest.Persons > int64(most) {
			continue // some tables that look like this one are larger than those that are tried
		}
		seen := fmt.Sprint(table)
		alike[seen] = append(alike[seen], persons)
	}
	for seen, of := range alike {
		for key := range keys {
			n := of[0][key]
			if n > 0 && n < least {
				attacked++
			}
			if n > 0 && n < least && same(of, key) {
				t.Errorf("least %d: key %d must be %d in %s, as in %v", least, key, n, seen, of)
			}
		}
	}
	if attacked == 0 {
		t.Errorf("no table of %d keys had anything to solve", keys)
	}
}

func same(of [][]int64, key int) bool {
	for _, persons := range of {
		if persons[key] != of[0][key] {
			return false
		}
	}
	return true
}

// worlds returns every way in which so many keys have 0 to most persons.
func worlds(keys, most int) [][]int64 {
	if keys == 0 {
		return [][]int64{nil}
	}
	var all [][]int64
	for _, fewer := range worlds(keys-1, most) {
		for n := range int64(most) + 1 {
			all = append(all, append(fewer[:len(fewer):len(fewer)], n))
		}
	}
	return all
}

// cells are of keys of which the first is none.
func cells(persons []int64) []publication.Cell {
	all := make([]publication.Cell, len(persons))
	for i, n := range persons {
		all[i] = publication.Cell{Value: n, Persons: n}
		if i > 0 {
			all[i].Key = strconv.Itoa(i)
		}
	}
	return all
}

// together is what cells come to in which nobody stands twice.
func together(cells []publication.Cell) (all publication.Cell) {
	for _, c := range cells {
		all.Value, all.Persons = all.Value+c.Value, all.Persons+c.Persons
	}
	return all
}

func TestNoPublishedFigureStandsForTooFew(t *testing.T) {
	for _, persons := range worlds(4, 8) {
		table, err := publication.Suppress(cells(persons), together(cells(persons)), publication.Least)
		if err != nil {
			t.Fatal(err)
		}
		sum := table.Rest.Persons
		for _, c := range append(table.Rows, table.Rest, table.Total) {
			if c.Persons > 0 && c.Persons < publication.Least {
				t.Fatalf("%v publishes a figure of %d persons: %v", persons, c.Persons, table)
			}
		}
		for _, c := range table.Rows {
			sum += c.Persons
		}
		if sum != table.Total.Persons {
			t.Fatalf("%v: rows and rest are %d, the total is %d", persons, sum, table.Total.Persons)
		}
	}
}

func TestABoundIsSetUpwardOnly(t *testing.T) {
	if _, err := publication.Suppress(nil, publication.Cell{}, publication.Least-1); err == nil {
		t.Error("a figure of fewer persons than the least may be published")
	}
}

func TestAFigureOfNobodyIsRefused(t *testing.T) {
	for _, c := range []publication.Cell{{Key: "1", Value: 5}, {Key: "1", Persons: -1}} {
		if _, err := publication.Suppress([]publication.Cell{c}, c, publication.Least); err == nil {
			t.Errorf("%v was published", c)
		}
	}
}

func TestWhoStandsBehindTwoFiguresIsOnePerson(t *testing.T) {
	some := []publication.Cell{{Key: "a", Value: 5, Persons: 5}, {Key: "b", Value: 4, Persons: 4}}
	for persons, withheld := range map[int64]bool{5: false, 7: false, 9: false} {
		table, err := publication.Suppress(some, publication.Cell{Value: persons, Persons: persons}, publication.Least)
		if err != nil || table.Withheld != withheld || table.Total.Persons != persons {
			t.Errorf("%d together: %v, %v", persons, table, err)
		}
	}
	for _, persons := range []int64{0, 4, 10} {
		if table, err := publication.Suppress(some, publication.Cell{Value: 9, Persons: persons}, publication.Least); err == nil {
			t.Errorf("rows of 5 and 4 persons are %d together: %v", persons, table)
		}
	}
	few := []publication.Cell{{Key: "a", Value: 9, Persons: 3}, {Key: "b", Value: 9, Persons: 3}}
	table, err := publication.Suppress(few, publication.Cell{Value: 18, Persons: 3}, publication.Least)
	if err != nil || !table.Withheld {
		t.Errorf("the same three persons twice are published as %v, %v", table, err)
	}
}

func TestWhatHasNoKeyIsInTheRest(t *testing.T) {
	all := []publication.Cell{{Key: "a", Value: 5, Persons: 5}, {Value: 7, Persons: 7}}
	table, err := publication.Suppress(all, together(all), publication.Least)
	if err != nil || len(table.Rows) != 1 || table.Rest != (publication.Cell{Value: 7, Persons: 7}) {
		t.Errorf("it is published as %v, %v", table, err)
	}
	alone := []publication.Cell{{Value: 7, Persons: 6}}
	if table, err = publication.Suppress(alone, together(alone), publication.Least); err != nil || len(table.Rows) != 0 || table.Rest != table.Total {
		t.Errorf("a total alone is published as %v, %v", table, err)
	}
}

// TestACitysSumIsTheCountOfAllItsRecords: the total is that of the counties that are in
// it, and added in two steps, by cities, the same as in one.
func TestACitysSumIsTheCountOfAllItsRecords(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var parts []publication.Part
		var persons, value int64
		for county := range 6 {
			var cells []publication.Cell
			var own, worth int64
			for key := range 1 + chance.IntN(5) {
				n := chance.Int64N(9)
				c := publication.Cell{Key: strconv.Itoa(key), Value: n * chance.Int64N(100), Persons: n}
				own, worth, cells = own+n, worth+c.Value, append(cells, c)
			}
			table, err := publication.Suppress(cells, together(cells), publication.Least)
			if err != nil {
				t.Fatal(err)
			}
			if own == 0 || own >= publication.Least {
				persons, value = persons+own, value+worth
			}
			parts = append(parts, publication.Part{Area: strconv.Itoa(county), Table: table})
		}
		once := publication.Add(parts)
		if once.Total.Persons != persons || once.Total.Value != value {
			t.Fatalf("the sum is %v, the records are %d of %d", once.Total, persons, value)
		}
		west, east := publication.Add(parts[:2]), publication.Add(parts[2:])
		twice := publication.Add([]publication.Part{{Area: "w", Table: west.Table}, {Area: "e", Table: east.Table}})
		if !reflect.DeepEqual(once.Table, twice.Table) {
			t.Fatalf("in one step %v, in two %v", once.Table, twice.Table)
		}
	}
}
