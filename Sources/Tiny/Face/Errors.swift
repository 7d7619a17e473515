// Errors are objects that nobody allocates.
//
// A thrown value travels in one register, and on RISC-V release 6.3 of the compiler can throw nothing else out of an
// async function: a typed error must be an object there. So the errors of the library are objects, but fixed ones, in
// read-only memory, whose reference count says that they are not counted: see Runtime/Errors.c. Throwing one is loading
// its address. Only those with a number of the program's own, or of the operating system's, are allocated.

import CTiny

/// Why an await, or a task, has failed.
///
/// Embedded Swift has no `any Error`, so each function here throws this one type, and so must the coroutines that are
/// handed to it: `{ () throws(TaskError) in … }`. Compare it (`error == .cancelled`), or `switch` over it; there has to
/// be a `default`.
public final class TaskError: Error, Equatable, @unchecked Sendable {
  // The layout of `tiny_error` in CTiny.h.
  /// What the error is called here, ending with a zero. Each kind's is at an address of its own.
  let label: UnsafePointer<CChar>
  /// The number that came with ``failure(_:)`` or ``system(_:)``; 0 otherwise.
  public let code: Int

  private init(label: UnsafePointer<CChar>, code: Int) {
    self.label = label
    self.code = code
  }

  @inline(__always)
  private static func fixed(_ object: UnsafeRawPointer) -> TaskError {
    // Nothing is counted, so nothing has to be retained.
    Unmanaged<TaskError>.fromOpaque(object).takeRetainedValue()
  }

  /// The task was cancelled. Swift face: `CancellationError`. Python: `CancelledError`.
  public static var cancelled: TaskError { fixed(tiny_error_cancelled()) }
  /// A time limit has passed. Python: `TimeoutError`.
  public static var timedOut: TaskError { fixed(tiny_error_timedOut()) }
  /// A task would wait for its own end, directly or through others. Swift face: `LoopError.awaitsItself`.
  public static var awaitsItself: TaskError { fixed(tiny_error_awaitsItself()) }
  /// Nothing is ready, no time is awaited, and nothing can come from outside. Swift face: `DeadlockError`.
  public static var deadlock: TaskError { fixed(tiny_error_deadlock()) }
  /// A time was "not a number".
  public static var timeIsNotANumber: TaskError { fixed(tiny_error_timeIsNotANumber()) }
  /// All places of the pool that the task should have had one of are taken, or are too small to begin with. Such a task
  /// never starts; whoever awaits it gets this.
  public static var poolExhausted: TaskError { fixed(tiny_error_poolExhausted()) }
  /// `run` was given a clock or an order inside a running task, whose loop has them already.
  public static var cannotChangeWhileRunning: TaskError { fixed(tiny_error_cannotChangeWhileRunning()) }
  /// A lock was released that nobody holds.
  public static var notLocked: TaskError { fixed(tiny_error_notLocked()) }
  /// A second reader, or a second writer, at a stream.
  public static var busy: TaskError { fixed(tiny_error_busy()) }
  /// The stream's other side has gone.
  public static var closed: TaskError { fixed(tiny_error_closed()) }
  /// A line is longer than the room that there is for it.
  public static var tooLong: TaskError { fixed(tiny_error_tooLong()) }

  /// The operating system has refused: its error number. Allocates.
  public static func system(_ number: Int32) -> TaskError { TaskError(label: tiny_label_system(), code: Int(number)) }
  /// The program's own error, told by a number. Allocates: keep it if you throw it often.
  public static func failure(_ code: Int) -> TaskError { TaskError(label: tiny_label_failure(), code: code) }

  public static func == (one: TaskError, other: TaskError) -> Bool {
    one === other || (one.label == other.label && one.code == other.code)
  }
}
