package codec

import "fmt"

// Role says which end of a connection something belongs to. The zero value is
// RoleServer.
type Role uint8

// The two ends of a connection.
const (
	RoleServer Role = iota
	RoleClient
)

// Peer returns the other end.
func (r Role) Peer() Role { return r ^ 1 }

// String returns "server" or "client".
func (r Role) String() string {
	if r == RoleClient {
		return "client"
	}
	return "server"
}

// Opcode says how to interpret a frame's payload (RFC 6455 §5.2). Values above
// 0xF do not exist on the wire.
type Opcode uint8

// The opcodes of RFC 6455 §11.8. All others are reserved.
const (
	OpContinuation Opcode = 0x0
	OpText         Opcode = 0x1
	OpBinary       Opcode = 0x2
	OpClose        Opcode = 0x8
	OpPing         Opcode = 0x9
	OpPong         Opcode = 0xA
)

var opcodeNames = [16]string{
	OpContinuation: "continuation", OpText: "text", OpBinary: "binary",
	OpClose: "close", OpPing: "ping", OpPong: "pong",
}

// Control reports whether op is of the range for control frames, 0x8 to 0xF,
// reserved ones included (RFC 6455 §5.5).
func (op Opcode) Control() bool { return op&0x8 != 0 }

// Data reports whether op begins a message: text or binary.
func (op Opcode) Data() bool { return op == OpText || op == OpBinary }

// Reserved reports whether RFC 6455 gives op no meaning.
func (op Opcode) Reserved() bool {
	const known = 1<<OpContinuation | 1<<OpText | 1<<OpBinary | 1<<OpClose | 1<<OpPing | 1<<OpPong
	return known>>op&1 == 0
}

// String returns the name in lower case, or "reserved 0x3" for an opcode without
// one.
func (op Opcode) String() string {
	if op.Reserved() {
		return fmt.Sprintf("reserved 0x%X", uint8(op))
	}
	return opcodeNames[op]
}
