// The one way of waiting.
//
// Every primitive waits in three parts, with nothing between them:
//
//     try loop.begin…(…)     files the running task: under a time, in a wait list, or both
//     await park()           suspends it
//     try loop.endWait()     throws if it was woken by a cancellation
//
// The hot primitives spell the three out, so that their own frame is the only one; the others call `LoopCore.wait`, which
// also serves guests: tasks that we did not make, whose native cancellation must reach them here. (Listening for it
// costs 1,141 instructions, so tasks of ours do without: nobody but `LoopTask.cancel` can cancel them.)

import CUAsyncIO
import Scheduler

extension LoopCore {
  // MARK: - Beginning

  /// Files the running task under the time `delay` nanoseconds from now; without delay, behind those that are ready.
  @inline(__always)
  func beginSleep(_ delay: Int64) throws {
    let record = running.unsafelyUnwrapped
    guard try mayBegin(record) else { return }
    if delay <= 0 {
      record.pointee.phase = .ready
      state.pointee.scheduler.yield(record.node)
    } else {
      record.pointee.phase = .sleeping
      let now = state.pointee.scheduler.clock.now
      state.pointee.scheduler.park(record.node, until: Clock.deadline(delay, after: now))
    }
  }

  /// The same in one call, for callers in other modules. Returns false, and does nothing, where the long way has to be taken.
  @usableFromInline
  static func beginSleepInTask(_ delay: Int64) throws -> Bool {
    guard let loop = inTask else { return false }
    try loop.beginSleep(delay)
    return true
  }

  /// Files the running task in `list`, and under a time unless that is `Clock.never`.
  @usableFromInline @inline(__always)
  func beginWait(_ phase: TaskPhase, in list: UnsafeMutablePointer<WaitList>?, until deadline: Int64) throws {
    let record = running.unsafelyUnwrapped
    guard try mayBegin(record) else { return }
    record.pointee.phase = phase
    if let list { WaitList.append(record.node, to: list) }
    state.pointee.scheduler.park(record.node, until: deadline)
  }

  /// The same in one call, for callers in other modules, and without a limit. Returns false, and does nothing, where the long
  /// way has to be taken.
  @usableFromInline
  static func beginWaitInTask(_ phase: TaskPhase, in list: UnsafeMutablePointer<WaitList>) throws -> Bool {
    guard let loop = inTask else { return false }
    try loop.beginWait(phase, in: list, until: Clock.never)
    return true
  }

  /// Whether the running task may wait at all. Throws a cancellation that came while it could not be thrown.
  @inline(__always)
  private func mayBegin(_ record: RecordPointer) throws -> Bool {
    if record.pointee.flags.isDisjoint(with: [.cancelPending, .doomed]) { return true }
    if record.pointee.flags.contains(.doomed) {
      meetDoom(record)
      return false
    }
    record.pointee.flags.remove(.cancelPending)
    throw cancellation
  }

  // MARK: - Ending

  /// What every await throws whose task has been cancelled: the same error, made once.
  var cancellation: any Error {
    @inline(__always) get { state.pointee.cancellation }
  }

  /// Throws if the wait that is now over was cancelled.
  @usableFromInline @inline(__always)
  func endWait() throws {
    if takeCancellation() { throw cancellation }
  }

  /// The same in one call, for callers in other modules.
  @usableFromInline
  static func endWaitInTask() throws { try onItsThread.endWait() }

  /// Whether the wait that is now over was cancelled; asking takes note of it.
  @usableFromInline @inline(__always)
  func takeCancellation() -> Bool {
    let record = running.unsafelyUnwrapped
    guard record.pointee.flags.contains(.cancelPending) else { return false }
    record.pointee.flags.remove(.cancelPending)
    return true
  }

  // MARK: - All in one

  /// Files the running task with `begin` and waits. Returns why it was woken, and nil where `begin` has thrown
  /// `NothingToWaitFor`; whether it was cancelled is for the caller to ask.
  ///
  /// Whatever the caller has asked to find out that it must wait, `begin` asks again. On its way from here to there a task
  /// that is not ours may be sent round once more, in runs that keep children on the loop, and others run meanwhile.
  ///
  /// A guest's native cancellation is for ever: after the first `CancellationError`, a guest that has to wait for the end
  /// of what it began says `evenIfCancelled`.
  @LoopActor
  func wait(evenIfCancelled: Bool = false, _ begin: @Sendable (LoopCore) throws -> Void) async throws -> WakeReason? {
    let record = caller
    do {
      if record.pointee.flags.contains(.guest), !evenIfCancelled {
        try await waitAsGuest(record, begin)
      } else {
        try begin(self)
        await park()
      }
    } catch is NothingToWaitFor {
      return nil
    }
    return running.unsafelyUnwrapped.pointee.node.reason
  }

  /// Files the running task in a list, and under a time unless that is `Clock.never`, and waits, unless that is needless: in
  /// the long way, that is, like the other `wait`.
  @LoopActor
  func wait(
    _ phase: TaskPhase, in list: UnsafeMutablePointer<WaitList>, until deadline: Int64 = Clock.never,
    evenIfCancelled: Bool = false, unless isNeedless: @Sendable () -> Bool
  ) async throws -> WakeReason? {
    // Only the loop's thread uses it.
    nonisolated(unsafe) let list = list
    return try await wait(evenIfCancelled: evenIfCancelled) {
      if isNeedless() { throw NothingToWaitFor() }
      try $0.beginWait(phase, in: list, until: deadline)
    }
  }

