package main

import "math"

// What grid workers write about, and the phrases of their notes.
const (
	surnames   = "林徐董梁许王罗唐谢黄彭冯杨郭曹韩胡高袁郑于何傅孙萧沈李曾吴邓程刘陈宋马吕张朱赵周"
	givenNames = "芳建娜磊平勇红娟文霞军涛刚秀明艳静兰杰桂强玲丽梅国辉志伟超敏英洋"
)

var (
	topics = []string{
		"用电安全", "燃气安全", "消防通道", "防汛隐患", "独居老人", "慢病随访", "困难家庭", "邻里纠纷", "反诈宣传", "垃圾分类",
		"出租房登记", "新就业群体",
	}
	tags     = []string{"孕产", "独居", "残疾", "流动", "留守", "慢病", "党员", "低保"}
	openings = []string{
		"协调物业", "发放宣传单", "转交社区民警", "敲门查看", "预约上门", "现场劝导", "登记台账", "拍照上报", "电话联系", "联系家属",
	}
	troubles = []string{
		"门牌号看不清", "楼道堆放杂物", "电动车飞线充电", "低保材料未交齐", "药品快用完", "手机收到诈骗短信", "屋顶漏雨",
		"与邻居因滴水争执", "窗帘未按时拉开", "灶具软管老化",
	}
	endings = []string{
		"约定下周复查", "已当场解决", "本人表示感谢", "建议列入重点走访", "需上报街道协调", "情况正常", "暂无需求", "家属已知晓",
	}
)

// micro rounds a coordinate to the six decimals that tablets give.
func micro(x float64) float64 { return math.Round(x*1e6) / 1e6 }
