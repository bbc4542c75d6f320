package policy

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"slices"
)

// fieldPrime is 2^255-19, little-endian, as keys write their y coordinate.
const fieldPrime = "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"

// smallOrder are the y coordinates of the eight points whose order divides 8.
// Each stands for a point and its negative, which differ in the sign bit alone.
var smallOrder = [...]string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
}

// weak reports whether a key is of small order, under which anybody can sign, or
// is spelled in more ways than one (y not below the field's prime), so that one
// key could pass for two. The verifier of the standard library takes both.
func weak(key ed25519.PublicKey) bool {
	y := bytes.Clone(key)
	y[len(y)-1] &= 0x7f
	if slices.Contains(smallOrder[:], hex.EncodeToString(y)) {
		return true
	}
	slices.Reverse(y)
	prime, _ := hex.DecodeString(fieldPrime)
	slices.Reverse(prime)
	return bytes.Compare(y, prime) >= 0
}
