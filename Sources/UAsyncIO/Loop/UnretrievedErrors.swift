import CUAsyncIO
import Scheduler

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
      // Who adds a function to it later, or waited with a shield, may note it again.
      unretrieved.task.record.flags.insert(.retrieved)
      report(error, of: unretrieved.task)
    }
  }

  private func report(_ error: any Error, of task: TaskObject) {
    let message = "an error in \(name(of: task.pointer)) was never retrieved"
    report(ExceptionContext(message: message, error: error, task: AnyLoopTask(object: task)))
  }

  /// Tells the exception handler.
  func report(_ context: ExceptionContext) {
    guard let handler = state.pointee.exceptionHandler else { return reportToStandardError(context) }
    // This is the loop's thread; the type system just does not know.
    unsafeBitCast(handler, to: ((ExceptionContext) -> Void).self)(context)
  }

  func reportToStandardError(_ context: ExceptionContext) {
    uasyncio_write_error("\(context.message): \(context.error)\n")
  }
}
