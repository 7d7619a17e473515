// Errors that nobody asks for.
//
// A task that has failed, and that nobody awaited then, is kept in a list until the turn is over; whoever asks for
// its result before that is in time. Then the handler is told. Cancellations are not failures.

import CTiny
import Scheduler

/// Has a function called for each error that a task ended with and nobody retrieved. Without one it is written to the
/// board's console. Python: `Loop.set_exception_handler(handler)`.
public func setExceptionHandler(_ handler: ((AnyLoopTask, TaskError) -> Void)?) {
  Loop.make()
  Loop.shared.state.pointee.exceptionHandler = handler
}

extension Loop {
  /// A task has finished while nobody awaited it: keeps it, if it has failed.
  func noteUnretrieved(_ record: RecordPointer) {
    let object = TaskObject.from(record)
    guard !record.pointee.flags.contains(.retrieved) else { return }
    guard let error = object._withUnsafeGuaranteedRef({ $0.error }), error != .cancelled else { return }
    _ = object.retain()
    record.pointee.link = state.pointee.unretrieved
    state.pointee.unretrieved = record
    state.pointee.unretrievedTurn = state.pointee.scheduler.turn
  }

  /// Tells of errors that have waited until the turn was over, or of all.
  func reportUnretrieved(afterRun: Bool) {
    // When nothing is ready the turn is over, and the next one may be hours away.
    let isOver = !state.pointee.scheduler.hasReady || state.pointee.scheduler.turn > state.pointee.unretrievedTurn
    guard afterRun || isOver else { return }
    while let record = state.pointee.unretrieved {
      state.pointee.unretrieved = record.pointee.link
      record.pointee.link = nil
      let object = TaskObject.from(record).takeRetainedValue()
      guard !record.pointee.flags.contains(.retrieved), let error = object.error else { continue }
      report(AnyLoopTask(record), error)
    }
  }

  private func report(_ task: AnyLoopTask, _ error: TaskError) {
    if let handler = state.pointee.exceptionHandler { return handler(task, error) }
    writeName(of: task.object)
    writeText(" has failed, and nobody asked: ")
    writeError(error)
    writeText("\n")
  }
}
