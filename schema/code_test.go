package schema_test

import (
	"math/big"
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/schema"
)

func TestResidentNumberSaysWhoItIsOf(t *testing.T) {
	// The example that GB 11643-1999 gives itself.
	r, complaint := schema.ParseResident("11010519491231002x")
	want := schema.Resident{Number: "11010519491231002X", County: "110105", Birth: "1949-12-31", Sex: "2"}
	if r != want || !complaint.Empty() {
		t.Errorf("got %+v, %q", r, complaint)
	}
}

func TestWrongResidentNumberIsRefusedWithItsReason(t *testing.T) {
	for number, want := range map[string]string{
		"110105194912310021":  "应为 X",
		"110105491231002":     "15 位",
		"11010519490231002X":  "出生日期",
		"440524188001010014":  "出生日期", // the standard's other example, born in 1880
		"99010519491231002X":  "地区码",
		"1101051949123100２X":  "18 位",
		"11010519491231O02X":  "18 位",
		"":                    "18 位",
		"11010519491231002XX": "18 位",
	} {
		if _, complaint := schema.ParseResident(number); !strings.Contains(complaint.Zh, want) || complaint.En == "" {
			t.Errorf("%q: got %q, want %q", number, complaint, want)
		}
	}
}

func TestEverySingleSlipInAResidentNumberIsFound(t *testing.T) {
	const number = "11010519491231002X"
	for i := range number {
		for _, digit := range "0123456789X" {
			slip := number[:i] + string(digit) + number[i+1:]
			if _, complaint := schema.ParseResident(slip); complaint.Empty() != (slip == number) {
				t.Errorf("%s: %q", slip, complaint)
			}
		}
	}
}

func TestCreditCode(t *testing.T) {
	for code, want := range map[string]string{
		"91350100M000100Y43": "", // the example of GB 32100-2015
		"91350100m000100y43": "",
		"91350100M000100Y44": "应为 3",
		"91350100I000100Y43": "18 位",
		"9135010AM000100Y43": "第 3 至 8 位",
		"91350100M000100Y4":  "18 位",
	} {
		got, complaint := schema.ParseCreditCode(code)
		if want == "" && (got != strings.ToUpper(code) || !complaint.Empty()) || !strings.Contains(complaint.Zh, want) {
			t.Errorf("%s: got %q, %q", code, got, complaint)
		}
	}
}

func TestMobileNumberIsStoredInOneWay(t *testing.T) {
	for _, s := range []string{"13812341234", "138 1234 1234", "138-1234-1234", "+86 13812341234"} {
		if got, complaint := schema.ParseMobile(s); got != "13812341234" {
			t.Errorf("%s: got %q, %q", s, got, complaint)
		}
	}
	for _, s := range []string{"", "12812341234", "1381234123", "03556541234", "1381234123x"} {
		if _, complaint := schema.ParseMobile(s); complaint.Empty() {
			t.Errorf("%s was taken", s)
		}
	}
}

func TestAreaCodes(t *testing.T) {
	tests := []struct {
		kind schema.FieldType
		code string
		ok   bool
	}{
		{schema.TypeCounty, "140581", true},
		{schema.TypeCounty, "140500", false}, // a city
		{schema.TypeCounty, "1405811", false},
		{schema.TypeArea, "140581105211", true},
		{schema.TypeArea, "140581105000", false}, // a township, filled up
		{schema.TypeArea, "990581105211", false},
		{schema.TypeGrid, "140581105211007", true},
		{schema.TypeGrid, "14058110521101", true},
		{schema.TypeGrid, "14058110521112345", true},
		{schema.TypeGrid, "140581105211", false},
		{schema.TypeGrid, "1405811052110x7", false},
		{schema.TypeHousehold, "1405811052110070083", true},
		{schema.TypeHousehold, "140581105211007", false},
		{schema.TypeArea, "１４０５８１１０５２１１", true}, // as a Chinese keyboard may give it
	}
	for _, test := range tests {
		f := schema.Field{Type: test.kind, Merge: crdt.Register}
		if values, complaint := f.Read(test.code); complaint.Empty() != test.ok || (len(values) == 1) != test.ok {
			t.Errorf("%s %s: got %q, %q", test.kind, test.code, values, complaint)
		}
	}
}

