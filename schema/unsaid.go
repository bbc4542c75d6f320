package schema

import (
	"fmt"
	"slices"
	"strings"
)

// Unsaid returns the fields of a kind that seem to say who somebody is, or how to find
// them, and of which nobody has said whether that is a person: they are neither guarded nor
// sealed nor of an office. Their names and Chinese titles are all there is to go by, so these
// are questions to the kind's author, and no faults.
func (k *Kind) Unsaid() (all []*Fault) {
	for i := range k.Fields {
		f := &k.Fields[i]
		if f.Guarded || f.Sealed || f.Office || f.Type != TypeText && f.Type != TypeDate || !f.seemsPersonal() {
			continue
		}
		all = append(all, &Fault{k.Name, fmt.Sprintf("$.fields[%d]", i), fmt.Sprintf(
			"%s (%s) seems to tell of a person: say guarded: true so that lists mask it, sealed: true so that they leave it out, or office: true of an office or who acts in it", f.Name, f.Title.Zh)})
	}
	return all
}

func (f *Field) seemsPersonal() bool {
	title, _, _ := strings.Cut(f.Title.Zh, "（")
	ends := func(end string) bool { return strings.HasSuffix(title, end) }
	says := func(word string) bool { return strings.Contains(f.Title.Zh, word) }
	named := func(part string) bool { return slices.Contains(personalNames(), part) }
	return slices.ContainsFunc([]string{"人", "员", "者", "长", "生日"}, ends) || slices.ContainsFunc(personalWords(), says) || slices.ContainsFunc(strings.Split(f.Name, "_"), named)
}

// personalWords are what titles of fields say that tell of a person.
func personalWords() []string {
	return []string{
		"姓名", "名字", "电话", "手机", "微信", "邮箱", "联系方式", "身份证", "证件号", "护照", "社保号", "银行卡", "车牌",
		"住址", "住处", "门牌", "家庭地址", "出生", "户主", "家属", "亲属", "父亲", "母亲", "配偶", "子女姓名", "监护", "老人", "儿童姓名", "学生",
		"医生", "医师", "护士", "律师", "教师", "老师", "志愿者", "骑手", "领导", "书记", "主任", "患者", "病人", "当事人", "认领",
	}
}

// personalNames are the words of fields' names that do.
func personalNames() []string {
	return []string{
		"person", "contact", "phone", "tel", "telephone", "mobile", "wechat", "email", "passport", "birthday", "born", "idcard", "surname",
		"head", "family", "child", "guardian", "spouse", "elder", "patient", "doctor", "nurse", "lawyer", "teacher", "mediator", "author", "approver",
		"applicant", "petitioner", "proposer", "reporter", "claimant", "donor", "owner", "chair", "volunteer", "visitor", "parties",
	}
}
