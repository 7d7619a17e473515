import Scheduler

// A time limit around a coroutine: `waitFor`, and the scopes that are made of the same.
//
// The coroutine runs as a task of its own, and the caller waits for its end and for the deadline at once. Whatever ends
// the wait, it is over only when the task has finished: nothing goes on behind the caller's back. What comes of it:
//
//     the task returned or threw        that, even when the limit passed in the same instant
//     the limit passed                  the task is cancelled; if that is what ended it, TimeoutError
//     the caller was cancelled          the task is cancelled; CancellationError, whatever the task makes of it
//
// Each of the two cancels the task once: one that catches the caller's cancellation meets the limit yet. A task that was
// suspended in something that is not ours is cancelled natively, and its sticky flag dies with it: the caller's own Swift
// task is not touched. So a limit around an HTTP request works.

/// Waits until `object` has finished; cancels it when the time is over, or when the caller is cancelled.
///
/// - Parameters:
///   - deadline: the time that is the limit.
///   - scope: who may move it meanwhile, and wants to know when it has passed.
///   - fits: what ``TaskObject/fits(_:)`` says of the value's type.
/// - Returns: where the value lies, in the object, which the caller holds; nil if the limit passed and ended the task.
/// - Throws: what the task has thrown; `CancellationError` if the caller was cancelled.
@inline(__always)
nonisolated(nonsending) func limitedWait(
  for object: TaskObject, until deadline: Int64, scope: TimeoutScope?, fits: Bool
) async throws -> UnsafeMutableRawPointer? {
  var wait = LimitedWait(task: object, deadline: deadline, scope: scope)
  try wait.prepare()
  defer { scope?.waiter = nil }
  while wait.goesOn() {
    if try wait.begin() {
      await park()
      try wait.end()
    } else {
      let end = try await wait.waitFromElsewhere()
      wait.note(end.reason, end.interruption)
    }
  }
  return try wait.placeOfOutcome(fits: fits)
}

/// What such a wait has to remember; on the loop's thread only.
private struct LimitedWait: @unchecked Sendable {
  let task: TaskObject
  var deadline: Int64
  let scope: TimeoutScope?
  var timedOut = false
  var cancelled = false
  /// Whether the limit has passed. It does so once, also after a cancellation: a task that does not end by that is
  /// cancelled by the limit too.
  var isOver = false
  /// In how many more turns the task may be let run at the deadline. A bound, so that tasks which keep waking each other
  /// without time passing cannot put the end off for ever.
  var allowances = 100

  init(task: TaskObject, deadline: Int64, scope: TimeoutScope?) {
    self.task = task
    self.deadline = deadline
    self.scope = scope
  }

  private var record: RecordPointer { task.pointer }
  private var isFinished: Bool { task.record.phase == .finished }

  func prepare() throws {
    let loop = LoopCore.shared
    try loop.refuseCycle(waitingFor: CollectionOfOne(record))
    scope?.waiter = loop.caller
  }

  /// Whether there is anything to wait for.
  mutating func goesOn() -> Bool {
    if isFinished { return false }
    // It may have come to wait for this task's end while this one was about to run: then there is no end to wait for.
    if cancelled || timedOut, LoopCore.shared.wouldCloseCycle(waitingFor: CollectionOfOne(record)) { return false }
    if isOver { deadline = Clock.never } else if let scope { deadline = scope.limit }
    return true
  }

  /// Files the running task. Returns false where the long way has to be taken.
  func begin() throws -> Bool {
    guard let loop = LoopCore.inTask else { return false }
    try begin(in: loop)
    return true
  }

  private func begin(in loop: LoopCore) throws {
    try loop.beginWait(.joiningWithLimit, in: record.joiners, until: deadline)
    if deadline <= loop.now { loop.state.pointee.scheduler.endTurn() }
  }

  mutating func end() throws {
    let (reason, interruption) = try LoopCore.shared.endWaitForOthers()
    note(reason, interruption)
  }

  nonisolated(nonsending) func waitFromElsewhere() async throws -> (reason: WakeReason, interruption: Interruption) {
    try await LoopCore.shared.waitForOthersFromElsewhere(evenIfCancelled: cancelled) {
      if isFinished { throw NothingToWaitFor() }
      try begin(in: $0)
    }
  }

  /// Does what there is to do when a wait is over.
  mutating func note(_ reason: WakeReason, _ interruption: Interruption) {
    let loop = LoopCore.shared
    switch interruption {
    case .passedOn:
      cancelled = true
      if reason != .deadline { return }
    case .cancelled:
      cancelled = true
      if !isFinished { _ = loop.cancel(record) }
      return
    case .none:
      if reason != .deadline { return }
    }
    // The limit may have been moved after it had passed, before this task had its turn.
    if let scope, scope.limit > loop.now { return }
    if allowances > 0, record.lastAwaited.isOwedAStep {
      // What the task waits for is there in this very instant, or it has not begun: it just has not had its turn.
      allowances -= 1
      deadline = loop.now
      return
    }
    isOver = true
    if !cancelled {
      timedOut = true
      scope?.isExpired = true
    }
    if !isFinished { _ = loop.cancel(record) }
  }

  func placeOfOutcome(fits: Bool) throws -> UnsafeMutableRawPointer? {
    if cancelled {
      task.record.flags.insert(.retrieved)
      throw CancellationError()
    }
    // There may be no end to wait for.
    if !isFinished { return nil }
    if timedOut, task.error is CancellationError {
      task.record.flags.insert(.retrieved)
      return nil
    }
    return try task.placeOfOutcome(fits: fits)
  }
}

extension UnsafeMutablePointer where Pointee == TaskRecord {
  /// The end of the chain of tasks that await each other's end, from this one on.
  fileprivate var lastAwaited: RecordPointer {
    var record = self
    while record.pointee.phase.awaitsATask { record = record.awaited }
    return record
  }

  /// Whether a task has been woken by what it waited for, or made, and has not run since.
  fileprivate var isOwedAStep: Bool {
    guard pointee.phase == .ready else { return false }
    // A body that has captured nothing has no context, and leaves the word empty.
    let hasNotBegun = pointee.isUnborn || pointee.node.baggage != nil
    return pointee.node.reason == .deadline || pointee.node.reason == .event || hasNotBegun
  }
}
