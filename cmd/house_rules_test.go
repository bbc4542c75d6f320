package cmd_test

// rules lists what every room keeps to. They are policy: a build is not mended
// by editing them.
func rules() []rule {
	return []rule{
		{"Floors", "imports run down only, so that what lies below can be read without what lies above", floorsHold},
		{"Reserved", "a write could come to wait for a quorum, or a page for a disk", reservedRooms},
		{"Doors", "a library is used in one room and hidden from all others, so that it can be replaced there", doorsHold},
		{"PureImports", "a pure room is handed time, randomness and bytes: that makes it replayable, and lets the tablet run it", pureImports},
		{"PureCalls", "schema may compute with moments, but not ask what time or what zone it is", pureCalls},
		{"Goroutines", "a goroutine has an owner who cancels it and waits: those live in node, sync/link and cmd", goroutines},
		{"Corridor", "sync is a corridor: a package in it would take the standard library's name", corridor},
		{"Names", "a name says what is in the room, and is not the standard library's", packageNames},
		{"Comments", "a room opens with one true sentence", packageComments},
		{"NoInit", "what a package needs is an argument of its constructor", noInit},
		{"NoGlobals", "a package variable that changes is shared by all who run beside each other; put it in a struct", noGlobals},
		{"NoTesting", "the product does not carry its tests", noTesting},
		{"Functions", "a function fits on a screen: 70 lines at most", functionLength},
		{"Files", "the file that everybody edits is a missing room: 400 lines at most", fileLength},
		{"NoSleep", "who sleeps waits too long or not long enough; wait for the thing itself, or in a bubble of virtual time receive from time.After", noSleep},
		{"Bubbles", "a bubble on two processors breaks the race detector now and then (golang/go#78156); bubble_test.go opens it on one", bubbles},
	}
}
