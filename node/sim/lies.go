package sim

import (
	"slices"
	"strings"

	"wangge/crdt"
	"wangge/sync/wire"
)

// misspell signs falsely.
func (v *visit) misspell() {
	by := v.mint()
	run := v.run(mine(), by, v.batch(v.now()))
	run.Signature = slices.Clone(run.Signature)
	run.Signature[1+v.IntN(len(run.Signature)-1)] ^= 1 << v.IntN(8)
	v.bad(by.Credential(), run)
}

// trespass writes where it may not.
func (v *visit) trespass() {
	by := v.mint()
	v.bad(by.Credential(), v.run(village(1+v.IntN(2)), by, v.batch(v.now())))
}

// skip leaves batches out.
func (v *visit) skip() {
	by := v.mint()
	run := v.run(mine(), by, v.batch(v.now()))
	run.First += 1 + v.Uint64N(9)
	v.bad(by.Credential(), run)
}

// babble signs what is no batch.
func (v *visit) babble() {
	by, b := v.mint(), v.batch(v.now())
	v.bad(by.Credential(), v.run(mine(), by, b[:1+v.IntN(len(b)-1)]))
}

// outrun speaks as a newer program: of a newer batch, which waits with its writer, in
// words that nobody knows, or by a newer protocol. The two latter end the conversation.
func (v *visit) outrun() {
	switch v.IntN(3) {
	case 0:
		by, b := v.mint(), v.batch(v.now())
		b[0]++
		v.bad(by.Credential(), v.run(mine(), by, b))
		if v.err == nil && v.at.store != nil && v.at.mayHold(mine()) && !v.says(wire.WhyNewer) {
			v.world.violated("F14", "%s does not say that a batch is of a newer program", v.at)
		}
		return
	case 1:
		v.greet(nil)
		v.send([]byte{200, 1, 2, 3})
	default:
		v.say(wire.Hello{Protocol: wire.Protocol + 1, County: v.id.County, Device: v.id.Device.Index})
		if v.err != nil && !strings.Contains(v.err.Error(), "update") {
			v.world.violated("F14", "%s does not say who must be updated: %v", v.at, v.err)
		}
	}
	if v.err == nil && v.at.store != nil {
		v.world.violated("F14", "%s goes on with what it does not understand", v.at)
	}
}

// says reports whether the machine said why it refused.
func (v *visit) says(why wire.Why) bool {
	return slices.ContainsFunc(v.answers, func(m wire.Message) bool {
		r, ok := m.(wire.Refusal)
		return ok && r.Why == why
	})
}

// intrude writes as somebody of whom it has no credential.
func (v *visit) intrude() {
	by := v.mint()
	v.bad(v.mint().Credential(), v.run(mine(), by, v.batch(v.now())))
}

// pretend brings a credential that was changed.
func (v *visit) pretend() {
	by := v.mint()
	credential := slices.Clone(by.Credential())
	credential[len(credential)-1-v.IntN(40)] ^= 1 << v.IntN(8)
	v.bad(credential, v.run(mine(), by, v.batch(v.now())))
}

// usurp writes what the county alone writes.
func (v *visit) usurp() {
	op := crdt.Record{}.Assign(v.record(), visitKind, statusField, crdt.Text("谎"))
	switch v.IntN(3) {
	case 0:
		op.Field = crdt.CountyFields + crdt.FieldID(v.IntN(3))
	case 1:
		op.Kind = crdt.CountyKinds + "lie"
	default:
		op.Record = op.Record.Of(crdt.CountyKinds)
	}
	by := v.mint()
	v.bad(by.Credential(), v.run(mine(), by, wire.AppendBatch(nil, crdt.Batch{Stamp: v.now(), Ops: []crdt.Op{op}})))
}

