package schema

import "strings"

// ParseMobile returns a mobile number's 11 digits, or says what is wrong with
// it. The country's prefix and the spaces and dashes that people write are
// dropped. The ranges of the operators change too often to be checked.
func ParseMobile(s string) (number string, complaint Text) {
	number = strings.NewReplacer(" ", "", "-", "").Replace(s)
	number = strings.TrimPrefix(number, "+86")
	if len(number) != 11 || strings.Trim(number, "0123456789") != "" || number[0] != '1' || number[1] < '3' {
		return "", Text{"手机号应为 1 开头的 11 位数字", "want the 11 digits of a mobile number, which begin with 13 to 19"}
	}
	return number, Text{}
}
