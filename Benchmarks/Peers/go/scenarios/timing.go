package main

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

func timers(m *Measurement, count, span int) {
	random := newRandomNumbers()
	var all sync.WaitGroup
	all.Add(count)
	m.start()
	for i := 0; i < count; i++ {
		length := time.Duration(500+random.below(span)) * time.Millisecond
		go func() {
			time.Sleep(length)
			all.Done()
		}()
	}
	all.Wait()
	m.stop()
	m.operations = count
}

func sleepAmong(m *Measurement, count, others int) {
	random := newRandomNumbers()
	var asleep atomic.Int64
	for i := 0; i < others; i++ {
		length := time.Duration(3_600_000+random.below(3_600_000)) * time.Millisecond
		go func() {
			asleep.Add(1)
			time.Sleep(length)
		}()
	}
	for int(asleep.Load()) < others {
		runtime.Gosched()
	}
	runtime.GC()
	const sleepers = 1000
	sleeps := atLeastOne(count / sleepers)
	var all sync.WaitGroup
	all.Add(sleepers)
	m.start()
	for i := 0; i < sleepers; i++ {
		length := time.Duration(1+random.below(10)) * time.Millisecond
		go func() {
			defer all.Done()
			for i := 0; i < sleeps; i++ {
				time.Sleep(length)
			}
		}()
	}
	all.Wait()
	m.stop()
	m.operations = sleeps * sleepers
}

// sleep is what sleeps in Go when it shall be possible to cancel it.
func sleep(ctx context.Context, length time.Duration) error {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func cancelSleepers(m *Measurement, count, batch int) {
	batches := atLeastOne(count / batch)
	random := newRandomNumbers()
	for number := 0; number < batches; number++ {
		var asleep, cancelled atomic.Int64
		var all sync.WaitGroup
		all.Add(batch)
		cancels := make([]context.CancelFunc, batch)
		for i := range cancels {
			length := time.Duration(3_600_000+random.below(3_600_000)) * time.Millisecond
			ctx, cancel := context.WithCancel(context.Background())
			cancels[i] = cancel
			go func() {
				defer all.Done()
				asleep.Add(1)
				if sleep(ctx, length) != nil {
					cancelled.Add(1)
				}
			}()
		}
		for int(asleep.Load()) < batch {
			runtime.Gosched()
		}
		m.start()
		for _, cancel := range cancels {
			cancel()
		}
		all.Wait()
		m.stop()
		check(int(cancelled.Load()) == batch, "not all were cancelled")
	}
	m.operations = batches * batch
}

func waitFor(m *Measurement, count, _ int) {
	body := func(ctx context.Context, number int) (int, error) {
		runtime.Gosched()
		return number, ctx.Err()
	}
	sum := 0
	m.start()
	for number := 0; number < count; number++ {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		result, err := body(ctx, number)
		cancel()
		check(err == nil, "the limit has passed")
		sum += result
	}
	m.stop()
	check(sum == count*(count-1)/2, "wrong sum")
	m.operations = count
}

func waitForTimeout(m *Measurement, count, tasks int) {
	rounds := atLeastOne(count / tasks)
	var passed atomic.Int64
	var all sync.WaitGroup
	all.Add(tasks)
	m.start()
	for i := 0; i < tasks; i++ {
		go func() {
			defer all.Done()
			for round := 0; round < rounds; round++ {
				ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
				if sleep(ctx, time.Hour) != nil {
					passed.Add(1)
				}
				cancel()
			}
		}()
	}
	all.Wait()
	m.stop()
	check(int(passed.Load()) == rounds*tasks, "not all limits have passed")
	m.operations = rounds * tasks
}
