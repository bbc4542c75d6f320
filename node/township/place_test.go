package township

import (
	"net"
	"testing"
)

// The runbook has nodes listen at all their addresses. Nobody reaches another
// machine at [::].
func TestANodeThatListensEverywhereSaysWhereItIs(t *testing.T) {
	everywhere := &net.UDPAddr{IP: net.IPv6unspecified, Port: 7400}
	for _, c := range []struct {
		at   *net.UDPAddr
		ways []string
		want string
	}{
		{&net.UDPAddr{IP: net.IPv4(10, 0, 0, 7), Port: 7400}, nil, "10.0.0.7:7400"},
		{everywhere, []string{"hub.example:7400", "127.0.0.1:7401"}, "127.0.0.1:7400"},
		{&net.UDPAddr{IP: net.IPv4zero, Port: 7400}, []string{"127.0.0.1:7401"}, "127.0.0.1:7400"},
		{everywhere, []string{"hub.example:7400"}, ""},
	} {
		if got := new(whereabouts).place(c.at, c.ways); got != c.want {
			t.Errorf("one that listens at %s says that it is at %q, want %q", c.at, got, c.want)
		}
	}
	var w whereabouts
	w.place(everywhere, []string{"127.0.0.1:7401"})
	if got := w.place(everywhere, []string{"hub.example:7400"}); got != "127.0.0.1:7400" {
		t.Errorf("one that was unplugged says that it is at %q", got)
	}
}
