package codec_test

import (
	"testing"

	"wskit/codec"
)

func TestOpcode(t *testing.T) {
	tests := []struct {
		op                      codec.Opcode
		control, data, reserved bool
		name                    string
	}{
		{op: 0x0, name: "continuation"},
		{op: 0x1, data: true, name: "text"},
		{op: 0x2, data: true, name: "binary"},
		{op: 0x3, reserved: true, name: "reserved 0x3"},
		{op: 0x4, reserved: true, name: "reserved 0x4"},
		{op: 0x5, reserved: true, name: "reserved 0x5"},
		{op: 0x6, reserved: true, name: "reserved 0x6"},
		{op: 0x7, reserved: true, name: "reserved 0x7"},
		{op: 0x8, control: true, name: "close"},
		{op: 0x9, control: true, name: "ping"},
		{op: 0xA, control: true, name: "pong"},
		{op: 0xB, control: true, reserved: true, name: "reserved 0xB"},
		{op: 0xC, control: true, reserved: true, name: "reserved 0xC"},
		{op: 0xD, control: true, reserved: true, name: "reserved 0xD"},
		{op: 0xE, control: true, reserved: true, name: "reserved 0xE"},
		{op: 0xF, control: true, reserved: true, name: "reserved 0xF"},
		{op: 0x10, reserved: true, name: "reserved 0x10"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.op.Control(); got != tt.control {
				t.Errorf("Control() = %v, want %v", got, tt.control)
			}
			if got := tt.op.Data(); got != tt.data {
				t.Errorf("Data() = %v, want %v", got, tt.data)
			}
			if got := tt.op.Reserved(); got != tt.reserved {
				t.Errorf("Reserved() = %v, want %v", got, tt.reserved)
			}
			if got := tt.op.String(); got != tt.name {
				t.Errorf("String() = %q, want %q", got, tt.name)
			}
		})
	}
}

func TestRole(t *testing.T) {
	tests := []struct {
		role, peer codec.Role
		name       string
	}{
		{role: codec.RoleServer, peer: codec.RoleClient, name: "server"},
		{role: codec.RoleClient, peer: codec.RoleServer, name: "client"},
	}
	for _, tt := range tests {
		if got := tt.role.Peer(); got != tt.peer {
			t.Errorf("%v.Peer() = %v, want %v", tt.role, got, tt.peer)
		}
		if got := tt.role.String(); got != tt.name {
			t.Errorf("String() = %q, want %q", got, tt.name)
		}
	}
	var zero codec.Role
	if zero != codec.RoleServer {
		t.Errorf("the zero Role is %v, want server", zero)
	}
}
