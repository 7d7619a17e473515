/// What an await throws whose task has been cancelled: Swift's own error. Python: `CancelledError`.
public typealias CancelledError = CancellationError

/// A time limit has passed. Python: `TimeoutError`.
public struct TimeoutError: Error, Hashable, Sendable, CustomStringConvertible {
  public init() {}
  public var description: String { "the time limit has passed" }
}

/// Nothing is ready, no time is awaited and nothing can come from outside: the program can never go on.
///
/// "Can": no other thread has sent anything for 20 ms of real time.
///
/// Thrown by ``run(clock:order:onInterrupt:_:)-8gqc5`` in virtual time. (In real time another thread could still help, so the loop
/// waits; ``taskReport()`` tells then who waits for what.)
public struct DeadlockError: Error, Sendable, CustomStringConvertible {
  /// The tasks that wait, and what each waits for.
  public let tasks: [TaskReport]

  public var description: String {
    "deadlock: nothing can ever run again\n" + tasks.map { "  \($0)" }.joined(separator: "\n")
  }
}

/// A use of the loop that cannot work.
public enum LoopError: Error, Hashable, Sendable, CustomStringConvertible {
  /// `run` was called while another thread runs the loop. There is one loop in a process.
  case runningOnAnotherThread
  /// A time was "not a number".
  case timeIsNotANumber
  /// A task would wait for its own end, directly or through others.
  case awaitsItself(task: String)
  /// `run` was given a clock or an order inside a running task, whose loop has them already.
  case cannotChangeWhileRunning
  /// A call that makes sense only while no task runs.
  case loopIsRunning
  /// The process has no descriptors left for the loop's own use.
  case noDescriptorsLeft
  /// Something was released that nobody had acquired.
  case notAcquired(String)
  /// A task was to be created in a group that has ended.
  case groupIsOver
  /// ``LoopSemaphore/release()`` would leave more permits free than the semaphore may have.
  case tooManyPermits(bound: Int)
  /// ``Queue/taskDone()`` was called more often than there were items.
  case tooManyDone
  /// A ``Condition`` was used by somebody while nobody held its lock.
  case lockNotHeld
  /// A number is not among those that make sense.
  case outOfRange(String, value: Int, expected: String)
  /// The operating system refused to watch a descriptor.
  case cannotWatch(descriptor: Int32, errorNumber: Int32, reason: String)
  /// The loop's own thread would wait for a coroutine that only it can run.
  case wouldBlockTheLoop
  /// The operating system gave no thread to do blocking work on.
  case cannotStartThread(errorNumber: Int32, reason: String)
  /// A signal that no program can catch, or whose catching would not help it.
  case cannotCatch(UnixSignal, reason: String)

  public var description: String {
    switch self {
    case .runningOnAnotherThread:
      "the loop is running on another thread already, and a process has one loop"
    case .timeIsNotANumber:
      "expected a time, got NaN"
    case .awaitsItself(let task):
      "\(task) would wait for its own end"
    case .cannotChangeWhileRunning:
      "run inside a running task cannot choose another clock or order"
    case .loopIsRunning:
      "the loop is running: this can only be done between two runs"
    case .noDescriptorsLeft:
      "the process has no descriptors left for the loop's poller"
    case .notAcquired(let what):
      "\(what) was released that nobody had acquired"
    case .groupIsOver:
      "a task was to be created in a group that has ended"
    case .tooManyPermits(let bound):
      "a semaphore of \(bound) permits was released that has them all"
    case .tooManyDone:
      "taskDone was called more often than items were put into the queue"
    case .lockNotHeld:
      "a condition can only be used while its lock is held"
    case .outOfRange(let what, let value, let expected):
      "\(what) cannot be \(value): expected \(expected)"
    case .cannotWatch(let descriptor, _, let reason):
      "cannot wait for descriptor \(descriptor): \(reason)"
    case .wouldBlockTheLoop:
      "the loop's own thread cannot wait for a coroutine that it must run itself: await it instead"
    case .cannotStartThread(_, let reason):
      "no thread could be started: \(reason)"
    case .cannotCatch(let signal, let reason):
      "cannot catch \(signal): \(reason)"
    }
  }
}
