package load

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// A timerAlarm is a timer of the kernel that the runtime waits for as it does for a
// socket. It is late by microseconds, where a timer of the runtime waits for whole
// milliseconds.
type timerAlarm struct {
	fd  int
	f   *os.File
	buf [8]byte
}

// newAlarm returns the most precise alarm that is to be had.
func newAlarm() alarm {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return plainAlarm{}
	}
	return &timerAlarm{fd: fd, f: os.NewFile(uintptr(fd), "timerfd")}
}

func (a *timerAlarm) Sleep(d time.Duration) {
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(max(d, 1)))}
	if unix.TimerfdSettime(a.fd, 0, &spec, nil) != nil {
		time.Sleep(d)
		return
	}
	a.f.Read(a.buf[:])
}

func (a *timerAlarm) Close() { a.f.Close() }