func TestGuardedValuesAreMasked(t *testing.T) {
	tests := []struct {
		kind       schema.FieldType
		full, want string
	}{
		{schema.TypeResidentID, "11010519491231002X", "110105********002X"},
		{schema.TypeMobile, "13812341234", "138****1234"},
		{schema.TypeText, "欧阳娜", "欧**"},
		{schema.TypeText, "林", "*"},
		{schema.TypeText, "凤城镇东街社区太行路 88 号 3 号楼 1 单元 501", "凤***********"},
		{schema.TypeMobile, "1381234", "*******"}, // from elsewhere, unchecked
	}
	if long := (&schema.Field{Type: schema.TypeText, Multiline: true}); long.Mask(crdt.Text("东街 3 号")) != "***" {
		t.Error("a text of several lines shows how it begins")
	}
	if place := (&schema.Field{Type: schema.TypeDecimal}); place.Mask(crdt.Float(35.79)) != "***" {
		t.Error("a position is shown")
	}
	for _, test := range tests {
		f := schema.Field{Type: test.kind}
		if got := f.Mask(crdt.Text(test.full)); got != test.want {
			t.Errorf("%s: got %q, want %q", test.full, got, test.want)
		}
	}
}

func TestULID(t *testing.T) {
	id, err := schema.ParseID("7ZZZZZZZZZZZZZZZZZZZZZZZZZ")
	if err != nil || id.String() != strings.Repeat("f", 32) {
		t.Errorf("the highest: got %s, %v", id, err)
	}
	for _, s := range []string{"8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "01JBKBWMTHMAYKD5KYCGABX5KU", "01JBKBWMTHMAYKD5KYCGABX5K", "", strings.Repeat("ſ", 13)} {
		if _, err := schema.ParseID(s); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
}

// ulidTwin reads a ULID the slow way, as one number in base 32.
func ulidTwin(s string) (string, bool) {
	n := new(big.Int)
	for _, r := range s {
		digit := strings.IndexRune("0123456789ABCDEFGHJKMNPQRSTVWXYZ", r)
		if r >= 'a' && r <= 'z' {
			digit = strings.IndexRune("0123456789abcdefghjkmnpqrstvwxyz", r)
		}
		if digit < 0 {
			return "", false
		}
		n.Add(n.Lsh(n, 5), big.NewInt(int64(digit)))
	}
	hex := n.Text(16)
	return strings.Repeat("0", max(0, 32-len(hex))) + hex, len(s) == 26 && n.BitLen() <= 128
}

func FuzzULID(f *testing.F) {
	f.Add("01JBKBWMTHMAYKD5KYCGABX5KG")
	f.Add("7zzzzzzzzzzzzzzzzzzzzzzzzz")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := schema.ParseULID(s)
		want, ok := ulidTwin(s)
		if ok != (err == nil) || ok && id.String() != want {
			t.Errorf("%q: got %s, %v; the twin says %s, %v", s, id, err, want, ok)
		}
	})
}

func FuzzCodes(f *testing.F) {
	f.Add("11010519491231002X")
	f.Add("91350100M000100Y43")
	f.Add("+86 138-1234-1234")
	f.Fuzz(func(t *testing.T, s string) {
		if r, complaint := schema.ParseResident(s); complaint.Empty() {
			if again, _ := schema.ParseResident(r.Number); again != r {
				t.Errorf("%q reads as %+v, and that as %+v", s, r, again)
			}
		}
		if code, complaint := schema.ParseCreditCode(s); complaint.Empty() {
			if again, _ := schema.ParseCreditCode(code); again != code {
				t.Errorf("%q reads as %q, and that as %q", s, code, again)
			}
		}
		if number, complaint := schema.ParseMobile(s); complaint.Empty() {
			if again, _ := schema.ParseMobile(number); again != number {
				t.Errorf("%q reads as %q, and that as %q", s, number, again)
			}
		}
	})
}
