package node

import (
	"errors"
	"testing"
	"testing/fstest"

	"wangge/node/web"
	"wangge/schema"
	"wangge/schema/kindfile"
)

const homeKind = `kind: home
title: {zh: 家庭, en: Home}
class: personal
area: {field: area, level: community}
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: members, title: {zh: 成员, en: Members}, type: links, to: member, inline: true, parent: home}
`

const memberKind = `kind: member
title: {zh: 成员, en: Member}
class: personal
area: {field: area, level: community}
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: home, title: {zh: 家庭, en: Home}, type: link, to: home, required: true}
  - {id: 3, name: name, title: {zh: 姓名, en: Name}, type: text, required: true}
`

func TestMembersAddedApartAreAllThere(t *testing.T) {
	kinds, err := kindfile.Load(fstest.MapFS{"home.yaml": {Data: []byte(homeKind)}, "member.yaml": {Data: []byte(memberKind)}})
	if err != nil {
		t.Fatal(err)
	}
	desks := newDesks(t, "城东站", "城西站")
	for _, d := range desks {
		d.kinds = kinds
	}
	east, west := desks[0], desks[1]
	name := east.mustSave(t, "home", map[string]any{"area": "140581105211", "members": []any{map[string]any{"name": "林芳"}}})
	newCall(t, east, west).finishes()

	add := func(d desk, form map[string]any) error {
		return d.Edit(name, []web.Edit{{Field: "members", Add: form}})
	}
	var problems schema.Problems
	if err := add(east, map[string]any{}); !errors.As(err, &problems) || problems[0].Field != "name" {
		t.Errorf("a member without a name: %v", err)
	}
	if err := add(east, map[string]any{"name": "林", "home": name.ID}); !errors.As(err, &problems) {
		t.Errorf("a link back that is typed: %v", err)
	}
	east2 := map[string]any{"name": "林海", "id": "0000000000000000000000000000000b"}
	for what, err := range map[string]error{
		"one added at the east":    add(east, east2),
		"again, as no answer came": add(east, east2),
		"and another at the west":  add(west, map[string]any{"name": "林山"}),
		"and one by its number":    west.Edit(name, []web.Edit{{Field: "members", Add: "0000000000000000000000000000000c"}}),
	} {
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	newCall(t, east, west).finishes()
	for _, d := range desks {
		members := d.fields(t, name)["members"].Versions
		if len(members) != 4 {
			t.Errorf("at %s the home has %d members", d.id.Device.Name, len(members))
		}
		list, err := d.List("member", nil, 10)
		if err != nil || len(list.Items) != 3 {
			t.Fatalf("at %s there are %d members, %v", d.id.Device.Name, len(list.Items), err)
		}
		for _, m := range list.Items {
			if m.Values["home"] != name.ID || m.Space != "140581105211/personal" {
				t.Errorf("the member is %+v", m)
			}
		}
	}
}
