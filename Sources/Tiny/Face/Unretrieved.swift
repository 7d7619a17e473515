// Errors that nobody asks for.
//
// A task that has failed, and that nobody awaited then, is kept in a list until the turn is over; whoever asks for
// its result before that is in time. Then, when a step returns to `drive`, the handler is told: a turn later at most.
// Cancellations are not failures.

import CTiny
import Scheduler

// Not in the loop's state, so that the linker sees whether a program sets it.
nonisolated(unsafe) private var exceptionHandler: ((AnyLoopTask, TaskError) -> Void)?

/// Has a function called for each error that a task ended with and nobody retrieved. Without one it is written to the
/// board's console. Python: `Loop.set_exception_handler(handler)`.
public func setExceptionHandler(_ handler: ((AnyLoopTask, TaskError) -> Void)?) {
  exceptionHandler = handler
}

extension Loop {
  /// A task has finished while nobody awaited it: keeps it, if it has failed.
  @inline(never)
  func noteUnretrieved(_ record: RecordPointer) {
    guard !record.pointee.flags.contains(.retrieved), record.hasFailed, !record.wasCancelled else { return }
    _ = TaskObject.from(record).retain()
    record.pointee.link = state.pointee.unretrieved
    state.pointee.unretrieved = record
    state.pointee.unretrievedTurn = thisTurn
  }

  private var thisTurn: UInt32 { UInt32(truncatingIfNeeded: state.pointee.scheduler.turn) }

  /// Tells of errors that have waited until the turn was over, or of all.
  @inline(never)
  func reportUnretrieved(afterRun: Bool) {
    // When nothing is ready the turn is over, and the next one may be hours away.
    let isOver = !state.pointee.scheduler.hasReady || thisTurn != state.pointee.unretrievedTurn
    guard afterRun || isOver else { return }
    while let record = state.pointee.unretrieved {
      state.pointee.unretrieved = record.pointee.link
      record.pointee.link = nil
      let object = TaskObject.from(record).takeRetainedValue()
      guard !record.pointee.flags.contains(.retrieved), let error = object.error else { continue }
      report(AnyLoopTask(record), error)
    }
  }

  @inline(never)
  private func report(_ task: AnyLoopTask, _ error: TaskError) {
    if let handler = exceptionHandler { return handler(task, error) }
    writeName(of: task.object)
    writeText(" has failed, and nobody asked: ")
    writeError(error)
    writeText("\n")
  }
}