  /// Waits on behalf of others, who have to hear of a cancellation before it may be thrown: so it is returned.
  ///
  /// - Throws: `CancellationError` where the task is being made to end, and nothing that it could wait for matters.
  @inline(__always)
  nonisolated(nonsending) func waitForOthers(
    evenIfCancelled: Bool, _ begin: @Sendable (LoopCore) throws -> Void
  ) async throws -> (reason: WakeReason, interruption: Interruption) {
    guard LoopCore.inTask != nil else {
      return try await waitForOthersFromElsewhere(evenIfCancelled: evenIfCancelled, begin)
    }
    // In most cases: without a frame more.
    try begin(self)
    await park()
    return try endWaitForOthers()
  }

  /// The long way of doing that, also for a task that has been cancelled already. (Inlined, it would have its room allocated
  /// beside the caller's frame, each time.)
  @inline(never)
  nonisolated(nonsending) func waitForOthersFromElsewhere(
    evenIfCancelled: Bool, _ begin: @Sendable (LoopCore) throws -> Void
  ) async throws -> (reason: WakeReason, interruption: Interruption) {
    do {
      if try await wait(evenIfCancelled: evenIfCancelled, begin) == nil {
        running.unsafelyUnwrapped.pointee.node.reason = .event
      }
    } catch is CancellationError {
      // It was there before the wait could begin.
      running.unsafelyUnwrapped.pointee.flags.insert(.cancelPending)
      running.unsafelyUnwrapped.pointee.node.reason = .cancelled
    }
    return try endWaitForOthers()
  }

  /// What there is to say of such a wait when it is over.
  func endWaitForOthers() throws -> (reason: WakeReason, interruption: Interruption) {
    let record = running.unsafelyUnwrapped
    let reason = record.pointee.node.reason
    if record.pointee.flags.isDisjoint(with: [.cancelPending, .cancelPassedOn, .doomed]) { return (reason, .none) }
    let wasCancelled = takeCancellation()
    if record.pointee.flags.contains(.doomed) { throw CancellationError() }
    let wasPassedOn = record.pointee.flags.remove(.cancelPassedOn) != nil
    return (reason, wasCancelled ? .cancelled : wasPassedOn ? .passedOn : .none)
  }

  @LoopActor
  private func waitAsGuest(_ record: RecordPointer, _ begin: @Sendable (LoopCore) throws -> Void) async throws {
    if Task.isCancelled { throw CancellationError() }
    let prefersLoop = withUnsafeCurrentTask { $0?.unownedTaskExecutor != nil }
    if prefersLoop {
      record.pointee.flags.insert(.prefersLoop)
    } else {
      record.pointee.flags.remove(.prefersLoop)
    }
    let ticket = state.pointee.nextTicket
    state.pointee.nextTicket += 1
    state.pointee.guestTickets[record] = ticket
    let address = UInt(bitPattern: record)
    defer { state.pointee.guestTickets[record] = nil }
    try await withTaskCancellationHandler {
      // A cancellation that comes while the handler is being set up finds nobody parked.
      if Task.isCancelled {
        record.pointee.flags.remove(.cancelPending)
        throw CancellationError()
      }
      try begin(self)
      await park()
    } onCancel: {
      guestWasCancelled(RecordPointer(bitPattern: address).unsafelyUnwrapped, ticket: ticket)
    }
  }

  /// Called on any thread when the Swift task of a guest is cancelled.
  private func guestWasCancelled(_ record: RecordPointer, ticket: UInt64) {
    if uasyncio_on_loop_thread() {
      cancelGuest(record, ticket: ticket, in: &state.pointee.scheduler)
    } else if mailbox.send(.cancelGuest(record, ticket: ticket)) {
      ringDoorbell()
    }
  }

  /// Cancels a guest, unless the wait that the ticket stands for is over.
  func cancelGuest(_ record: RecordPointer, ticket: UInt64, in scheduler: inout Scheduler) {
    guard state.pointee.guestTickets[record] == ticket else { return }
    _ = cancel(record, in: &scheduler)
  }
}

@usableFromInline
enum Beginning {
  /// There is nothing to wait for.
  case over
  /// The caller is filed, and is to be suspended.
  case filed
  /// The caller has to take the long way.
  case fromElsewhere
}

/// What is to be waited for is there already: nobody but `LoopCore.wait` meets this.
struct NothingToWaitFor: Error {}

/// Who has heard of a cancellation that came during a wait for others.
enum Interruption {
  /// There was none.
  case none
  /// The task that waits; those for whom it waits have not.
  case cancelled
  /// Those for whom it waits.
  case passedOn
}

/// Sleeps on behalf of a caller that is not a task of ours on the loop's thread: a guest, or code that runs elsewhere.
@LoopActor @usableFromInline
func sleepFromElsewhere(_ delay: Int64) async throws {
  let loop = LoopCore.shared
  _ = try await loop.wait { try $0.beginSleep(delay) }
  try loop.endWait()
}
