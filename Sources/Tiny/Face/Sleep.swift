import Scheduler

/// Suspends the running coroutine for some seconds; others run meanwhile.
///
/// With zero or less, every task that is ready runs once before the caller goes on. An infinite or enormous time ends
/// only with a cancellation. It never ends early, and ends late only as long as other tasks keep the loop busy.
///
/// - Parameter seconds: the time in seconds, at most as exact as nanoseconds.
/// - Throws: ``TaskError/cancelled`` if the coroutine is cancelled meanwhile; ``TaskError/timeIsNotANumber``.
///
/// Python: `sleep(t)`.
@inline(__always)
public nonisolated(nonsending) func sleep(_ seconds: Double) async throws(TaskError) {
  try await sleep(nanoseconds: TimeLimit.nanoseconds(seconds, unit: 1_000_000_000))
}

/// Suspends the running coroutine for a whole number of seconds; see ``sleep(_:)-(Double)``.
@inline(__always)
public nonisolated(nonsending) func sleep(_ seconds: Int) async throws(TaskError) {
  try await sleep(nanoseconds: TimeLimit.nanoseconds(seconds, unit: 1_000_000_000))
}

/// Suspends the running coroutine for a duration; see ``sleep(_:)-(Double)``.
@inline(__always)
public nonisolated(nonsending) func sleep(_ duration: Duration) async throws(TaskError) {
  try await sleep(nanoseconds: TimeLimit.nanoseconds(duration))
}

/// Suspends the running coroutine for some milliseconds; see ``sleep(_:)-(Double)``. Python: `sleep_ms(t)`.
@inline(__always)
public nonisolated(nonsending) func sleepMs(_ milliseconds: Double) async throws(TaskError) {
  try await sleep(nanoseconds: TimeLimit.nanoseconds(milliseconds, unit: 1_000_000))
}

/// Suspends the running coroutine for a whole number of milliseconds; see ``sleep(_:)-(Double)``.
/// Python: `sleep_ms(t)`.
@inline(__always)
public nonisolated(nonsending) func sleepMs(_ milliseconds: Int) async throws(TaskError) {
  try await sleep(nanoseconds: TimeLimit.nanoseconds(milliseconds, unit: 1_000_000))
}

/// Lets every task that is ready now run once before the caller goes on. Python: `sleep(0)`.
///
/// - Throws: ``TaskError/cancelled`` if the coroutine is cancelled meanwhile.
#if UASYNCIO_BOARD
  @inline(never)
#else
  @inline(__always)
#endif
public nonisolated(nonsending) func yieldNow() async throws(TaskError) {
  try Loop.shared.beginYield()
  await park()
  try Loop.shared.endWait()
}

#if UASYNCIO_BOARD
  @inline(never)
#else
  @inline(__always)
#endif
private nonisolated(nonsending) func sleep(nanoseconds: Int64) async throws(TaskError) {
  try Loop.shared.beginSleep(nanoseconds)
  await park()
  try Loop.shared.endWait()
}

/// The loop's time: how long it has run, or with the virtual clock, how long it pretends to have. Python: `ticks_ms()`.
public func loopTime() -> Duration { .nanoseconds(loopNanoseconds()) }

/// The loop's time in nanoseconds: for machines on which a `Duration`, 128 bits wide, is too much.
public func loopNanoseconds() -> Int64 {
  Loop.make()
  return Loop.shared.now
}

/// Turns the times that people write into nanoseconds.
enum TimeLimit {
  /// `amount` units of so many nanoseconds; what is out of reach becomes the longest time there is.
  static func nanoseconds(_ amount: Double, unit: Double) throws(TaskError) -> Int64 {
    // Rounded up: a wait must not end early.
    let nanoseconds = amount * unit
    if nanoseconds <= 0 { return 0 }
    if nanoseconds < 0x1p63 {
      let whole = Int64(nanoseconds)
      return Double(whole) < nanoseconds ? whole + 1 : whole
    }
    guard nanoseconds == nanoseconds else { throw .timeIsNotANumber }
    return .max
  }

  @inline(__always)
  static func nanoseconds(_ amount: Int, unit: Int64) -> Int64 {
    if amount <= 0 { return 0 }
    // Where `Int` has 32 bits, nothing can be out of reach.
    if MemoryLayout<Int>.size < MemoryLayout<Int64>.size { return Int64(amount) &* unit }
    let (product, overflow) = Int64(amount).multipliedReportingOverflow(by: unit)
    return overflow ? .max : product
  }

  static func nanoseconds(_ duration: Duration) -> Int64 {
    guard duration > .zero else { return 0 }
    // Of a duration that is longer than this the standard library cannot even tell the components.
    guard duration < .seconds(Int64.max) else { return .max }
    let (seconds, attoseconds) = duration.components
    let whole = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let part = (attoseconds + 999_999_999) / 1_000_000_000
    let sum = whole.partialValue.addingReportingOverflow(part)
    return whole.overflow || sum.overflow ? .max : sum.partialValue
  }
}
