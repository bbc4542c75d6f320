package schema

import "strings"

// creditAlphabet gives the digits of GB 32100 their values: no I, O, S, V or Z.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// ParseCreditCode returns a unified social credit code (GB 32100-2015) in
// capitals, or says what is wrong with it. The organisation's own check digit
// inside it is left alone: the outer one finds every single slip already.
func ParseCreditCode(s string) (code string, complaint Text) {
	code = strings.ToUpper(s)
	if len(code) != 18 || strings.Trim(code, creditAlphabet) != "" {
		return "", Text{"统一社会信用代码应为 18 位数字或字母，不含 I、O、S、V、Z", "want 18 digits or letters other than I, O, S, V and Z"}
	}
	if strings.Trim(code[2:8], "0123456789") != "" {
		return "", Text{"统一社会信用代码第 3 至 8 位应为数字", "characters 3 to 8 are an area and must be digits"}
	}
	if want := creditCheck(code[:17]); code[17:] != want {
		return "", Text{"统一社会信用代码校验码不对，应为 " + want, "the check character does not fit: it would be " + want}
	}
	return code, Text{}
}

// creditCheck returns the check character of 17 others. The weights are the
// powers of 3 modulo 31.
func creditCheck(body string) string {
	sum, weight := 0, 1
	for _, r := range body {
		sum += weight * strings.IndexRune(creditAlphabet, r)
		weight = weight * 3 % 31
	}
	return creditAlphabet[(31-sum%31)%31:][:1]
}
