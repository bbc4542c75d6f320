package weaklink

// Volume is an amount of packets and of their bytes on the wire, headers included.
type Volume struct{ Packets, Bytes int64 }

// Traffic says what became of the packets of one direction. Offered is the sum of the others but for doubles, of
// which each is Carried once more, and for packets that are still on their way.
type Traffic struct {
	Offered Volume // handed to the socket
	Full    Volume // found the modem's queue full, and never were on the wire
	Lost    Volume // by chance, by a cut, or because nobody was at the other end
	Carried Volume // arrived
}

// OnWire returns what the sender's modem sent, lost or not: what a metered link charges for.
func (t Traffic) OnWire() Volume {
	return Volume{t.Offered.Packets - t.Full.Packets, t.Offered.Bytes - t.Full.Bytes}
}

// Plus returns the sum of two directions.
func (t Traffic) Plus(o Traffic) Traffic {
	return Traffic{t.Offered.plus(o.Offered), t.Full.plus(o.Full), t.Lost.plus(o.Lost), t.Carried.plus(o.Carried)}
}

func (v Volume) plus(o Volume) Volume { return Volume{v.Packets + o.Packets, v.Bytes + o.Bytes} }

func (v *Volume) add(bytes int) {
	v.Packets++
	v.Bytes += int64(bytes)
}
