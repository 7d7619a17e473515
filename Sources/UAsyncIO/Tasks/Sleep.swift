import Scheduler

/// Suspends the running coroutine for some seconds; others run meanwhile.
///
/// With zero or less, every task that is ready runs once before the caller goes on. An infinite or enormous time ends
/// only with a cancellation. It never ends early, and ends late only as long as other tasks keep the loop busy.
///
/// - Parameter seconds: the time in seconds, at most as exact as nanoseconds.
/// - Throws: `CancellationError` if the coroutine is cancelled meanwhile; ``LoopError/timeIsNotANumber``.
///
/// Python: `sleep(t)`.
public nonisolated(nonsending) func sleep(_ seconds: Double) async throws {
  try await sleep(nanoseconds: TimeLimit.nanoseconds(seconds, unit: 1_000_000_000))
}

/// Suspends the running coroutine for a whole number of seconds; see ``sleep(_:)-(Double)``.
///
/// - Throws: `CancellationError` if the coroutine is cancelled meanwhile.
public nonisolated(nonsending) func sleep(_ seconds: Int) async throws {
  try await sleep(nanoseconds: TimeLimit.nanoseconds(seconds, unit: 1_000_000_000))
}

/// Suspends the running coroutine for a duration; see ``sleep(_:)-(Double)``.
///
/// - Throws: `CancellationError` if the coroutine is cancelled meanwhile.
public nonisolated(nonsending) func sleep(_ duration: Duration) async throws {
  try await sleep(nanoseconds: TimeLimit.nanoseconds(duration))
}

/// Suspends the running coroutine for some milliseconds; see ``sleep(_:)-(Double)``.
///
/// - Parameter milliseconds: the time in milliseconds.
/// - Throws: `CancellationError` if the coroutine is cancelled meanwhile; ``LoopError/timeIsNotANumber``.
///
/// Python: `sleep_ms(t)`.
public nonisolated(nonsending) func sleepMs(_ milliseconds: Double) async throws {
  try await sleep(nanoseconds: TimeLimit.nanoseconds(milliseconds, unit: 1_000_000))
}

/// Suspends the running coroutine for a whole number of milliseconds; see ``sleep(_:)-(Double)``.
///
/// - Throws: `CancellationError` if the coroutine is cancelled meanwhile.
public nonisolated(nonsending) func sleepMs(_ milliseconds: Int) async throws {
  try await sleep(nanoseconds: TimeLimit.nanoseconds(milliseconds, unit: 1_000_000))
}

/// Lets every task that is ready now run once before the caller goes on.
///
/// - Throws: `CancellationError` if the coroutine is cancelled meanwhile.
///
/// Python: `sleep(0)`.
public nonisolated(nonsending) func yieldNow() async throws {
  try await sleep(nanoseconds: 0)
}

@inline(__always)
private nonisolated(nonsending) func sleep(nanoseconds: Int64) async throws {
  guard let loop = LoopCore.inTask else { return try await sleepFromElsewhere(nanoseconds) }
  try loop.beginSleep(nanoseconds)
  await park()
  try loop.endWait()
}

/// The loop's time: how long it has run, or with the virtual clock, how long it pretends to have. Python: `ticks_ms()`.
///
/// Goes forward only. Differences between two readings are what it is for.
@LoopActor
public func loopTime() -> Duration {
  .nanoseconds(LoopCore.shared.now)
}

/// Turns the times that people write into nanoseconds.
enum TimeLimit {
  /// `amount` units of so many nanoseconds; what is out of reach becomes the longest time there is.
  @inline(__always)
  static func nanoseconds(_ amount: Double, unit: Double) throws(LoopError) -> Int64 {
    // Rounded up: a wait must not end early.
    let nanoseconds = (amount * unit).rounded(.up)
    if nanoseconds <= 0 { return 0 }
    if nanoseconds < 0x1p63 { return Int64(nanoseconds) }
    guard !nanoseconds.isNaN else { throw .timeIsNotANumber }
    return .max
  }

  @inline(__always)
  static func nanoseconds(_ amount: Int, unit: Int64) -> Int64 {
    let (product, overflow) = Int64(amount).multipliedReportingOverflow(by: unit)
    return overflow ? (amount < 0 ? 0 : .max) : max(0, product)
  }

  /// The time that comes so many nanoseconds from now; `Clock.never` where that is out of reach.
  static func deadline(in nanoseconds: Int64) -> Int64 { Clock.deadline(nanoseconds, after: LoopCore.shared.now) }

  static func nanoseconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    let whole = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let part = (attoseconds + 999_999_999) / 1_000_000_000
    let sum = whole.partialValue.addingReportingOverflow(part)
    return whole.overflow || sum.overflow ? .max : sum.partialValue
  }
}
