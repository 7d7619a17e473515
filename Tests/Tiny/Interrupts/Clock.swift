// The board's clock and its waits: times of every length, and the clock in every century.

import CInterrupts
import CTiny
import UAsyncIO

/// How many bits the ticks may need, so that nanoseconds have room in 64.
private let heights = 20..<57 as Range<Int64>

/// Has the clock show a number of ticks, and returns what that is in nanoseconds.
private func setClock(_ ticks: Int64) -> Int64 {
  test_set_clock(UInt64(ticks))
  return ticks * Int64(test_tick())
}

/// Reads the clock, and sleeps, where the ticks come to need one bit more.
func everyHeight() async throws(TaskError) {
  for bits in heights {
    let shown = setClock(1 << bits)
    let late = loopNanoseconds() - shown
    require(late >= 0 && late < 10_000, "the clock shows all ticks, however many")
  }
  for bits in heights {
    let start = setClock(1 << bits - 5_000_000 / Int64(test_tick()))
    let waits = test_waits()
    try await sleepMs(10)
    let took = loopNanoseconds() - start
    require(took >= 10_000_000 && took < 10_100_000, "a sleep takes its time, whatever the clock shows")
    require(test_waits() - waits <= 2, "a sleep is one wait, whatever the clock shows")
  }
}

/// An interrupt while somebody sleeps for centuries.
func centuries(_ flag: ThreadSafeFlag) async throws(TaskError) {
  let sleeper = createTask { () throws(TaskError) in try await sleep(6e9) }
  let start = loopNanoseconds()
  let waits = test_waits()
  test_interrupt_after(20_000_000)
  try await flag.wait()
  let seconds = (loopNanoseconds() - start) / 1_000_000_000
  require(seconds == 20 && !sleeper.isDone, "a sleep of centuries goes on")
  require(test_waits() - waits < 5, "a sleep of centuries is not made in small waits")
  sleeper.cancel()
  _ = await sleeper.result
}

private func took(_ limit: Int64) -> Int64 {
  let start = tiny_board_now()
  tiny_board_wait(limit)
  return tiny_board_now() - start
}

/// The board's wait without the loop, which would wait again if it ended early. Nothing sets a flag.
func boardWaits() {
  test_interrupts_set(nil)
  _ = tiny_take_mail()
  // One that had no end would end with this.
  test_interrupt_after(1_000_000)
  for limit in stride(from: Int64(0), to: 250, by: 7) {
    // From every instruction of a tick on.
    for instructions in 10..<110 as Range<UInt32> {
      test_spend(instructions)
      let late = took(limit) - limit
      if late < 0 || late >= 500 { return require(false, "a short wait takes its time") }
    }
  }
  for limit in [Int64(-1), .min] {
    // No beginning of the counter ends it.
    test_set_clock(0)
    test_interrupt_after(10)
    require(took(1_000_000_000) < 11_000, "a wait ends with an interrupt")
    test_interrupt_after(100_000_000)
    require(took(limit) / 1_000_000_000 == 100, "a wait without a limit ends with an interrupt and nothing else")
  }
}
