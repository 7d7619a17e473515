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
  for _ in 0..<20 {
    try await sleepMs(10)
    let now = loopNanoseconds()
    require(now - last >= 10_000_000 && now - last < 11_000_000, "a sleep takes its time while the counter begins anew")
    last = now
  }
  require(test_clock_has_begun_anew(), "the counter has begun anew")
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

/// An interrupt at every instruction before, in and behind the wait.
private func everyMoment(_ flag: ThreadSafeFlag) async throws(TaskError) {
  for delay in 1..<12 {
    for instructions in 0..<60 {
      test_interrupt_after(UInt32(delay), UInt32(instructions))
      try await flag.wait()
    }
  }
}

/// The same against a sleeper whose deadline comes at about the same time.
private func everyMomentWithDeadline(_ flag: ThreadSafeFlag) async throws(TaskError) {
  for instructions in 0..<400 {
    test_interrupt_after(20, UInt32(instructions))
    let waiting = createTask { () throws(TaskError) in try await flag.wait() }
    try await sleepMs(0.003)
    try await waiting.value
  }
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
  listener.cancel()
  _ = await listener.result
}

/// 200 tasks more than there are places: refused, and nothing else is harmed; then the heap stays as it is.
private func steady(_ flag: ThreadSafeFlag) async throws(TaskError) {
  sealHeap()
  for round in 0..<50 {
    test_interrupt_after(3, UInt32(round))
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
  try await storm(flag)
  // Once without the seal, so that everything has been needed once.
  _ = try await waitFor(1) { () throws(TaskError) in 1 }
  test_interrupt_after(3, 0)
  try await flag.wait()
  try await steady(flag)
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
    writeText(failures == 0 ? "interrupts: all is as it should be\n" : "interrupts: failures\n")
    exitProgram(failures)
  }
}
