package weaklink

import "time"

// Headers is what IPv4 and UDP add to each packet, in bytes.
const Headers = 28

// Profile says how one direction between two machines carries packets. The zero value carries all at once.
type Profile struct {
	Rate      int           // bits a second through the sender's modem; 0 is no limit
	Queue     int           // bytes that may wait for the modem, beyond which packets are dropped; 0 is no limit
	Header    int           // bytes that each packet takes on the wire beside its payload
	Delay     time.Duration // from the modem to the other end
	Jitter    time.Duration // added to Delay by chance, up to so much; packets keep their order
	Loss      float64       // chance that a packet is lost behind the modem, whose time it took all the same
	Duplicate float64       // chance that a packet arrives twice
	Reorder   float64       // chance that a packet is held up, by up to Delay and 10 ms, while others pass it
}

// Village is a link as Wangge expects it: 64 kbit/s, 600 ms there and back, every fifth packet lost, and a modem
// in which 16 KB wait, two seconds' worth.
func Village() Profile {
	return Profile{Rate: 64_000, Queue: 16 << 10, Header: Headers, Delay: 300 * time.Millisecond, Loss: 0.2}
}

// LAN is a cable between two rooms of a house.
func LAN() Profile {
	return Profile{Rate: 100_000_000, Queue: 256 << 10, Header: Headers, Delay: 200 * time.Microsecond}
}

// onWire returns what a packet takes of the wire, in bytes.
func (p Profile) onWire(payload int) int { return payload + p.Header }

// airtime returns how long the modem is busy with so many bytes.
func (p Profile) airtime(bytes int) time.Duration {
	if p.Rate <= 0 {
		return 0
	}
	return time.Duration(int64(bytes) * 8 * int64(time.Second) / int64(p.Rate))
}
