// Ending everything.
//
// A Swift task cannot be freed without finishing: its frames own what they refer to, and only running them to their end
// gives that back. So a fresh loop is not a new one; it is the old one after every task has been made to end. Each await
// of each task throws `CancellationError`, the present one at once, and every later one after a turn in which the task is
// parked: never at once, or `while true { try? await sleep(1) }` would spin for ever inside a single step. A task that
// goes on all the same is left behind after a hundred throws, and its name is reported.

import CUAsyncIO
import Scheduler

/// Ends every task, and starts over: no tasks, no timers, time zero, no exception handler. Python: `new_event_loop()`.
///
/// Each task's await throws `CancellationError`, and so does every later one of the same task, so `defer` blocks and
/// `catch` clauses run as in any cancellation. New tasks are not begun. Tasks that are suspended in something that is
/// not ours are cancelled natively, and given a second of real time to end.
///
/// - Returns: the names of tasks that would not end: those that caught a hundred cancellations, and those that something
///   that is not ours never let go. They stay suspended for ever, and what they hold is never released.
/// - Throws: ``LoopError/loopIsRunning`` inside a running task; ``LoopError/runningOnAnotherThread``;
///   ``LoopError/noDescriptorsLeft``.
@discardableResult
public func newEventLoop() throws(LoopError) -> [String] {
  let loop = LoopCore.shared
  if uasyncio_on_loop_thread() { throw .loopIsRunning }
  try loop.enter(clock: .real, order: .fifo)
  let leftBehind = loop.endEverything()
  loop.leave()
  return leftBehind
}

extension LoopCore {
  /// How often a task may catch its end before it is left behind.
  private static var patience: Int { 100 }
  /// How long something that is not ours may take to let a task go, in nanoseconds of real time.
  private static var grace: Int64 { 1_000_000_000 }

  fileprivate func endEverything() -> [String] {
    state.pointee.isEnding = true
    // What was sent before this belongs to what ends now, also where nothing else is left that would look for mail.
    readMail(into: &state.pointee.scheduler)
    dropCallbacks()
    for record in everyTask() { doom(record) }
    let deadline = Clock.deadline(Self.grace, after: now)
    while true {
      while state.pointee.scheduler.hasReady, let node = state.pointee.scheduler.next() {
        step(RecordPointer(node: node))
      }
      guard !state.pointee.elsewhere.isEmpty, now < deadline else { break }
      state.pointee.scheduler.listen(for: deadline - now)
    }
    reportUnretrieved(afterRun: true)
    defer { startOver() }
    return everyTask().filter { !$0.pointee.flags.contains(.guest) }.map(name(of:))
  }

  private func startOver() {
    dropCallbacks()
    for record in everyTask() { state.pointee.scheduler.forget(record.node) }
    state.pointee.scheduler = Scheduler(clock: .virtual(now: 0), poller: .none, order: .fifo)
    state.pointee.calls.startOver()
    state.pointee.generation += 1
    state.pointee.elsewhere = [:]
    state.pointee.guestTickets = [:]
    state.pointee.doom = [:]
    state.pointee.exceptionHandler = nil
    state.pointee.isEnding = false
    state.pointee.tally = Tally()
    state.pointee.attention.remove(.measuring)
    Births.restart()
  }

  /// Makes a task end: its present await throws, and so will all that follow.
  func doom(_ record: RecordPointer) {
    record.pointee.flags.insert([.doomed, .cancelPending])
    switch record.pointee.phase {
    case .ready, .running, .finished: break
    case .elsewhere: cancelNatively(record)
    default: state.pointee.scheduler.wake(record.node, .cancelled)
    }
  }

  /// A doomed task wants to wait: it is parked for a turn, and then the wait throws.
  func meetDoom(_ record: RecordPointer) {
    let count = state.pointee.doom[record, default: 0] + 1
    state.pointee.doom[record] = count
    guard count <= Self.patience else {
      record.pointee.phase = .event
      state.pointee.scheduler.park(record.node, until: Clock.never)
      return
    }
    record.pointee.flags.insert(.cancelPending)
    record.pointee.phase = .ready
    state.pointee.scheduler.yield(record.node)
  }
}
