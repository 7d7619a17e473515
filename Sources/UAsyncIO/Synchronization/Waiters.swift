// What all synchronization is made of.
//
// A primitive is a small piece of plain state and the tasks that wait for it. Everything else is the same for all of them,
// and is here: whether to wait at all, how to wait, and what becomes of a turn whose owner was cancelled.
//
// A turn is *handed over*: whoever makes it possible (releases the lock, puts the item) wakes the first waiter, and leaves
// the state as if that one had taken it already. So nobody who comes later can be first, and nothing is ever decided
// twice. The price is one duty: between being woken and running again a waiter may be cancelled. Then it throws, and
// `passOn` gives its turn to the next one. A primitive that forgets this loses wake-ups, items or permits; the
// cancel sweep finds it (Tests/UAsyncIOTests/SweepTests.swift).
//
// A primitive must not look at its state before `takeTurn` asks it to: its method may have been called on any thread.
//
// Cost: one word in the primitive. Waiting allocates nothing, for the node in the list is the task's own.

import Scheduler

/// The tasks that wait for one thing, in the order in which they came.
@usableFromInline
struct Waiters: ~Copyable, @unchecked Sendable {
  // At a fixed address, for those who wait point to it; touched on the loop's thread only.
  @usableFromInline let list: UnsafeMutablePointer<WaitList>

  init() {
    list = .allocate(capacity: 1)
    list.initialize(to: WaitList())
  }

  deinit { list.deallocate() }

  var isEmpty: Bool { list.pointee.isEmpty }

  /// How many wait; counted, for statistics.
  var count: Int {
    var count = 0
    list.pointee.forEach { _ in count += 1 }
    return count
  }

  /// Lets the one that has waited longest go on. Returns false if nobody waits.
  @discardableResult
  func wakeFirst() -> Bool {
    guard let node = list.pointee.front else { return false }
    LoopCore.shared.state.pointee.scheduler.wake(node, .event)
    return true
  }

  /// Lets all go on who wait, in the order in which they came.
  func wakeAll() {
    while wakeFirst() {}
  }

  /// Goes on at once if `take` says so, and otherwise waits to be woken.
  ///
  /// - Parameters:
  ///   - phase: what is waited for, for reports.
  ///   - take: takes what is there, if it is; called on the loop's thread.
  ///   - passOn: gives to the next one a turn that had come when its owner was cancelled.
  /// - Throws: `CancellationError` if the task is cancelled while it waits.
  @inlinable @inline(__always)
  nonisolated(nonsending) func takeTurn(
    _ phase: TaskPhase, ifNot take: @Sendable () -> Bool, passOn: @Sendable () -> Void
  ) async throws {
    guard let loop = LoopCore.inTask else {
      return try await takeTurnFromElsewhere(phase, list, ifNot: take, passOn: passOn)
    }
    if take() { return }
    try loop.beginWait(phase, in: list, until: Clock.never)
    await park()
    if loop.takeCancellation() { try loop.giveUpTurn(passOn) }
  }
}

/// The long way, for callers that are not tasks of ours, and for those that have been cancelled already.
@LoopActor @usableFromInline
func takeTurnFromElsewhere(
  _ phase: TaskPhase, _ list: UnsafeMutablePointer<WaitList>, ifNot take: @Sendable () -> Bool,
  passOn: @Sendable () -> Void
) async throws {
  if take() { return }
  let loop = LoopCore.shared
  guard try await loop.wait(phase, in: list, unless: take) != nil else { return }
  if loop.takeCancellation() { try loop.giveUpTurn(passOn) }
}

extension LoopCore {
  /// Throws the cancellation of the running task, whose turn may have come meanwhile.
  @usableFromInline
  func giveUpTurn(_ passOn: () -> Void) throws -> Never {
    if running.unsafelyUnwrapped.pointee.node.reason == .event { passOn() }
    throw CancellationError()
  }
}

/// Runs `body` and then `release`, whatever becomes of it. Of two errors, the body's is thrown.
@LoopActor @inline(__always)
func releasing<Success>(
  _ release: @LoopActor () throws(LoopError) -> Void, after body: @LoopActor () async throws -> Success
) async throws -> Success {
  let outcome: Success
  do {
    outcome = try await body()
  } catch {
    try? release()
    throw error
  }
  try release()
  return outcome
}
