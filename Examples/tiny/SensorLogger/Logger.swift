// The sensor logger's logic: measures now and then, keeps a minute's mean, and does what it is told.
//
// This file knows neither a board nor an operating system. It is compiled twice: against the tiny face, as firmware,
// with a serial line; and against the Swift face, where a day of it passes in an instant.

import UAsyncIO

/// Measures every `periodMs`, and hands the mean of so many measurements to `store`.
@LoopActor
final class Logger {
  private let measure: () -> Int
  private let store: (Int) -> Void
  private let samplesPerMean: Int
  private let changed = Event()

  private(set) var periodMs: Int
  private(set) var isStopped = false
  private(set) var samples = 0
  private(set) var means = 0

  init(periodMs: Int, samplesPerMean: Int, measure: @escaping () -> Int, store: @escaping (Int) -> Void) {
    self.periodMs = periodMs
    self.samplesPerMean = samplesPerMean
    self.measure = measure
    self.store = store
  }

  /// Measures until it is stopped.
  func run() async throws(Failure) {
    var sum = 0
    var count = 0
    while !isStopped {
      changed.clear()
      // The time until the next measurement; a command ends it early, and then the new period begins.
      if await wasChanged(within: periodMs) { continue }
      sum += measure()
      samples += 1
      count += 1
      if count == samplesPerMean {
        store(sum / count)
        means += 1
        sum = 0
        count = 0
      }
    }
  }

  /// Waits for a command, at most so long. Returns whether there was one.
  private func wasChanged(within milliseconds: Int) async -> Bool {
    do throws(Failure) {
      try await waitForMs(milliseconds) { () throws(Failure) in try await self.changed.wait() }
      return true
    } catch {
      return false
    }
  }

  /// What came of a command.
  enum Answer { case done, stopped, unknown, badNumber }

  /// Does what a line says: `set period N`, in milliseconds, or `stop`.
  func obey(_ line: UnsafeRawBufferPointer) -> Answer {
    if line.elementsEqual("stop".utf8) {
      isStopped = true
      changed.set()
      return .stopped
    }
    let command = "set period "
    guard line.count > command.utf8.count, line.prefix(command.utf8.count).elementsEqual(command.utf8) else {
      return .unknown
    }
    guard let period = number(line.dropFirst(command.utf8.count)), period >= 1, period <= 86_400_000 else {
      return .badNumber
    }
    periodMs = period
    changed.set()
    return .done
  }

  private func number(_ digits: Slice<UnsafeRawBufferPointer>) -> Int? {
    var value = 0
    for digit in digits {
      guard digit >= 48, digit <= 57, value < 100_000_000 else { return nil }
      value = value * 10 + Int(digit) - 48
    }
    return value
  }
}
