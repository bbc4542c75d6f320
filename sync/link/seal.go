package link

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
)

// Each direction of a connection has a name and keys of its own for sealed packets, which only the two who have
// shaken hands can derive (RFC 8446, section 7.5).
const (
	sealLabel  = "EXPORTER wangge parcels 1"
	sealName   = 4
	sealKey    = 32
	sealNonce  = 12
	sealSize   = sealName + sealKey + sealNonce
	sealFirst  = 0x01 // of a packet; QUIC's have the bit 0x40
	sealHeader = 1 + sealName + 4
	sealTag    = 16

	packetMax = 1232 // bytes of UDP payload: what IPv6 passes on everywhere
)

var errForged = errors.New("packet is forged, damaged or was here before")

// seal protects one direction. Its users take turns.
type seal struct {
	name  uint32
	nonce [sealNonce]byte
	aead  cipher.AEAD
}

// seals derives the keys of both directions: what the dialler sends under, and the acceptor.
func seals(s tls.ConnectionState) (dialler, acceptor seal, err error) {
	keys, err := s.ExportKeyingMaterial(sealLabel, nil, 2*sealSize)
	if err != nil {
		return seal{}, seal{}, fmt.Errorf("derive keys for parcels: %w", err)
	}
	return newSeal(keys[:sealSize]), newSeal(keys[sealSize:]), nil
}

func newSeal(keys []byte) seal {
	block, err := aes.NewCipher(keys[sealName : sealName+sealKey])
	if err != nil {
		panic("AES does not take 32 bytes: " + err.Error())
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("GCM does not take AES: " + err.Error())
	}
	return seal{binary.BigEndian.Uint32(keys), [sealNonce]byte(keys[sealName+sealKey:]), aead}
}

// nonceOf returns the nonce of a packet. A number is never used twice.
func (s *seal) nonceOf(number uint32) []byte {
	nonce := s.nonce
	binary.BigEndian.PutUint32(nonce[8:], binary.BigEndian.Uint32(nonce[8:])^number)
	return nonce[:]
}

// close makes the packet of a number.
func (s *seal) close(number uint32, body []byte) []byte {
	packet := make([]byte, sealHeader, sealHeader+len(body)+sealTag)
	packet[0] = sealFirst
	binary.BigEndian.PutUint32(packet[1:], s.name)
	binary.BigEndian.PutUint32(packet[1+sealName:], number)
	return s.aead.Seal(packet, s.nonceOf(number), body, packet[:sealHeader])
}

// addressee returns the name on a packet, and false if it can be none of ours.
func addressee(packet []byte) (uint32, bool) {
	if len(packet) < sealHeader+sealTag+1 || len(packet) > packetMax || packet[0] != sealFirst {
		return 0, false
	}
	return binary.BigEndian.Uint32(packet[1:]), true
}

// open returns the number and the body of a packet that addressee has looked at.
func (s *seal) open(packet []byte) (uint32, []byte, error) {
	number := binary.BigEndian.Uint32(packet[1+sealName:])
	body, err := s.aead.Open(nil, s.nonceOf(number), packet[sealHeader:], packet[:sealHeader])
	if err != nil {
		return 0, nil, errForged
	}
	return number, body, nil
}

// window remembers which of the last packets were here.
type window struct {
	top  uint32 // one more than the largest number
	seen [replayMax / 64]uint64
}

const replayMax = 1024

// fresh notes a number, and reports false if it was here or is too old to tell.
func (w *window) fresh(number uint32) bool {
	if number == 1<<32-1 || uint64(number)+replayMax < uint64(w.top) {
		return false
	}
	for ; w.top <= number; w.top++ {
		if number-w.top >= replayMax { // nothing that is remembered is left
			w.seen, w.top = [replayMax / 64]uint64{}, number-replayMax+1
		}
		w.seen[w.top%replayMax/64] &^= 1 << (w.top % 64)
	}
	bit := uint64(1) << (number % 64)
	slot := &w.seen[number%replayMax/64]
	if *slot&bit != 0 {
		return false
	}
	*slot |= bit
	return true
}
