package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"wangge/node/sink"
	"wangge/node/web"
	"wangge/schema"
)

const (
	// sinkPause lies between two rounds: what comes meanwhile is written together.
	sinkPause = time.Second
	// sinkAgain is how long after a failure the next try comes, at first and at most.
	sinkAgain, sinkAgainMax = time.Second, 10 * time.Second
	// sinkTurn is how often a replica asks whether the one that writes is still there.
	sinkTurn = 5 * time.Second
	// sinkRest is how often a database is looked at that has everything.
	sinkRest = 10 * time.Second
)

// sinking is how the database stands that the configuration names.
type sinking struct {
	mu       sync.Mutex // guards what follows
	database string
	progress sink.Progress
	standby  bool // another replica writes
	failed   error
	failedAt time.Time
}

// sink keeps the database in step that the configuration names. That it cannot be
// reached harms nothing here: it is tried again until it can.
func (n *node) sink(ctx context.Context) error {
	grown := n.grown.Subscribe()
	defer n.grown.Unsubscribe(grown)
	var s *sink.Sink
	var url string
	defer func() {
		if s != nil {
			s.Close()
		}
	}()
	for again := sinkAgain; ; {
		pause := sinkPause
		done, err := n.sinkOnce(ctx, &s, &url)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, sink.ErrTaken):
			pause = sinkTurn
		case err != nil:
			pause, again = again, min(2*again, sinkAgainMax)
		default:
			again = sinkAgain
		}
		n.sinking.note(n.log, done, err, pause)
		if !rested(ctx, pause) {
			return context.Cause(ctx)
		}
		if err == nil && !woken(ctx, grown, sinkRest) {
			return context.Cause(ctx)
		}
	}
}

// rested waits, and reports whether it did to the end.
func rested(ctx context.Context, pause time.Duration) bool { return woken(ctx, nil, pause) }

// woken waits for a signal, and no longer than a pause. It reports false when ctx ended.
func woken(ctx context.Context, signal <-chan struct{}, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-signal:
		return true
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// sinkOnce brings the database up to date of whose address the file tells now.
func (n *node) sinkOnce(ctx context.Context, s **sink.Sink, at *string) (sink.Account, error) {
	b, err := os.ReadFile(n.config.SinkURLFile)
	if err != nil {
		return sink.Account{}, fmt.Errorf("reading the database's address: %w", err)
	}
	if url := strings.TrimSpace(string(b)); *s == nil || url != *at {
		o := sink.Options{URL: url, Kinds: n.kinds, Source: n.store, Key: n.id.IdentityKey, Log: n.log, Now: time.Now, Told: n.sinking.tell}
		fresh, err := sink.New(o)
		if err != nil {
			return sink.Account{}, errors.Join(err, fmt.Errorf("it stands in %s", n.config.SinkURLFile))
		}
		if *s != nil {
			(*s).Close()
		}
		*s, *at = fresh, url
		n.sinking.name(fresh.Database())
	}
	return (*s).Once(ctx)
}

func (s *sinking) name(database string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.database = database
}

func (s *sinking) tell(p sink.Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.progress = p
}

// note keeps how a round went, and writes into the log what is worth it: what fails again
// and again for one reason is told when it begins.
func (s *sinking) note(log *slog.Logger, done sink.Account, err error, pause time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	standby := errors.Is(err, sink.ErrTaken)
	switch {
	case standby && !s.standby:
		log.Info("another replica keeps the database in step; this one takes over when that has gone")
	case standby:
	case err != nil:
		if s.failed == nil || s.failed.Error() != err.Error() || s.failedAt.IsZero() {
			log.Warn("the database was not brought up to date, and it is tried again until it can be", "error", err, "after", pause)
		}
		s.failedAt = time.Now()
	case s.failed != nil:
		log.Info("the database is kept in step again", "rows", done.Rows)
	}
	if err == nil && done.Behind > 0 {
		log.Warn("the database has more than this replica: another one wrote, or the county was restored", "spaces", done.Behind)
	}
	if standby {
		err = nil
	}
	s.standby, s.failed = standby, err
}

// status returns how the database stands; nil where there is none.
func (n *node) sinkStatus() *web.Sink {
	if !n.isHub() || n.config.SinkURLFile == "" {
		return nil
	}
	s := &n.sinking
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.progress
	told := &web.Sink{
		Database: s.database, Known: p.Known, Batches: p.Batches, Records: p.Records, Ahead: p.Ahead, Rows: p.Rows,
		Current: p.Current, FailedAt: s.failedAt,
	}
	switch {
	case s.standby:
		told.State = web.SinkStandby
	case s.failed != nil:
		told.State, told.Error = web.SinkFailed, s.failed.Error()
	case !p.Known || p.Batches > 0:
		told.State = web.SinkWriting
	default:
		told.State = web.SinkCurrent
	}
	return told
}

// sinkTrouble tells that the database is not kept in step: gravely after a day.
func (n *node) sinkTrouble() []web.Trouble {
	s := n.sinkStatus()
	if s == nil || s.State == web.SinkStandby || s.State != web.SinkFailed && s.Ahead == 0 {
		return nil
	}
	since := s.Current
	if since.IsZero() {
		since = n.started
	}
	t := web.Trouble{
		Sort: "sink", Grave: time.Since(since) > lateAfter, Detail: s.Error, At: s.Current,
		What: schema.Text{Zh: "数据库没有跟上：" + s.Database, En: "the database is not kept in step: " + s.Database},
		Do: schema.Text{
			Zh: "记录和报表不受影响，恢复后自动补齐。请系统管理员查看数据库和本机的 sink_url_file",
			En: "records and reports go on, and it catches up by itself. Let the administrator look at the database, and at this replica's sink_url_file",
		},
	}
	if s.Ahead > 0 && s.State != web.SinkFailed {
		t.What = schema.Text{Zh: fmt.Sprintf("数据库里有 %d 个空间比本机新", s.Ahead), En: fmt.Sprintf("the database has more of %d spaces than this replica", s.Ahead)}
		t.Do = schema.Text{
			Zh: "本机补齐之后会接着写。若是从备份恢复了全县，请运行 wangge sink postgres --rebuild",
			En: "it goes on once this replica has caught up. Where the county was restored from a backup, run wangge sink postgres --rebuild",
		}
	}
	return []web.Trouble{t}
}
