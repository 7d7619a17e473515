// What only a board can show: interrupts, and the clock that they keep.
//
// The emulator counts instructions and lets a nanosecond pass for each, so an interrupt that is meant for a certain
// instruction comes there in every run. A lost one shows as a program that never ends.

import CInterrupts
import CTiny
import UAsyncIO

private func milliseconds(since start: Int64) -> Int { Int((loopNanoseconds() - start) / 1_000_000) }

/// The counter behind the clock was set so that it begins anew after 40 ms.
private func wrapAround() async throws(TaskError) {
  var last = loopNanoseconds()
  let waits = test_waits()
  for _ in 0..<20 {
    try await sleepMs(10)
    let now = loopNanoseconds()
    require(now - last >= 10_000_000 && now - last < 11_000_000, "a sleep takes its time while the counter begins anew")
    last = now
  }
  require(test_clock_has_begun_anew(), "the counter has begun anew")
  // The counter's own interrupt ends one of them.
  require(test_waits() - waits <= 21, "a sleep is one wait, also while the counter begins anew")
}

/// Longer than a 32-bit counter counts, some of it without a timer, so that nobody reads the clock.
private func longWaits(_ flag: ThreadSafeFlag) async throws(TaskError) {
  let start = loopNanoseconds()
  for _ in 0..<4 {
    test_interrupt_after(100_000_000)
    try await flag.wait()
  }
  require(milliseconds(since: start) / 1000 == 400, "the counter begins anew while nobody reads the clock")
  let waits = test_waits()
  try await sleep(500)
  require(milliseconds(since: start) / 1000 == 900, "a long sleep takes its time")
  require(test_waits() - waits < 30, "a long sleep is a few waits")
}

/// An interrupt between the last look for mail and the wait.
private func worstMoment(_ flag: ThreadSafeFlag) async throws(TaskError) {
  let start = loopNanoseconds()
  for _ in 0..<100 {
    test_interrupt_when_about_to_wait()
    try await flag.wait()
  }
  require(milliseconds(since: start) < 2, "an interrupt at the worst moment ends the wait")
}

/// An interrupt at every instruction before and in the wait; alone, and while the loop looks through the flags because
/// another one was set.
private func everyMoment(_ flag: ThreadSafeFlag) async throws(TaskError) {
  let start = loopNanoseconds()
  let other = ThreadSafeFlag()
  for hasMail in [false, true] {
    for instructions in 0..<3000 as Range<UInt32> {
      test_interrupt_in(instructions)
      if hasMail { other.set() }
      try await flag.wait()
    }
  }
  // Where the counter's own interrupt ends every wait sooner or later, a lost one is just late.
  require(milliseconds(since: start) < 200, "an interrupt at any moment ends the wait")
}

/// The same while a sleeper's deadline comes.
private func everyMomentWithDeadline(_ flag: ThreadSafeFlag) async throws(TaskError) {
  for instructions in 0..<8000 as Range<UInt32> {
    test_interrupt_in(instructions)
    let waiting = createTask { () throws(TaskError) in try await flag.wait() }
    let start = loopNanoseconds()
    try await sleepMs(0.003)
    let took = loopNanoseconds() - start
    require(took >= 3000 && took < 6000, "a deadline is kept, whatever comes in between")
    try await waiting.value
  }
}

/// Two flags set by one interrupt, at every instruction.
private func everyMomentForTwo(_ flag: ThreadSafeFlag) async throws(TaskError) {
  let start = loopNanoseconds()
  let other = ThreadSafeFlag()
  test_interrupts_set_too(other.address)
  for instructions in 0..<5000 as Range<UInt32> {
    test_interrupt_in(instructions)
    let waiting = createTask { () throws(TaskError) in try await other.wait() }
    try await flag.wait()
    try await waiting.value
  }
  test_interrupts_set_too(nil)
  require(milliseconds(since: start) < 200, "an interrupt at any moment wakes all whom it concerns")
}

/// Interrupts as fast as the processor can serve them, while others want to work too.
private func storm(_ flag: ThreadSafeFlag) async throws(TaskError) {
  let start = loopNanoseconds()
  var wakes = 0
  var late = 0
  let listener = createTask { () throws(TaskError) in
    while true {
      try await flag.wait()
      wakes += 1
    }
  }
  let sleeper = createTask { () throws(TaskError) in
    for tick in 1...20 {
      let next = start + Int64(tick) * 1_000_000
      let rest = next - loopNanoseconds()
      if rest > 0 { try await sleepMs(Double(rest) / 1_000_000) }
      if loopNanoseconds() > next + 500_000 { late += 1 }
    }
  }
  // One who never waits for anything must not keep them from their turns.
  let busy = createTask { () throws(TaskError) in while true { try await yieldNow() } }
  try await yieldNow()
  let before = heapAllocations()
  test_storm_begin(2)
  try await sleeper.value
  test_storm_end()
  try await sleepMs(1)
  require(heapAllocations() == before, "a storm needs no memory")
  require(late == 0, "timers are on time in a storm")
  require(test_interrupts() > 3000, "it was a storm")
  require(wakes > 100 && wakes <= Int(test_interrupts()), "each wake has its interrupt")
  let settled = wakes
  flag.set()
  try await sleepMs(1)
  require(wakes == settled + 1, "after the storm, one setting is one wake")
  for task in [listener, busy] {
    task.cancel()
    _ = await task.result
  }
}

/// Tasks and limits that come and go while the heap is sealed.
private func steady(_ flag: ThreadSafeFlag) async throws(TaskError) {
  sealHeap()
  for round in 0..<50 {
    test_interrupt_in(UInt32(round) * 40)
    let value = try await waitFor(1) { () throws(TaskError) in
      try await flag.wait()
      return round
    }
    require(value == round, "with a sealed heap, tasks come and go")
  }
  sealHeap(false)
}

private func all() async throws(TaskError) {
  try await wrapAround()
  let flag = ThreadSafeFlag()
  test_interrupts_set(flag.address)
  try await worstMoment(flag)
  try await everyMoment(flag)
  try await everyMomentWithDeadline(flag)
  try await everyMomentForTwo(flag)
  try await longWaits(flag)
  try await centuries(flag)
  try await storm(flag)
  // Once without the seal, so that everything has been needed once.
  _ = try await waitFor(1) { () throws(TaskError) in 1 }
  test_interrupt_after(3)
  try await flag.wait()
  try await steady(flag)
  try await everyHeight()
}

@main struct Interrupts {
  static func main() {
    test_start()
    do throws(TaskError) {
      try run(size: 640, all)
    } catch {
      writeError(error)
      failures += 1
    }
    boardWaits()
    require(test_wide_clock(), "a wide clock is right at every moment")
    require(test_clock_is_steady(), "the clock goes on steadily while the counter begins anew")
    writeText(failures == 0 ? "interrupts: all is as it should be\n" : "interrupts: failures\n")
    exitProgram(failures)
  }
}
