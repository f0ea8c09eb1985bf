// Package proc reads what Linux knows of a process, and says on which cores to run one.
package proc

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// CPU returns the time that all threads of the process have run, those that have ended
// included: utime + stime of /proc/PID/stat, but in nanoseconds instead of ticks of 10 ms.
func CPU(pid int) (time.Duration, error) {
	const sched = 2 // CPUCLOCK_SCHED: the clock that is precise
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|sched), &ts); err != nil {
		return 0, fmt.Errorf("read the CPU clock of process %d: %w", pid, err)
	}
	return time.Duration(ts.Nano()), nil
}

// Memory is what a process holds of the machine's memory, in bytes.
type Memory struct {
	RSS  int64 `json:"rss"`  // now
	Peak int64 `json:"peak"` // at most, since it started
}

// ReadMemory returns the memory of a process.
func ReadMemory(pid int) (Memory, error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return Memory{}, err
	}
	defer f.Close()
	return parseStatus(f)
}

// parseStatus reads the lines VmHWM and VmRSS of /proc/PID/status, which are in KiB.
func parseStatus(r io.Reader) (Memory, error) {
	var m Memory
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		var field *int64
		switch name {
		case "VmRSS":
			field = &m.RSS
		case "VmHWM":
			field = &m.Peak
		default:
			continue
		}
		kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			return Memory{}, fmt.Errorf("parse %s of a process: %w", name, err)
		}
		*field = kib << 10
	}
	if err := lines.Err(); err != nil {
		return Memory{}, err
	}
	if m.RSS == 0 || m.Peak == 0 {
		return Memory{}, fmt.Errorf("the process has no memory: has it ended?")
	}
	return m, nil
}

// Descriptors returns how many files a process may have open when it asks for all it can have.
func Descriptors() uint64 {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return limit.Max
}
