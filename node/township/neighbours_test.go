package township

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"wangge/node/policy"
)

func TestWhomABoxHasMetIsReadAgainAndNonsenseIsNot(t *testing.T) {
	r := &Ring{host: Host{Self: policy.Device{Index: 3}, Data: t.TempDir(), Log: slog.New(slog.DiscardHandler)}}
	met := []Neighbour{{4, "四站", "10.0.0.4:7400"}, {5, "五站", "10.0.0.5:7400"}}
	if err := writeNeighbours(r.host.Data, slices.Concat(met, []Neighbour{{3, "本站", "10.0.0.3:7400"}, {}})); err != nil {
		t.Fatal(err)
	}
	if got := r.readNeighbours(); !slices.Equal(got, met) {
		t.Errorf("read: %v", got)
	}
	if err := os.WriteFile(filepath.Join(r.host.Data, neighboursFile), []byte(`[{"device":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := r.readNeighbours(); len(got) != 0 {
		t.Errorf("nonsense is read as %v", got)
	}
}
