// The scenarios of Benchmarks/Sources/Scenarios with goroutines, to be run with GOMAXPROCS=1.
//
// Numbers that several goroutines change are changed atomically where a goroutine could be preempted in between.
package main

import (
	"fmt"
	"os"
	"strconv"
)

var scenarios = map[string]struct {
	usual int
	run   func(m *Measurement, count, parameter int)
}{
	"switch":         {1, switchTasks},
	"spawn":          {0, spawn},
	"parked":         {100_000, park},
	"gather":         {1000, gather},
	"timers":         {2000, timers},
	"sleepAmong":     {1_000_000, sleepAmong},
	"cancel":         {100_000, cancelSleepers},
	"waitFor":        {0, waitFor},
	"waitForTimeout": {1000, waitForTimeout},
	"eventWake":      {10_000, eventWake},
	"lock":           {100, contendLock},
	"queue":          {16, queue},
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "expected: NAME COUNT [PARAMETER]")
		os.Exit(2)
	}
	scenario, known := scenarios[os.Args[1]]
	check(known, "no such scenario: "+os.Args[1])
	count, err := strconv.Atoi(os.Args[2])
	check(err == nil && count > 0, "no count: "+os.Args[2])
	parameter := scenario.usual
	if len(os.Args) > 3 {
		parameter, err = strconv.Atoi(os.Args[3])
		check(err == nil, "no number: "+os.Args[3])
	}
	var measurement Measurement
	scenario.run(&measurement, count, parameter)
	measurement.print()
}
