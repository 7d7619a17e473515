/// Why an await, or a task, has failed.
///
/// Embedded Swift has no `any Error`, so each function here throws this one type, and so must the coroutines that are
/// handed to it: `{ () throws(TaskError) in … }`.
public enum TaskError: Error, Equatable, Sendable {
  /// The task was cancelled. Swift face: `CancellationError`. Python: `CancelledError`.
  case cancelled
  /// A time limit has passed. Python: `TimeoutError`.
  case timedOut
  /// A task would wait for its own end, directly or through others. Swift face: `LoopError.awaitsItself`.
  case awaitsItself
  /// Nothing is ready, no time is awaited, and nothing can come from outside. Swift face: `DeadlockError`.
  case deadlock
  /// A time was "not a number".
  case timeIsNotANumber
  /// All places of the pool that the task should have had one of are taken, or are too small to begin with. Such a task
  /// never starts; whoever awaits it gets this.
  case poolExhausted
  /// `run` was given a clock or an order inside a running task, whose loop has them already.
  case cannotChangeWhileRunning
  /// A lock was released that nobody holds.
  case notLocked
  /// A second reader, or a second writer, at a stream.
  case busy
  /// The stream's other side has gone.
  case closed
  /// A line is longer than the room that there is for it.
  case tooLong
  /// The operating system has refused: its error number.
  case system(Int32)
  /// The program's own.
  case failure(Int32)

  /// The name of the case.
  public var name: StaticString {
    switch self {
    case .cancelled: "cancelled"
    case .timedOut: "timedOut"
    case .awaitsItself: "awaitsItself"
    case .deadlock: "deadlock"
    case .timeIsNotANumber: "timeIsNotANumber"
    case .poolExhausted: "poolExhausted"
    case .cannotChangeWhileRunning: "cannotChangeWhileRunning"
    case .notLocked: "notLocked"
    case .busy: "busy"
    case .closed: "closed"
    case .tooLong: "tooLong"
    case .system: "system"
    case .failure: "failure"
    }
  }
}
