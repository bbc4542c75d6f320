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
		Term   string `xml:",attr"`
		String string `xml:",attr"`
	}
	edmxContainer struct {
		Name string      `xml:",attr"`
		Sets []entitySet `xml:"EntitySet"`
	}
	entitySet struct {
		Name       string      `xml:",attr"`
		EntityType string      `xml:",attr"`
		Says       *annotation `xml:"Annotation"`
	}
)

// metadata writes the model of the sets.
func metadata(sets []Set) []byte {
	doc := edmx{Space: "http://docs.oasis-open.org/odata/ns/edmx", Version: "4.0", Schema: edmxSchema{Space: "http://docs.oasis-open.org/odata/ns/edm", Namespace: namespace}}
	doc.Schema.Container.Name = container
	for _, s := range sets {
		doc.Schema.Types = append(doc.Schema.Types, s.entityType())
		doc.Schema.Container.Sets = append(doc.Schema.Container.Sets, entitySet{s.Table.Name, namespace + "." + s.Table.Name, says(s.Table.Title)})
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
	return &annotation{"Org.OData.Core.V1.Description", text}
}
