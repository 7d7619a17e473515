import CUAsyncIO
import Scheduler

/// What an exception handler is told. Python: the `context` of `call_exception_handler`.
public struct ExceptionContext: Sendable {
  /// What happened, in words.
  public let message: String
  /// The error.
  public let error: any Error
  /// The task that threw it.
  public let task: AnyLoopTask
  /// The task's name.
  public let taskName: String
}

/// Sets who is told of errors that a task threw and that nobody retrieved. Python: `Loop.set_exception_handler`.
///
/// An error counts as retrieved when somebody awaits the task, alone or in a `gather`. If nobody does one turn of the
/// loop after the task has failed, the handler is called, on the loop; nothing else stops. Without a handler the report
/// goes to the standard error stream. A `CancellationError` is never reported.
///
/// - Parameter handler: the handler, or nil for the standard error stream again.
@LoopActor
public func setExceptionHandler(_ handler: (@LoopActor (ExceptionContext) -> Void)?) {
  LoopCore.shared.state.pointee.exceptionHandler = handler
}

/// A task that failed, and the turn in which it did.
struct UnretrievedError {
  let task: TaskObject
  let turn: UInt64
}

extension LoopCore {
  func noteUnretrieved(_ record: RecordPointer) {
    let task = TaskObject.from(record).takeUnretainedValue()
    state.pointee.unretrieved.append(UnretrievedError(task: task, turn: state.pointee.scheduler.turn))
    state.pointee.attention.insert(.unretrieved)
  }

  /// Reports the errors that have waited for a turn; after a run, all.
  func reportUnretrieved(afterRun: Bool) {
    // When nothing is ready the turn is over, and the next one may be hours away.
    let all = afterRun || !state.pointee.scheduler.hasReady
    let turn = state.pointee.scheduler.turn
    let due = state.pointee.unretrieved.filter { all || $0.turn < turn }
    state.pointee.unretrieved.removeAll { all || $0.turn < turn }
    if state.pointee.unretrieved.isEmpty { state.pointee.attention.remove(.unretrieved) }
    for unretrieved in due where !unretrieved.task.record.flags.contains(.retrieved) {
      guard let error = unretrieved.task.error else { continue }
      report(error, of: unretrieved.task)
    }
  }

  private func report(_ error: any Error, of task: TaskObject) {
    let name = name(of: task.pointer)
    let context = ExceptionContext(
      message: "an error in \(name) was never retrieved", error: error, task: AnyLoopTask(object: task), taskName: name)
    if let handler = state.pointee.exceptionHandler {
      // This is the loop's thread; the type system just does not know.
      unsafeBitCast(handler, to: ((ExceptionContext) -> Void).self)(context)
    } else {
      uasyncio_write_error("\(context.message): \(error)\n")
    }
  }
}
