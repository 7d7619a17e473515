// Blocking work, off the loop.
//
// The life of a piece of work: a permit of its limiter (waited for on the loop, in the order of coming); a thread
// (Workers.swift), which calls the closure and leaves a letter; the letter, which gives the permit back and wakes the
// caller. So the limiter bounds what runs at once and is fair, and the pool of threads needs to know nothing of either.
//
// A thread cannot be stopped. A caller that is cancelled has the choice to wait for it, which is the default, for then
// nothing goes on behind anybody's back; or to abandon it: the thread then finishes alone, its permit out until it does.
//
// In virtual time a piece of work *holds* the clock (`Scheduler.outsideHolds`): as long as somebody waits for it, and
// except while its thread itself waits for a coroutine (`runFromThread`), which may have to sleep.
//
// Never: touch what is below "the loop's side" on another thread, or the scheduler of the state within `arrive`: that one
// is called from within the scheduler's turn, which hands itself in.

import CUAsyncIO
import Scheduler

/// Runs blocking work on another thread, and waits for what becomes of it; other coroutines run meanwhile.
///
/// For what has no asynchronous form: files, name look-ups, compression, a C library that waits. Threads are kept and used
/// again, and end when they have had nothing to do for ten seconds. How many pieces of work run at once, `limiter` says;
/// the others wait in the order in which they came. Task-local values do not reach the work. It can call back with
/// ``runFromThread(_:)``.
///
/// In virtual time the clock stands still while a thread works.
///
/// - Parameters:
///   - abandonsOnCancel: whether a cancelled caller goes on at once. The work then goes on alone, and what becomes of it is
///     dropped.
///   - limiter: who bounds the number of threads.
///   - work: the work, which must not use what belongs to the loop.
/// - Returns: what the work returns.
/// - Throws: what the work throws; ``LoopError/cannotStartThread(errorNumber:reason:)``; `CancellationError` if the caller
///   is cancelled meanwhile: while it waits for its turn, at once, and the work never begins; after that, unless it
///   abandons it, when the work is over, whose outcome is dropped.
///
/// Python: `to_thread(f)`, `Loop.run_in_executor(None, f)`; trio: `to_thread.run_sync(f, abandon_on_cancel=…, limiter=…)`.
@LoopActor
public func toThread<Success: Sendable>(
  abandonsOnCancel: Bool = false, limiter: ThreadLimiter = .shared,
  _ work: @escaping @Sendable () throws -> Success
) async throws -> Success {
  try await limiter.acquire()
  let work = TypedThreadWork(work, limiter)
  do throws(LoopError) {
    try Workers.start(work)
  } catch {
    work.abandon()
    limiter.giveBack()
    throw error
  }
  try await work.wait(abandonsOnCancel: abandonsOnCancel)
  return try work.outcome.unsafelyUnwrapped.get()
}

/// A piece of work for another thread.
class ThreadWork: @unchecked Sendable {
  private enum Hold {
    case on
    case paused
    case over
  }

  // MARK: - The thread's side

  /// The work that the calling thread does now.
  static var current: ThreadWork? {
    uasyncio_get_current_work().map { Unmanaged<ThreadWork>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Does it. Called on a thread of the pool's.
  final func perform() {
    uasyncio_set_current_work(Unmanaged.passUnretained(self).toOpaque())
    work()
    uasyncio_set_current_work(nil)
    if mailbox.send(.workDone(Unmanaged.passRetained(self))) { LoopCore.shared.ringDoorbell() }
  }

  func work() { fatalError("overridden") }

  // MARK: - The loop's side

  private let waiters = Waiters()
  private let limiter: ThreadLimiter
  private var isOver = false
  private var hold = Hold.on
  /// The loop that it was begun on: a fresh one knows nothing of its hold.
  private let generation: Int

  @LoopActor
  init(_ limiter: ThreadLimiter) {
    self.limiter = limiter
    generation = LoopCore.shared.state.pointee.generation
    LoopCore.shared.state.pointee.scheduler.outsideHolds += 1
  }

  /// Waits until it is done.
  @LoopActor
  fileprivate final func wait(abandonsOnCancel: Bool) async throws {
    let loop = LoopCore.shared
    var cancelled = false
    do {
      while !isOver {
        let (_, interruption) = try await loop.waitForOthers(evenIfCancelled: cancelled) {
          if self.isOver { throw NothingToWaitFor() }
          try $0.beginWait(.thread, in: self.waiters.list, until: Clock.never)
        }
        if interruption != .none { cancelled = true }
        if cancelled, abandonsOnCancel { break }
      }
    } catch {
      // The loop is being emptied: nobody can wait any longer.
      cancelled = true
    }
    if !isOver { abandon() }
    if cancelled { throw CancellationError() }
  }

  /// The letter has come: it is done.
  final func arrive(in scheduler: inout Scheduler) {
    isOver = true
    releaseHold(in: &scheduler)
    if let node = waiters.list.pointee.front { scheduler.wake(node, .event) }
    limiter.giveBack(in: &scheduler)
  }

  /// Nobody waits for it any more.
  fileprivate final func abandon() { releaseHold(in: &LoopCore.shared.state.pointee.scheduler) }

  private func releaseHold(in scheduler: inout Scheduler) {
    if hold == .on, isOfThisLoop { scheduler.outsideHolds -= 1 }
    hold = .over
  }

  private var isOfThisLoop: Bool { generation == LoopCore.shared.state.pointee.generation }

  /// Lets virtual time pass while the thread waits for a coroutine, or for room.
  final func pauseHold() {
    guard hold == .on, isOfThisLoop else { return }
    hold = .paused
    LoopCore.shared.state.pointee.scheduler.outsideHolds -= 1
  }

  final func resumeHold() {
    guard hold == .paused, isOfThisLoop else { return }
    hold = .on
    LoopCore.shared.state.pointee.scheduler.outsideHolds += 1
  }
}

private final class TypedThreadWork<Success: Sendable>: ThreadWork, @unchecked Sendable {
  private var body: (@Sendable () throws -> Success)?
  /// Written by the thread, and read on the loop when the letter has come.
  private(set) var outcome: Result<Success, any Error>?

  @LoopActor
  init(_ body: @escaping @Sendable () throws -> Success, _ limiter: ThreadLimiter) {
    self.body = body
    super.init(limiter)
  }

  override func work() {
    if let body { outcome = Result { try body() } }
    // What it has captured ends here too, and not when the loop gets round to it.
    body = nil
  }
}
