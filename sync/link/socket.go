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
type patientSocket struct {
	*net.UDPConn
	overtures *overtures
}

func (s patientSocket) WriteMsgUDP(b, oob []byte, to *net.UDPAddr) (n, oobn int, err error) {
	err = s.overtures.send(b, to, func(b []byte) error {
		_, _, err := s.UDPConn.WriteMsgUDP(b, oob, to)
		return present(err)
	})
	return len(b), len(oob), err
}

func (s patientSocket) WriteTo(b []byte, to net.Addr) (int, error) {
	return len(b), s.overtures.send(b, to, func(b []byte) error {
		_, err := s.UDPConn.WriteTo(b, to)
		return present(err)
	})
}

// present passes over the error of a network that is away.
func present(err error) error {
	if isAway(err) {
		return nil
	}
	return err
}

// sparingSocket is a socket of which no more is known.
type sparingSocket struct {
	plainSocket
	overtures *overtures
}

func (s sparingSocket) WriteTo(b []byte, to net.Addr) (int, error) {
	return len(b), s.overtures.send(b, to, func(b []byte) error {
		_, err := s.PacketConn.WriteTo(b, to)
		return err
	})
}

// isAway reports that there is no way to the peer now. Other errors say more: that this machine
// has another address since the connection was made, say, and then it is better ended.
func isAway(err error) bool {
	return errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.ENETDOWN)
}
