package proc

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// Cores returns two cores that this process may use: one for the server, one for the
// load. They are not two threads of one core when there is another choice.
func Cores() (server, load int, err error) {
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		return 0, 0, fmt.Errorf("read the affinity: %w", err)
	}
	var cores []int
	for cpu := range 1024 {
		if allowed.IsSet(cpu) {
			cores = append(cores, cpu)
		}
	}
	if len(cores) < 2 {
		return 0, 0, fmt.Errorf("a core for the server and one for the load are needed, and there is %d", len(cores))
	}
	load = cores[0]
	for _, server := range cores[1:] {
		if siblings(server) != siblings(load) {
			return server, load, nil
		}
	}
	return cores[1], load, nil
}

// siblings names the threads of the core that cpu is one of.
func siblings(cpu int) string {
	b, err := os.ReadFile(fmt.Sprintf("/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu))
	if err != nil {
		return fmt.Sprint(cpu)
	}
	return strings.TrimSpace(string(b))
}

// OnCore calls start, which starts a process, so that the process runs on that core only.
func OnCore(cpu int, start func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return fmt.Errorf("read the affinity: %w", err)
	}
	one.Set(cpu)
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		return fmt.Errorf("choose core %d: %w", cpu, err)
	}
	err := start()
	if back := unix.SchedSetaffinity(0, &before); err == nil && back != nil {
		err = fmt.Errorf("restore the affinity: %w", back)
	}
	return err
}
