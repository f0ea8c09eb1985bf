package load

import (
	"fmt"
	"os"
)

// localPorts returns the number of ports that the kernel chooses from, or -1.
func localPorts() int {
	b, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return -1
	}
	return parsePortRange(string(b))
}

func parsePortRange(s string) int {
	var first, last int
	if n, err := fmt.Sscan(s, &first, &last); n != 2 || err != nil || first < 1 || last < first || last > 65535 {
		return -1
	}
	return last - first + 1
}
