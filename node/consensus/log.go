package consensus

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"

	"github.com/hashicorp/go-hclog"
)

// sink passes on what raft and its log say of themselves.
type sink struct{ log *slog.Logger }

// newLogger returns a logger for raft that writes into log. Of its nineteen
// methods only one is ours: the library's own logger, which writes nothing
// itself, leads all the others there.
func newLogger(log *slog.Logger) hclog.Logger {
	logger := hclog.NewInterceptLogger(&hclog.LoggerOptions{Level: hclog.Off, Output: io.Discard})
	logger.RegisterSink(sink{log.With("part", "raft")})
	return logger
}

// passing are lines that raft calls errors and that call for nothing: a replica was
// away, was told to stop or no longer leads. Raft tries again by itself; that somebody is away
// for long, it says in a warning.
var passing = []string{
	"failed to decode incoming command", "failed to appendEntries to", "failed to heartbeat to",
	"failed to make requestVote RPC", "peer has newer term, stopping replication",
}

// Accept takes one line. Raft's information is chatter to us: each snapshot and
// each new stream is told of.
func (s sink) Accept(_ string, level hclog.Level, message string, args ...any) {
	to := slog.LevelDebug
	switch {
	case level == hclog.Warn:
		to = slog.LevelWarn
	case level == hclog.Error && slices.Contains(passing, message):
		to = slog.LevelInfo
	case level == hclog.Error:
		to = slog.LevelError
	}
	if s.log.Enabled(context.Background(), to) {
		s.log.LogAttrs(context.Background(), to, message, attributes(args)...)
	}
}

func attributes(args []any) []slog.Attr {
	var attrs []slog.Attr
	for ; len(args) >= 2; args = args[2:] {
		attrs = append(attrs, slog.Attr{Key: fmt.Sprint(args[0]), Value: value(args[1])})
	}
	return attrs
}

// value turns all but numbers and strings into text at once: raft goes on
// changing what it logged.
func value(arg any) slog.Value {
	if f, ok := arg.(hclog.Format); ok && len(f) > 0 {
		return slog.StringValue(fmt.Sprintf(fmt.Sprint(f[0]), f[1:]...))
	}
	if v := slog.AnyValue(arg); v.Kind() != slog.KindAny {
		return v
	}
	return slog.StringValue(fmt.Sprint(arg))
}
