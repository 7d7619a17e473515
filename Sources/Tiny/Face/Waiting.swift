// The one way of waiting.
//
// Every primitive waits in three parts, with nothing between them:
//
//     try loop.begin…(…)     files the running task: under a time, in a wait list, or both
//     await park()           suspends it, and goes on with the next task, or with the loop's `drive`
//     try loop.endWait()     throws if it was woken by a cancellation
//
// Nothing here allocates: the task's node is linked into lists, and the scheduler's arrays have grown already.

import CTiny
import Scheduler

/// Suspends the running coroutine. It must have been filed with the scheduler before.
@_silgen_name("tiny_park")
nonisolated(nonsending) func park() async

extension Loop {
  // MARK: - Beginning

  // Not inlined on a board, here and elsewhere: the scheduler's functions are, and once is enough of them in a small program.
  // On Linux, where no byte has to be saved, a primitive that is inlined into its caller has no frame of its own.

  /// Files the running task behind those that are ready.
  @inline(__always)
  func beginYield() throws(TaskError) {
    state.pointee.scheduler.yield(try mayBegin().node)
  }

  /// Files the running task under the time `delay` nanoseconds from now; without delay, behind those that are ready.
  @inline(never)
  func beginSleep(_ delay: Int64) throws(TaskError) {
    let record = try mayBegin()
    if delay <= 0 {
      state.pointee.scheduler.yield(record.node)
    } else {
      record.pointee.phase = .sleeping
      state.pointee.scheduler.park(record.node, until: deadline(after: delay))
    }
  }

  /// The time so many nanoseconds from now.
  @inline(never)
  func deadline(after delay: Int64) -> Int64 { Clock.deadline(delay, after: now) }

  /// Files the running task in `list`, and under a time unless that is `Clock.never`.
  #if UASYNCIO_BOARD
    @inline(never)
  #endif
  func beginWait(
    _ phase: TaskPhase, in list: UnsafeMutablePointer<WaitList>, until deadline: Int64 = Clock.never
  ) throws(TaskError) {
    let record = try mayBegin()
    record.pointee.phase = phase
    WaitList.append(record.node, to: list)
    state.pointee.scheduler.park(record.node, until: deadline)
  }

  /// Files the running task in no list: whoever wakes it knows it.
  func beginOpenWait(_ phase: TaskPhase) throws(TaskError) -> RecordPointer {
    let record = try mayBegin()
    record.pointee.phase = phase
    state.pointee.scheduler.park(record.node, until: Clock.never)
    return record
  }

  /// The running task, if it may wait at all. Throws a cancellation that came while it could not be thrown.
  @inline(__always)
  func mayBegin() throws(TaskError) -> RecordPointer {
    // Whoever can await is a coroutine.
    let record = running.unsafelyUnwrapped
    if record.pointee.flags.contains(.cancelPending) {
      record.pointee.flags.remove(.cancelPending)
      throw .cancelled
    }
    return record
  }

  // MARK: - Ending

  /// Throws if the wait that is now over was cancelled.
  @inline(__always)
  func endWait() throws(TaskError) {
    if takeCancellation() { throw .cancelled }
  }

  /// Whether the wait that is now over was cancelled; asking takes note of it.
  @inline(__always)
  func takeCancellation() -> Bool { take(.cancelPending) }

  /// Whether a flag of the running task is set; asking clears it.
  @inline(__always)
  func take(_ flag: TaskFlags) -> Bool {
    let record = running.unsafelyUnwrapped
    guard record.pointee.flags.contains(flag) else { return false }
    record.pointee.flags.remove(flag)
    return true
  }

  /// Takes a node out of everything that it waits in, and lets it run.
  #if UASYNCIO_BOARD
    @inline(never)
  #endif
  func wake(_ node: NodePointer, _ reason: WakeReason) { state.pointee.scheduler.wake(node, reason) }

  /// Why the running task was woken.
  var wakeReason: WakeReason { running.unsafelyUnwrapped.pointee.node.reason }
}

/// What tasks wait for among themselves: a list of those who do, at an address of its own.
public class Waitable {
  // First, so that its address is known: contract 8 in CTiny.h.
  @exclusivity(unchecked) private var list = WaitList()

  init() {}

  final var waiters: UnsafeMutablePointer<WaitList> {
    @inline(__always) get {
      (Unmanaged.passUnretained(self).toOpaque() + 2 * MemoryLayout<UInt>.size)
        .assumingMemoryBound(to: WaitList.self)
    }
  }

  /// Wakes the one who has waited longest. Returns false if nobody waits.
  final func wakeFirst() -> Bool {
    guard let node = waiters.pointee.front else { return false }
    Loop.shared.wake(node, .event)
    return true
  }
}
