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
/// - Returns: whether the time was over first.
/// - Throws: `CancellationError` if the caller was cancelled.
@LoopActor
func limitedWait(for object: TaskObject, until deadline: Int64, scope: TimeoutScope?) async throws -> Bool {
  let loop = LoopCore.shared
  let record = object.pointer
  var deadline = deadline
  var timedOut = false
  var cancelled = false
  // Whether the limit has passed. It does so once, also after a cancellation: a task that does not end by that is
  // cancelled by the limit too.
  var isOver = false
  // In how many more turns the task may be let run at the deadline. A bound, so that tasks which keep waking each other
  // without time passing cannot put the end off for ever.
  var allowances = 100
  try loop.refuseCycle(waitingFor: CollectionOfOne(record))
  scope?.waiter = loop.caller
  defer { scope?.waiter = nil }
  while record.pointee.phase != .finished {
    // It may have come to wait for this task's end while this one was about to run: then there is no end to wait for.
    if cancelled || timedOut, loop.wouldCloseCycle(waitingFor: CollectionOfOne(record)) { break }
    if isOver { deadline = Clock.never } else if let scope { deadline = scope.limit }
    let limit = deadline
    let (reason, interruption) = try await loop.waitForOthers(evenIfCancelled: cancelled) { loop in
      try loop.beginWait(.joiningWithLimit, in: object.pointer.joiners, until: limit)
      if limit <= loop.now { loop.state.pointee.scheduler.endTurn() }
    }
    switch interruption {
    case .passedOn:
      cancelled = true
      if reason != .deadline { continue }
    case .cancelled:
      cancelled = true
      if record.pointee.phase != .finished { _ = loop.cancel(record) }
      continue
    case .none:
      if reason != .deadline { continue }
    }
    // The limit may have been moved after it had passed, before this task had its turn.
    if let scope, scope.limit > loop.now { continue }
    if allowances > 0, record.lastAwaited.isOwedAStep {
      // What the task waits for is there in this very instant, or it has not begun: it just has not had its turn.
      allowances -= 1
      deadline = loop.now
      continue
    }
    isOver = true
    if !cancelled {
      timedOut = true
      scope?.hasExpired = true
    }
    if record.pointee.phase != .finished { _ = loop.cancel(record) }
  }
  if cancelled {
    record.pointee.flags.insert(.retrieved)
    throw CancellationError()
  }
  if record.pointee.phase != .finished { throw TimeoutError() }
  return timedOut
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
    return pointee.node.reason == .deadline || pointee.node.reason == .event || pointee.node.baggage != nil
  }
}
