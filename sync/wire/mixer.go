package wire

// Several predictions of one answer are mixed in the logistic domain, by
// weights that follow whoever was right. All in integers: machines of any make
// must predict the same.
//
// Source: Mahoney, "Adaptive Weighing of Context Models for Lossless Data
// Compression", 2005.

// squash returns the chance, of 4096, whose logarithm of odds is d/256.
func squash(d int32) int32 {
	if d > 2047 {
		return 4095
	}
	if d < -2047 {
		return 1
	}
	i, w := (d>>7)+16, d&127
	return (logistic[i]*(128-w) + logistic[i+1]*w + 64) >> 7
}

// logistic holds 4096/(1+exp(-x)) for x from -8 to 8 by halves.
var logistic = [33]int32{
	1, 2, 3, 6, 10, 16, 27, 45, 73, 120, 194, 310, 488, 747, 1101, 1546, 2047,
	2549, 2994, 3348, 3607, 3785, 3901, 3975, 4022, 4050, 4068, 4079, 4085, 4089, 4092, 4093, 4094,
}

// stretched is the inverse of squash.
var stretched = func() (t [4096]int16) {
	p := int32(0)
	for d := int32(-2047); d <= 2047; d++ {
		for v := squash(d); p <= v; p++ {
			t[p] = int16(d)
		}
	}
	for ; p < 4096; p++ {
		t[p] = 2047
	}
	return t
}()

const voices = 3 // predictions that are mixed

// mixer is a set of weights, of 65536.
type mixer [voices]int32

// mixed codes one answer by the odds of several contexts.
func (c *coder) mixed(m *mixer, by *[voices]*odds, answer int) int {
	if m[0] == 0 {
		*m = mixer{18 << 10, 26 << 10, 34 << 10}
	}
	var x [voices]int32
	var sum int64
	for i, o := range by {
		x[i] = int32(stretched[o.chance()>>4])
		sum += int64(x[i]) * int64(m[i])
	}
	p := squash(int32(min(max(sum>>16, -2047), 2047)))
	answer = c.bit(uint32(min(max(p<<4, 32), 65536-32)), answer)
	miss := (int32(answer)<<12 - p) * 10
	for i, o := range by {
		m[i] = min(max(m[i]+(x[i]*miss+1<<13)>>14, 1), 1<<19)
		o.learn(answer)
	}
	return answer
}
