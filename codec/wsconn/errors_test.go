package wsconn

import (
	"errors"
	"testing"

	"wskit/codec"
)

func TestCloseError(t *testing.T) {
	for _, tt := range []struct {
		err    CloseError
		by, as string
	}{
		{err: CloseError{Code: 1000}, by: "local", as: "closed with 1000 normal closure"},
		{err: CloseError{Code: 1000, Reason: "a\nb"}, by: "local", as: `closed with 1000 normal closure "a\nb"`},
		{err: CloseError{Code: 4001, Reason: "out", By: Peer}, by: "peer", as: `closed by the peer with 4001 private "out"`},
		{err: CloseError{Code: 1006, By: Lost, Err: ErrPingTimeout}, by: "lost", as: "connection lost: the peer did not answer a ping in time"},
		{
			err: CloseError{Code: 1007, Reason: "r", Err: codec.ErrInvalidUTF8}, by: "local",
			as: "closed with 1007 invalid payload data: a text message must be valid UTF-8 (RFC 6455 §8.1)",
		},
	} {
		if got := tt.err.Error(); got != tt.as {
			t.Errorf("Error() = %q, want %q", got, tt.as)
		}
		if got := tt.err.By.String(); got != tt.by {
			t.Errorf("By = %q, want %q", got, tt.by)
		}
		if got := errors.Unwrap(&tt.err); got != tt.err.Err {
			t.Errorf("Unwrap() = %v, want %v", got, tt.err.Err)
		}
	}
}
