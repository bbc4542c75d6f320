package schema

import "strings"

// Resident is what a resident's identity number says (GB 11643-1999). Age and
// sex follow from it, so no kind stores them beside it.
type Resident struct {
	Number string // 18 characters; the last may be X
	County string // where it was first given out; the code may since be withdrawn
	Birth  string // such as 1949-12-31
	Sex    string // GB/T 2261.1: 1 male, 2 female
}

// ParseResident reads an identity number of 18 characters, or says what is
// wrong with it.
func ParseResident(s string) (r Resident, complaint Text) {
	number := strings.ToUpper(s)
	if len(number) == 15 && strings.Trim(number, "0123456789") == "" {
		return r, Text{"15 位旧身份证号已停用，请填 18 位号码", "numbers of 15 digits are no longer valid: give the one of 18"}
	}
	if len(number) != 18 || strings.Trim(number[:17], "0123456789") != "" || strings.Trim(number[17:], "0123456789X") != "" {
		return r, Text{"身份证号应为 18 位，末位可为 X", "want 18 digits, of which the last may be X"}
	}
	// 83 is given to residents from Taiwan and is no province of GB/T 2260.
	if province := number[:2]; !isProvince(province) && province != "83" {
		return r, Text{"身份证号开头的地区码不对", "the number does not begin with a province's code"}
	}
	birth := number[6:10] + "-" + number[10:12] + "-" + number[12:14]
	if !dateComplaint(birth).Empty() {
		return r, Text{"身份证号中的出生日期不对", "the date of birth in the number does not exist"}
	}
	if want := residentCheck(number[:17]); number[17:] != want {
		return r, Text{"身份证号校验码不对，应为 " + want, "the check character does not fit: it would be " + want}
	}
	sex := "2"
	if (number[16]-'0')%2 == 1 {
		sex = "1"
	}
	return Resident{number, number[:County], birth, sex}, Text{}
}

// residentCheck returns the check character of 17 digits.
func residentCheck(digits string) string {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, weight := range weights {
		sum += weight * int(digits[i]-'0')
	}
	return "10X98765432"[sum%11:][:1]
}
