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
@inlinable
public nonisolated(nonsending) func sleep(_ seconds: Double) async throws {
  try await sleep(nanoseconds: TimeLimit.nanoseconds(seconds, unit: 1_000_000_000))
}

/// Suspends the running coroutine for a whole number of seconds; see ``sleep(_:)-(Double)``.
///
/// - Throws: `CancellationError` if the coroutine is cancelled meanwhile.
@inlinable
public nonisolated(nonsending) func sleep(_ seconds: Int) async throws {
  try await sleep(nanoseconds: TimeLimit.nanoseconds(seconds, unit: 1_000_000_000))
}

/// Suspends the running coroutine for a duration; see ``sleep(_:)-(Double)``.
///
/// - Throws: `CancellationError` if the coroutine is cancelled meanwhile.
@inlinable
public nonisolated(nonsending) func sleep(_ duration: Duration) async throws {
  try await sleep(nanoseconds: TimeLimit.nanoseconds(duration))
}

/// Suspends the running coroutine for a duration, or for up to `tolerance` longer.
///
/// Sleepers with tolerance wake up together where they can, so that a device or an idle machine is woken less often: of the
/// times that are allowed, the roundest is chosen (in binary fractions of a second), and others choose the same.
///
/// - Parameters:
///   - duration: the time; the sleep does not end earlier. With zero or less, as ``yieldNow()``.
///   - tolerance: how much later it may end.
/// - Throws: `CancellationError` if the coroutine is cancelled meanwhile.
@inlinable
public nonisolated(nonsending) func sleep(_ duration: Duration, tolerance: Duration) async throws {
  try await sleepWithTolerance(TimeLimit.nanoseconds(duration), TimeLimit.nanoseconds(tolerance))
}

@LoopActor @usableFromInline
func sleepWithTolerance(_ delay: Int64, _ tolerance: Int64) async throws {
  guard delay > 0 else { return try await sleepFromElsewhere(0) }
  let loop = LoopCore.shared
  let earliest = Clock.deadline(delay, after: loop.now)
  // The very time, and not how long it is until then: that would be counted from a later reading of the clock.
  let time = TimeLimit.roundest(from: earliest, to: Clock.deadline(tolerance, after: earliest))
  _ = try await loop.wait { try $0.beginWait(.sleeping, in: nil, until: time) }
  try loop.endWait()
}

/// Suspends the running coroutine for some milliseconds; see ``sleep(_:)-(Double)``.
///
/// - Parameter milliseconds: the time in milliseconds.
/// - Throws: `CancellationError` if the coroutine is cancelled meanwhile; ``LoopError/timeIsNotANumber``.
///
/// Python: `sleep_ms(t)`.
@inlinable
public nonisolated(nonsending) func sleepMs(_ milliseconds: Double) async throws {
  try await sleep(nanoseconds: TimeLimit.nanoseconds(milliseconds, unit: 1_000_000))
}

/// Suspends the running coroutine for a whole number of milliseconds; see ``sleep(_:)-(Double)``.
///
/// - Throws: `CancellationError` if the coroutine is cancelled meanwhile.
@inlinable
public nonisolated(nonsending) func sleepMs(_ milliseconds: Int) async throws {
  try await sleep(nanoseconds: TimeLimit.nanoseconds(milliseconds, unit: 1_000_000))
}

/// Lets every task that is ready now run once before the caller goes on.
///
/// - Throws: `CancellationError` if the coroutine is cancelled meanwhile.
///
/// Python: `sleep(0)`.
@inlinable
public nonisolated(nonsending) func yieldNow() async throws {
  try await sleep(nanoseconds: 0)
}

@inlinable @inline(__always)
nonisolated(nonsending) func sleep(nanoseconds: Int64) async throws {
  guard try LoopCore.beginSleepInTask(nanoseconds) else { return try await sleepFromElsewhere(nanoseconds) }
  await park()
  try LoopCore.endWaitInTask()
}

/// The loop's time: how long it has run, or with the virtual clock, how long it pretends to have. Python: `ticks_ms()`.
///
/// Goes forward only. Differences between two readings are what it is for.
@LoopActor
public func loopTime() -> Duration {
  .nanoseconds(LoopCore.shared.now)
}

/// Turns the times that people write into nanoseconds.
@usableFromInline
enum TimeLimit {
  /// `amount` units of so many nanoseconds; what is out of reach becomes the longest time there is.
  @usableFromInline @inline(__always)
  static func nanoseconds(_ amount: Double, unit: Double) throws(LoopError) -> Int64 {
    // Rounded up: a wait must not end early.
    let nanoseconds = (amount * unit).rounded(.up)
    if nanoseconds <= 0 { return 0 }
    if nanoseconds < 0x1p63 { return Int64(nanoseconds) }
    guard !nanoseconds.isNaN else { throw .timeIsNotANumber }
    return .max
  }

  @usableFromInline @inline(__always)
  static func nanoseconds(_ amount: Int, unit: Int64) -> Int64 {
    let (product, overflow) = Int64(amount).multipliedReportingOverflow(by: unit)
    return overflow ? (amount < 0 ? 0 : .max) : max(0, product)
  }

  /// The time that comes so many nanoseconds from now; `Clock.never` where that is out of reach.
  static func deadline(in nanoseconds: Int64) -> Int64 { Clock.deadline(nanoseconds, after: LoopCore.shared.now) }

  /// The number with the most binary zeros at its end between two that are not negative.
  ///
  /// Whatever the highest bit is in which the lower number, less one, and the upper one differ: the upper one has it, and
  /// with all bits below it cleared it is between them, and nothing between them is rounder.
  static func roundest(from lower: Int64, to upper: Int64) -> Int64 {
    if lower <= 0 { return 0 }
    let difference = (lower - 1) ^ upper
    return upper & (.min >> Int64(difference.leadingZeroBitCount))
  }

  @usableFromInline
  static func nanoseconds(_ duration: Duration) -> Int64 {
    guard duration > .zero else { return 0 }
    let (nanoseconds, rest) = duration.attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return Int64(exactly: rest > 0 ? nanoseconds + 1 : nanoseconds) ?? .max
  }
}
