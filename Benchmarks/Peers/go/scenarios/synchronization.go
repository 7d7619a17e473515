package main

import (
	"runtime"
	"sync"
	"sync/atomic"
)

func eventWake(m *Measurement, count, waiters int) {
	rounds := atLeastOne(count / waiters)
	// In Go an event is a channel that is closed; it serves once.
	events := make([]chan struct{}, rounds)
	for i := range events {
		events[i] = make(chan struct{})
	}
	var waiting atomic.Int64
	var all sync.WaitGroup
	all.Add(waiters)
	for i := 0; i < waiters; i++ {
		go func() {
			defer all.Done()
			for _, event := range events {
				waiting.Add(1)
				<-event
			}
		}()
	}
	for int(waiting.Load()) < waiters {
		runtime.Gosched()
	}
	m.start()
	for round, event := range events {
		waiting.Store(0)
		close(event)
		for int(waiting.Load()) < waiters && round < rounds-1 {
			runtime.Gosched()
		}
	}
	all.Wait()
	m.stop()
	m.operations = rounds * waiters
}

func contendLock(m *Measurement, count, tasks int) {
	rounds := atLeastOne(count / tasks)
	var lock sync.Mutex
	var all sync.WaitGroup
	all.Add(tasks)
	locked := 0
	m.start()
	for i := 0; i < tasks; i++ {
		go func() {
			defer all.Done()
			for round := 0; round < rounds; round++ {
				lock.Lock()
				before := locked
				runtime.Gosched()
				locked = before + 1
				lock.Unlock()
			}
		}()
	}
	all.Wait()
	m.stop()
	check(locked == rounds*tasks, "the lock does not lock")
	m.operations = locked
}

func queue(m *Measurement, count, room int) {
	numbers := make(chan int, room)
	sum := 0
	m.start()
	go func() {
		for number := 0; number < count; number++ {
			numbers <- number
		}
		close(numbers)
	}()
	for number := range numbers {
		sum += number
	}
	m.stop()
	check(sum == count*(count-1)/2, "wrong sum")
	m.operations = count
}
