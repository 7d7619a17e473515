// Cancellation is the coroutine's, not the Swift task's.
//
// A task that is parked in one of our awaits is woken, and that await throws `CancellationError`, once; Swift's own flag,
// which never goes back, stays untouched, so a task that catches the error can go on and wait again. A task that waits
// for other tasks passes the cancellation on to them, and is woken by their end. A task that is suspended in something
// that is not ours is cancelled natively, and if nothing comes of that, our next await throws.

import Scheduler

extension LoopCore {
  /// Cancels a task. Returns false if it has finished already.
  func cancel(_ record: RecordPointer) -> Bool {
    cancel(record, in: &state.pointee.scheduler)
  }

  /// Has a cancellation that was just thrown be thrown again by the running task's next await.
  @LoopActor
  func postponeCancellation() {
    running?.pointee.flags.insert(.cancelPending)
  }

  /// Follows a task to what it waits for, and that to what it waits for, and cancels at the end.
  ///
  /// A loop and not a recursion: such chains can be long. They have an end: `refuseCycle` sees to that. But where tasks
  /// gather tasks that gather tasks, many ways can lead to the same one, so from there on each task is visited once, in
  /// the order in which a recursion would come to it.
  func cancel(_ first: RecordPointer, in scheduler: inout Scheduler) -> Bool {
    if first.pointee.phase == .finished { return false }
    var seen: Set<RecordPointer>?
    var pending: [RecordPointer] = []
    var next: RecordPointer? = first
    while let record = next ?? pending.popLast() {
      next = nil
      if seen?.insert(record).inserted == false { continue }
      switch record.pointee.phase {
      case .joining where record.awaited.pointee.phase == .finished:
        // It ends this very moment, and has not woken this one yet: whoever was told first cancels.
        record.pointee.flags.insert(.cancelPending)
      case .joining, .joiningWithLimit:
        record.pointee.flags.insert(.cancelPassedOn)
        next = record.awaited
      case .gathering:
        record.pointee.flags.insert(.cancelPassedOn)
        if seen == nil { seen = [] }
        pending += Gathering.from(record.pointee.node.list.unsafelyUnwrapped).unfinished.reversed()
      default:
        interrupt(record, in: &scheduler)
      }
    }
    return true
  }

  /// Has a task's present await throw, or its next one.
  private func interrupt(_ record: RecordPointer, in scheduler: inout Scheduler) {
    switch record.pointee.phase {
    case .ready, .running:
      record.pointee.flags.insert(.cancelPending)
    case .elsewhere:
      record.pointee.flags.insert(.cancelPending)
      cancelNatively(record)
    case .joining, .joiningWithLimit, .gathering, .finished:
      break
    default:
      record.pointee.flags.insert(.cancelPending)
      scheduler.wake(record.node, .cancelled)
    }
  }
}

extension UnsafeMutablePointer where Pointee == TaskRecord {
  /// The task whose end this one awaits.
  var awaited: RecordPointer {
    RecordPointer(joiners: pointee.node.list.unsafelyUnwrapped)
  }
}
