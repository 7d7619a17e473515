package main

import (
	"runtime"
	"sync"
	"sync/atomic"
)

func switchTasks(m *Measurement, count, tasks int) {
	rounds := atLeastOne(count / tasks)
	var started atomic.Int64
	var others sync.WaitGroup
	// Goroutines may run before all have been made: they wait for each other, so that none has its turns too early.
	gate := make(chan struct{})
	others.Add(tasks - 1)
	for i := 1; i < tasks; i++ {
		go func() {
			defer others.Done()
			started.Add(1)
			<-gate
			for round := 0; round <= rounds; round++ {
				runtime.Gosched()
			}
		}()
	}
	for int(started.Load()) < tasks-1 {
		runtime.Gosched()
	}
	close(gate)
	m.start()
	for round := 0; round < rounds; round++ {
		runtime.Gosched()
	}
	m.stop()
	others.Wait()
	m.operations = rounds * tasks
}

func spawn(m *Measurement, count, _ int) {
	sum := 0
	// One channel serves all: there is one goroutine at a time.
	result := make(chan int, 1)
	m.start()
	for number := 0; number < count; number++ {
		go func(number int) { result <- number }(number)
		sum += <-result
	}
	m.stop()
	check(sum == count*(count-1)/2, "wrong sum")
	m.operations = count
}

func park(m *Measurement, count, batch int) {
	batches := atLeastOne(count / batch)
	for number := 0; number < batches; number++ {
		never := make(chan struct{})
		var waiting atomic.Int64
		runtime.GC()
		before := residentBytes()
		m.start()
		for i := 0; i < batch; i++ {
			go func() {
				waiting.Add(1)
				<-never
				waiting.Add(-1)
			}()
		}
		for int(waiting.Load()) < batch {
			runtime.Gosched()
		}
		m.stop()
		if number == 0 {
			m.bytes, m.hasBytes = (residentBytes()-before)/batch, true
		}
		if number < batches-1 {
			close(never)
			for waiting.Load() > 0 {
				runtime.Gosched()
			}
		}
	}
	m.operations = batches * batch
}

func gather(m *Measurement, count, width int) {
	rounds := atLeastOne(count / width)
	sum := 0
	m.start()
	for round := 0; round < rounds; round++ {
		numbers := make([]int, width)
		var all sync.WaitGroup
		all.Add(width)
		for number := 0; number < width; number++ {
			go func(number int) {
				defer all.Done()
				numbers[number] = number
			}(number)
		}
		all.Wait()
		for _, number := range numbers {
			sum += number
		}
	}
	m.stop()
	check(sum == rounds*width*(width-1)/2, "wrong sum")
	m.operations = rounds * width
}
