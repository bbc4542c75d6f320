package publication

// span is all that sums and differences of published figures come to. Figures are added up
// piece by piece, and modulo a prime: what is so for all pieces is so modulo it, and the other
// way round but for a chance of one in a thousand million, when too much is withheld.
type span struct {
	said  []told
	basis []vector
}

const prime = 1<<31 - 1

// vector is a sum of figures: how often each piece is in it, and how often each figure.
type vector struct {
	pieces  map[int32]uint64
	figures map[int]uint64
	lead    int32 // a piece that no later vector of the basis has
}

func newSpan(said []told) *span {
	s := &span{said: said}
	for i, t := range said {
		v := s.reduced(vectorOf(t.pieces))
		v.figures[i] = 1
		if lead, some := v.first(); some {
			v.lead = lead
			v.scale(inverse(v.pieces[lead]))
			s.basis = append(s.basis, v)
		}
	}
	return s
}

func vectorOf(pieces []int32) vector {
	v := vector{pieces: map[int32]uint64{}, figures: map[int]uint64{}}
	for _, p := range pieces {
		v.pieces[p]++
	}
	return v
}

// first returns of the first target that is in the span the figures of which it is made, in
// their order; nil if none is.
func (s *span) first(targets [][]int32) (figures []int) {
	for _, pieces := range targets {
		v := s.reduced(vectorOf(pieces))
		if len(v.pieces) > 0 {
			continue
		}
		for i := range s.said {
			if v.figures[i] != 0 {
				figures = append(figures, i)
			}
		}
		return figures
	}
	return nil
}

// reduced takes from a vector what the basis has of it.
func (s *span) reduced(v vector) vector {
	for _, b := range s.basis {
		if n := v.pieces[b.lead]; n != 0 {
			v.add(b, prime-n)
		}
	}
	return v
}

// first returns the least piece of a vector.
func (v vector) first() (lead int32, some bool) {
	for p := range v.pieces {
		if !some || p < lead {
			lead, some = p, true
		}
	}
	return lead, some
}

func (v vector) add(b vector, times uint64) {
	for p, n := range b.pieces {
		if sum := (v.pieces[p] + n*times) % prime; sum != 0 {
			v.pieces[p] = sum
		} else {
			delete(v.pieces, p)
		}
	}
	for i, n := range b.figures {
		if sum := (v.figures[i] + n*times) % prime; sum != 0 {
			v.figures[i] = sum
		} else {
			delete(v.figures, i)
		}
	}
}

func (v vector) scale(times uint64) {
	for p, n := range v.pieces {
		v.pieces[p] = n * times % prime
	}
	for i, n := range v.figures {
		v.figures[i] = n * times % prime
	}
}

// inverse returns what a number is multiplied with to be 1 (Fermat).
func inverse(n uint64) uint64 {
	result := uint64(1)
	for power := uint64(prime - 2); power > 0; power /= 2 {
		if power%2 == 1 {
			result = result * n % prime
		}
		n = n * n % prime
	}
	return result
}
