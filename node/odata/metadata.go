package odata

import (
	"encoding/xml"
	"slices"
	"strconv"

	"wangge/node/export"
	"wangge/schema"
)

// The names of the model: types are namespace.set, sets stand in the container.
const (
	namespace = "wangge"
	container = "county"
)

// The parts of a metadata document (OData CSDL 4.0).
type (
	edmx struct {
		XMLName xml.Name   `xml:"edmx:Edmx"`
		Space   string     `xml:"xmlns:edmx,attr"`
		Version string     `xml:",attr"`
		Schema  edmxSchema `xml:"edmx:DataServices>Schema"`
	}
	edmxSchema struct {
		Space     string        `xml:"xmlns,attr"`
		Namespace string        `xml:",attr"`
		Types     []entityType  `xml:"EntityType"`
		Container edmxContainer `xml:"EntityContainer"`
	}
	entityType struct {
		Name       string     `xml:",attr"`
		Key        []keyRef   `xml:"Key>PropertyRef"`
		Properties []property `xml:"Property"`
	}
	keyRef struct {
		Name string `xml:",attr"`
	}
	property struct {
		Name      string      `xml:",attr"`
		Type      string      `xml:",attr"`
		Nullable  string      `xml:",attr,omitempty"`
		Precision string      `xml:",attr,omitempty"`
		Scale     string      `xml:",attr,omitempty"`
		Says      *annotation `xml:"Annotation"`
	}
	annotation struct {
		Term   string      `xml:",attr"`
		String string      `xml:",attr,omitempty"`
		Bool   string      `xml:",attr,omitempty"`
		Enum   string      `xml:"EnumMember,omitempty"`
		All    *collection `xml:"Collection"`
		Record *record
	}
	collection struct {
		Texts []string `xml:"String"`
	}
	record struct {
		Values []propertyValue `xml:"PropertyValue"`
	}
	propertyValue struct {
		Property string   `xml:",attr"`
		Paths    []string `xml:"Collection>PropertyPath"`
	}
	edmxContainer struct {
		Name string       `xml:",attr"`
		Sets []entitySet  `xml:"EntitySet"`
		Can  []annotation `xml:"Annotation"`
	}
	entitySet struct {
		Name       string       `xml:",attr"`
		EntityType string       `xml:",attr"`
		Says       []annotation `xml:"Annotation"`
	}
)

// metadata writes the model of the sets.
func metadata(sets []Set) []byte {
	doc := edmx{Space: "http://docs.oasis-open.org/odata/ns/edmx", Version: "4.0", Schema: edmxSchema{Space: "http://docs.oasis-open.org/odata/ns/edm", Namespace: namespace}}
	doc.Schema.Container.Name = container
	doc.Schema.Container.Can = capabilities()
	for _, s := range sets {
		doc.Schema.Types = append(doc.Schema.Types, s.entityType())
		doc.Schema.Container.Sets = append(doc.Schema.Container.Sets, entitySet{s.Table.Name, namespace + "." + s.Table.Name, s.saysOfSet()})
	}
	body, err := xml.MarshalIndent(doc, "", " ")
	if err != nil {
		panic("odata: a model that is no XML: " + err.Error())
	}
	return append([]byte(xml.Header), body...)
}

func (s *Set) entityType() entityType {
	t := entityType{Name: s.Table.Name}
	for _, name := range s.Key {
		t.Key = append(t.Key, keyRef{name})
	}
	for _, c := range s.Table.Columns {
		p := property{Name: c.Name, Type: edm(c.Type), Says: says(c.Title)}
		switch c.Type {
		case export.Figure:
			p.Precision, p.Scale = "19", strconv.Itoa(c.Places)
		case export.Number:
			p.Scale = "variable"
		case export.Moment:
			p.Precision = "3"
		}
		if c.Type == export.List || slices.Contains(s.Key, c.Name) {
			p.Nullable = "false"
		}
		t.Properties = append(t.Properties, p)
	}
	return t
}

// says gives a name its title in both languages.
func says(t schema.Text) *annotation {
	if t.Empty() {
		return nil
	}
	text := t.Zh
	if t.En != "" && t.En != t.Zh {
		text += " " + t.En
	}
	return &annotation{Term: "Org.OData.Core.V1.Description", String: text}
}

// capable begins the names of what a service says that it can (Org.OData.Capabilities.V1).
const capable = "Org.OData.Capabilities.V1."

// capabilities tell a client what to hand on and what to do itself.
func capabilities() []annotation {
	return []annotation{
		{Term: capable + "ConformanceLevel", Enum: capable + "ConformanceLevelType/Minimal"},
		{Term: capable + "BatchSupported", Bool: "false"},
		{Term: capable + "FilterFunctions", All: &collection{functions()}},
	}
}

// saysOfSet gives a set its title, and says which of its columns are lists: nothing is
// filtered or ordered by those.
func (s *Set) saysOfSet() (all []annotation) {
	if title := says(s.Table.Title); title != nil {
		all = append(all, *title)
	}
	var lists []string
	for _, c := range s.Table.Columns {
		if c.Type == export.List {
			lists = append(lists, c.Name)
		}
	}
	if lists == nil {
		return all
	}
	return append(all,
		annotation{Term: capable + "FilterRestrictions", Record: &record{[]propertyValue{{"NonFilterableProperties", lists}}}},
		annotation{Term: capable + "SortRestrictions", Record: &record{[]propertyValue{{"NonSortableProperties", lists}}}})
}
