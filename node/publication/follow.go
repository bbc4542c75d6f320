package publication

import "bytes"

// Follows returns nil if a city that has the publications of an area's month, the oldest
// first, is to take the next one. They are kept: a restatement replaces what is shown, not
// what was said. The bytes are those that Read read; an error says what to do.
func Follows(had [][]byte, next []byte) error {
	p, err := Read(next)
	if err != nil {
		return err
	}
	for i, b := range had {
		before, err := Read(b)
		switch {
		case err != nil:
			return err
		case before.Area != p.Area || before.Month != p.Month:
			return Refuse(nil, "这是 %[2]s 的 %[1]s，不是 %[4]s 的 %[3]s：请核对文件", "this is %s of %s, and not %s of %s: look which file it is", p.Month, p.Area, before.Month, before.Area)
		case before.Number == p.Number && bytes.Equal(b, next):
			return Refuse(nil, "%[2]s 的 %[3]s 第 %[1]d 号报送已经在这里，不需要再做什么", "publication %d of %s for %s is here already: nothing is to be done", p.Number, p.Area, p.Month)
		case before.Number == p.Number:
			return Refuse(nil, "%[2]s 的 %[3]s 第 %[1]d 号报送已经在这里，但数字不同：请该地区重述这个月后报送，重述有自己的号", "publication %d of %s for %s is here with other figures: have the county publish a restatement, which has a number of its own", p.Number, p.Area, p.Month)
		case i == len(had)-1 && before.Number > p.Number:
			return Refuse(nil, "%[2]s 的 %[3]s 第 %[1]d 号报送比这里已有的第 %[4]d 号旧：请向该地区要最新的", "publication %d of %s for %s is older than number %d, which is here: ask the county for its latest", p.Number, p.Area, p.Month, before.Number)
		}
	}
	return nil
}
