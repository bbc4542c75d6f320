package node

import (
	"reflect"
	"testing"

	"wangge/node/web"
	"wangge/sync/session"
	"wangge/sync/wire"
)

func TestWhatIsLeftTakesAsLongAsTheLinkSays(t *testing.T) {
	p := session.Progress{Send: wire.Amount{Batches: 30, Bytes: 1500}, Receive: wire.Amount{Batches: 10, Bytes: 500}}
	for rate, seconds := range map[float64]float64{0: 0, 1000: 2} {
		want := &web.Left{Send: 30, SendBytes: 1500, Receive: 10, ReceiveBytes: 500, Seconds: seconds}
		if got := leftOf(p, rate); !reflect.DeepEqual(got, want) {
			t.Errorf("at %v bytes a second: %+v, want %+v", rate, got, want)
		}
	}
	if got := leftOf(session.Progress{}, 1000); got != nil {
		t.Errorf("of nothing %+v is left", got)
	}
}
