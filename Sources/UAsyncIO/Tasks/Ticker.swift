import Scheduler

/// One tick of a ``Ticker``.
public struct Tick: Hashable, Sendable {
  /// Its number, counted from 1; numbers of ticks that were missed are left out.
  public let number: Int
  /// When it was due, as a time of ``loopTime()``: the ticker's beginning and `number` periods.
  public let due: Duration
  /// How long after that it came.
  public let lag: Duration
  /// How many ticks before it were missed, because nobody asked for them in time.
  public let missed: Int
}

/// Ticks at a fixed period, from now on; the first one after one period.
///
/// ```swift
/// for try await tick in try ticker(every: .seconds(60)) {
///   if tick.missed > 0 { print("too slow: \(tick.missed) ticks missed") }
///   try await measure()
/// }
/// ```
///
/// It does not drift: each tick is due at the beginning and a whole number of periods, however long the work between takes
/// and however late a tick comes. Ticks are not made up for: who takes longer than a period gets one tick at once, which
/// tells how many were missed, and then the next one when it is due.
///
/// - Throws: ``LoopError/outOfRange(_:value:expected:)`` for a period of zero or less.
@LoopActor
public func ticker(every period: Duration) throws(LoopError) -> Ticker {
  let nanoseconds = TimeLimit.nanoseconds(period)
  guard nanoseconds > 0 else {
    throw .outOfRange("a ticker's period in nanoseconds", value: 0, expected: "more than 0")
  }
  return Ticker(period: nanoseconds, beginning: LoopCore.shared.now)
}

/// Ticks at a fixed period: see ``ticker(every:)``.
@LoopActor
public struct Ticker: @LoopActor AsyncSequence {
  public typealias Element = Tick
  public typealias Failure = any Error

  fileprivate let period: Int64
  fileprivate let beginning: Int64

  public func makeAsyncIterator() -> Iterator { Iterator(ticker: self) }

  /// Gives each tick when it is due.
  @LoopActor
  public struct Iterator: @LoopActor AsyncIteratorProtocol {
    fileprivate let ticker: Ticker
    private var last = 0

    fileprivate init(ticker: Ticker) { self.ticker = ticker }

    /// Waits for the next tick; lets others run in any case. Never nil.
    ///
    /// - Throws: `CancellationError` if the caller is cancelled meanwhile. The tick is not lost: the next call gives it.
    public mutating func next() async throws -> Tick? {
      let loop = LoopCore.shared
      let due = Clock.deadline(ticker.period, after: ticker.time(of: last))
      _ = try await loop.wait { loop in try loop.beginSleep(due == Clock.never ? .max : due - loop.now) }
      try loop.endWait()
      let now = loop.now
      let number = Int((now - ticker.beginning) / ticker.period)
      defer { last = number }
      return Tick(
        number: number, due: .nanoseconds(ticker.time(of: number)),
        lag: .nanoseconds(now - ticker.time(of: number)), missed: number - last - 1)
    }
  }

  private func time(of number: Int) -> Int64 { beginning + Int64(number) * period }
}
