// Cancellation is the coroutine's.
//
// A task that is parked is woken, and its await throws `.cancelled`, once; a task that catches it can go on and wait
// again. A task that waits for other tasks passes the cancellation on to them, and is woken by their end. One that is passed
// on to a task in its last step, and that this does not meet, goes back to those who await it: see `Loop.finish`.

import CTiny
import Scheduler

extension Loop {
  /// Cancels a task. Returns false if it has finished already.
  @inline(never)
  func cancel(_ first: RecordPointer) -> Bool {
    if first.pointee.phase == .finished { return false }
    var list = RecordList()
    list.append(first)
    cancelAll(in: &list)
    return true
  }

  /// Follows the tasks of the list to what they wait for, and cancels at the ends, in the order in which a recursion would
  /// come to them. Clears the list.
  @inline(never)
  func cancelAll(in list: inout RecordList) {
    while let record = list.next() {
      switch record.pointee.phase {
      case .joining where record.awaited.pointee.phase == .finished && !record.awaited.hasFailed:
        // It has not been woken yet, and that one meets nothing any more. (An error comes before a cancellation.)
        record.pointee.flags.insert(.cancelPending)
      case .joining, .gathering:
        record.pointee.flags.insert(.cancelPassedOn)
      default:
        interrupt(record)
      }
      list.appendAwaited(by: record)
    }
    list.clear()
  }

  /// Has a task's present await throw, or its next one.
  private func interrupt(_ record: RecordPointer) {
    if record.isQueued, tiny_is_unbegun(record.frames) { return tiny_abandon(record.frames) }
    record.pointee.flags.insert(.cancelPending)
    if record.pointee.phase == .sleeping || record.pointee.phase == .waiting {
      wake(record.node, .cancelled)
    }
  }
}
