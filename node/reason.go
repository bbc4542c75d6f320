package node

import (
	"wangge/schema"
	"wangge/sync/wire"
)

// advice is what a reason means, and what a person can do.
type advice struct{ what, do schema.Text }

// advise puts a reason for refusing work into words.
func advise(why wire.Why) advice {
	switch why {
	case wire.WhyStranger:
		return advice{
			schema.Text{Zh: "写入这些内容的设备没有有效的登记证书，或属于别的县", En: "the device that wrote this has no valid certificate, or is of another county"},
			schema.Text{Zh: "请联系县里的系统管理员核对并重新登记这台设备；之后会自动送出，不用重填", En: "ask the county's administrator to enrol the device anew; it is sent by itself then"},
		}
	case wire.WhyRights:
		return advice{
			schema.Text{Zh: "写入这些内容的设备无权在这个区域登记", En: "the device that wrote this may not write for that area"},
			schema.Text{Zh: "请联系县里的系统管理员补发权限；之后会自动送出，不用重填", En: "ask the county's administrator for the right; it is sent by itself then"},
		}
	case wire.WhyNewer:
		return advice{
			schema.Text{Zh: "内容是新版程序写的，对方的程序太旧，读不了", En: "a newer program wrote this, and the other machine's is too old to read it"},
			schema.Text{Zh: "请联系县里的系统管理员更新对方的程序；之后会自动送出", En: "ask the county's administrator to update the other machine; it is sent by itself then"},
		}
	case wire.WhyForked, wire.WhyClosed, wire.WhyArm:
		return advice{
			schema.Text{Zh: "写入这些内容的设备被整机复制过，或从旧备份恢复过，有两份编号相同的内容", En: "the device that wrote this was copied or restored: two pieces of work have one number"},
			schema.Text{Zh: "两份都保留着。请系统管理员查明哪一台应当停用", En: "both are kept. Let the administrator find out which machine should stop"},
		}
	case wire.WhyUnproven, wire.WhyDamaged, wire.WhySize:
		return advice{
			schema.Text{Zh: "内容与签名对不上，或已损坏，读不出来", En: "this is damaged, or is not what its writer signed"},
			schema.Text{Zh: "请联系系统管理员检查写入它的设备（wangge verify）；在此之前不要停用那台设备", En: "let the administrator look at the device that wrote it (wangge verify), and do not retire it before"},
		}
	case wire.WhyGap:
		return advice{
			schema.Text{Zh: "这之前的内容还没有送到，后面的要等它", En: "what comes before this has not arrived, so it waits"},
			schema.Text{Zh: "一般会自动补齐；过一天还在这里，请联系系统管理员", En: "it mostly arrives by itself; if this stands here tomorrow, call the administrator"},
		}
	case wire.WhyRoom:
		return advice{
			schema.Text{Zh: "磁盘放不下照片和文件（已满或有故障）", En: "the disk has no room for photos and files, or fails"},
			schema.Text{Zh: "请清理那台机器的磁盘，之后会自动补齐；表单不受影响", En: "make room on that machine's disk: they come by themselves then. Forms go on"},
		}
	}
	return advice{
		schema.Text{Zh: "对方没有接收这些内容", En: "the other machine did not take this"},
		schema.Text{Zh: "内容还在本站，没有丢。请把下面的原因告诉系统管理员", En: "it is still here. Tell the administrator the reason below"},
	}
}
