package commands

import (
	"errors"
	"io"
	"testing"

	"wskit/codec"
	"wskit/codec/wsconn"
)

func TestCloseFailure(t *testing.T) {
	for _, test := range []struct {
		name string
		end  *wsconn.CloseError
		want int // exit code
	}{
		{name: "normal", end: &wsconn.CloseError{Code: codec.CloseNormal, By: wsconn.Peer}, want: exitOK},
		{name: "another code", end: &wsconn.CloseError{Code: codec.ClosePolicyViolation, By: wsconn.Peer}, want: exitClosed},
		{name: "violation", end: &wsconn.CloseError{Code: codec.CloseProtocolError, Err: codec.ErrReservedBits}, want: exitProtocol},
		{name: "a slow message", end: &wsconn.CloseError{Code: codec.ClosePolicyViolation, Err: wsconn.ErrMessageTimeout}, want: exitTimeout},
		{name: "a slow close", end: &wsconn.CloseError{Code: codec.CloseNormal, Err: wsconn.ErrCloseTimeout}, want: exitTimeout},
		{name: "a slow write", end: &wsconn.CloseError{Code: codec.CloseAbnormal, By: wsconn.Lost, Err: wsconn.ErrWriteTimeout}, want: exitTimeout},
		{name: "no pong", end: &wsconn.CloseError{Code: codec.CloseAbnormal, By: wsconn.Lost, Err: wsconn.ErrPingTimeout}, want: exitLost},
		{name: "end of stream", end: &wsconn.CloseError{Code: codec.CloseAbnormal, By: wsconn.Lost, Err: io.EOF}, want: exitLost},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := exitOK
			if e := (*exitError)(nil); errors.As(closeFailure(test.end), &e) {
				got = e.code
			}
			if got != test.want {
				t.Errorf("exit code %d, want %d", got, test.want)
			}
		})
	}
}
