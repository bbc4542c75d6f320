package consensus

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/hashicorp/go-hclog"
)

var discard = slog.New(slog.DiscardHandler)

func TestRaftIsHeardAtTheRightLevel(t *testing.T) {
	var out bytes.Buffer
	logger := newLogger(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{
		Level:       slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return keepUnlessTime(a) },
	})))
	logger.Info("a snapshot begins", "index", 7)
	logger.With("peer", "2").Warn("no contact", "time", hclog.Fmt("%d s", 3))
	logger.Named("net").Error("broken", "error", bytes.ErrTooLarge, "odd")
	logger.Error("failed to heartbeat to", "peer", "2")
	want := `level=DEBUG msg="a snapshot begins" part=raft index=7
level=WARN msg="no contact" part=raft peer=2 time="3 s"
level=ERROR msg=broken part=raft error="bytes.Buffer: too large"
level=INFO msg="failed to heartbeat to" part=raft peer=2
`
	if out.String() != want {
		t.Errorf("logged\n%swant\n%s", out.String(), want)
	}
}

func keepUnlessTime(a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey && a.Value.Kind() == slog.KindTime {
		return slog.Attr{}
	}
	return a
}
