package main

import (
	"context"
	"fmt"
	"slices"

	"wangge/node/store"
)

// The buckets of a store's file by what they are there for; all others are
// indexes and heads.
var (
	historyBuckets = []string{"log", "log packs", "kept trees"}
	stateBuckets   = []string{"records", "record packs"}
)

func benchSize(ctx context.Context, b *bench) error {
	told, err := b.tell(ctx)
	if err != nil {
		return err
	}
	if err := told.peer.store.Close(); err != nil {
		return err
	}
	path := told.peer.options.Path
	before, after, err := store.Compact(path)
	if err != nil {
		return err
	}
	weights, err := store.Weigh(path)
	if err != nil {
		return err
	}
	records, note := 0, ""
	var history, state, indexes float64
	for _, w := range weights {
		switch {
		case slices.Contains(historyBuckets, w.Bucket):
			history += float64(w.Pages)
		case slices.Contains(stateBuckets, w.Bucket):
			state += float64(w.Pages)
		default:
			indexes += float64(w.Pages)
		}
		if w.Bucket == "recent" { // a key for each record, wherever that stands
			records = w.Keys
		}
		if w.Keys > 0 {
			note += fmt.Sprintf("%s %d keys of %d B; ", w.Bucket, w.Keys, w.Bytes/int64(w.Keys))
		}
	}
	per := func(what string, bytes float64) benchFigure {
		return benchFigure{What: what, Value: bytes / float64(records), Unit: "B/record"}
	}
	whole := per("the peer's file, compacted", float64(after)).atMost(250)
	whole.Note = fmt.Sprintf("%d records in %d B; %d B before compacting", records, after, before)
	b.sheet.print(whole)
	b.sheet.print(per("of that history", history).atMost(80))
	b.sheet.print(per("of that state", state))
	rest := per("of that indexes and heads", indexes)
	rest.Note = note[:max(0, len(note)-2)]
	b.sheet.print(rest)
	return told.peer.reopen()
}
