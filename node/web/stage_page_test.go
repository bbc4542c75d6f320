package web_test

import (
	"context"
	"testing"

	"wangge/node/web"
)

// stageStories are what an audience does with a demonstration.
func stageStories() stories {
	return stories{"plays the demonstration": playsStage, "finds the stage fit for all": theStageIsForAll}
}

func playsStage(t *testing.T, browser context.Context) {
	st := newStage()
	tab := openTab(t, browser, web.Options{Stage: st, Office: newHub()}, "/?lang=zh")
	tab.sees(".hub", "县中心三号")
	tab.sees(".below .chip", "各处内容一致")
	tab.sees(".tiles", "61")
	tab.sees(".below", "全县")
	tab.clicks("#cut-5")
	tab.sees(".spot:nth-child(2)", "已切断")
	tab.sees(".spot:nth-child(2)", "2 份待送")
	tab.sees(".below .chip", "各处内容还不一致")
	tab.clicks("#restore-5")
	tab.sees(".below .chip", "各处内容一致")
	tab.clicks("#stop-6")
	tab.sees(".spot:nth-child(3)", "已停止")
	tab.clicks("#start-6")
	tab.sees(".spot:nth-child(3)", "运行中")
	tab.clicks("#language")
	tab.sees(".script", "Restore the link, and see the digests become equal.")
	tab.until(`[...document.querySelectorAll('.actor a')].every((a) => a.rel === 'noopener' && a.target === '_blank')`)
}
