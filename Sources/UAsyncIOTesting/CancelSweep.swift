// The cancel sweep: what happens if a coroutine is cancelled here? And here? And here?
//
// A scenario is run once to count how often its coroutine is suspended. Then it is run again for each suspension, twice:
// cancelled as soon as it is suspended there; and cancelled when what it waited for has happened already, just before
// it would go on. The second is where wake-ups, items and permits are lost.

import UAsyncIO

/// How one run of a sweep ended.
public struct SweepOutcome<Success> {
  /// Which suspension the coroutine was cancelled at: 1 is the first.
  public let suspension: Int
  /// When in that suspension.
  public let moment: CancelMoment
  /// What the scenario's main coroutine returned or threw.
  public let result: Result<Success, any Error>
  /// The tasks that had not finished then, and what each waited for.
  public let leftovers: [TaskReport]
}

/// When in a suspension a coroutine is cancelled.
public enum CancelMoment: Hashable, Sendable, CaseIterable {
  /// As soon as it is suspended.
  case suspended
  /// When it is about to go on.
  case resuming
}

/// A check failed at one point of a sweep.
public struct SweepFailure: Error, CustomStringConvertible {
  /// Which suspension the coroutine was cancelled at.
  public let suspension: Int
  /// When in that suspension.
  public let moment: CancelMoment
  /// What the check threw.
  public let underlying: any Error

  public var description: String { "cancelled at suspension \(suspension) (\(moment)): \(underlying)" }
}

/// Runs a scenario once for each point at which one of its coroutines can be cancelled, and checks each outcome.
///
/// ```swift
/// let points = try cancelSweep {
///   let lock = Lock()
///   try await lock.withLock { try await sleep(1) }
/// } check: { outcome in
///   guard outcome.leftovers.isEmpty else { throw Forgotten() }
/// }
/// ```
///
/// - Parameters:
///   - name: the name of the task to cancel; nil is the scenario's main coroutine.
///   - order: the order of tasks that are ready at the same time.
///   - scenario: what is run, each time on a fresh loop in virtual time.
///   - check: throws if an outcome is not as it must be.
/// - Returns: how many points there were: two for each suspension.
/// - Throws: ``SweepFailure`` for the first point whose check threw; what the scenario throws when nothing is cancelled.
@discardableResult
public func cancelSweep<Success>(
  of name: String? = nil, order: LoopOrder = .fifo,
  _ scenario: @escaping @LoopActor () async throws -> Success,
  check: (SweepOutcome<Success>) throws -> Void
) throws -> Int {
  let target = name ?? "main"
  var suspensions = 0
  let counter: (StepObservation) -> Void = { step in
    if step.isOver, !step.isLast, step.isOf(target) { suspensions += 1 }
  }
  _ = try Simulation(order: order, observer: counter).run(scenario).outcome.get()
  var points = 0
  for suspension in stride(from: 1, through: suspensions, by: 1) {
    for moment in CancelMoment.allCases {
      let ended = try Simulation(order: order, observer: canceller(of: target, at: suspension, moment)).run(scenario)
      let outcome = SweepOutcome(
        suspension: suspension, moment: moment, result: ended.outcome, leftovers: ended.tasks)
      do {
        try check(outcome)
      } catch {
        throw SweepFailure(suspension: suspension, moment: moment, underlying: error)
      }
      points += 1
    }
  }
  return points
}

/// An observer that cancels one task at one point.
private func canceller(
  of target: String, at suspension: Int, _ moment: CancelMoment
) -> (StepObservation) -> Void {
  var seen = 0
  return { step in
    guard step.isOf(target), let task = step.task else { return }
    switch moment {
    case .suspended where step.isOver && !step.isLast:
      seen += 1
      if seen == suspension { ControlledRun.cancel(task) }
    case .resuming where !step.isOver:
      // The first step begins without a suspension before it.
      if seen == suspension { ControlledRun.cancel(task) }
      seen += 1
    default:
      break
    }
  }
}

extension StepObservation {
  fileprivate func isOf(_ name: String) -> Bool {
    task != nil && self.name == name
  }
}