// steal claims another kind for a record that somebody wrote, or for an account that all
// share: one that has a form, or one that nobody knows.
func (v *visit) steal() {
	id, kind := crdt.RecordID{15: byte(1 + v.IntN(2))}.Of(pointsKind), []string{visitKind, "aaa", "zzz"}[v.IntN(3)]
	if visits := v.at.world.visits; len(visits) > 0 && v.IntN(3) > 0 {
		id, kind = visits[v.IntN(len(visits))].id, []string{pointsKind, "aaa", "zzz"}[v.IntN(3)]
	}
	by, op := v.mint(), crdt.Record{}.Assign(id, kind, statusField, crdt.Text("谎"))
	v.bad(by.Credential(), v.run(mine(), by, wire.AppendBatch(nil, crdt.Batch{Stamp: v.now(), Ops: []crdt.Op{op}})))
}

// equivocate tells the one this and the next that.
func (v *visit) equivocate() {
	var f *forked
	if i := slices.IndexFunc(v.forks, func(f *forked) bool { return f.next < 2 }); i >= 0 {
		f = v.forks[i]
	} else {
		f = &forked{by: v.mint(), branches: [2][]byte{v.batch(v.now()), v.batch(v.now())}}
		v.forks = append(v.forks, f)
	}
	v.greet(nil)
	v.offer(1, f.by.Credential(), v.run(mine(), f.by, f.branches[f.next]))
	f.next++
}

// postdate writes in 1970 or in 2099.
func (v *visit) postdate() {
	by, at := v.mint(), crdt.NewStamp(v.Int64N(1000))
	if v.IntN(2) == 0 {
		at = v.now() + crdt.NewStamp(73*365*24*3_600_000)
	}
	v.greet(nil)
	v.offer(1, by.Credential(), v.run(mine(), by, v.batch(at)))
}

// overspend takes from a shared account what it has no right to.
func (v *visit) overspend() {
	by := v.mint()
	a := crdt.Account{Earned: v.Int64N(50), Spent: 50 + v.Int64N(1000)}
	op := crdt.Op{Record: crdt.RecordID{15: byte(1 + v.IntN(2))}.Of(pointsKind), Kind: pointsKind, Field: balanceField, Type: crdt.Bounded, Value: a.Value()}
	v.greet(nil)
	v.offer(1, by.Credential(), v.run(mine(), by, wire.AppendBatch(nil, crdt.Batch{Stamp: v.now(), Ops: []crdt.Op{op}})))
}

// boast says to hold more of everything than there is, at every level.
func (v *visit) boast() {
	v.told[mine()] = true
	holds := map[crdt.Space]crdt.Frontier{}
	var marks []wire.Mark
	for s, f := range v.at.frontiers() {
		if s != mine() {
			continue
		}
		holds[s] = f.Clone()
		for _, w := range f.Writers() {
			if v.IntN(4) == 0 {
				holds[s].Raise(w, f[w]+v.Uint64N(50))
			}
			marks = append(marks, wire.Mark{Space: s, Writer: w, Seq: f[w] + v.Uint64N(3), Level: wire.AtCounty})
		}
	}
	v.greet(holds)
	v.say(wire.Ack{Marks: marks})
}

// swallow takes all that it is given, says that the county has it, and passes nothing on.
func (v *visit) swallow() {
	v.told[mine()] = true
	said := v.greet(nil)
	for len(said) > 0 {
		var next []wire.Message
		for _, m := range said {
			if c, ok := m.(wire.Chunk); ok {
				next = append(next, v.say(wire.Kept{Chunk: c.Number, Level: wire.AtCounty})...)
			}
		}
		said = next
	}
}

// alter passes on what others wrote, changed or out of order.
func (v *visit) alter() {
	writers := v.at.world.works
	if len(writers) == 0 {
		return
	}
	k := writers[v.IntN(len(writers))]
	if k.by.store == nil || k.space != mine() {
		return
	}
	run, ok, err := k.by.store.Run(k.space, k.writer, 0, 4000)
	credential, err2 := k.by.store.Credential(k.writer)
	if !ok || err != nil || err2 != nil {
		return
	}
	run.Batches = slices.Clone(run.Batches)
	i := v.IntN(len(run.Batches))
	switch v.IntN(3) {
	case 0:
		run.Batches[i] = v.batch(v.now())
	case 1:
		run.First += 1 + v.Uint64N(3)
	default:
		slices.Reverse(run.Batches)
	}
	v.told[mine()] = true // it shows what it brings, and so has it
	v.greet(nil)
	v.offer(1, credential, run)
}
