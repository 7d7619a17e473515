package main

import (
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"
)

// Measurement is what a scenario has to say; it is the stopwatch, too.
type Measurement struct {
	operations int
	wall, cpu  time.Duration
	bytes      int
	hasBytes   bool

	wallAtStart time.Time
	cpuAtStart  time.Duration
}

func (m *Measurement) start() {
	m.wallAtStart, m.cpuAtStart = time.Now(), processorTime()
}

func (m *Measurement) stop() {
	m.cpu += processorTime() - m.cpuAtStart
	m.wall += time.Since(m.wallAtStart)
}

func (m *Measurement) print() {
	fmt.Printf("operations=%d wall=%d cpu=%d", m.operations, m.wall.Nanoseconds(), m.cpu.Nanoseconds())
	if m.hasBytes {
		fmt.Printf(" bytes=%d", m.bytes)
	}
	fmt.Println()
}

// processorTime is that of all threads of this process.
func processorTime() time.Duration {
	const clockProcessCPUTimeID = 2
	var now syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clockProcessCPUTimeID, uintptr(unsafe.Pointer(&now)), 0)
	return time.Duration(now.Nano())
}

// residentBytes are the bytes of this process that are in memory now.
func residentBytes() int {
	text, err := os.ReadFile("/proc/self/statm")
	check(err == nil, "no /proc/self/statm")
	var size, resident int
	fmt.Sscan(string(text), &size, &resident)
	return resident * os.Getpagesize()
}

// randomNumbers are the same in each language.
type randomNumbers struct{ state int }

func newRandomNumbers() *randomNumbers { return &randomNumbers{1} }

func (r *randomNumbers) below(limit int) int {
	r.state = r.state * 48271 % 2147483647
	return r.state % limit
}

func check(condition bool, complaint string) {
	if !condition {
		panic(complaint)
	}
}

func atLeastOne(number int) int {
	if number < 1 {
		return 1
	}
	return number
}
