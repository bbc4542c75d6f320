package crdt

// AppendEvent is the value of an event whose edits are not joined, as another
// program might write it.
var AppendEvent = event
