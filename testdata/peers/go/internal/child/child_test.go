package child

import "testing"

func TestSaid(t *testing.T) {
	for _, tt := range []struct{ name, stderr, want string }{
		{"nothing", "", ""},
		{"last line", "a\nb\n", "b"},
		{"panic", "hello\npanic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t+0x1\nexit status 2\n", "panic: boom"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stderr Tail
			stderr.Write([]byte(tt.stderr))
			if got := stderr.Said(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
