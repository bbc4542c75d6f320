package link

import (
	"errors"
	"net"
	"syscall"
)

// patientSocket takes a network that is away for one that loses packets. To QUIC an error of
// sending is the end of the connection: a cable pulled for a second, or a modem that dials in
// again, would cost every connection of the node, and a handshake each on the weak link that
// comes back. Whether a peer is still there is found out by silence, as after any cut.
type patientSocket struct{ *net.UDPConn }

func (s patientSocket) WriteMsgUDP(b, oob []byte, to *net.UDPAddr) (n, oobn int, err error) {
	n, oobn, err = s.UDPConn.WriteMsgUDP(b, oob, to)
	if isAway(err) {
		return len(b), len(oob), nil
	}
	return n, oobn, err
}

func (s patientSocket) WriteTo(b []byte, to net.Addr) (int, error) {
	n, err := s.UDPConn.WriteTo(b, to)
	if isAway(err) {
		return len(b), nil
	}
	return n, err
}

// isAway reports that there is no way to the peer now. Other errors say more: that this machine
// has another address since the connection was made, say, and then it is better ended.
func isAway(err error) bool {
	return errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.ENETDOWN)
}
