// Waiting that is none: a script that asks again and again, `while not ready: await sleep_ms(0)` or
// `while ticks_diff(ticks_ms(), began) < 100: pass`.
//
// On a device time passes meanwhile. Virtual time stands still while anything runs, and such a loop would never end. So a
// script that has made very many steps, or readings of the clock within one step, at one and the same instant is taken
// to be waiting, and a millisecond passes. How many does not depend on the machine: a run is the same each time.

import CPythonModule
import Scheduler

/// How often each task that is ready has had its turn at one instant, before time passes.
private var patience: Int { 10_000 }

/// Notes that a step begins, under virtual time.
@inline(never)
func noteStep() {
  loop.pointee.readings = 0
  let now = now
  if loop.pointee.instant != now {
    loop.pointee.instant = now
    loop.pointee.steps = 0
  }
  loop.pointee.steps += 1
  guard loop.pointee.steps % patience == 0 else { return }
  var readyCount = 1
  loop.pointee.scheduler.forEachReady { _ in readyCount += 1 }
  if loop.pointee.steps >= patience * readyCount { passMillisecond() }
}

/// Nanoseconds of the loop's time, for a script.
@c(uasyncio_read_clock)
public func readClock() -> Int64 {
  if loop.pointee.isVirtual {
    loop.pointee.readings += 1
    if loop.pointee.readings >= patience {
      loop.pointee.readings = 0
      passMillisecond()
    }
  }
  return now
}

@inline(never)
private func passMillisecond() {
  // What is being done outside takes no virtual time.
  if loop.pointee.scheduler.outsideHolds == 0 { passTime(1_000_000) }
}
